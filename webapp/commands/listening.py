"""Where ``agelens serve`` listens.

Addresses are tried before gunicorn starts, which would retry and say little.
"""

import errno
import ipaddress
import os
import resource
import socket
import stat
from pathlib import Path

import click

UNIX = "unix:"
# Every connection may need a temporary file, too, and an album one for each of its photos.
FEWEST_FILES = 1024
_MOST_FILES = 65_536


def bind_address(host: str, port: int) -> str:
    """An address for gunicorn's ``--bind``. Raises ClickException if it cannot be listened on.

    A host is an address, in brackets or not, a name of this machine, or ``unix:PATH``.
    """
    if host.startswith(UNIX):
        _try_unix(Path(host.removeprefix(UNIX)))
        return host
    found = _resolved(host)
    if not found:
        raise click.ClickException(f"“{host}” is not an address of this machine.")
    # Names often have addresses of both kinds; the older one is what people try.
    family, address = min(found)
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
            probe.listen()
    except OSError as error:
        raise click.ClickException(_sentence(error, host, port)) from error
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address, a name, or a Unix socket."""
    found = _resolved(host)
    return host.startswith(UNIX) or (
        bool(found) and all(ipaddress.ip_address(address).is_loopback for _, address in found)
    )


def allow_files() -> str | None:
    """Raise the limit of open files as far as allowed; warn if it stays low.

    Most systems give 1024, and more to those who ask.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if most == resource.RLIM_INFINITY else min(most, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    if wanted >= FEWEST_FILES:
        return None
    return (
        f"Only {wanted} files may be open at once, so few visitors are served at once; "
        f"allow at least {FEWEST_FILES} (ulimit -n)."
    )


def _resolved(host: str) -> list[tuple[socket.AddressFamily, str]]:
    name = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        # An empty name means all addresses, here as for gunicorn.
        found = socket.getaddrinfo(
            name or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError):
        return []
    return [(entry[0], str(entry[4][0])) for entry in found]


def _sentence(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host or 'this machine'} is already in use; choose another --port."
    if error.errno == errno.EACCES:
        return f"Only root may listen on port {port}; choose a --port from 1024 on."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"“{host}” is not an address of this machine."
    return f"Cannot listen on {host}: {error.strerror}."


def _try_unix(path: Path) -> None:
    """Raises ClickException; a socket that a server left behind, gunicorn replaces."""
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise click.ClickException(f"Cannot make a socket in {path.parent}.")
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise click.ClickException(f"{path} exists and is not a socket.")
    with socket.socket(socket.AF_UNIX) as probe:
        if probe.connect_ex(str(path)) == 0:
            raise click.ClickException(f"{path} is already in use; choose another one.")
