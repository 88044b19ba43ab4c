"""A run that is killed at any moment leaves an index that works, and the next run
completes it."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from search.engine import Engine
from search.errors import IndexMissing
from search.index.open import open_index
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.writer import DATABASE
from tests.fakes import HashEmbedder
from tests.runs import Runs, run_to_be_killed
from tests.sites import serving, text

ROOT = Path(__file__).parents[2]
POSTS = 14
# Requests that were served when the kill comes; the feed is the first, robots.txt the
# second. The last moments lie after the last request: while the last pages are read,
# embedded and committed.
MOMENTS = (0, 1, 3, 5, 8, 11, 14, POSTS + 2, POSTS + 2, POSTS + 2)
FULL = 6  # the moment whose run parses in processes, which have to end with it


@pytest.fixture(scope="module")
def site():
    with serving() as running:
        for number in range(POSTS):
            running.post(
                f"/{number}",
                f"Post {number}",
                *(text(number * 10 + n) for n in range(6)),
            )
        running.feed(*((f"/{number}", f"Post {number}") for number in range(POSTS)))
        running.pause = 0.02
        yield running


def wait_for(condition, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.005)
    assert condition()


def check(directory: Path, embedder) -> int:
    """The index opens, its rows and vectors belong together, and it answers; how many
    articles it has."""
    try:
        with SqliteIndex(directory).snapshot() as index:
            ids, vectors = index.stored.all_vectors(embedder.dimension)
            assert index.stored.counts() == (
                index.manifest.articles,
                index.manifest.passages,
            )
            assert len(ids) == len(index.vectors) == index.manifest.passages
            for number, vector in zip(ids, vectors, strict=True):
                nearest, scores = index.nearest(vector, len(ids))
                assert sorted(nearest) == sorted(ids)
                assert number in nearest[np.isclose(scores, scores[0], atol=1e-5)]
                break
            known = index.manifest.articles
    except IndexMissing:
        return 0
    with sqlite3.connect(directory / DATABASE) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        db.execute("INSERT INTO passages_fts (passages_fts) VALUES ('integrity-check')")
    db.close()
    engine = Engine(open_index(directory), embedder=embedder)
    answer = engine.search("bread in a cold room", limit=POSTS + 1)
    assert answer.total + answer.weaker == len(answer.hits) == known
    return known


def children_of(pid: int) -> list[str]:
    """The processes that another started, as Linux tells; none elsewhere."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if path.read_text().rpartition(")")[2].split()[1] == str(pid):
                found.append(path.parent.name)
    return found


@pytest.fixture(scope="module")
def processes():
    """Starts processes by forking one that has imported everything and has no
    threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.runs", "trafilatura"])
    return context


@pytest.mark.parametrize("moment", range(len(MOMENTS)))
def test_a_killed_run_leaves_a_working_index(
    site, workers, processes, tmp_path, moment
):
    directory = tmp_path / "index"
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")  # shown when the test fails
    site.log.clear()
    run = processes.Process(
        target=run_to_be_killed,
        args=(directory, site.url("/feed.xml")),
        kwargs={"inline": moment != FULL},
    )
    run.start()
    wait_for(lambda: len(site.log) >= MOMENTS[moment])
    time.sleep(random.Random(seed).uniform(0, 0.2))
    children = children_of(run.pid)
    run.kill()
    run.join()
    if directory.is_dir():
        check(directory, HashEmbedder())
    runs = Runs(directory, workers)
    report = runs.update() if directory.is_dir() else None
    if report is None or not report.sources:
        runs.add(site.url("/feed.xml"))
    assert set(runs.articles()) == {site.url(f"/{n}") for n in range(POSTS)}
    assert check(directory, runs.embedder) == POSTS
    site.log.clear()
    runs.update()
    assert site.asked() == ["/feed.xml"]
    wait_for(
        lambda: not [child for child in children if Path(f"/proc/{child}").exists()]
    )


def test_the_command_itself_can_be_killed_and_interrupted(
    site, workers, tmp_path, real_embedder
):
    """As a person does it, with the real model: first Ctrl-C, then kill -9, then to the
    end."""
    command = (
        sys.executable,
        "-m",
        "indexer",
        "--index",
        str(tmp_path),
        "add",
        site.url("/feed.xml"),
    )
    site.log.clear()
    site.pause = 0.5
    run = subprocess.Popen(
        [*command, "--allow-private"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    wait_for(lambda: len(site.log) >= 6)
    os.killpg(run.pid, signal.SIGINT)  # the terminal sends it to the whole group
    _, said = run.communicate(timeout=60)
    site.pause = 0.02
    assert run.returncode == 130, said.decode()
    assert b"Traceback" not in said
    assert b"Stopped early" in said
    assert check(tmp_path, real_embedder) < POSTS

    site.log.clear()
    run = subprocess.Popen(
        [*command, "--allow-private"], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: len(site.log) >= POSTS - 3)
    run.kill()
    run.wait()
    check(tmp_path, real_embedder)

    runs = Runs(tmp_path, workers, real_embedder)
    runs.update()
    assert set(runs.articles()) == {site.url(f"/{n}") for n in range(POSTS)}
    assert check(tmp_path, real_embedder) == POSTS
