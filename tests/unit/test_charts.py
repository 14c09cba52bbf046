"""Charts: the bars and the curve of an age, and the pyramid of an album."""

import re

import numpy as np
import pytest

from tests.web.fakes import SURE, UNSURE
from webapp.albums.album import AlbumPhoto
from webapp.vision.buckets import BUCKETS, age_estimates
from webapp.vision.types import AgeEstimate, Box, Bucket, Face, GenderEstimate
from webapp.web.age_chart import COLUMN, HEIGHT, age_chart
from webapp.web.albums.pyramid import LONGEST, pyramid
from webapp.web.albums.table import FaceLine


def test_each_bar_stands_on_the_axis_and_is_as_high_as_its_share() -> None:
    bars = age_chart(SURE).bars
    assert [bar.bucket for bar in bars] == list(BUCKETS)
    assert [bar.height / HEIGHT for bar in bars] == pytest.approx(
        list(SURE.distribution.values()), abs=0.01
    )
    assert [bar.y + bar.height for bar in bars] == pytest.approx([HEIGHT] * 8, abs=0.11)
    assert [bar.bucket for bar in bars if bar.is_top] == ["25-32"]


KNOWN = age_estimates(np.eye(101)[[30]] * 0.8 + np.eye(101)[[40]] * 0.2, 0.9)[0]


def test_the_curve_is_highest_at_the_most_probable_year() -> None:
    curve = age_chart(KNOWN).curve
    assert curve is not None
    assert curve.area.startswith(f"M0 {HEIGHT}L1.6 {HEIGHT}L")
    heights = [float(point.split(" ")[1]) for point in curve.area[1:-1].split("L")[1:-1]]
    assert [(year, height) for year, height in enumerate(heights) if height < HEIGHT] == [
        (30, 0.0),
        (40, HEIGHT * 0.75),
    ]


def test_years_interval_and_buckets_lie_on_one_axis() -> None:
    curve = age_chart(KNOWN).curve
    assert curve is not None
    year = 8 * COLUMN / 101
    assert curve.years == pytest.approx(32 * year, abs=0.1)
    assert curve.interval == pytest.approx((30 * year, 41 * year), abs=0.1)
    assert curve.buckets[4] == pytest.approx((25 * year, 33 * year), abs=0.1)
    assert curve.buckets[-1] == pytest.approx((60 * year, 101 * year), abs=0.1)
    assert [number for number, _ in curve.ticks] == [0, 20, 40, 60, 80, 100]


def test_a_network_that_knows_only_buckets_has_no_curve() -> None:
    assert age_chart(UNSURE).curve is None


def test_the_sparkline_has_eight_bars_the_highest_of_full_height() -> None:
    heights = [int(height) for height in re.findall(r"v(\d+)", age_chart(SURE).sparkline)]
    assert len(heights) == 8
    assert (max(heights), heights.index(max(heights)), min(heights)) == (23, 4, 1)


def line(bucket: Bucket, female: float) -> FaceLine:
    age = AgeEstimate(dict.fromkeys(BUCKETS, 0.0) | {bucket: 1.0})
    return FaceLine(
        AlbumPhoto(1, "a.jpg"), 1, Face(Box(0, 0, 9, 9), 0.9, None, age, GenderEstimate(female))
    )


def test_every_group_is_there_the_oldest_first() -> None:
    assert [band.bucket for band in pyramid([])] == list(reversed(BUCKETS))
    assert {(band.female, band.male_width) for band in pyramid([])} == {(0, 0)}


def test_bars_are_in_proportion_to_the_largest_number() -> None:
    lines = [line("25-32", 0.9)] * 4 + [line("25-32", 0.1)] * 2 + [line("0-2", 0.1)]
    bands = {band.bucket: band for band in pyramid(lines)}
    assert (bands["25-32"].female, bands["25-32"].male, bands["0-2"].male) == (4, 2, 1)
    assert bands["25-32"].female_width == LONGEST
    assert bands["25-32"].male_width == LONGEST / 2
    assert bands["0-2"].male_width == LONGEST / 4
