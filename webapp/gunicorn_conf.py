"""gunicorn's configuration for agelens: one process with the networks, many threads in front.

One worker by default, because each holds its own copy of the networks; the threads wait for
uploads and for the inference gate, which keeps the processor busy. The app is never preloaded:
networks and their thread pools do not survive a fork, so each worker builds its own.
"""

from __future__ import annotations

import os
from typing import Any

from webapp.memory import share_heaps

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 1
threads = 32
preload_app = False
# One socket for all servers of a user would let the second take the first one's place.
control_socket_disable = True

# Seconds without a sign of life before a worker is replaced; loading the networks counts, too.
timeout = 120
# Seconds that running requests get to finish after SIGTERM.
graceful_timeout = 30
keepalive = 5
# The heartbeat file belongs into memory: on a disk it can stall behind other writes.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 # as gunicorn's manual advises


def post_fork(_server: Any, _worker: Any) -> None:
    """Before the first thread starts."""
    share_heaps()


def post_worker_init(worker: Any) -> None:
    """Build the networks after the fork and before the first request: then /readyz says yes."""
    worker.wsgi.extensions["agelens"].warm_up()
