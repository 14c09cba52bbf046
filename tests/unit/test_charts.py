"""Charts: where years lie among the bars of a distribution, and the pyramid of an album."""

import re

import pytest

from tests.web.fakes import SURE, UNSURE
from webapp.vision.buckets import BUCKETS
from webapp.vision.types import AgeEstimate, Box, Bucket, Face, GenderEstimate
from webapp.web.age_chart import COLUMN, HEIGHT, age_chart, position
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


@pytest.mark.parametrize(("index", "bucket"), list(enumerate(BUCKETS)))
def test_the_years_of_a_bucket_lie_within_its_bar(index: int, bucket: str) -> None:
    youngest, oldest = map(int, bucket.split("-"))
    for years in (youngest, oldest + 1):
        assert COLUMN * index + 3 <= position(years) <= COLUMN * (index + 1) - 3


def test_places_grow_with_the_years_and_stay_on_the_axis() -> None:
    places = [position(years / 2) for years in range(-4, 260)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (3, 8 * COLUMN - 3)


def test_an_interval_reaches_from_its_first_to_the_end_of_its_last_year() -> None:
    chart = age_chart(SURE)  # 18 to 37, 28.4
    assert chart.interval == (position(18), position(38))
    assert chart.years == position(28.4)
    assert age_chart(UNSURE).interval is None
    assert age_chart(UNSURE).years is None


def test_the_sparkline_has_eight_bars_the_highest_of_full_height() -> None:
    heights = [int(height) for height in re.findall(r"v(\d+)", age_chart(SURE).sparkline)]
    assert len(heights) == 8
    assert (max(heights), heights.index(max(heights)), min(heights)) == (23, 4, 1)


def line(bucket: Bucket, female: float) -> FaceLine:
    age = AgeEstimate(dict.fromkeys(BUCKETS, 0.0) | {bucket: 1.0})
    return FaceLine(1, "a.jpg", 1, Face(Box(0, 0, 9, 9), 0.9, None, age, GenderEstimate(female)))


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
