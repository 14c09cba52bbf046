"""Archives for tests, honest and hostile."""

from __future__ import annotations

import io
import stat
import zipfile


def zip_of(
    files: dict[str, bytes], kind: int = stat.S_IFREG, compression: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A ZIP file; ``kind`` is the files' type in the terms of Unix."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (kind | 0o644) << 16
            entry.compress_type = compression
            archive.writestr(entry, data)
    return buffer.getvalue()


def claiming(data: bytes, entry_bytes: int) -> bytes:
    """The same archive, but its directory says that the first entry unpacks to so many bytes."""
    place = data.index(b"PK\x01\x02")
    return data[: place + 24] + entry_bytes.to_bytes(4, "little") + data[place + 28 :]


def encrypted(data: bytes) -> bytes:
    """The same archive, but its directory says that the first entry needs a password."""
    place = data.index(b"PK\x01\x02")
    return data[: place + 8] + b"\x01\x00" + data[place + 10 :]
