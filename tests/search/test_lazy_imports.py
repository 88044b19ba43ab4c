"""What is loaded by importing, seen by a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODELS = {"torch", "transformers", "sentence_transformers"}
POSTGRES = {"psycopg", "psycopg_pool", "pgvector"}
HOMES = {"sqlite3", "faiss", *POSTGRES}


@pytest.mark.parametrize(
    ("statement", "unloaded"),
    [
        ("import search", {"numpy", *MODELS, *HOMES}),
        ("from search import BlogsearchError, Article", {"numpy", *MODELS, *HOMES}),
        ("from search import Engine, open_index", {*MODELS, *HOMES}),
        ("import search.engine", {*MODELS, *HOMES}),
        ("import search.index.open", {"numpy", *MODELS, *HOMES}),
        ("from search import open_index; open_index('x')", {*MODELS, *POSTGRES}),
        # numpy reads OPENBLAS_NUM_THREADS when it is imported: the programs set it first
        ("import search.__main__, indexer.__main__, web.__main__", {"numpy", *MODELS}),
        ("import indexer.cli.commands, web.server", {*MODELS, *POSTGRES}),
    ],
)
def test_importing_loads_no_more_than_is_needed(statement, unloaded):
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not unloaded & set(done.stdout.split())


def test_an_index_in_a_folder_needs_nothing_of_postgresql(tmp_path):
    """As where the extra is not installed."""
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({POSTGRES!r}))\n"
        "from search import Article, Engine, open_index\n"
        "from search.types import Passage\n"
        "from tests.fakes import HashEmbedder\n"
        "index, model = open_index(sys.argv[1]), HashEmbedder('hash')\n"
        "with index.writer(model, splitter=1) as writer:\n"
        "    writer.add([(Article('https://a.example/', 'Bread'), [Passage('Bread rises')])])\n"
        "    writer.commit()\n"
        "answer = Engine(index, embedder=model).search('bread')\n"
        "print(answer.total + answer.weaker)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "index"],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_driver_that_is_not_installed_is_said_in_a_sentence():
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({POSTGRES!r}))\n"
        "from search import StorageFailed, open_index\n"
        "try: open_index('postgresql://localhost/blogs')\n"
        "except StorageFailed as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "pip install 'blogsearch[postgres]'" in done.stdout


def test_what_is_no_address_is_refused_in_a_sentence():
    from search import IndexAddressError, open_index

    for address in ("mysql://localhost/blogs", "postgresql:/localhost/blogs"):
        with pytest.raises(IndexAddressError, match="name a folder, or a database"):
            open_index(address)


def test_a_name_that_is_not_there_is_an_attribute_error():
    import search

    assert set(search.__all__) >= {"Engine", "open_index", "Article", "Hit"}
    for name in search.__all__:
        assert getattr(search, name).__name__ == name
    with pytest.raises(AttributeError):
        search.nothing  # noqa: B018
