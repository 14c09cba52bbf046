"""Archives: photos come out, and whatever is made to do harm is refused with a sentence."""

import io
import random
import stat
import struct
import tracemalloc
import zipfile
import zlib
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.albums.zips import (
    as_zip64,
    bomb_of,
    claiming,
    cut_off,
    encrypted,
    joined,
    overlapping,
    raw_zip,
    zip_of,
)
from webapp.albums.album import UnreadUpload
from webapp.albums.archive import MOST_ENTRIES, Archive, ArchiveLimits
from webapp.albums.errors import AlbumTooLarge, RefusedArchive
from webapp.results.upload import Upload, clean_path

LIMITS = ArchiveLimits(max_bytes=1_000_000_000, max_photo_bytes=1000)
NOISE = random.Random(1).randbytes(900)  # noqa: S311 # does not shrink
HONEST = zip_of({"a.jpg": b"one", "trip/b.jpg": b"two"})


def read(data: bytes, limits: ArchiveLimits = LIMITS) -> list[Upload | UnreadUpload]:
    return list(Archive(io.BytesIO(data), limits).photos())


def names(data: bytes) -> list[str]:
    return [upload.name for upload in read(data)]


def reasons(data: bytes) -> dict[str, str]:
    """Why photos of an archive are not read, by name."""
    found = read(data)
    return {one.name: one.failure.message for one in found if isinstance(one, UnreadUpload)}


def test_photos_come_out_in_order_under_their_paths_of_a_zip64_however_small_too() -> None:
    assert (
        read(as_zip64(HONEST))
        == read(HONEST)
        == [Upload("a.jpg", b"one"), Upload("trip/b.jpg", b"two")]
    )


LITTER = {
    "__MACOSX/._a.jpg": b"x",
    ".DS_Store": b"x",
    "Thumbs.db": b"x",
    "desktop.ini": b"x",
    "trip/@eaDir/b.jpg/SYNOPHOTO_THUMB_M.jpg": b"x",
    "#recycle/old.jpg": b"x",
    "$RECYCLE.BIN/old.jpg": b"x",
    "trip/.thumbnails/b.jpg": b"x",
    "trip/._b.jpg": b"x",
    "b.jpg.supplemental-metadata.json": b"{}",
    "archive_browser.html": b"<html></html>",
    "clip.mp4": b"\0\0\0\x18ftypmp42",
    "live.MOV": b"\0\0\0\x14ftypqt  ",
    "notes": b"BMW and other cars",
    "raw.NEF": b"MM\0*",
}
FOLDERS = {"trip/": b"", "trip\\": b""}


@pytest.mark.parametrize("separator", ["/", "\\"])
def test_what_is_no_photo_is_left_out_and_counted(separator: str) -> None:
    files = {name.replace("/", separator): data for name, data in {**LITTER, **FOLDERS}.items()}
    archive = Archive(io.BytesIO(zip_of({**files, "12:30.jpg": b"x"})), LIMITS)
    assert [upload.name for upload in archive.photos()] == ["12:30.jpg"]
    assert archive.left_out == len(LITTER)


def test_a_photo_without_an_extension_is_told_by_its_first_bytes() -> None:
    heads = [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF0000WEBP", b"\0\0\0\x18ftypheic"]
    assert len(read(zip_of({f"IMG_{n}": head for n, head in enumerate(heads)}))) == len(heads)


def test_what_is_left_out_counts_towards_no_limit() -> None:
    films = {f"{n}.mp4": bytes(5_000_000) for n in range(3)}
    limits = replace(LIMITS, max_bytes=1000)
    assert len(read(zip_of({**films, "a.jpg": b"x"}), limits)) == 1


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (zip_of({"b.jpg": b"a.jpg"}, kind=stat.S_IFLNK), "link"),
        (zip_of({"more.zip": b"x"}), "another archive"),
        (zip_of({"more.tar.gz": b"x"}), "another archive"),
        (encrypted(zip_of({"b.jpg": b"x"})), "without a password"),
        (zip_of({"b.bmp": b"x"}, compression=zipfile.ZIP_LZMA), "compression method"),
        (zip_of({"../b.jpg": b"x"}), "leads out"),
        (zip_of({"b.jpg": b"1234"}, compression=zipfile.ZIP_STORED).replace(b"1234", b"4321"), "d"),
        (zip_of({"b.jpg": b"1234" * 50}).replace(b"PK\x03\x04", b"PK\x03\x05"), "damaged"),
        (cut_off(zip_of({"b.jpg": NOISE})), "damaged"),
    ],
)
def test_one_bad_member_spoils_no_other(bad: bytes, word: str) -> None:
    both = joined(bad, HONEST)
    assert [u for u in read(both) if isinstance(u, Upload)] == read(HONEST)
    [reason] = reasons(both).values()
    assert word in reason


@pytest.mark.parametrize(
    ("encoding", "texts"),
    [
        ("utf-8", ["Müller – Geburtstag.jpg"]),
        ("cp932", ["写真/東京.jpg", "ソ.jpg"]),
        ("cp932", ["ソ.jpg"]),
        ("cp932", ["表/十.jpg", "予定表.jpg"]),
        ("gbk", ["照片/北京.jpg", "新建文件夹/生日.jpg"]),
        ("big5", ["功能/許蓋.jpg", "台北.jpg"]),
        ("cp949", ["사진/가족.jpg"]),
        ("cp437", ["Größe/Ärger.jpg", "André.jpg"]),
        ("cp866", ["Фото/Москва.jpg"]),
    ],
)
def test_names_without_the_flag_are_told_by_their_bytes(encoding: str, texts: list[str]) -> None:
    assert names(raw_zip({text.encode(encoding): b"x" for text in texts})) == texts


def test_no_letter_is_taken_apart_even_where_the_code_page_stays_unknown() -> None:
    [name] = names(raw_zip({"功.jpg".encode("big5"): b"x"}))
    assert name.endswith(".jpg")
    assert len(name) == len("功.jpg")


def test_a_name_that_is_said_to_be_utf8_and_is_not_spoils_no_other() -> None:
    flagged = raw_zip({"写真/東京.jpg".encode("cp932"): b"x", "Müller.jpg".encode(): b"x"})
    flagged = flagged.replace(b"\x14\x00\x00\x00\x00\x00", b"\x14\x00\x00\x08\x00\x00")
    assert flagged.count(b"\x14\x00\x00\x08") == 4
    assert names(flagged) == ["写真/東京.jpg", "Müller.jpg"]


def test_backslashes_between_folders_are_slashes() -> None:
    packed = raw_zip(
        {b"Bilder\\": b"", b"Bilder\\a.jpg": b"x", "写真\\東京.jpg".encode("cp932"): b"x"}
    )
    assert names(packed) == ["Bilder/a.jpg", "写真/東京.jpg"]


def test_a_unicode_path_wins_where_it_belongs_to_the_name() -> None:
    def extra(of: bytes) -> bytes:
        value = struct.pack("<BL", 1, zlib.crc32(of)) + "東京.jpg".encode()
        return struct.pack("<HH", 0x7075, len(value)) + value

    assert names(raw_zip({b"__.jpg": b"x"}, extra(b"__.jpg"))) == ["東京.jpg"]
    assert names(raw_zip({b"__.jpg": b"x"}, extra(b"other.jpg"))) == ["__.jpg"]


def test_of_a_photo_that_is_too_large_only_the_beginning_is_read() -> None:
    [upload] = read(zip_of({"a.bmp": b"0123456789" * 1000}, compression=zipfile.ZIP_STORED))
    assert len(upload.data) == LIMITS.max_photo_bytes + 1


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (zip_of({"/etc/passwd.jpg": b"x"}), "leads out"),
        (zip_of({"a/../../b.jpg": b"x"}), "leads out"),
        (zip_of({"..\\b.jpg": b"x"}), "leads out"),
        (zip_of({"C:\\b.jpg": b"x"}), "leads out"),
        (zip_of({"a.jpg": b"/etc/passwd"}, kind=stat.S_IFLNK), "link"),
        (zip_of({"a.jpg": b""}, kind=stat.S_IFIFO), "link"),
        (zip_of({"more.zip": b"x"}), "another archive"),
        (zip_of({"more.tar.gz": b"x"}), "another archive"),
        (encrypted(zip_of({"a.jpg": b"x"})), "password"),
        (encrypted(zip_of({"a.jpg": b"x"}), 0x40), "password"),
        (zip_of({"a.bmp": b"x"}, compression=zipfile.ZIP_BZIP2), "compression method"),
        (zip_of({"a.bmp": b"x"}, compression=zipfile.ZIP_LZMA), "compression method"),
        (overlapping(HONEST), "overlapping entries"),
        (zip_of({f"{n}.jpg": b"" for n in range(MOST_ENTRIES + 1)}), "too many entries"),
        (zip_of({"a" * 60_000 + f"{n}.jpg": b"x" for n in range(40)}), "too many entries"),
        (zip_of({"a.bmp": bytes(5_000_000)}), "more than photos do"),
        (HONEST[:-30], "damaged"),
        (HONEST[:4] + bytes(100), "damaged"),
    ],
)
def test_a_hostile_or_damaged_archive_is_refused(data: bytes, word: str) -> None:
    with pytest.raises(RefusedArchive, match=word):
        read(data)


LYING = {
    "large": claiming(zip_of({"a.jpg": bytes(1000), "b.jpg": b"x"}), 2**32 - 2),
    # ``zipfile`` unpacks bzip2 without a bound: 4 KB of it can become gigabytes at once.
    "small": claiming(zip_of({"a.bmp": bytes(50_000_000)}, compression=zipfile.ZIP_BZIP2), 100),
}


@pytest.mark.parametrize(
    ("size", "error", "words"),
    [
        ("large", AlbumTooLarge, "limit is 1,000 MB"),
        ("small", RefusedArchive, "compression method"),
    ],
)
def test_a_bomb_is_refused_without_unpacking_it_whatever_size_it_claims(
    size: str, error: type[Exception], words: str
) -> None:
    tracemalloc.start()
    with pytest.raises(error, match=words):
        read(LYING[size])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("entries", "shared"), [(3, False), (1000, True)], ids=["plain", "overlapping"]
)
def test_gigabytes_of_zeros_are_refused_by_the_directory_alone(entries: int, shared: bool) -> None:
    with pytest.raises(AlbumTooLarge):
        read(bomb_of(400 * 2**20, entries, shared))


def test_of_two_directories_only_the_last_one_counts() -> None:
    first = zip_of({"hidden.jpg": b"x"})
    assert names(first + HONEST) == ["a.jpg", "trip/b.jpg"]


def test_a_member_that_lies_about_its_name_or_its_size_is_not_read() -> None:
    assert set(reasons(HONEST.replace(b"a.jpg", b"b.exe", 1))) == {"a.jpg"}
    assert reasons(claiming(zip_of({"a.jpg": bytes(range(256)) * 3}), 10))


@settings(max_examples=1000)
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
            value = chance.choice((0, 1, 255, chance.randrange(256)))
            mutant[chance.randrange(len(mutant))] = value
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
@given(entries)
@example({"0": b"one", "0\x00": b"other"})
@example({"\x01A:": b"a drive behind a character that is not shown"})
@example({"A:A:": b"two drives"})
def test_what_is_packed_comes_out_under_names_fit_to_be_shown(files: dict[str, bytes]) -> None:
    with suppress(RefusedArchive, AlbumTooLarge):
        contents = [data[: LIMITS.max_photo_bytes + 1] for data in files.values()]
        for upload in read(zip_of({f"{name}.jpg": data for name, data in files.items()})):
            assert clean_path(upload.name) == upload.name
            if isinstance(upload, Upload):
                contents.remove(upload.data)


@given(st.lists(st.binary(max_size=200), max_size=4), st.binary(max_size=60))
def test_pieces_of_archives_in_any_order_do_no_harm(parts: list[bytes], end: bytes) -> None:
    whole = b"PK\x03\x04" + HONEST[4:90].join(parts) + HONEST[90:] + end
    with suppress(RefusedArchive, AlbumTooLarge):
        found = [upload for upload in read(whole) if isinstance(upload, Upload)]
        assert all(len(upload.data) <= LIMITS.max_photo_bytes + 1 for upload in found)
