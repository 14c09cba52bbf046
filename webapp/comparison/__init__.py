"""The article's experiment: the same photos through several detectors and networks, side by side.

Needs neither TensorFlow nor the web.
"""
