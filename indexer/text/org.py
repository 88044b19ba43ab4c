"""Org mode's links, headings and dates as Markdown, so that one reader serves both.

Renders no more of Org than a page of links has.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"\.org(?:[?#]|$)", re.IGNORECASE)
_LINK = re.compile(r"\[\[([^\[\]\n]{1,3000})\](?:\[([^\[\]\n]{1,3000})\])?\]")
# A heading with its mark and a link, or a keyword line: no other text has these.
_SIGN = re.compile(
    r"^(?:\*+ .{0,300}|#\+\w{1,30}:.{0,300})$", re.MULTILINE | re.IGNORECASE
)
_HEADING = re.compile(
    r"^(\*{1,6}) +(?:(?:TODO|DONE|NEXT|WAITING) +)?(?:\[#\w\] +)?(.*?)(?:\s+:[\w@:]+:)?$",
    re.MULTILINE,
)
_TITLE = re.compile(r"^#\+title:[ \t]*(.*)$", re.MULTILINE | re.IGNORECASE)
_DRAWER = re.compile(
    r"^[ \t]*:[A-Za-z_-]{1,40}:[ \t]*\n(?:.*\n){0,200}?[ \t]*:END:[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_KEYWORD = re.compile(r"^#\+.*$", re.MULTILINE)
_TIME = re.compile(r"[<\[](\d{4}-\d\d-\d\d)[^<>\[\]\n]{0,40}[>\]]")


def is_org(text: str, *, url: str = "") -> bool:
    """Tell Org from Markdown: by its name, or by a link of its form beside its signs."""
    has_link = _LINK.search(text) is not None and "://" in text
    return has_link and bool(_NAME.search(url) or _SIGN.search(text))


def org_as_markdown(text: str) -> str:
    """Return an Org text as Markdown."""
    title = _TITLE.search(text)
    text = _KEYWORD.sub("", _DRAWER.sub("", text))
    text = _TIME.sub(r"\1", text)
    text = _LINK.sub(_link, text)
    text = _HEADING.sub(lambda found: f"\n{'#' * len(found[1])}# {found[2]}\n", text)
    if title:
        return f"# {title[1].strip()}\n\n{text}"
    return text


def _link(found: re.Match[str]) -> str:
    target, words = found[1], found[2]
    if "://" not in target:
        return words or ""
    target = target.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
    if words:
        return f"[{words}]({target})"
    return f"<{target}>"
