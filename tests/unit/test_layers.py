"""What looks at photos, the article's detector and the worker of albums load neither Flask nor
TensorFlow nor the package that MTCNN's weights come from.
"""

import subprocess
import sys

PROGRAM = """
import sys
import webapp.vision.analyzer, webapp.albums.worker
from webapp.assembly import build_registry
from webapp.settings import Settings
build_registry(Settings()).analyzer("mtcnn")
heavy = {"flask", "werkzeug", "gunicorn", "tensorflow", "keras", "mtcnn", "dlib"}
print(sorted(heavy & sys.modules.keys()))
"""


def test_workers_load_neither_flask_nor_tensorflow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
