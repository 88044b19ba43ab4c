"""What documents that are made to hold a reader up are made with. A document is made
when it is asked for."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

URL = "https://a.example/post"
M = 1_000_000
Made = tuple[Callable[..., Any], tuple[Any, ...]]
Documents = dict[str, Callable[[], Made]]


def gzipped(size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return (
        b"".join(packer.compress(bytes(M)) for _ in range(size // M)) + packer.flush()
    )


def flate(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return (
        b"".join(packer.compress(b" " * M) for _ in range(size // M)) + packer.flush()
    )


def attributes(count: int) -> str:
    return " ".join(f'a{n}="1"' for n in range(count))
