"""The sample index's answers are those of the golden files.

Where a difference is meant, run `python -m tests.golden.capture --record` and say why
in the commit.
"""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from tests.golden.capture import GOLDEN, capture, names
from tests.golden.differences import differences

FILES = names(GOLDEN)
MOST_LINES = 60


@pytest.fixture(scope="session")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Capture once, whichever of pytest-xdist's workers comes first."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    out = shared / "golden"
    with (shared / "golden.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "golden.done").exists():
            capture(out)
            (shared / "golden.done").touch()
    return out


def test_the_same_files_are_captured(captured: Path) -> None:
    assert names(captured) == FILES


@pytest.mark.parametrize("name", FILES)
def test_nothing_has_changed(captured: Path, name: str) -> None:
    found = differences(GOLDEN / name, captured / name)
    shown = "\n".join(found[:MOST_LINES])
    assert not found, f"{len(found)} differences\n{shown}"


def test_a_difference_is_named_by_its_place(tmp_path: Path) -> None:
    before, now = tmp_path / "before.json", tmp_path / "now.json"
    before.write_text(
        '{"hits": [{"url": "a", "score": 0.2}, {"score": 0.31}], "total": 1}'
    )
    now.write_text(
        '{"hits": [{"url": "b", "score": 0.3}, {"score": 0.311}], "more": null}'
    )
    assert differences(before, before) == []
    assert differences(before, now) == [
        "/hits[0]/score: 0.2 → 0.3",
        '/hits[0]/url: "a" → "b"',
        "/more: new, null",
        "/total: gone, was 1",
    ]
    page, changed = tmp_path / "page.html", tmp_path / "changed.html"
    page.write_text("<p>\none\n</p>\n")
    changed.write_text("<p>\ntwo\n</p>\n")
    assert differences(page, changed)[3:] == [" <p>", "-one", "+two", " </p>"]
    assert differences(page, tmp_path / "none.html") == [
        f"{tmp_path / 'none.html'} is missing"
    ]
