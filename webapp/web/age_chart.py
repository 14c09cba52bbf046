"""An age as charts in their own units: a bar for each bucket, a curve over the years."""

from dataclasses import dataclass

from flask_babel import gettext

from webapp.vision.buckets import BUCKETS
from webapp.vision.types import AgeEstimate
from webapp.web.wording import percentage

COLUMN, GAP, HEIGHT = 40.0, 6.0, 60.0
"""Width of a bar's slot, the part of it that stays empty, and the height of a probability of 1."""
TICK = 20
"""Years from one number on the axis of the curve to the next."""

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
class AgeCurve:
    """How probable each year is, as an area that stands on ``HEIGHT``; years from left to right."""

    area: str
    # From where to where the buckets reach, the youngest first.
    buckets: tuple[tuple[float, float], ...]
    interval: tuple[float, float] | None
    years: float
    ticks: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class AgeChart:
    """A bar for each bucket, all equally wide, and the curve where the network knows years."""

    bars: tuple[Bar, ...]
    curve: AgeCurve | None
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
        curve=_curve(age),
        sparkline=_sparkline(list(age.distribution.values())),
    )


def _curve(age: AgeEstimate) -> AgeCurve | None:
    if age.by_year is None or age.years is None:
        return None
    count = len(age.by_year)
    width = COLUMN * len(BUCKETS)

    def place(years: float) -> float:
        return round(width * min(max(years, 0), count) / count, 1)

    highest = max(*age.by_year, 1e-9)
    points = [
        f"{place(year + 0.5)} {round(HEIGHT * (1 - share / highest), 1)}"
        for year, share in enumerate(age.by_year)
    ]
    ranges = [list(map(int, bucket.split("-"))) for bucket in BUCKETS]
    return AgeCurve(
        area=f"M0 {HEIGHT}L{'L'.join(points)}L{width} {HEIGHT}Z",
        buckets=tuple((place(youngest), place(oldest + 1)) for youngest, oldest in ranges),
        interval=age.interval and (place(age.interval[0]), place(age.interval[1] + 1)),
        years=place(age.years),
        ticks=tuple((year, place(year)) for year in range(0, count, TICK)),
    )


def _sparkline(shares: list[float]) -> str:
    highest = max(*shares, 1e-9)
    bars = []
    for index, share in enumerate(shares):
        height = max(1, round((_SPARK_HEIGHT - 1) * share / highest))
        top = _SPARK_HEIGHT - height
        bars.append(f"M{_SPARK_COLUMN * index} {top}h{_SPARK_BAR}v{height}h-{_SPARK_BAR}")
    return "".join(bars)
