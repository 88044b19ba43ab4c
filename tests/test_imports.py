"""Imports that no contract of .importlinter can hold: the standard library's network and
parsers, and what is imported late."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("search", "indexer", "web")
MODULES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py")
)
NETWORK = {"requests", "urllib3", "http", "socket"}
PARSERS = {"lxml", "selectolax", "feedparser", "trafilatura", "html"}
SERVERS = {"flask", "werkzeug", "waitress"}
MODELS = {"faiss", "sentence_transformers", "torch", "transformers"}
FORBIDDEN = {
    "search": NETWORK | PARSERS | SERVERS | {"protego", "rich"},
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
def test_a_module_imports_nothing_that_its_package_must_not(path):
    package = path.relative_to(ROOT).parts[0]
    assert "tests" not in tops(path)
    assert not tops(path) & FORBIDDEN[package]


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
