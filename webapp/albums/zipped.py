"""A ZIP file sent while it is created, with one file in memory at a time."""

import zipfile
from collections.abc import Iterable, Iterator


class _Sink:
    """Collects what ``zipfile`` writes until it is fetched; not seekable."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def fetch(self) -> bytes:
        data = bytes(self._written)
        self._written.clear()
        return data


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The bytes of a ZIP file with these names and contents, uncompressed: JPEGs do not shrink."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:  # type: ignore[call-overload] # write is enough
        for name, data in files:
            archive.writestr(name, data)
            yield sink.fetch()
    yield sink.fetch()
