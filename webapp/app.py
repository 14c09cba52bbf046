"""The one place where the parts of the web app are joined."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import assets
from webapp.access.guard import guard
from webapp.access.pages import access_pages, sign_in_page
from webapp.albums.api import album_api
from webapp.albums.desk import AlbumDesk
from webapp.albums.openapi import album_paths
from webapp.albums.pages import album_pages, album_upload_page
from webapp.assembly import build_registry
from webapp.settings import Settings
from webapp.vision.analyzer import Registry
from webapp.web import wording
from webapp.web.api import api
from webapp.web.comparisons import compare_page, comparisons
from webapp.web.handlers import handle_errors
from webapp.web.health import health
from webapp.web.limits import ask_for_lengths, limit_clients
from webapp.web.metrics import Metrics, expose
from webapp.web.networks import networks
from webapp.web.openapi.document import document_blueprint
from webapp.web.openapi.photos import photo_paths
from webapp.web.pages import pages, upload_page
from webapp.web.request_log import log_requests
from webapp.web.security import protect
from webapp.web.service import PhotoService

# What a form may hold beside its photo.
FORM_BYTES = 100_000
FORM_PARTS = 20
FORMS = {
    "pages.create": upload_page,
    "comparisons.create": compare_page,
    "albums.create": album_upload_page,
    "access.enter": sign_in_page,
}
"""Where a form goes → the page that it came from."""


def create_app(settings: Settings | None = None, *, registry: Registry | None = None) -> Flask:
    """The web app. Without arguments: settings from the environment and the real networks.

    Nothing heavy is built yet: ``app.extensions["agelens"].warm_up()`` does that, in the worker.
    Raises InvalidSetting or OSError where the secret key cannot be had.
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
    registry = registry or build_registry(settings)
    desk = AlbumDesk(settings, registry)
    metrics = Metrics()
    service = PhotoService(settings, registry, [desk.shelf.store], metrics)
    app.extensions["agelens"] = service
    app.extensions["agelens.albums"] = desk
    app.extensions["agelens.metrics"] = metrics
    _teach_templates(app, service)
    log_requests(app, settings, metrics)
    for blueprint in (pages, networks, comparisons, api, album_pages, album_api, health):
        app.register_blueprint(blueprint)
    operations = (photo_paths, album_paths)
    app.register_blueprint(document_blueprint(settings, registry, operations))
    if settings.users is not None:
        app.register_blueprint(access_pages)
    expose(app, settings, metrics, desk.queue.length)
    protect(app)
    ask_for_lengths(app)
    guard(app, settings)
    limit_clients(app, settings)  # after all that tells who asks
    _believe_only_proxies(app, settings)
    handle_errors(app, FORMS)
    return app


def _believe_only_proxies(app: Flask, settings: Settings) -> None:
    """Take the visitor's address and our own name from proxies, if there are so many."""
    if settings.trusted_hosts is not None:
        names = settings.trusted_hosts.split(",")
        app.config["TRUSTED_HOSTS"] = [name.strip() for name in names]
    if settings.proxies:
        count = settings.proxies
        trusting = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
        app.wsgi_app = trusting  # type: ignore[method-assign] # as Flask's manual has it


def _teach_templates(app: Flask, service: PhotoService) -> None:
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(
        settings=service.settings,
        registry=service.registry,
        detector_titles=wording.DETECTOR_TITLES,
        model_titles=wording.MODEL_TITLES,
        faces_in_words=wording.faces_in_words,
    )
    app.jinja_env.filters["in_words"] = wording.duration_in_words
