"""What looks at photos, and the worker of albums, load neither Flask nor TensorFlow."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import webapp.vision.pipeline, webapp.vision.models, webapp.albums.worker
heavy = {"flask", "werkzeug", "gunicorn", "tensorflow", "keras", "mtcnn", "dlib"}
print(sorted(heavy & sys.modules.keys()))
"""


def test_workers_load_neither_flask_nor_tensorflow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
