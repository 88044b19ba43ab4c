"""Folders for a while: whoever works in one keeps it, and who is killed leaves none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from search.index import work_folder as work_folder_module
from search.index.work_folder import (
    left_elsewhere,
    remove_abandoned,
    remove_left_elsewhere,
    size_of,
    work_folder,
)

PREFIX = ".blogsearch-backup-"
AT_WORK = """
import sys
from pathlib import Path
from search.index.work_folder import work_folder
place, index = map(Path, sys.argv[1:])
with work_folder(".blogsearch-backup-", place, noted_in=index) as folder:
    (folder / "index.sqlite").write_bytes(b"x" * 5000)
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def places(tmp_path):
    for name in ("target", "index"):
        (tmp_path / name).mkdir()
    return tmp_path / "target", tmp_path / "index"


@pytest.fixture
def at_work(places):
    """A process that works in a folder, and the folder."""
    with subprocess.Popen(
        [sys.executable, "-c", AT_WORK, *map(str, places)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def test_a_folder_goes_with_its_block(places):
    with work_folder(PREFIX, places[0]) as folder:
        assert folder.parent == places[0]
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(places[0].iterdir()) == []


def test_nobody_removes_a_folder_in_which_another_process_works(places, at_work):
    _, folder = at_work
    remove_left_elsewhere(places[1])
    with work_folder(PREFIX, places[0]):
        pass
    assert (folder / "index.sqlite").is_file()
    assert left_elsewhere(places[1]) == []


@pytest.mark.parametrize("by", ["the next such work", "the next run that writes"])
def test_what_a_killed_process_leaves_is_removed(places, at_work, by):
    process, folder = at_work
    process.kill()
    process.wait()
    assert left_elsewhere(places[1]) == [folder]
    assert size_of(folder) >= 5000
    if by == "the next such work":
        with work_folder(PREFIX, places[0]):
            assert not folder.exists()
    remove_left_elsewhere(places[1])
    assert not folder.exists()
    assert list(places[1].iterdir()) == []


def test_an_empty_folder_that_is_taken_away_is_made_again(places, monkeypatch):
    """Between its making and its lock it looks abandoned."""
    real, taken = os.open, []

    def opened(path, *args):
        if not taken:
            taken.append(path)
            remove_abandoned(places[0], PREFIX)
        return real(path, *args)

    monkeypatch.setattr(work_folder_module.os, "open", opened)
    with work_folder(PREFIX, places[0]) as folder:
        assert folder.is_dir()
        assert taken == [folder]


def test_a_note_can_name_nothing_but_a_work_folder(places, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (places[1] / "backup-x.at").write_bytes(os.fsencode(precious))
    (places[1] / "precious.at").write_bytes(os.fsencode(precious))
    remove_left_elsewhere(places[1])
    assert precious.is_dir()


@pytest.mark.parametrize(
    "name", [".blogsearch-backup-old", "blogsearch-work-", ".blogsearch-backup-2026"]
)
def test_a_persons_own_folder_is_left_alone(places, name):
    (places[0] / name).mkdir()
    (places[0] / name / "precious").touch()
    (places[1] / f"{name.removeprefix('.')}.at").write_text(str(places[0] / name))
    remove_abandoned(places[0], PREFIX)
    remove_abandoned(places[0], "blogsearch-")
    remove_left_elsewhere(places[1])
    assert (places[0] / name / "precious").is_file()


def test_a_note_that_was_not_written_any_more_goes(places):
    (places[1] / f"{PREFIX.removeprefix('.')}0123456789ab.at").touch()
    (places[1] / "mine.at").touch()
    remove_left_elsewhere(places[1])
    assert [path.name for path in places[1].iterdir()] == ["mine.at"]


def test_a_link_in_its_place_is_not_followed(places, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (places[0] / f"{PREFIX}0123456789ab").symlink_to(precious)
    with work_folder(PREFIX, places[0]):
        assert precious.is_dir()


def test_an_index_that_can_not_be_written_gets_no_note(places, tmp_path):
    with work_folder(PREFIX, places[0], noted_in=tmp_path / "nowhere") as folder:
        assert folder.is_dir()
