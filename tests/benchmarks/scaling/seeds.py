"""The index of real articles from which others are made: the saved blogs where they are,
else the sample."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from search.index.open import open_index
from tests.archives import SHARED, serve
from tests.benchmarks.scaling.served import ROOT

SAMPLE = ("notebook/feed.xml", "kettle-hill/atom.xml", "til.md")


def seed_index(folder: Path, *, is_large: bool) -> Path:
    """Return the index of real articles in a folder, made now if it isn't there.

    Where it ``is_large`` and they are there it is that of the saved blogs, whose 12,468
    passages take minutes to embed.
    """
    if open_index(folder).model() is None:
        if is_large and (SHARED / "archive_server.py").is_file():
            blogs = serve(folder.with_suffix(".requests"))
            feeds = [blog["feed"] for blog in blogs]
            _run(folder, *feeds, "--allow-private", "--delay", "0")
        else:
            _run(folder, *(str(ROOT / "docs/sample" / name) for name in SAMPLE))
    return folder


def _run(folder: Path, *given: str) -> None:
    command = [sys.executable, "-m", "indexer", "add", *given, "--index", str(folder)]
    subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True
    )
