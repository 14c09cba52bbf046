"""Decodes the names in a ZIP file: many tools write them in their machine's code page."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress

# APPNOTE 4.4.4, bit 11: the name is UTF-8. Without it zipfile reads IBM's code page 437, which
# has a character for every byte, so that the bytes can be recovered.
_WITHOUT_FLAG = "cp437"
# APPNOTE 4.3.12, an entry of the directory: its signature, the upper byte of its flags, the lengths
# of name, extra fields and comment, and what they come after.
_ENTRY, _FLAGS, _LENGTHS, _ENTRY_BYTES = b"PK\x01\x02", 9, 28, 46
_NO_UTF8_FLAG = 0xFF & ~(0x800 >> 8)
# APPNOTE 4.6.9, Info-ZIP's Unicode Path: version 1, the CRC of the plain name, the name in UTF-8.
_UNICODE_PATH = 0x7075
# In these a character's second byte may look like a backslash.
_MULTI_BYTE = ("cp932", "gb18030", "big5hkscs", "cp949")
_SINGLE_BYTE = ("cp437", "cp850", "cp852", "cp866", "cp1251", "cp1252")
# The code page where there is too little text for a guess; none of these names is ASCII.
_UNKNOWN = "ascii"
_SECOND_BYTE = re.compile(rb"(?<=[\x80-\xff])\\")
# No folder ends there: a file whose whole name is its extension would be in it.
_SECOND_BYTE_BEFORE_DOT = re.compile(rb"(?<=[\x80-\xff])\\(?=\.)")


def without_utf8_flags(directory: bytes) -> bytes:
    """The same directory without UTF-8 flags; valid UTF-8 is recognised without them.

    Bytes that are no directory stay as they are.
    """
    changed, place = bytearray(directory), 0
    while directory.startswith(_ENTRY, place) and place + _ENTRY_BYTES <= len(directory):
        changed[place + _FLAGS] &= _NO_UTF8_FLAG
        place += _ENTRY_BYTES + sum(struct.unpack_from("<HHH", directory, place + _LENGTHS))
    return bytes(changed)


def raw_name(entry: zipfile.ZipInfo) -> bytes:
    """The bytes of a name in a directory ``without_utf8_flags``."""
    return entry.orig_filename.encode(_WITHOUT_FLAG)


def paths_of(entries: Sequence[zipfile.ZipInfo]) -> list[str]:
    """Every entry's path, its folders separated by slashes.

    A Unicode Path wins; what is valid UTF-8 is UTF-8, with the flag or without; of all other names
    together the code page is guessed.
    """
    pairs = [(raw_name(entry), _unicode_path(entry)) for entry in entries]
    names = [path or _decoded(raw, "utf-8") for raw, path in pairs]
    others = [raw for (raw, _), name in zip(pairs, names, strict=True) if name is None]
    guessed = _guessed(others, has_slashes=any(b"/" in raw for raw, _ in pairs)) if others else {}
    return [
        (guessed[raw] if name is None else name).replace("\\", "/")
        for (raw, _), name in zip(pairs, names, strict=True)
    ]


def _unicode_path(entry: zipfile.ZipInfo) -> str | None:
    for kind, value in _extra_fields(entry.extra):
        if kind == _UNICODE_PATH and value[:5] == struct.pack(
            "<BL", 1, zlib.crc32(raw_name(entry))
        ):
            return _decoded(value[5:], "utf-8")
    return None


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        yield kind, extra[4 : 4 + size]
        extra = extra[4 + size :]


def _guessed(names: Sequence[bytes], has_slashes: bool) -> dict[bytes, str]:
    encoding = _encoding_of(b"\n".join(names))
    # Whoever separates folders by slashes has a backslash only as part of a letter.
    second_byte = _SECOND_BYTE if has_slashes else _SECOND_BYTE_BEFORE_DOT
    return {raw: _as_text(raw, encoding, second_byte) for raw in names}


def _encoding_of(text: bytes) -> str:
    from chardet import detect  # its tables are some megabytes that few need

    candidates = (_UNKNOWN, *_MULTI_BYTE, *_SINGLE_BYTE)
    found = detect(
        text, include_encodings=candidates, no_match_encoding=_UNKNOWN, compat_names=False
    )
    return found["encoding"] or _UNKNOWN


def _as_text(raw: bytes, encoding: str, second_byte: re.Pattern[bytes]) -> str:
    """One name; whatever the guess, no character is taken apart."""
    candidates = [encoding]
    if encoding not in _MULTI_BYTE and second_byte.search(raw):
        candidates = [*_MULTI_BYTE]
    for candidate in candidates:
        name = _decoded(raw, candidate)
        if name is not None and name.isprintable() and (candidate == encoding or "\\" not in name):
            return name
    return second_byte.sub(b"_", raw).decode(_WITHOUT_FLAG)


def _decoded(raw: bytes, encoding: str) -> str | None:
    with suppress(UnicodeDecodeError):
        return raw.decode(encoding)
    return None
