"""Limits per client: the rate of costly requests, and bodies with a known length.

Limits of the app as a whole are elsewhere: the concurrency limiter for analyses, the queue for
albums.
"""

from flask import Flask, abort, request
from flask_limiter import Limiter
from limits import parse
from werkzeug.exceptions import LengthRequired

from webapp.server.asgi import REFUSAL
from webapp.settings import OFF, Settings
from webapp.web.addresses import is_this_machine, site_of
from webapp.web.current_user import current_owner
from webapp.web.marks import marks

DEFAULT_RATE = "120/minute"
"""For every client but this machine itself, unless AGELENS_RATE is set."""

FRAMES_PER_PHOTO = 10
"""Camera frames that a client may send per photo of its rate. They are counted separately: a frame
is a tenth of the work, and using the camera does not use up the rate for photos.
"""

# Counting must not take longer than it saves; without Redis each process counts for itself.
_REDIS_SECONDS = 1


def limit_clients(app: Flask, settings: Settings) -> None:
    """Answer clients that exceed their rate of costly requests with a 429.

    Adds a hook that needs the current user.
    """
    if settings.rate == OFF:
        return

    rate = settings.rate or DEFAULT_RATE
    frames = rate_of_frames(rate)

    def is_free() -> bool:
        if not marks().costly:
            return True
        return settings.rate is None and is_this_machine(request.environ)

    shared = settings.queue is not None and settings.queue.startswith(("redis://", "rediss://"))
    timeouts = {"socket_timeout": _REDIS_SECONDS, "socket_connect_timeout": _REDIS_SECONDS}
    Limiter(
        client,
        app=app,
        application_limits=[lambda: frames if marks().live else rate],
        application_limits_exempt_when=is_free,
        headers_enabled=True,
        retry_after="delta-seconds",
        strategy="moving-window",
        key_prefix="agelens",
        storage_uri=settings.queue if shared else "memory://",
        storage_options=dict(timeouts) if shared else {},
        in_memory_fallback_enabled=shared,
    )


def rate_of_frames(rate: str) -> str:
    """The rate of frames for a given rate of photos."""
    photos = parse(rate)
    return str(type(photos)(FRAMES_PER_PHOTO * photos.amount, photos.multiples))


def client() -> str:
    """The client: the signed-in user, or an address."""
    user = current_owner()
    return f"user {user}" if user else site_of(request.remote_addr)


def refuse_incomplete() -> None:
    """Refuse a body that the server did not receive: too slow, too many, or of unknown length."""
    if REFUSAL in request.environ:
        abort(request.environ[REFUSAL])
    if "Transfer-Encoding" in request.headers and request.content_length is None:
        raise LengthRequired
