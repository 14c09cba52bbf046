"""Installs the files of detectors and networks that agelens may not ship, and checks each."""
