"""Errors of the web layer, and the table from exception to status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from webapp.albums.errors import (
    AlbumError,
    AlbumInReceipt,
    AlbumTooLarge,
    EmptyAlbum,
    KeyReused,
    QueueFull,
    RefusedArchive,
)
from webapp.errors import AgelensError, filled, translatable
from webapp.results.store.errors import (
    StoreError,
    StoreFull,
    StoreUnavailable,
    UnknownResult,
    UnreadableRecord,
)
from webapp.vision.errors import (
    DecoderUnavailable,
    ModelFileMissing,
    NotAPhoto,
    PhotoTooCostly,
    PhotoTooLarge,
    UnknownDetector,
    UnknownModel,
    UnreadablePhoto,
    UnsupportedPhoto,
    VisionError,
)


class WebError(AgelensError):
    """A request that cannot be served; the message is one sentence for users."""

    code = "bad_request"
    headers: Mapping[str, str] = {}
    """Headers of the response."""


class NoPhoto(WebError):
    """The request has no photo."""

    code = "no_photo"


class SeveralPhotos(WebError):
    """The request has more than one photo."""

    code = "several_photos"


class InvalidOption(WebError):
    """An option is unknown or has an invalid value."""

    code = "invalid_option"


class NotAcceptable(WebError):
    """The header ``Accept`` names no format that the response has."""

    code = "not_acceptable"


class CrossSiteRequest(WebError):
    """A page of another site made a visitor's browser post here."""

    code = "cross_site_request"


class StaleForm(WebError):
    """A form has no token of the visitor's session, or the wrong one."""

    code = "stale_form"


class SignInRefused(WebError):
    """No such user, or a wrong password; the visitor does not learn which."""

    code = "sign_in_refused"


class TooManyAttempts(WebError):
    """Too many attempts to sign in."""

    code = "too_many_attempts"

    def __init__(self, template: str, seconds: int, **values: object) -> None:
        super().__init__(template, **values)
        self.headers = {"Retry-After": str(seconds)}


class NoToken(WebError):
    """A request to the API has no valid token."""

    code = "no_token"
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class AccountsUnavailable(WebError):
    """The file of users or of tokens is damaged."""

    code = "accounts_unavailable"


class Busy(WebError):
    """All slots for analyses are taken and the queue is full."""

    code = "busy"


_KINDS: Mapping[HTTPStatus, tuple[type[Exception], ...]] = {
    HTTPStatus.BAD_REQUEST: (NoPhoto, EmptyAlbum, SeveralPhotos, UnreadablePhoto, StaleForm),
    HTTPStatus.UNAUTHORIZED: (NoToken,),
    HTTPStatus.FORBIDDEN: (CrossSiteRequest, SignInRefused),
    HTTPStatus.NOT_FOUND: (UnknownResult,),
    HTTPStatus.NOT_ACCEPTABLE: (NotAcceptable,),
    HTTPStatus.CONFLICT: (AlbumInReceipt, KeyReused),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (PhotoTooLarge, AlbumTooLarge),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (NotAPhoto, UnsupportedPhoto),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        PhotoTooCostly,
        RefusedArchive,
        InvalidOption,
        UnknownDetector,
        UnknownModel,
        ModelFileMissing,  # a network that is not installed
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (TooManyAttempts,),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        AccountsUnavailable,
        DecoderUnavailable,
        Busy,
        QueueFull,
        StoreUnavailable,
        UnreadableRecord,  # while versions change, another machine can
    ),
    HTTPStatus.INSUFFICIENT_STORAGE: (StoreFull,),
}
STATUS: Mapping[type[Exception], HTTPStatus] = {
    kind: status for status, kinds in _KINDS.items() for kind in kinds
}
"""Every other error is a bug: 500."""

RETRY_AFTER_SECONDS = 5

WORDS: Mapping[int, tuple[str, str, str]] = {
    404: (
        "not_found",
        translatable("Nothing here"),
        translatable("This page does not exist, or its photo was deleted."),
    ),
    405: (
        "method_not_allowed",
        translatable("Method not allowed"),
        translatable("This URL does not accept that kind of request."),
    ),
    411: (
        "length_required",
        translatable("No length"),
        translatable("The request needs a Content-Length, as browsers send."),
    ),
    413: ("photo_too_large", translatable("Too large"), translatable("The photo is too large.")),
    429: (
        "too_many_requests",
        translatable("Too many"),
        translatable("Too many requests. Please wait a moment."),
    ),
    507: ("store_full", translatable("No room left"), translatable("The server's disk is full.")),
    500: (
        "internal_error",
        translatable("Our mistake"),
        translatable("Something broke on our side. The log has the details."),
    ),
}
"""Code, title and sentence for the statuses that the framework itself raises."""
_OTHER_TITLE = translatable("That did not work")


@dataclass(frozen=True)
class Problem:
    """One error as the page and the API show it."""

    status: int
    code: str
    template: str
    headers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, object] = field(default_factory=dict)
    # For bugs: the id of the log line.
    request_id: str | None = None

    @property
    def message(self) -> str:
        """The sentence in English."""
        return filled(self.template, self.values)

    def to_json(self) -> dict[str, str]:
        """The object ``error`` of the API."""
        known = {"code": self.code, "message": self.message, "request_id": self.request_id}
        return {name: text for name, text in known.items() if text is not None}

    @property
    def title(self) -> str:
        """The heading of the error page, in English."""
        return WORDS[self.status][1] if self.status in WORDS else _OTHER_TITLE

    @property
    def concerns_the_form(self) -> bool:
        """Whether sending the form again, changed or later, can help."""
        return self.status in (400, 411, 413, 415, 422, 429, 503, 507)


def problem_of(error: VisionError | WebError | StoreError | AlbumError) -> Problem:
    """The problem for one of our own exceptions."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            status = STATUS[kind]
            retry = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
            headers = error.headers if isinstance(error, WebError) else {}
            return Problem(
                status, error.code, error.template, {**retry, **headers}, values=error.values
            )
    return problem_of_status(500)


def problem_of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem for a status raised by the framework."""
    if status in WORDS:
        code, _, sentence = WORDS[status]
    else:
        phrase = HTTPStatus(status).phrase
        code, sentence = phrase.lower().replace(" ", "_"), f"{phrase}."
    return Problem(status, code, sentence, headers or {})
