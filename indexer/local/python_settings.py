"""Settings in a Python file, read without running it: only names that are given plain
constants. Pure."""

from __future__ import annotations

import ast
from typing import Any


class _NotConstantError(Exception):
    """The value is worked out by a program."""


def constants(source: str) -> dict[str, Any]:
    """What the names of a module's outermost level are bound to, as far as constants
    make it up."""
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, Any] = {}
    for statement in module.body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                try:
                    found[target.id] = _value(value, found)
                except (_NotConstantError, RecursionError):
                    found.pop(target.id, None)
    return found


def _value(node: ast.expr, known: dict[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(each, known) for each in node.elts]
    if isinstance(node, ast.Name) and node.id in known:
        return known[node.id]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _value(node.left, known), _value(node.right, known)
        if isinstance(left, str) and isinstance(right, str):
            return left + right
    if isinstance(node, ast.JoinedStr):
        return "".join(str(_value(_inner(part), known)) for part in node.values)
    raise _NotConstantError


def _inner(part: ast.expr) -> ast.expr:
    if isinstance(part, ast.FormattedValue) and part.format_spec is None:
        return part.value
    return part
