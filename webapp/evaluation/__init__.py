"""Measuring networks on labelled pictures. Needs no TensorFlow and no web."""
