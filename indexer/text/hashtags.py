"""Tags in texts that people write: #bread in a note, a list of names in one field.

Knows no page; what a stored tag may be is search/text/tags.py's.
"""

from __future__ import annotations

import re
from typing import Any

from indexer.text.front_matter import texts

# At the beginning of a word, and no number or colour (#1, #fff): Obsidian's rules, with
# / between the names of nested tags. An address's fragment has no space before it.
_HASHTAG = re.compile(r"(?<!\S)#(?=[\w/-]*[^\W\d_])([\w/-]{2,60})")
_COLOUR = re.compile(r"[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?(?:[0-9a-fA-F]{2})?")
# Code, in which # begins a comment or an include: fences and spans. Indented lines are
# items of nested lists in notes.
_CODE = re.compile(
    r"^[ \t]*(?P<fence>```|~~~).*?(?:^[ \t]*(?P=fence)|\Z)|`[^`\n]*`",
    re.DOTALL | re.MULTILINE,
)
_BETWEEN = re.compile(r"[,;]")


def hashtags(text: str) -> tuple[str, ...]:
    """Return the hashtags in a text, without their signs, in their order; those within
    code, and what are colours, are none."""
    if "#" not in text:
        return ()
    found = _HASHTAG.findall(_CODE.sub(" ", text))
    names = (name.strip("/-") for name in found)
    return tuple(name for name in names if name and not _is_colour(name))


def listed(about: dict[str, Any], *fields: str, by_spaces: bool = False) -> list[str]:
    """Return the names in the first of these fields of front matter that has any: a
    list, or one text of names between commas; with ``by_spaces`` spaces part them, too.
    """
    found = texts(about, *fields)
    if not found or any(isinstance(about.get(field), list) for field in fields):
        return found
    written = found[0].strip("[]")
    names = _BETWEEN.split(written)
    return written.split() if by_spaces and len(names) == 1 else names


def _is_colour(name: str) -> bool:
    return _COLOUR.fullmatch(name) is not None and not name.isalpha()
