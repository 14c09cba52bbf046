"""``make scale-test``: several machines on the loopback, kills in the middle, nothing lost.

``python -m tests.scale [folder|bucket]...`` tells the story on a shared folder, on a bucket, or on
both, and ends with status 1 where a promise was not kept.
"""

import signal
import sys

from tests.scale.cluster import missing
from tests.scale.photos import samples
from tests.scale.story import PHOTOS, run_story
from webapp.settings import Settings


def _leave(*_: object) -> None:
    raise SystemExit(143)  # so that everything is stopped and removed


def main(stores: list[str]) -> int:
    """The exit status."""
    if (reason := missing()) is not None:
        print(reason, file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, _leave)
    photos = samples(PHOTOS, Settings())
    well = True
    for store in stores or ["folder", "bucket"]:
        seen = run_story("bucket" if store == "bucket" else "folder", photos)
        print(f"\nResults in a {store}\n{seen}", flush=True)
        well = well and not seen.wrong
    return 0 if well else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
