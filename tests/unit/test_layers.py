"""What loading our parts loads with them, and what it leaves behind."""

import os
import subprocess
import sys
from pathlib import Path

LOADED = """
import sys
import webapp.vision.analyzer, webapp.albums.worker
from webapp.assembly import build_registry
from webapp.settings import Settings
build_registry(Settings()).analyzer("mtcnn")
heavy = {"flask", "werkzeug", "gunicorn", "tensorflow", "keras", "mtcnn", "dlib"}
print(sorted(heavy & sys.modules.keys()))
"""
ANALYZER = """
from webapp.assembly import build_registry
from webapp.settings import Settings
build_registry(Settings()).analyzer()
"""
SUPPRESSING = ("CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "XDG_CACHE_HOME")


def printed(program: str, **environment: str) -> str:
    command = [sys.executable, "-c", program]
    env = environment or None
    return subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout


def test_workers_load_neither_flask_nor_tensorflow_nor_what_weights_came_in() -> None:
    assert printed(LOADED).strip() == "[]"


def test_the_package_itself_stays_light() -> None:
    heavy = "{'numpy', 'flask', 'onnxruntime'}"
    assert printed(f"import sys, webapp; print({heavy} & set(sys.modules))").strip() == "set()"


def test_loading_the_networks_leaves_nothing_to_be_sent_in_the_home_folder(tmp_path: Path) -> None:
    """ONNX Runtime's telemetry never starts."""
    environment = {name: text for name, text in os.environ.items() if name not in SUPPRESSING}
    printed(ANALYZER, **{**environment, "HOME": str(tmp_path)})
    assert list(tmp_path.rglob("*")) == []
