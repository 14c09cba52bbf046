"""Headers on every response, and protection against posts from other sites' pages."""

import re

from flask import Request, Response, request

from webapp.web.errors import CrossSiteRequest

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob:",  # the preview before sending is a blob
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
NO_DEVICES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
CAMERA_ONLY = NO_DEVICES.replace("camera=()", "camera=(self)")
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with it browsers send "Origin: null", which the guard below refuses.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": NO_DEVICES,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# How long browsers come back over https only, once they came so: hstspreload.org asks for a year.
_YEAR_SECONDS = 31_536_000
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
# Browsers take \ for /, and drop tabs and line breaks: "/\t/evil.example" would lead elsewhere.
_OWN_ADDRESS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def is_cross_site(incoming: Request) -> bool:
    """Whether a browser sends this request for a page of another origin.

    Programs other than browsers send neither header and are let through.
    """
    site = incoming.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = incoming.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != incoming.host


def is_own_address(address: str) -> bool:
    """Whether an address is a path on this site, wherever it came from, and leads nowhere else."""
    is_below = address.startswith(f"{request.script_root}/")
    return is_below and _OWN_ADDRESS.fullmatch(address) is not None


def refuse_cross_site() -> None:
    """Raise CrossSiteRequest for requests from another site's page."""
    if request.method not in SAFE_METHODS and is_cross_site(request):
        raise CrossSiteRequest("Photos can only be sent from this site's own pages.")


def put_headers(response: Response) -> Response:
    """Add the headers to a response."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_SECONDS}")
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "private, no-store"
    return response
