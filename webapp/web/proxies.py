"""What trusted proxies say about a request: client, host name, and path prefix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp.settings import Settings

if TYPE_CHECKING:  # exists for the type checker alone
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# No empty part: links to //evil.example would leave this site.
_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")


def believe_only_proxies(app: Flask, settings: Settings) -> None:
    """Take the client's address, our host name and path from the configured number of proxies."""
    if settings.trusted_hosts is not None:
        names = [name.strip() for name in settings.trusted_hosts.split(",")]
        app.config["TRUSTED_HOSTS"] = [name for name in names if name] or None
    below: WSGIApplication = _BelowPath(app.wsgi_app, settings.prefix or "")
    if count := settings.proxies:
        below = ProxyFix(below, x_for=count, x_proto=count, x_host=count, x_prefix=count)
    app.wsgi_app = below  # type: ignore[method-assign,assignment] # as Flask's manual has it


class _BelowPath:
    """An app below a path such as ``/agelens``: ``SCRIPT_NAME``, if it is one, or else ``prefix``.

    Requests are answered with the path in front and without: some proxies take it off, others do
    not, and probes ask the server directly.
    """

    def __init__(self, app: WSGIApplication, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        said = environ.get("SCRIPT_NAME", "").rstrip("/")
        prefix = said if _PATH.fullmatch(said) else self._prefix
        path = environ["PATH_INFO"]
        if path == prefix or path.startswith(f"{prefix}/"):
            path = path[len(prefix) :]
        environ.update(SCRIPT_NAME=prefix, PATH_INFO=path)
        return self._app(environ, start)
