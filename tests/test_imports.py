"""The direction of imports, read from the sources: those inside functions count too."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("search", "indexer", "web")
MODULES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py")
)
ALLOWED = {
    "search": {"search"},
    "indexer": {"indexer", "search"},
    "web": {"web", "search"},
}
# A foreign library has one door, where its types and exceptions are translated.
ONE_DOOR = {
    "feedparser": "indexer/sources/rss_atom.py",
    "trafilatura": "indexer/extract/trafilatura.py",
    "faiss": "search/index/sqlite/faiss_vectors.py",
    "sentence_transformers": "search/embedding/sentence_transformers.py",
    "datasketch": "search/text/near_duplicates.py",
    "rapidfuzz": "search/query/spelling.py",
    "protego": "indexer/fetch/http/robots.py",
    "pebble": "indexer/runtime/parser_pool.py",
    "pypdf": "indexer/documents/pdf.py",
    "py3langid": "indexer/text/language.py",
    "markdown_it": "indexer/text/markdown.py",
    "webencodings": "indexer/text/encoding.py",
    "chardet": "indexer/text/encoding.py",
    "waitress": "web/server.py",
    "flask_limiter": "web/rate_limit.py",
}
NETWORK = {"requests", "urllib3", "http", "socket"}
PARSERS = {"lxml", "selectolax", "feedparser", "trafilatura", "html"}
SERVERS = {"flask", "werkzeug", "waitress"}
MODELS = {"faiss", "sentence_transformers", "torch", "transformers"}
FORBIDDEN = {
    "search": NETWORK | PARSERS | SERVERS | {"protego", "pebble", "rich"},
    "indexer": SERVERS | MODELS | {"requests"},
    "web": PARSERS - {"html"} | MODELS | {"requests", "urllib3"},
}


def imported(source: str, package: str = "") -> set[str]:
    """The full names that a source imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = (
                f"{package}.{node.module or ''}".rstrip(".")
                if node.level
                else node.module or ""
            )
            found |= {f"{base}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "__import__",
            "importlib.import_module",
        ):
            found |= {
                str(arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant)
            }
    return found


def tops(path: Path) -> set[str]:
    return {
        name.split(".")[0]
        for name in imported(path.read_text(encoding="utf-8"), path.parent.name)
    }


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_reader_of_imports_sees_all_of_them():
    source = "import a.b\ndef f():\n  from c.d import e\n  if 1:\n    __import__('g.h')\nfrom . import i\n"
    assert imported(source, "web") == {"a.b", "c.d.e", "g.h", "web.i"}
    assert len(MODULES) > 40


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_a_module_imports_only_in_the_one_direction(path):
    package = path.relative_to(ROOT).parts[0]
    assert (tops(path) & set(PACKAGES)) <= ALLOWED[package]
    assert "tests" not in tops(path)
    assert not tops(path) & FORBIDDEN[package]


@pytest.mark.parametrize(("library", "door"), ONE_DOOR.items())
def test_a_foreign_library_has_one_door(library, door):
    assert [names(path) for path in MODULES if library in tops(path)] == [door]


def test_the_shared_types_need_nothing_but_python():
    for name in ("types", "errors"):
        found = tops(ROOT / "search" / f"{name}.py")
        assert found <= set(sys.stdlib_module_names) | {"__future__"}


def test_the_heavy_libraries_are_imported_when_needed_and_not_before():
    heavy = {"sentence_transformers", "torch", "transformers"}
    for path in MODULES:
        body = ast.parse(path.read_text(encoding="utf-8")).body
        first = ast.Module(
            [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)], []
        )
        assert (
            not {name.split(".")[0] for name in imported(ast.unparse(first))} & heavy
        ), names(path)
