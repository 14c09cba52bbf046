"""``agelens serve`` with a fake network: the same supervisor, gunicorn and worker for albums."""

import sys

from tests.served.fake_app import SometimesSlowDetector
from tests.web.fakes import TWO_FACES, registry_of
from webapp import logs
from webapp.albums.consumer import consume
from webapp.commands.serve import GUNICORN, supervise
from webapp.processes import end_with_parent
from webapp.settings import Settings

APP = "tests.served.fake_app:create_fake_app()"
ITSELF = (sys.executable, "-m", "tests.served.serve_with_fakes")

if __name__ == "__main__":
    settings = Settings.from_environment()
    if sys.argv[1:] == ["consume"]:
        end_with_parent()
        logs.configure(settings.log, settings.log_level)
        consume(settings, registry_of(SometimesSlowDetector("mtcnn", TWO_FACES)))
    else:
        beside = [[*ITSELF, "consume"]]
        raise SystemExit(supervise([*GUNICORN, *sys.argv[1:], APP], beside, settings))
