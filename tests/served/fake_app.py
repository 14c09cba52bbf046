"""The app as gunicorn loads it, with a fake network: it starts at once.

A photo of 13 pixels in width takes two seconds.
"""

import time

from flask import Flask

from tests.web.fakes import TWO_FACES, FakeDetector, registry_of
from webapp.app import create_app
from webapp.settings import Settings
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo
from webapp.vision.types import Detection

SLOW_WIDTH, SLOW_SECONDS = 13, 2.0


class SometimesSlowDetector(FakeDetector):
    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        if photo.width == SLOW_WIDTH:
            time.sleep(SLOW_SECONDS)
        return super().detect(photo, options)


def create_fake_app() -> Flask:
    """Settings from the environment, as ever."""
    registry = registry_of(SometimesSlowDetector("mtcnn", TWO_FACES))
    return create_app(Settings.from_environment(), registry=registry)
