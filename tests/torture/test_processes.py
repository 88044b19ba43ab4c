"""An engine in many threads, while the index is written, and in forked processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from search.embedding.embedder import open_embedder
from search.engine import Engine
from search.errors import OpenedBeforeFork
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Passage
from tests.fakes import HashEmbedder
from tests.models import bert_model
from tests.torture.scale import rounds
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


def found(engine, words):
    """How many articles an engine finds, those that answer and weaker ones."""
    answer = engine.search(f"{words[1]} {words[200]}")
    return answer.total + answer.weaker


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


def test_eight_threads_on_one_engine_while_the_index_is_written(index):
    directory, words = index
    embedder = HashEmbedder()
    engine = Engine(open_index(directory), embedder=embedder)

    def write():
        with SqliteWriter(directory, embedder, splitter=1) as writer:
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


def test_an_index_that_was_used_before_a_fork_says_to_open_it_after(index):
    directory, words = index
    engine = Engine(open_index(directory), embedder=HashEmbedder())
    engine.status()

    def child():
        try:
            engine.search(words[1])
        except OpenedBeforeFork as error:
            return "open it again" in str(error)

    assert ended([fork(child)]) == [0]
    assert engine.status().articles == 20
    engine.close()
    assert ended([fork(lambda: engine.status().articles == 20)]) == [0]


def test_twenty_forks_that_open_the_index_themselves_all_answer(index):
    """The index is in use when they are forked; each child asks it in threads."""
    directory, words = index
    used = Engine(open_index(directory), embedder=HashEmbedder())
    expected = found(used, words)
    assert expected == 20

    def child():
        engine = Engine(open_index(directory), embedder=HashEmbedder())
        counts = []

        def ask():
            counts.append(found(engine, words))

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return counts == [expected] * 2

    assert ended([fork(child) for _ in range(20)]) == [0] * 20
    assert found(used, words) == expected


def test_a_model_that_is_in_use_is_loaded_again_in_a_forked_process(tmp_path):
    """OpenVINO's threads don't survive a fork: of twenty children five waited for them
    for ever, with a network of their own."""
    model = open_embedder(str(bert_model(tmp_path / "model")))
    expected = model.encode_query("bread").vector
    over = threading.Event()

    def run():
        while not over.is_set():
            model.encode_passages(["the bread and the yeast"] * 9)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        children = []
        for _ in range(rounds(1, 20)):
            time.sleep(0.02)
            children.append(
                fork(lambda: model.encode_query("bread").vector @ expected > 0.999)
            )
        assert set(ended(children)) == {0}
    finally:
        over.set()
        thread.join()
    assert model.encode_query("bread").vector @ expected > 0.999


@pytest.mark.skipif(find_spec("openvino") is None, reason="no OpenVINO here")
def test_a_network_is_never_taken_apart_in_a_forked_process(real_embedder):
    """It would wait for its threads for ever, there and at the end of Python."""
    real_embedder.encode_passages(["the bread and the yeast rise over night"] * 9)
    assert set(ended([fork(lambda: True) for _ in range(rounds(5, 20))])) == {0}


def test_a_thread_that_ended_leaves_no_open_file_and_close_leaves_none(index):
    directory, words = index
    database = f"{directory}/index.sqlite"
    engine = Engine(open_index(directory), embedder=HashEmbedder())
    before = _opened(database)
    engine.search(words[1])
    one_thread = _opened(database)
    assert one_thread > before
    wait, failed = threading.Barrier(41), []

    def ask():
        try:
            engine.search(words[2])
        except Exception as error:  # noqa: BLE001
            failed.append(error)
        wait.wait()

    threads = [threading.Thread(target=ask) for _ in range(40)]
    for thread in threads:
        thread.start()
    wait.wait()
    for thread in threads:
        thread.join()
    assert failed == []
    rest = _opened(database)
    assert rest <= one_thread
    answered, over = threading.Event(), threading.Event()
    idle = threading.Thread(
        target=lambda: (engine.status(), answered.set(), over.wait())
    )
    idle.start()
    answered.wait()
    assert _opened(database) > before
    engine.close()
    assert _opened(database) == before
    over.set()
    idle.join()
    assert engine.status().articles == 20  # it is opened again


def test_a_connection_in_use_is_closed_when_its_snapshot_ends(index):
    directory, _ = index
    place = open_index(directory)
    before = _opened(f"{directory}/index.sqlite")
    with place.snapshot() as snapshot:
        closing = threading.Thread(target=place.close)
        closing.start()
        closing.join()
        assert len(snapshot.urls()) == 20
    assert _opened(f"{directory}/index.sqlite") == before


def _opened(path):
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("there is no /proc")
    return sum(os.path.realpath(folder / name) == path for name in os.listdir(folder))
