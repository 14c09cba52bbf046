"""Archives: photos come out, and whatever is made to do harm is refused with a sentence."""

from __future__ import annotations

import io
import random
import stat
import tracemalloc
import zipfile
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.albums.zips import bomb_of, claiming, encrypted, overlapping, zip_of
from webapp.albums.archive import Archive, ArchiveLimits
from webapp.web.errors import AlbumTooLarge, RefusedArchive
from webapp.web.uploads import Upload, presentable

LIMITS = ArchiveLimits(max_bytes=1_000_000_000, max_photo_bytes=1000)
HONEST = zip_of({"a.jpg": b"one", "trip/b.jpg": b"two"})


def read(data: bytes, limits: ArchiveLimits = LIMITS) -> list[Upload]:
    return list(Archive(io.BytesIO(data), limits).photos())


def test_photos_come_out_in_order_without_folders() -> None:
    assert read(HONEST) == [Upload("a.jpg", b"one"), Upload("b.jpg", b"two")]


def test_what_systems_leave_behind_is_no_photo() -> None:
    litter = {"__MACOSX/._a.jpg": b"x", ".DS_Store": b"x", "trip/": b"", "Thumbs.db": b"x"}
    assert [upload.name for upload in read(zip_of({**litter, "12:30.jpg": b"x"}))] == ["12:30.jpg"]


def test_of_a_photo_that_is_too_large_only_the_beginning_is_read() -> None:
    [upload] = read(zip_of({"a.bmp": b"0123456789" * 1000}, compression=zipfile.ZIP_STORED))
    assert len(upload.data) == LIMITS.max_photo_bytes + 1


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (zip_of({"/etc/passwd.jpg": b"x"}), "outside"),
        (zip_of({"a/../../b.jpg": b"x"}), "outside"),
        (zip_of({"..\\b.jpg": b"x"}), "outside"),
        (zip_of({"C:\\b.jpg": b"x"}), "outside"),
        (zip_of({"a.jpg": b"/etc/passwd"}, kind=stat.S_IFLNK), "link"),
        (zip_of({"a.jpg": b""}, kind=stat.S_IFIFO), "link"),
        (zip_of({"more.zip": b"x"}), "another archive"),
        (zip_of({"more.tar.gz": b"x"}), "another archive"),
        (encrypted(HONEST), "password"),
        (encrypted(HONEST, 0x40), "password"),
        (zip_of({"a.bmp": b"x"}, compression=zipfile.ZIP_BZIP2), "packed in a way"),
        (zip_of({"a.bmp": b"x"}, compression=zipfile.ZIP_LZMA), "packed in a way"),
        (overlapping(HONEST), "over one another"),
        (zip_of({f"{n}.jpg": b"x" for n in range(2001)}), "too many entries"),
        (zip_of({"a" * 60_000 + f"{n}.jpg": b"x" for n in range(20)}), "too many entries"),
        (zip_of({"a.bmp": bytes(5_000_000)}), "more than photos would"),
        (HONEST[:-30], "damaged"),
        (HONEST[:4] + bytes(100), "damaged"),
        (
            zip_of({"a.jpg": b"x" * 50}, compression=zipfile.ZIP_STORED).replace(
                b"x" * 50, b"y" * 50
            ),
            "damaged",
        ),
    ],
)
def test_a_hostile_or_damaged_archive_is_refused(data: bytes, word: str) -> None:
    with pytest.raises(RefusedArchive, match=word):
        read(data)


def test_a_bomb_is_refused_without_unpacking_it() -> None:
    bomb = claiming(zip_of({"a.jpg": bytes(1000), "b.jpg": b"x"}), 2**32 - 2)
    tracemalloc.start()
    with pytest.raises(AlbumTooLarge, match="limit is 1,000 MB"):
        read(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("entries", "shared"), [(3, False), (1000, True)], ids=["plain", "overlapping"]
)
def test_gigabytes_of_zeros_are_refused_by_the_directory_alone(entries: int, shared: bool) -> None:
    with pytest.raises(AlbumTooLarge):
        read(bomb_of(400 * 2**20, entries, shared))


def test_a_bzip2_that_lies_about_its_size_never_unpacks() -> None:
    """``zipfile`` unpacks bzip2 without a bound: 4 KB of it can become gigabytes at once."""
    bomb = claiming(zip_of({"a.bmp": bytes(50_000_000)}, compression=zipfile.ZIP_BZIP2), 100)
    tracemalloc.start()
    with pytest.raises(RefusedArchive):
        read(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_name_that_differs_between_directory_and_entry_is_refused() -> None:
    two_faced = HONEST.replace(b"a.jpg", b"b.exe", 1)
    with pytest.raises(RefusedArchive, match="damaged"):
        read(two_faced)


def test_of_two_directories_only_the_last_one_counts() -> None:
    first = zip_of({"hidden.jpg": b"x"})
    assert [upload.name for upload in read(first + HONEST)] == ["a.jpg", "b.jpg"]


def test_an_entry_that_lies_about_its_size_is_refused() -> None:
    liar = claiming(zip_of({"a.jpg": bytes(range(256)) * 3}), 10)
    with pytest.raises(RefusedArchive):
        read(liar)


@settings(max_examples=1000, deadline=None)
@given(place=st.integers(0, len(HONEST) - 1), value=st.integers(0, 255), cut=st.integers(0, 60))
def test_no_damage_is_more_than_a_refusal(place: int, value: int, cut: int) -> None:
    damaged = bytearray(HONEST)
    damaged[place] = value
    with suppress(RefusedArchive, AlbumTooLarge):
        assert all(upload.name for upload in read(bytes(damaged[: len(damaged) - cut])))


def test_ten_thousand_mutants_do_no_harm() -> None:
    chance = random.Random(1)  # noqa: S311 # the same mutants every time
    for _ in range(10_000):
        mutant = bytearray(HONEST)
        for _ in range(chance.randint(1, 6)):
            mutant[chance.randrange(len(mutant))] = chance.choice(
                (0, 1, 255, chance.randrange(256))
            )
        with suppress(RefusedArchive, AlbumTooLarge):
            assert all(upload.name for upload in read(bytes(mutant)))


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(RefusedArchive):
        read(b"PK\x03\x04" + noise)


entries = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=30), st.binary(max_size=1500)
)


# zipfile cuts names at a NUL when it writes, too, and then warns that two are alike.
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@settings(deadline=None)
@given(entries)
@example({"0": b"one", "0\x00": b"other"})
def test_what_is_packed_comes_out_under_names_fit_to_be_shown(files: dict[str, bytes]) -> None:
    with suppress(RefusedArchive, AlbumTooLarge):
        contents = [data[: LIMITS.max_photo_bytes + 1] for data in files.values()]
        for upload in read(zip_of(files)):
            assert presentable(upload.name) == upload.name
            contents.remove(upload.data)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=4), st.binary(max_size=60))
def test_pieces_of_archives_in_any_order_do_no_harm(parts: list[bytes], end: bytes) -> None:
    whole = b"PK\x03\x04" + HONEST[4:90].join(parts) + HONEST[90:] + end
    with suppress(RefusedArchive, AlbumTooLarge):
        assert all(len(upload.data) <= LIMITS.max_photo_bytes + 1 for upload in read(whole))
