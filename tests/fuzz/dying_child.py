"""A child as ``child`` is one, that crashes at file 3, computes for ever at 6 and ends at 8."""

from __future__ import annotations

import json
import os
import signal
import sys


def main(_seed: int, start: int, stop: int, step: int) -> None:
    for number in range(start, stop, step):
        print(number, flush=True)
        if number == 3:
            os.kill(os.getpid(), signal.SIGSEGV)
        if number == 6:
            signal.setitimer(signal.ITIMER_PROF, 0.1)
            while True:
                pass
        if number == 8:
            sys.exit("The eighth is too much.")
        print(json.dumps({"outcome": "photo"}), flush=True)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
