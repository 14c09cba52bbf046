"""The key that signs cookies and forms: given, or made once and kept."""

import secrets
from contextlib import suppress

from webapp.files import OWNER_ONLY, write_whole
from webapp.settings import InvalidSetting, Settings

FILE = "secret_key"
KEY_BYTES = 32


def secret_key(settings: Settings) -> bytes:
    """The secret key. Raises InvalidSetting if the given one is too short.

    Without a setting it is a file in ``data_dir``, made now if there is none; of several processes
    that do so at once one wins, and all get its key.
    """
    if settings.secret_key is not None:
        return _long_enough(settings.secret_key.encode(), "AGELENS_SECRET_KEY")
    path = settings.data_dir / FILE
    if not path.exists():
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            write_whole(path, secrets.token_bytes(KEY_BYTES), OWNER_ONLY, exclusive=True)
    return _long_enough(path.read_bytes(), str(path))


def _long_enough(key: bytes, source: str) -> bytes:
    if len(key) < KEY_BYTES:
        raise InvalidSetting(f"{source}: a secret key needs at least {KEY_BYTES} characters")
    return key
