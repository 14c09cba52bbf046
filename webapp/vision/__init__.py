"""Photos, faces, age and gender. Knows nothing of HTTP and never imports Flask."""

import os

# From 1.29 on ONNX Runtime reports its use to its maker and writes an id of the machine into the
# home folder, unless this is set before it is loaded. Nothing that agelens sees is sent anywhere.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
