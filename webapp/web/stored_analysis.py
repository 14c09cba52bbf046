"""A stored analysis: the names of its files, and its record."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, zip_longest

from webapp.results.runs import FIRST, RECORD, derived_name, name_in_run, version_of
from webapp.results.schema import Record
from webapp.results.store.errors import StoreFull, UnknownResult
from webapp.results.store.stored_result import StoredResult
from webapp.vision.crop_sheet import crop_sheet
from webapp.vision.estimators.base import Crops
from webapp.vision.photo import encode_jpeg, webp_copy
from webapp.vision.types import Analysis

CROP_QUALITY = 95
DISPLAY, COMPARISON = "display.jpg", "comparison.json"
SMALL_WIDTH = 800


def crop_name(number: int) -> str:
    """The file of a face's crop; faces count from 1."""
    return f"face-{number}.jpg"


def gender_name(crop: str) -> str:
    """The file of the gender network's crop, if that is a separate network."""
    return crop.replace(".jpg", "-gender.jpg")


def crop_files(crops: Crops, names: Iterable[str]) -> dict[str, bytes]:
    """What the networks saw of each face, under the names that these are to have."""
    files = {}
    pairs = zip_longest(*crops)
    for name, (crop, gender_crop) in zip(names, pairs):  # noqa: B905 # names may go on for ever
        files[name] = encode_jpeg(crop, CROP_QUALITY)
        if gender_crop is not None:
            files[gender_name(name)] = encode_jpeg(gender_crop, CROP_QUALITY)
    return files


@dataclass(frozen=True)
class StoredAnalysis:
    """One of the analyses of a stored upload, and what it says."""

    # In addresses: the result's own, or a ``PhotoId`` as text.
    id: str
    stored: StoredResult
    run: int
    record: Record

    @property
    def analysis(self) -> Analysis:
        return self.record.analysis

    @property
    def display_name(self) -> str:
        """The file of the photo as the page shows it."""
        return name_in_run(self.record.began_as or self.run, DISPLAY)

    @property
    def crop_names(self) -> tuple[str, ...]:
        """The files of the faces' crops."""
        numbers = range(1, len(self.analysis.faces) + 1)
        return self.record.crops or tuple(name_in_run(self.run, crop_name(n)) for n in numbers)

    def crop_name(self, number: int) -> str:
        """The file of a face's crop; faces count from 1. Raises UnknownResult."""
        if not 1 <= number <= len(self.analysis.faces):
            raise UnknownResult("There is no such face in this photo.")
        return self.crop_names[number - 1]

    def crops_of(self, number: int) -> tuple[bytes, bytes]:
        """The crops of a face that the age and gender networks saw. Raises UnknownResult."""
        name = self.crop_name(number)
        crop = self.stored.read(name)
        with suppress(UnknownResult):
            return crop, self.stored.read(gender_name(name))
        return crop, crop

    @property
    def version(self) -> str | None:
        """Distinguishes the crops of a corrected analysis from earlier ones; otherwise None."""
        return version_of(self.record.crops)

    def runs(self) -> list[int]:
        """The numbers of all analyses of the same upload."""
        names = self.stored.ages()
        return [run for run in range(FIRST, len(names)) if name_in_run(run, RECORD) in names]

    def new_run(self) -> int:
        """The number of a further analysis of the same upload, which nobody else gets."""
        return next(n for n in count(FIRST + 1) if self.stored.claim(name_in_run(n, "begun")))

    def cached(self, name: str, make: Callable[[], bytes]) -> bytes:
        """A file that is made on the first request, and again after each correction."""
        return self.cached_file(derived_name(self.run, self.record.crops, name), make)

    def cached_file(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The same for a file that no correction can change, by its whole name."""
        with suppress(UnknownResult):
            return self.stored.read(name)
        data = make()
        with suppress(StoreFull):  # the visitor gets it all the same
            self.stored.add(name, data)
        return data

    def crop_sheet(self) -> bytes:
        """Small copies of all crops in one WebP file. Raises UnknownResult without faces."""
        names = self.crop_names
        if not names:
            raise UnknownResult
        return self.cached("crops.webp", lambda: crop_sheet([self.stored.read(n) for n in names]))

    def small_photo(self) -> bytes:
        """The photo for small screens, ``SMALL_WIDTH`` pixels wide: WebP."""
        return self.cached(
            "small.webp", lambda: webp_copy(self.stored.read(self.display_name), SMALL_WIDTH)
        )
