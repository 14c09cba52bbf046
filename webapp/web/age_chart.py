"""A distribution over the age buckets as a small bar chart, in its own units."""

from dataclasses import dataclass

from flask_babel import gettext

from webapp.vision.buckets import BUCKETS
from webapp.vision.types import AgeEstimate
from webapp.web.wording import percentage

COLUMN, GAP, HEIGHT = 40.0, 6.0, 60.0
"""Width of a bar's slot, the part of it that stays empty, and the height of a probability of 1."""

_SPARK_COLUMN, _SPARK_BAR, _SPARK_HEIGHT = 7, 5, 24


@dataclass(frozen=True)
class Bar:
    """One bucket: its name, its share in words, and its rectangle, which stands on ``HEIGHT``."""

    bucket: str
    share: str
    x: float
    y: float
    height: float
    is_top: bool


@dataclass(frozen=True)
class AgeChart:
    """A bar for each bucket, all equally wide; years lie between them in proportion."""

    bars: tuple[Bar, ...]
    # From where to where the years lie nine times in ten, and the estimate itself.
    interval: tuple[float, float] | None
    years: float | None
    # A path of eight bars, 56 wide and 24 high.
    sparkline: str

    @property
    def words(self) -> str:
        """The whole distribution as a sentence."""
        return ", ".join(
            gettext("%(age)s years %(share)s", age=bar.bucket, share=bar.share) for bar in self.bars
        )


def age_chart(age: AgeEstimate) -> AgeChart:
    """The drawing of an estimate."""
    interval = age.interval
    return AgeChart(
        bars=tuple(
            Bar(
                bucket,
                percentage(share),
                COLUMN * index + GAP / 2,
                round(HEIGHT * (1 - share), 1),
                round(HEIGHT * share, 1),
                bucket == age.bucket,
            )
            for index, (bucket, share) in enumerate(age.distribution.items())
        ),
        interval=interval and (position(interval[0]), position(interval[1] + 1)),
        years=None if age.years is None else position(age.years),
        sparkline=_sparkline(list(age.distribution.values())),
    )


def position(years: float) -> float:
    """Where an age lies on the axis: in proportion within its bucket's bar or between two bars."""
    years = min(max(years, _KNOTS[0][0]), _KNOTS[-1][0])
    end = next(index for index, (knot, _) in enumerate(_KNOTS) if index and years <= knot)
    (young, left), (old, right) = _KNOTS[end - 1], _KNOTS[end]
    return round(left + (right - left) * (years - young) / (old - young), 1)


def _knots() -> list[tuple[float, float]]:
    """Ages in years at which a bar begins or ends, with their places on the axis."""
    knots = []
    for index, bucket in enumerate(BUCKETS):
        youngest, oldest = map(int, bucket.split("-"))
        knots.append((float(youngest), COLUMN * index + GAP / 2))
        knots.append((oldest + 1.0, COLUMN * (index + 1) - GAP / 2))  # to one's next birthday
    return knots


_KNOTS = _knots()


def _sparkline(shares: list[float]) -> str:
    highest = max(*shares, 1e-9)
    bars = []
    for index, share in enumerate(shares):
        height = max(1, round((_SPARK_HEIGHT - 1) * share / highest))
        top = _SPARK_HEIGHT - height
        bars.append(f"M{_SPARK_COLUMN * index} {top}h{_SPARK_BAR}v{height}h-{_SPARK_BAR}")
    return "".join(bars)
