"""An engine in many threads and in forked processes, while the index is written."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from search.engine import Engine
from search.index.sqlite.writer import IndexWriter
from search.types import Article, Passage
from tests.fakes import HashEmbedder
from tests.torture.scale import FULL, rounds
from tests.web.made import made_index

PATIENCE = 300  # seconds until a child counts as hanging


@pytest.fixture
def index(tmp_path):
    return tmp_path / "index", made_index(tmp_path / "index", 20)


def fork(work):
    """A child that does this and ends; its process id."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if work() else 1)
        finally:
            os._exit(2)
    return child


def ended(children):
    """The exit codes of these children, None for those that hang."""
    codes = {}
    until = time.monotonic() + PATIENCE
    while len(codes) < len(children) and time.monotonic() < until:
        for child in set(children) - set(codes):
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                codes[child] = os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    for child in set(children) - set(codes):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return [codes.get(child) for child in children]


def asking(engine, words, over, failed):
    """A thread's work: ask until told to stop; what fails is kept."""
    number = threading.get_ident() % 50
    while not over.is_set():
        number = (number + 7) % 900
        try:
            engine.search(
                f"{words[number]} {words[number + 90]} -{words[number + 3]}",
                exact=number % 2 == 0,
            )
        except Exception as error:  # noqa: BLE001
            failed.append(error)


def under_load(engine, words, threads, work):
    over, failed = threading.Event(), []
    load = [
        threading.Thread(target=asking, args=(engine, words, over, failed))
        for _ in range(threads)
    ]
    for thread in load:
        thread.start()
    try:
        return work(), failed
    finally:
        over.set()
        for thread in load:
            thread.join()


@pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)
def test_twenty_forks_under_load_all_answer(index):
    """A warmed engine that is asked without a pause is forked; each child asks it, in
    threads too."""
    directory, words = index
    engine = Engine(directory, embedder=HashEmbedder())
    expected = engine.search(f"{words[1]} {words[200]}").total

    def child():
        totals = []
        threads = [
            threading.Thread(
                target=lambda: totals.append(
                    engine.search(f"{words[1]} {words[200]}").total
                )
            )
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [*totals, engine.search(f"{words[1]} {words[200]}").total] == [
            expected
        ] * 3

    for _ in range(rounds(1, 10)):
        codes, failed = under_load(
            engine, words, 2, lambda: ended([fork(child) for _ in range(20)])
        )
        assert codes == [0] * 20
        assert failed == []
    assert engine.search(f"{words[1]} {words[200]}").total == expected


@pytest.mark.skipif(not FULL, reason="it loads the model: ten seconds")
@pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)
def test_twenty_forks_of_a_loaded_model_all_answer(tmp_path, real_embedder):
    with IndexWriter(tmp_path, real_embedder, splitter=1) as index:
        index.add(
            [
                (
                    Article("https://a.example/", "Rye"),
                    [Passage("Rye bread has a sticky crumb.")],
                )
            ]
        )
        index.commit()
    engine = Engine(tmp_path)
    engine.warm()

    def child():
        near = engine.similar("A loaf that sticks to the knife. " * 60).hits
        return engine.search("why is my bread sticky").total == 1 and len(near) <= 1

    words = [
        "rye",
        "bread",
        "has",
        "a",
        "sticky",
        "crumb",
        "and",
        "more",
        "of",
        "this",
    ] * 200
    codes, failed = under_load(
        engine, words, 2, lambda: ended([fork(child) for _ in range(20)])
    )
    assert codes == [0] * 20
    assert failed == []
    assert "torch" in sys.modules


def test_eight_threads_on_one_engine_while_the_index_is_written(index):
    directory, words = index
    embedder = HashEmbedder()
    engine = Engine(directory, embedder=embedder)

    def write():
        with IndexWriter(directory, embedder, splitter=1) as writer:
            for number in range(rounds(5, 40)):
                text = " ".join(words[number : number + 60])
                writer.add(
                    [
                        (
                            Article(f"https://new.example/{number}", text[:40]),
                            [Passage(text)],
                        )
                    ]
                )
                if number % 3 == 2:
                    writer.forget(f"https://new.example/{number - 1}")
                writer.commit()
                time.sleep(0.02)
        return True

    done, failed = under_load(engine, words, 8, write)
    assert done
    assert failed == []
    count = rounds(5, 40)
    assert engine.status().articles == 20 + count - count // 3


def test_a_connection_is_not_carried_over_a_fork(index):
    directory, _ = index
    engine = Engine(directory, embedder=HashEmbedder())
    engine.status()
    opened = f"{directory}/index.sqlite"

    def child():
        before = _opened(opened)
        engine.status()
        return _opened(opened) == before + 1

    assert ended([fork(child)]) == [0]


def _opened(path):
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("there is no /proc")
    return sum(os.path.realpath(folder / name) == path for name in os.listdir(folder))
