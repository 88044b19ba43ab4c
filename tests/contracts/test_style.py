"""The measures of docs/decisions.md that a linter has no rule for, over the sources.

Density counts what the reader has to hold in mind: branches in a hundred lines of
function bodies. Two libraries that read well have 23 (httpx) and 25 (lemon24/reader).
"""

import ast
import io
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("search", "indexer", "web")
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
FOLDERS = sorted({path.parent for path in SOURCES})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BRANCHES = (ast.If, ast.IfExp, ast.For, ast.While, ast.ExceptHandler, ast.match_case)

MOST_BRANCHES = 35  # in 100 lines of function bodies
LEAST_COMMENTS = 0.05  # of all lines
MOST_MODULES = 20  # in a folder
MOST_LINES = (
    320  # in a module; the vocabularies (types, ports, records) are the longest
)
MOST_PARAMETERS = 5
# The question and its five options, as the API has them: a class for them would be one
# more name to learn.
MORE_PARAMETERS = {"search"}
INDIRECT = ("what", "whether", "where", "how", "which", "who", "when", "why", "pure")


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def branches(tree: ast.AST) -> int:
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, BRANCHES):
            count += 1
        elif isinstance(node, ast.BoolOp):
            count += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            count += 1 + len(node.ifs)
    return count


def code_lines(source: str) -> set[int]:
    """The numbers of the lines that hold anything but a comment or white space."""
    silent = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in silent:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines


def body_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) else function.body


def outermost_functions(tree: ast.AST):
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, FUNCTIONS):
            yield node
        else:
            yield from outermost_functions(node)


def density(sources) -> float:
    """Branches in 100 lines of code of function bodies."""
    found = lines = 0
    for source in sources:
        code = code_lines(source)
        for function in outermost_functions(ast.parse(source)):
            body = body_of(function)
            if body:
                span = range(body[0].lineno, body[-1].end_lineno + 1)
                lines += len(code.intersection(span))
                found += sum(branches(statement) for statement in body)
    return 100 * found / lines


def comments(source: str) -> int:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return len({token.start[0] for token in tokens if token.type == tokenize.COMMENT})


def test_density_counts_every_way_to_branch():
    source = (
        "def f(a):\n    'Return.'\n    if a and b:\n        return [x for x in a if x]\n"
        "    return 1 if a else 2\n"
    )
    assert density([source]) == pytest.approx(100 * 5 / 3)


def test_code_is_not_compressed():
    assert density(path.read_text() for path in SOURCES) <= MOST_BRANCHES


def test_comments_say_why_often_enough():
    texts = [path.read_text() for path in SOURCES]
    share = sum(map(comments, texts)) / sum(text.count("\n") for text in texts)
    assert share >= LEAST_COMMENTS


@pytest.mark.parametrize("folder", FOLDERS, ids=names)
def test_a_folder_can_be_taken_in_at_a_glance(folder):
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_a_module_is_plain(path):
    source = path.read_text()
    faults = []
    if source.count("\n") > MOST_LINES:
        faults.append(f"{source.count(chr(10))} lines")
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 1)
        if isinstance(node, FUNCTIONS):
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            own = [one for one in arguments if one.arg not in ("self", "cls")]
            if len(own) > MOST_PARAMETERS and node.name not in MORE_PARAMETERS:
                faults.append(f"line {line}: {node.name} takes {len(own)} parameters")
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)):
            words = (ast.get_docstring(node) or "").split()
            if words and words[0].lower().strip(",:") in INDIRECT:
                faults.append(f"line {line}: a docstring begins with {words[0]}")
        if isinstance(node, ast.IfExp) and any(
            isinstance(inner, ast.IfExp) and inner is not node
            for inner in ast.walk(node)
        ):
            faults.append(f"line {line}: a conditional expression within another")
    assert faults == []
