"""The sample index's answers are those of the golden files.

Where a difference is meant, run `python -m tests.golden.capture --record` and say why
in the commit.
"""

from __future__ import annotations

from pathlib import Path

from tests.golden.capture import GOLDEN, capture, names
from tests.golden.differences import differences

MOST_LINES = 60  # shown of a file


def test_nothing_has_changed(tmp_path: Path) -> None:
    # One test for all files: with one each, two workers would wait for one capture.
    capture(tmp_path)
    assert names(tmp_path) == names(GOLDEN)
    found = {
        name: differences(GOLDEN / name, tmp_path / name) for name in names(GOLDEN)
    }
    report = []
    for name, lines in found.items():
        if lines:
            report.append(f"{name}: {len(lines)} differences")
            report += lines[:MOST_LINES]
    assert not report, "\n".join(report)


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
