"""Commands in messages, completed by the index that was named."""

import ast
import re
from pathlib import Path

from indexer.cli.commands import parser
from search.hints import with_index
from search.index.open import default_index_dir
from search.index.server_address import ServerAddress

ROOT = Path(__file__).parents[2]
HINT = re.compile(r"\b(?:with|see|Begin).*?: (blog-indexer (?:watch )?\w+)")
TWO = "Go back with: blog-indexer rollback, or blog-indexer restore FILE"


def test_each_command_names_the_index_once():
    done = with_index(TWO, Path("data/my index"))
    assert done == (
        "Go back with: blog-indexer rollback --index 'data/my index', or "
        "blog-indexer restore --index 'data/my index' FILE"
    )
    assert with_index(done, Path("data/my index")) == done


def test_an_address_is_named_as_a_shell_takes_it_and_a_ledger_to_the_indexer_alone():
    address = ServerAddress("postgresql://me@/blogs?host=/run/pg&sslmode=require")
    done = with_index(f"{TWO} or blog-search bread", address, Path("my ledger"))
    option = "--index 'postgresql://me@/blogs?host=/run/pg&sslmode=require'"
    assert done == (
        f"Go back with: blog-indexer rollback {option} --ledger 'my ledger', or"
        f" blog-indexer restore {option} --ledger 'my ledger' FILE"
        f" or blog-search {option} bread"
    )
    assert with_index(done, address, Path("my ledger")) == done
    plain = ServerAddress("postgresql://db/blogs")
    assert with_index("blog-web", plain) == "blog-web --index postgresql://db/blogs"


def test_the_usual_index_and_a_sender_are_not_named():
    assert with_index(TWO, default_index_dir()) == TWO
    said = "blog-web: cannot listen. Ask blog-indexers why."
    assert with_index(said, Path("x")) == said


def test_every_hint_in_the_sources_is_one_that_is_completed_and_runs():
    texts = []
    for package in ("indexer", "search", "web"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts += HINT.findall(node.value)
    assert len(set(texts)) >= 5
    for hint in texts:
        done = with_index(hint, Path("x"))
        assert done == f"{hint} --index x"
        name = hint.split()[1]
        assert name in parser().format_help()
