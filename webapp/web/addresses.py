"""What an IP address stands for."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

# One Internet connection has so many leading bits of an IPv6 address (RFC 6177).
_IPV6_SITE_BITS = 64


def site_of(text: str | None) -> str:
    """The client behind an address: the address itself, or for IPv6 its /64, all of which one
    client can use.
    """
    address = _address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))
    return str(address) if address else text or "nowhere"


def is_loopback(text: str | None) -> bool:
    """Whether an address is this machine's own."""
    address = _address(text)
    return address is not None and address.is_loopback


_FORWARDED = ("FORWARDED", "VIA", "X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_REAL_IP")


def is_forwarded(environ: Mapping[str, Any]) -> bool:
    """Whether a proxy declares that it forwards a WSGI request."""
    return any(f"HTTP_{name}" in environ for name in _FORWARDED)


def is_this_machine(environ: Mapping[str, Any]) -> bool:
    """Whether a WSGI request comes from a program on this machine, not from a proxy here.

    Behind a proxy on the same machine every peer is local, and a proxy need not say that it is
    one. Those that are silent give themselves away: they pass on the name that the visitor asked
    for, or speak HTTP/1.0, as nginx does unless it is configured.
    """
    received = environ.get("werkzeug.proxy_fix.orig", {})
    return (
        is_loopback(received.get("REMOTE_ADDR", environ.get("REMOTE_ADDR")))
        and not is_forwarded(environ)
        and _names_this_machine(environ.get("HTTP_HOST", ""))
        and environ.get("SERVER_PROTOCOL") != "HTTP/1.0"
    )


def _names_this_machine(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name == "localhost" or is_loopback(name)


def _address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """None if there is none, as on a Unix socket, or where a proxy passed on nonsense."""
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
