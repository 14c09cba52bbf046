"""Nothing is sent anywhere: ONNX Runtime's telemetry never starts."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
from webapp.assembly import build_registry
from webapp.settings import Settings

build_registry(Settings()).analyzer()
"""
SUPPRESSING = ("CI", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "XDG_CACHE_HOME")


def test_loading_the_networks_leaves_nothing_to_be_sent_in_the_home_folder(tmp_path: Path) -> None:
    environment = {name: text for name, text in os.environ.items() if name not in SUPPRESSING}
    environment["HOME"] = str(tmp_path)
    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []
