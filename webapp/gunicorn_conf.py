"""gunicorn's configuration for agelens: one process with the networks and several threads.

One worker by default, because each holds its own copy of the networks. The app is never preloaded:
networks and their thread pools do not survive a fork, so each worker builds its own.
"""

import logging
import os
import resource
from functools import partial
from typing import Any

from gunicorn.glogging import Logger
from prometheus_client.multiprocess import mark_process_dead

from webapp import logs
from webapp.metrics import FOLDER as METRICS_FOLDER
from webapp.processes import end_with_parent
from webapp.server.asgi import ServerLimits, ThreadedApp
from webapp.server.worker import Connection, NoMoreFiles, watched
from webapp.services import services
from webapp.settings import Settings
from webapp.web.albums.uploads import longest_body


class PlainLogger(Logger):  # type: ignore[misc] # gunicorn ships no types
    """Writes gunicorn's messages to the common log, in its format."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


# The path prefix as other WSGI servers name it.
if "SCRIPT_NAME" in os.environ:
    os.environ["AGELENS_PREFIX"] = os.environ.pop("SCRIPT_NAME")
_settings = Settings.from_environment()
logs.configure(_settings.log, _settings.log_level)

logger_class = PlainLogger
loglevel = _settings.log_level
bind = "127.0.0.1:8000"
worker_class = "webapp.server.worker.Worker"
workers = 1
# Requests that one worker answers at once, besides those waiting for an analysis.
threads = 16
# Connections of one worker; beyond that, the one that stalled for longest makes room.
worker_connections = 1000
# Connections that wait to be accepted; asyncio also tries so often when no more files may be open.
backlog = 128
# Files that a worker has open without connections, each of which may need two more.
_OWN_FILES = 40
preload_app = False
# With one socket for all servers of a user, a second one would replace the first.
control_socket_disable = True

# Seconds without a sign of life before a worker is replaced; loading the networks counts, too.
timeout = 120
# Seconds that running requests get to finish after SIGTERM.
graceful_timeout = 30
# Seconds that a connection stays open without a request; longer than nginx keeps one.
keepalive = 5
# Bytes of responses that are not sent yet. The largest, a drawing of 50 megapixels, has some 20 MB.
_RESPONSE_BYTES = 256_000_000
# The heartbeat file belongs in memory: on a disk it can stall behind other writes.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 # as gunicorn's manual advises


def on_starting(_: Any) -> None:
    """End with the supervisor of ``agelens serve``."""
    end_with_parent()


def post_fork(_server: Any, worker: Any) -> None:
    """Send uvicorn's warnings to the common log."""
    uvicorn = logging.getLogger("uvicorn.error")
    uvicorn.propagate = True
    uvicorn.setLevel(logging.WARNING)
    logging.getLogger("asyncio").addFilter(NoMoreFiles())
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    Connection.most = min(worker.cfg.worker_connections, max(1, (files - _OWN_FILES) // 3))


def post_worker_init(worker: Any) -> None:
    """Build the networks after the fork and before the first request; then /readyz answers 200."""
    app = worker.wsgi
    services(app).photos.warm_up()
    limits = ServerLimits(
        threads=worker.cfg.threads + _settings.inference_slots + _settings.inference_waiting,
        request_bytes=2 * (_settings.album_bytes + _settings.max_bytes),
        response_bytes=_RESPONSE_BYTES,
        body_bytes=partial(longest_body, app),
    )
    worker.wsgi = watched(ThreadedApp(app, limits, Connection.waits))


def child_exit(_: Any, worker: Any) -> None:
    """Keep a dead worker's counters; drop its gauges."""
    if METRICS_FOLDER in os.environ:
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # has no types
