"""What the Dockerfile says."""

import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
DOCKERFILE = CHECKOUT / "deploy" / "Dockerfile"


def instructions(stage: int) -> list[tuple[str, str]]:
    """The instructions of a stage as (name, arguments), comments and line breaks removed."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    pairs = [(name, rest) for name, _, rest in (line.partition(" ") for line in lines) if name]
    starts = [place for place, (name, _) in enumerate(pairs) if name == "FROM"] + [len(pairs)]
    return pairs[starts[stage] : starts[stage + 1]]
