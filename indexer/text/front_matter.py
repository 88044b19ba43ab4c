"""What a text file says of itself before its text: YAML, TOML or JSON front matter, or
header lines. Pure.

All values come out as text, as they were written: YAML's own idea of dates, octal
numbers and "yes" would change titles, slugs and days.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

LONGEST = 20_000  # characters; beyond it is text between two rules, and YAML is slow
# libyaml's, six times as fast, where it was built in
_YAML = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DEEPEST = 6  # lists within lists; no blog software nests its own fields deeper
_MOST_PARTS = 2_000  # values; aliases of aliases can make millions out of a few lines

_FENCED = re.compile(
    r"\s*(?P<fence>---|\+\+\+|;;;)[ \t]*(?P<format>yaml|toml|json)?[ \t]*\r?\n(?P<block>.*?)"
    r"^(?:(?P=fence)|\.\.\.)[ \t]*(?:\r?\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_OBJECT = re.compile(r"\s*\{\s*[\"}]")
_FORMATS = {"---": "yaml", "+++": "toml", ";;;": "json"}
_HEADER = re.compile(r":?([A-Za-z][\w-]{0,30})(?::[ \t]+|:[ \t]*(?=\r?$))(.*)")
_SIMPLE = re.compile(
    r"^([A-Za-z][\w-]{0,30})[ \t]*[:=][ \t]*(\S.*?)[ \t]*$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """``about`` maps names in lower case to texts, lists and mappings of such; ``text``
    is what follows.

    ``trouble`` says in a clause why a block could not be read as what it is; simple
    lines of it are in ``about`` all the same.
    """

    about: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    trouble: str = ""


def read_front_matter(text: str) -> FrontMatter:
    """The block that begins a file, taken off even where it is broken."""
    text = text.lstrip("\ufeff")
    found = _FENCED.match(text[:LONGEST])
    if found is not None:
        format_ = found["format"] or _FORMATS[found["fence"]]
        return _parsed(found["block"], format_, text[found.end() :])
    if _OBJECT.match(text):
        try:
            about, end = json.JSONDecoder().raw_decode(text[:LONGEST].lstrip())
        except (ValueError, RecursionError):
            return FrontMatter(text=text)
        if isinstance(about, dict):
            return FrontMatter(_lower(about), text.lstrip()[end:])
    return FrontMatter(text=text)


def read_headers(text: str) -> FrontMatter:
    """Lines such as ``Title: On bread`` that begin a file, as Pelican reads them, up to
    a blank line.

    In reStructuredText they are written ``:title: On bread`` and stand below the title.
    """
    lines = text.lstrip("\ufeff\r\n").split("\n")
    about: dict[str, Any] = {}
    for number, line in enumerate(lines):
        found = _HEADER.match(line.rstrip("\r"))
        if found is None:
            rest = lines[number:] if about and not line.strip() else lines
            return FrontMatter(about if rest is not lines else {}, "\n".join(rest))
        about[found[1].lower()] = found[2].strip()
    return FrontMatter(about)


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """What ``read_front_matter`` finds, for those who need not know of trouble."""
    found = read_front_matter(text)
    return found.about, found.text


def load(text: str, format_: str) -> dict[str, Any]:
    """A block or a whole file in one of the formats; raises ValueError with a clause
    that says why not."""
    try:
        if format_ == "yaml":
            # BaseLoader makes nothing but texts, lists and mappings: less than
            # safe_load does.
            value = yaml.load(text, Loader=_YAML)  # noqa: S506
        else:
            value = tomllib.loads(text) if format_ == "toml" else json.loads(text)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"it is no YAML{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"it is no {format_.upper()}") from error
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise ValueError("it holds no fields with names")
    return value


def texts(about: dict[str, Any], *keys: str) -> list[str]:
    """The texts of the first of these fields that has any, be it one or a list."""
    for key in keys:
        value = about.get(key)
        found = [
            one
            for one in (value if isinstance(value, list) else [value])
            if isinstance(one, str)
        ]
        if any(one.strip() for one in found):
            return [" ".join(one.split()) for one in found if one.strip()]
    return []


def text_of(about: dict[str, Any], *keys: str) -> str:
    """The first of these fields that is one text, "" where none is."""
    values = (about.get(key) for key in keys)
    return next(
        (
            " ".join(value.split())
            for value in values
            if isinstance(value, str) and value.strip()
        ),
        "",
    )


def _parsed(block: str, format_: str, rest: str) -> FrontMatter:
    try:
        return FrontMatter(_lower(load(block, format_)), rest)
    except ValueError as error:
        simple = {
            key.lower(): value.strip("\"'") for key, value in _SIMPLE.findall(block)
        }
        return FrontMatter(simple, rest, f"its front matter can't be read: {error}")


def _lower(about: dict[str, Any]) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in plain(about).items()}


def plain(value: Any) -> Any:
    """The value with all its leaves as texts; what is nested or repeated without end is
    cut off."""
    left = [_MOST_PARTS]
    return _plain(value, _DEEPEST, left)


def _plain(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if depth == 0 or left[0] < 0:
        return ""
    if isinstance(value, dict):
        return {
            str(key): _plain(each, depth - 1, left)
            for key, each in value.items()
            if left[0] > 0
        }
    if isinstance(value, list):
        return [_plain(each, depth - 1, left) for each in value if left[0] > 0]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
