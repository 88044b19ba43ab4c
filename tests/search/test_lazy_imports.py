"""What is loaded by importing, seen by a process of its own."""

import subprocess
import sys

import pytest

MODELS = {"torch", "transformers", "sentence_transformers"}
HOMES = {"sqlite3", "faiss"}


@pytest.mark.parametrize(
    ("statement", "unloaded"),
    [
        ("import search", {"numpy", *MODELS, *HOMES}),
        ("from search import BlogsearchError, Article", {"numpy", *MODELS, *HOMES}),
        ("from search import Engine, open_index", {*MODELS, *HOMES}),
        ("import search.engine", {*MODELS, *HOMES}),
        ("import search.index.open", {"numpy", *MODELS, *HOMES}),
        ("from search import open_index; open_index('x')", MODELS),
        # numpy reads OPENBLAS_NUM_THREADS when it is imported: the programs set it first
        ("import search.__main__, indexer.__main__, web.__main__", {"numpy", *MODELS}),
    ],
)
def test_importing_loads_no_more_than_is_needed(statement, unloaded):
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not unloaded & set(done.stdout.split())


def test_a_home_that_is_not_there_yet_is_said_in_a_sentence():
    from search import IndexMissing, open_index

    with pytest.raises(IndexMissing, match="directory"):
        open_index("postgresql://localhost/blogs")


def test_a_name_that_is_not_there_is_an_attribute_error():
    import search

    assert set(search.__all__) >= {"Engine", "open_index", "Article", "Hit"}
    for name in search.__all__:
        assert getattr(search, name).__name__ == name
    with pytest.raises(AttributeError):
        search.nothing  # noqa: B018
