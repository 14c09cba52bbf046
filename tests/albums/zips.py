"""Archives for tests, honest and hostile."""

import io
import stat
import struct
import zipfile
import zlib


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


def bomb_of(entry_bytes: int, entries: int = 1, shared: bool = False) -> bytes:
    """An archive of zeros that is quickly made: one compressed megabyte, repeated.

    Where bytes are ``shared``, all entries are the same ones (D. Fifield, "A better zip bomb",
    2019, in its simplest form). An entry of 4 GB or more has its size in a 64-bit field.
    """
    megabytes = entry_bytes // 2**20
    compress = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = compress.compress(bytes(2**20)) + compress.flush(zlib.Z_FULL_FLUSH)
    data = zeros * megabytes + compress.flush()
    size = megabytes * 2**20
    extra = struct.pack("<HHQ", 1, 8, size) if size >= 2**32 else b""
    body, directory = b"", b""
    for number in range(entries):
        name = b"%d.bmp" % (0 if shared else number)
        offset = 0 if shared else len(body)
        # The checksum, here 0, is looked at by nobody who does not unpack.
        head = struct.pack("<HHHHH", 20, 0, zipfile.ZIP_DEFLATED, 0, 0)
        head += struct.pack("<LLL", 0, len(data), min(size, 2**32 - 1))
        head += struct.pack("<HH", len(name), len(extra))
        if not (body and shared):
            body += b"PK\x03\x04" + head + name + extra + data
        place = struct.pack("<HHHLL", 0, 0, 0, 0, offset)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + head + place + name + extra
    end = struct.pack("<HHHHLLH", 0, 0, entries, entries, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def encrypted(data: bytes, flag: int = 0x1) -> bytes:
    """The same archive, but its directory says that the first entry needs a password."""
    place = data.index(b"PK\x01\x02")
    return data[: place + 8] + flag.to_bytes(2, "little") + data[place + 10 :]


def overlapping(data: bytes) -> bytes:
    """The same archive, but its last entry is said to lie where the first one does."""
    place = data.rindex(b"PK\x01\x02")
    return data[: place + 42] + bytes(4) + data[place + 46 :]


def raw_zip(files: dict[bytes, bytes], extra: bytes = b"") -> bytes:
    """A ZIP file whose names are these bytes, without the flag that says that they are UTF-8."""
    body, directory = b"", b""
    for name, data in files.items():
        sizes = struct.pack("<LLLHH", zlib.crc32(data), len(data), len(data), len(name), len(extra))
        head = struct.pack("<HHHHH", 20, 0, zipfile.ZIP_STORED, 0, 0) + sizes
        place = struct.pack("<HHHLL", 0, 0, 0, 0, len(body))
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + head + place + name + extra
        body += b"PK\x03\x04" + head + name + extra + data
    end = struct.pack("<HHHHLLH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def parts_of(data: bytes) -> tuple[bytes, bytes]:
    """The members and the directory of an archive without a comment."""
    size, start = struct.unpack_from("<LL", data, len(data) - 10)
    return data[:start], data[start : start + size]


def joined(first: bytes, second: bytes) -> bytes:
    """One archive with the one member of the first and all of the second."""
    (body, entry), (more, directory) = parts_of(first), parts_of(second)
    moved, place = bytearray(directory), directory.find(b"PK\x01\x02")
    while place >= 0:
        offset = struct.unpack_from("<L", moved, place + 42)[0]
        struct.pack_into("<L", moved, place + 42, offset + len(body))
        place = directory.find(b"PK\x01\x02", place + 1)
    count = 1 + directory.count(b"PK\x01\x02")
    whole = entry + bytes(moved)
    end = struct.pack("<HHHHLLH", 0, 0, count, count, len(whole), len(body + more), 0)
    return body + more + whole + b"PK\x05\x06" + end


def cut_off(data: bytes) -> bytes:
    """The same archive of one member, whose compressed bytes end early, as the directory says."""
    place = data.index(b"PK\x01\x02")
    packed = struct.unpack_from("<L", data, place + 20)[0]
    return data[: place + 20] + struct.pack("<L", packed - 20) + data[place + 24 :]


def as_zip64(data: bytes) -> bytes:
    """The same archive with the 64-bit end that programs write which do not know its size yet."""
    body, directory = parts_of(data)
    count = directory.count(b"PK\x01\x02")
    place, end = len(body), len(body) + len(directory)
    record = struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, count, count, len(directory), place)
    locator = struct.pack("<LQL", 0, end, 1)
    unknown = struct.pack("<HHHHLLH", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    ends = b"PK\x06\x06" + record + b"PK\x06\x07" + locator + b"PK\x05\x06" + unknown
    return body + directory + ends
