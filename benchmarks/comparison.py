"""Subjects against each other on the same photos, each in a process of its own, taking turns."""

import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Measurement, Runner, running

ROUNDS = 9
# Threads of the one before may still spin in wait of more work.
PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Result:
    """One subject on one photo, as the median of all rounds; the first round is not counted."""

    seconds: float
    faces: int
    peak_megabytes: float

    @classmethod
    def of(cls, measurements: Sequence[Measurement]) -> "Result":
        seconds = statistics.median(m.seconds for m in measurements[1:])
        return cls(seconds, measurements[-1].faces, measurements[-1].peak_megabytes)


def compare(names: Sequence[str], photos: Sequence[Path]) -> dict[tuple[str, Path], Result]:
    """Every subject on every photo; within a round they take turns, so a slow minute hits all."""
    results = {}
    with ExitStack() as stack:
        runners = {name: stack.enter_context(running(name)) for name in names}
        for photo in photos:
            rounds = [_turns(runners, photo) for _ in range(ROUNDS + 1)]
            for name in names:
                results[name, photo] = Result.of([measured[name] for measured in rounds])
    return results


def _turns(runners: Mapping[str, Runner], photo: Path) -> dict[str, Measurement]:
    measured = {}
    for name, runner in runners.items():
        time.sleep(PAUSE_SECONDS)
        measured[name] = runner.measure(photo)
    return measured


def comparison_table(names: Sequence[str], photos: Sequence[Path]) -> str:
    """Milliseconds, and how many times longer than the first subject the others take."""
    results = compare(names, photos)
    lines = [f"{'photo':28}{'subject':28}{'faces':>6}{'ms':>9}{'ratio':>8}{'peak MB':>9}"]
    for photo in photos:
        ours = results[names[0], photo].seconds
        for name in names:
            result = results[name, photo]
            lines.append(
                f"{photo.stem[:26]:28}{name:28}{result.faces:>6}{1000 * result.seconds:>9.0f}"
                f"{result.seconds / ours:>8.1f}{result.peak_megabytes:>9.0f}"
            )
    return "\n".join(lines)
