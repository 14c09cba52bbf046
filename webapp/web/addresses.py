"""What an address of the network stands for."""

from __future__ import annotations

import ipaddress

# One Internet connection has so many leading bits of an IPv6 address (RFC 6177).
_IPV6_SITE_BITS = 64


def site_of(text: str | None) -> str:
    """Who is behind an address: itself, or for IPv6 all of its /64, any address of which they can
    take.
    """
    address = _address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_SITE_BITS), strict=False))
    return str(address) if address else text or "nowhere"


def is_loopback(text: str | None) -> bool:
    """Whether an address is this machine's own."""
    address = _address(text)
    return address is not None and address.is_loopback


def _address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """None where there is none, as on a Unix socket, or where a proxy passed on nonsense."""
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
