"""Front matter: the fields that a text file states before its text, as YAML, TOML,
JSON or header lines.

All values come out as texts, as they were written: YAML's own idea of dates, octal
numbers and "yes" would change titles, slugs and days.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

# characters; more is text between two rules, and YAML is slow
LONGEST = 20_000
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
# Logseq's, of a page as of a block: "tags:: bread, rye".
_PROPERTY = re.compile(
    r"^[ \t]*(?:-[ \t]+)?([a-z][\w-]{0,40})::(?:[ \t]+(.*))?$", re.MULTILINE
)
_PROPERTIES = re.compile(rf"(?:{_PROPERTY.pattern}\n?)+", re.MULTILINE)
_SIMPLE = re.compile(
    r"^([A-Za-z][\w-]{0,30})[ \t]*[:=][ \t]*(\S.*?)[ \t]*$", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields of a file and the text after them.

    ``about`` maps names in lower case to texts, lists and mappings of such. ``trouble``
    is a clause that says why a block could not be read as its format; simple lines of
    it are in ``about`` all the same.
    """

    about: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    trouble: str = ""


def read_front_matter(text: str) -> FrontMatter:
    """Read the block that begins a file; it is taken off even where it is broken."""
    text = text.lstrip("\ufeff")
    found = _FENCED.match(text[:LONGEST])
    if found is not None:
        format_ = found["format"] or _FORMATS[found["fence"]]
        return _read_block(found["block"], format_, text[found.end() :])
    if _OBJECT.match(text):
        stripped = text.lstrip()
        try:
            about, end = json.JSONDecoder().raw_decode(stripped[:LONGEST])
            return FrontMatter(_with_lower_names(about), stripped[end:])
        except (ValueError, RecursionError):
            pass  # a text that begins with a brace
    if properties := _PROPERTIES.match(text):
        lines = _PROPERTY.findall(properties[0])
        return FrontMatter(
            {name.lower(): value.strip() for name, value in lines},
            text[properties.end() :],
        )
    return FrontMatter(text=text)


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Return the fields of a file and its text, whatever the trouble."""
    found = read_front_matter(text)
    return found.about, found.text


def without_properties(markdown: str) -> str:
    """Return Markdown without Logseq's lines of properties, code left alone."""
    if "::" not in markdown:
        return markdown
    lines: list[str] = []
    in_code = False
    for line in markdown.split("\n"):
        in_code ^= line.lstrip(" \t-").startswith(("```", "~~~"))
        is_property = not in_code and _PROPERTY.fullmatch(line)
        if not is_property:
            lines.append(line)
    return "\n".join(lines)


def read_headers(text: str) -> FrontMatter:
    """Read lines such as ``Title: On bread`` that begin a file, up to a blank line, as
    Pelican does.

    In reStructuredText they are written ``:title: On bread`` and stand below the title.
    A file whose such lines end otherwise has none.
    """
    lines = text.lstrip("\ufeff\r\n").split("\n")
    about: dict[str, Any] = {}
    for number, line in enumerate(lines):
        # Pelican's headers end at a blank line; a text whose first lines only look
        # like headers runs on.
        found = _HEADER.match(line.rstrip("\r"))
        if found is not None:
            about[found[1].lower()] = found[2].strip()
        elif about and not line.strip():
            return FrontMatter(about, "\n".join(lines[number:]))
        else:
            return FrontMatter(text="\n".join(lines))
    return FrontMatter(about)


def load_fields(text: str, format_: str) -> dict[str, Any]:
    """Parse a block or a whole file as "yaml", "toml" or "json".

    Raises ValueError with a clause that says why it is none.
    """
    try:
        value = _load(text, format_)
    except yaml.MarkedYAMLError as error:
        line = ""
        if error.problem_mark:
            line = f", line {error.problem_mark.line + 1}"
        raise ValueError(f"it is no YAML{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"it is no {format_.upper()}") from error
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        raise ValueError("it holds no fields with names")
    return value


def _load(text: str, format_: str) -> Any:
    if format_ == "toml":
        return tomllib.loads(text)
    if format_ == "json":
        return json.loads(text)
    # BaseLoader makes nothing but texts, lists and mappings: less than safe_load does.
    return yaml.load(text, Loader=_YAML)  # noqa: S506


def texts(about: dict[str, Any], *keys: str) -> list[str]:
    """Return the texts of the first of these fields that has any, be it one text or a
    list, each on one line."""
    for key in keys:
        value = about.get(key)
        if isinstance(value, list):
            values = value
        else:
            values = [value]
        found = list(filter(None, map(_on_one_line, values)))
        if found:
            return found
    return []


def text_of(about: dict[str, Any], *keys: str) -> str:
    """Return the first of these fields that is a text, on one line, "" where none
    is."""
    return next(_filled(about, keys), "")


def _filled(about: dict[str, Any], keys: tuple[str, ...]) -> Iterator[str]:
    return filter(None, (_on_one_line(about.get(key)) for key in keys))


def _on_one_line(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    return ""


def as_texts(value: Any) -> Any:
    """Return lists and mappings with all their leaves as texts.

    What is nested too deeply or repeated without end is cut off.
    """
    return _as_texts(value, _DEEPEST, [_MOST_PARTS])


def _as_texts(value: Any, depth: int, left: list[int]) -> Any:
    # One count for the whole: an alias within an alias within an alias is a bomb.
    left[0] -= 1
    if depth == 0 or left[0] < 0:
        return ""
    if isinstance(value, dict):
        fields: dict[str, Any] = {}
        for key, each in value.items():
            if left[0] > 0:
                fields[str(key)] = _as_texts(each, depth - 1, left)
        return fields
    if isinstance(value, list):
        items: list[Any] = []
        for each in value:
            if left[0] > 0:
                items.append(_as_texts(each, depth - 1, left))
        return items
    return _leaf(value)


def _leaf(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _read_block(block: str, format_: str, rest: str) -> FrontMatter:
    try:
        return FrontMatter(_with_lower_names(load_fields(block, format_)), rest)
    except ValueError as error:
        # "title: On bread: a start" is no YAML, and everybody knows what it means.
        simple = {
            key.lower(): value.strip("\"'") for key, value in _SIMPLE.findall(block)
        }
        return FrontMatter(simple, rest, f"its front matter can't be read: {error}")


def _with_lower_names(about: dict[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in as_texts(about).items()}
