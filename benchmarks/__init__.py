"""Benchmarks: what agelens costs, against its rivals in the same run. Never run as tests."""
