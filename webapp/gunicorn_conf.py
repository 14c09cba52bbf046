"""gunicorn's configuration for agelens: one process with the networks, many threads in front.

One worker by default, because each holds its own copy of the networks; the threads wait for
uploads and for the inference gate, which keeps the processor busy. The app is never preloaded:
networks and their thread pools do not survive a fork, so each worker builds its own.
"""

from __future__ import annotations

import os
from typing import Any

from gunicorn.glogging import Logger
from prometheus_client.multiprocess import mark_process_dead

from webapp import logs
from webapp.memory import share_heaps
from webapp.processes import end_with_parent
from webapp.services import services
from webapp.settings import Settings
from webapp.web.metrics import FOLDER as METRICS_FOLDER


class PlainLogger(Logger):  # type: ignore[misc] # gunicorn ships no types
    """gunicorn's messages among all others and in the same form."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


# gunicorn would answer 500 to whatever is not below this path; the app itself answers both.
if "SCRIPT_NAME" in os.environ:
    os.environ["AGELENS_PREFIX"] = os.environ.pop("SCRIPT_NAME")
_settings = Settings.from_environment()
logs.configure(_settings.log, _settings.log_level)

logger_class = PlainLogger
loglevel = _settings.log_level
bind = "127.0.0.1:8000"
# gunicorn's threads, with a reception before them that receives requests whole.
worker_class = "webapp.reception.worker.Worker"
# Nothing may pass the reception by.
sendfile = False
workers = 1
threads = 32
# Connections of one worker, so few that they and their temporary files never need more than the
# 1024 open files that most systems allow.
worker_connections = 256
preload_app = False
# The app itself knows which headers of which proxy it believes.
forwarder_headers = ""
# One socket for all servers of a user would let the second take the first one's place.
control_socket_disable = True

# Seconds without a sign of life before a worker is replaced; loading the networks counts, too.
timeout = 120
# Seconds that running requests get to finish after SIGTERM.
graceful_timeout = 30
keepalive = 5
# The heartbeat file belongs into memory: on a disk it can stall behind other writes.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 # as gunicorn's manual advises


def on_starting(_: Any) -> None:
    """Do not outlive the supervisor of ``agelens serve``."""
    end_with_parent()


def post_fork(_server: Any, _worker: Any) -> None:
    """Before the first thread starts."""
    share_heaps()


def post_worker_init(worker: Any) -> None:
    """Build the networks after the fork and before the first request: then /readyz says yes."""
    services(worker.wsgi).photos.warm_up()


def child_exit(_: Any, worker: Any) -> None:
    """What a dead worker has counted stays; what it held when it died does not."""
    if METRICS_FOLDER in os.environ:
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # has no types
