"""The population pyramid counts what the table shows."""

from webapp.vision.buckets import BUCKETS
from webapp.vision.types import AgeEstimate, Box, Bucket, Face, GenderEstimate
from webapp.web.albums.pyramid import LONGEST, pyramid
from webapp.web.albums.table import FaceLine


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
