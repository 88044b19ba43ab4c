"""How often a test that can be long repeats itself: shortly in ``make test``, fully in
``make torture``."""

from __future__ import annotations

import os

FULL = os.environ.get("BLOGSEARCH_TORTURE") == "1"


def rounds(short: int, full: int) -> int:
    """``short`` in an ordinary run of the tests, ``full`` under ``make torture``."""
    return full if FULL else short
