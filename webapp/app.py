"""Assembles the web app."""

from flask import Flask
from jinja2 import StrictUndefined

from webapp import assets
from webapp.albums.service import AlbumService
from webapp.assembly import build_registry
from webapp.metrics import Metrics
from webapp.services import Services, provide
from webapp.settings import Settings
from webapp.vision.models import ModelRegistry
from webapp.vision.words import is_certain
from webapp.web import wording
from webapp.web.accounts.errors import BrokenFile
from webapp.web.accounts.guard import (
    admit,
    cannot_be_read,
    csrf_field,
    refuse_forged_forms,
    sign_cookies,
)
from webapp.web.accounts.pages import access_pages
from webapp.web.accounts.secret_key import secret_key
from webapp.web.accounts.service import AccountService
from webapp.web.albums.api import album_api
from webapp.web.albums.pages import album_pages
from webapp.web.albums.uploads import allow_long_bodies
from webapp.web.api import api
from webapp.web.camera import camera
from webapp.web.comparisons import comparisons
from webapp.web.compatible.compreface import compreface
from webapp.web.compatible.deepface import deepface
from webapp.web.compression import compress
from webapp.web.current_user import current_user_name
from webapp.web.explanations import explanations
from webapp.web.file_responses import FileResponse, ignore_odd_ranges
from webapp.web.handlers import handle_errors
from webapp.web.health import health
from webapp.web.languages import speak_languages
from webapp.web.metrics_endpoint import expose
from webapp.web.models_page import networks
from webapp.web.navigation import sections
from webapp.web.openapi.document import openapi
from webapp.web.openapi.page import api_page
from webapp.web.pages import pages
from webapp.web.photo_service import PhotoService
from webapp.web.proxies import believe_only_proxies
from webapp.web.rate_limits import limit_clients, refuse_incomplete
from webapp.web.request_log import log_requests
from webapp.web.security import put_headers, refuse_cross_site
from webapp.web.static_files import serve_static

COMPATIBLE = {"compreface": compreface, "deepface": deepface}

# Limits on a form without its photo.
FORM_BYTES = 100_000
FORM_PARTS = 20


def create_app(settings: Settings | None = None, *, registry: ModelRegistry | None = None) -> Flask:
    """The web app. Without arguments: settings from the environment and the real networks.

    Nothing heavy is built yet: ``services(app).photos.warm_up()`` does that, in the worker.
    Raises InvalidSetting or OSError if there is no usable secret key.
    """
    settings = settings or Settings.from_environment()
    app = Flask(
        "webapp",
        template_folder=str(assets.directory("templates")),
        static_folder=str(assets.directory("static")),
    )
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_bytes + FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined] # buckets go from young to old
    key = secret_key(settings)
    services = build_services(settings, registry or build_registry(settings), key)
    provide(app, services)
    sign_cookies(app, settings, key)
    _teach_templates(app, services)
    speak_languages(app)
    serve_static(app)
    _add_hooks(app, services)
    _add_views(app, services)
    believe_only_proxies(app, settings)
    handle_errors(app)
    return app


def build_services(settings: Settings, registry: ModelRegistry, key: bytes) -> Services:
    """The services for the views; ``key`` signs sessions."""
    albums = AlbumService(settings, registry)
    metrics = Metrics()
    return Services(
        settings=settings,
        registry=registry,
        photos=PhotoService(settings, registry, albums.repository, metrics),
        albums=albums,
        metrics=metrics,
        accounts=AccountService(settings.users, key, settings) if settings.users else None,
    )


def _add_hooks(app: Flask, services: Services) -> None:
    """The hooks that run before every view, in this order; the first refusal ends the request."""
    settings = services.settings
    # First, so that every refusal is logged with the id in its response.
    log_requests(app, settings, services.metrics)
    # Before anything reads a form, as the check for forged forms does.
    app.before_request(allow_long_bodies)
    app.before_request(ignore_odd_ranges)
    app.response_class = FileResponse
    # Checks that do not need the user come before the file of users is read.
    app.before_request(refuse_cross_site)
    app.before_request(refuse_incomplete)
    if services.accounts is not None:
        app.before_request(admit)
    # After the login check: the token belongs to a session.
    app.before_request(refuse_forged_forms)
    # Last: users are counted by id, and refused requests cost no work.
    limit_clients(app, settings)
    app.after_request(put_headers)
    app.after_request(compress)


def _add_views(app: Flask, services: Services) -> None:
    for blueprint in (
        pages,
        explanations,
        camera,
        networks,
        comparisons,
        api,
        album_pages,
        album_api,
        health,
        openapi,
        api_page,
    ):
        app.register_blueprint(blueprint)
    for name in services.settings.compatible:
        app.register_blueprint(COMPATIBLE[name])
    if services.accounts is not None:
        app.register_blueprint(access_pages)
        app.register_error_handler(BrokenFile, cannot_be_read)
    expose(app, services.settings, services.metrics, services.albums.queue.length)


def _teach_templates(app: Flask, services: Services) -> None:
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(
        settings=services.settings,
        registry=services.registry,
        detector_titles=wording.DETECTOR_TITLES,
        model_titles=wording.MODEL_TITLES,
        genders=wording.GENDERS,
        stages=wording.STAGES,
        faces_in_words=wording.faces_in_words,
        left_out_in_words=wording.left_out_in_words,
        current_user_name=current_user_name,
        sections=sections,
        csrf_field=csrf_field,
    )
    app.jinja_env.tests["certain"] = is_certain
    app.jinja_env.filters.update(
        age_in_words=wording.age_in_words,
        interval_in_words=wording.interval_in_words,
        detection_in_words=wording.detection_in_words,
        in_words=wording.duration_in_words,
        as_percentage=wording.percentage,
        as_moment=wording.moment_in_words,
    )
