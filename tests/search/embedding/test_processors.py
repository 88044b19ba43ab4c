"""The processors that there are for this process, as Linux's control groups limit
them."""

from __future__ import annotations

import os

import pytest

from search.embedding import processors
from search.embedding.processors import free_processors


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A machine of eight processors: writes what it shows of control groups."""
    eight = set(range(8))
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: eight, raising=False)

    def write(own: str) -> int:
        (tmp_path / "own").write_text(own)
        return free_processors(tmp_path / "groups", tmp_path / "own")

    write.root = tmp_path / "groups"
    return write


def put(tree, path: str, text: str) -> None:
    file = tree.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_without_limits_it_is_those_that_the_process_may_run_on(tree, monkeypatch):
    assert tree("0::/user\n") == 8
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 5}, raising=False)
    assert tree("0::/user\n") == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    assert tree("0::/user\n") == 8


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("10000 100000", 1),
        ("max 100000", 8),
        ("9900000 100000", 8),
        ("nonsense", 8),
        ("", 8),
        ("100000 0", 8),
    ],
)
def test_the_limit_of_a_container_is_rounded_up(tree, limit, found):
    put(tree, "cpu.max", limit)
    assert tree("0::/\n") == found


def test_the_narrowest_group_around_this_one_counts(tree):
    put(tree, "a/cpu.max", "300000 100000")
    put(tree, "a/b/cpu.max", "max 100000")
    put(tree, "elsewhere/cpu.max", "100000 100000")
    assert tree("0::/a/b/c\n") == 3
    put(tree, "a/b/c/cpu.max", "200000 100000")
    assert tree("0::/a/b/c\n") == 2


def test_groups_of_version_1_are_read(tree):
    put(tree, "cpu,cpuacct/docker/cpu.cfs_quota_us", "400000")
    put(tree, "cpu,cpuacct/docker/cpu.cfs_period_us", "100000")
    put(tree, "memory/docker/cpu.cfs_quota_us", "100000")
    put(tree, "memory/docker/cpu.cfs_period_us", "100000")
    assert tree("5:memory:/docker\n4:cpu,cpuacct:/docker\n") == 4
    put(tree, "cpu,cpuacct/docker/cpu.cfs_quota_us", "-1")
    assert tree("4:cpu,cpuacct:/docker\n") == 8


@pytest.mark.parametrize(
    "own", ["", "nonsense\n", "0::\n", "0::/../../..\n", "\n:::\n"]
)
def test_whatever_the_system_says_there_is_one(tree, own):
    put(tree, "cpu.max", "1 100000")
    assert 1 <= tree(own) <= 8


def test_this_machine_has_some():
    assert 1 <= processors.free_processors() <= (os.cpu_count() or 1)
