"""A worker process with a fake network, for tests that kill it.

A photo of 13 pixels in width kills its process; every other one takes a moment.
"""

import os
import signal
import sys
import time

from tests.web.fakes import FakeDetector, registry_of
from webapp.albums.consumer import consume
from webapp.processes import Supervisor, end_with_parent
from webapp.settings import Settings
from webapp.vision.detectors.base import DetectionOptions
from webapp.vision.photo import Photo
from webapp.vision.types import Detection

POISON_WIDTH = 13


class DeadlyDetector(FakeDetector):
    def detect(self, photo: Photo, options: DetectionOptions) -> list[Detection]:
        if photo.width == POISON_WIDTH:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.1)
        return super().detect(photo, options)


if __name__ == "__main__":
    if sys.argv[1:] == ["one"]:
        end_with_parent()
        detector = DeadlyDetector("mtcnn", ((0.35, 0.15, 0.3, 0.3),))
        consume(Settings.from_environment(), registry_of(detector))
    else:
        one = [sys.executable, "-m", "tests.albums.consume_with_fakes", "one"]
        raise SystemExit(Supervisor([one, one]).run())
