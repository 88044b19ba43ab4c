"""What only templates and note programs understand, taken out of a text before it is
read as Markdown. Pure.

Tags that carry a text leave it: code to be highlighted, the caption of a figure, a
link's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

Style = Literal["liquid", "hugo", "obsidian", "plain"]

_FENCES = re.compile(
    r"^([ \t]*(?:[-*>][ \t]+)*)(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]*\2[`~]*[ \t]*$|\Z)",
    re.M | re.S,
)
_INLINE_CODE = re.compile(r"(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.S)

_RAW = re.compile(
    r"\{%-?\s*(?:raw|verbatim)\s*-?%\}(.*?)\{%-?\s*end(?:raw|verbatim)\s*-?%\}", re.S
)
_HIGHLIGHT = re.compile(
    r"\{%-?\s*(?P<tag>highlight|codeblock|code)\b[ \t]*(?P<language>[\w+#-]*)[^%]*-?%\}\n?(?P<code>.*?)"
    r"\{%-?\s*end(?P=tag)\s*-?%\}",
    re.S,
)
_UNSEEN = re.compile(r"\{%-?\s*(comment|schema)\s*-?%\}.*?\{%-?\s*end\1\s*-?%\}", re.S)
_TAG = re.compile(r"\{%-?(?:[^%]|%(?!\}))*?-?%\}|\{\{-?[^{}]*-?\}\}|\{#-?[^#{}]*-?#\}")
_ATTRIBUTES = re.compile(r"^[ \t]*\{:[^}\n]*\}[ \t]*$|\{:[^}\n]*\}|\{::[^}\n]*\}", re.M)

_HUGO_SHOWN = re.compile(r"\{\{([<%])/\*(.*?)\*/([>%])\}\}", re.S)
_HUGO_HIGHLIGHT = re.compile(
    r"\{\{[<%]\s*highlight\s+\"?([\w+#-]*)[^>%]*[>%]\}\}\n?(.*?)\{\{[<%]\s*/\s*highlight\s*[>%]\}\}",
    re.S,
)
_HUGO_FIGURE = re.compile(r"\{\{[<%]\s*figure\s([^}]*?)/?\s*[>%]\}\}", re.S)
_HUGO_UNSEEN = re.compile(
    r"\{\{[<%]\s*(comment|rawhtml-comment)\s*[>%]\}\}.*?\{\{[<%]\s*/\s*\1\s*[>%]\}\}",
    re.S,
)
_HUGO = re.compile(r"\{\{[<%](?:[^}]|\}(?!\}))*?[>%]\}\}", re.S)
_CAPTION = re.compile(
    r"""\b(?:caption|title)\s*=\s*(?:"([^"]*)"|'([^']*)'|`([^`]*)`)"""
)
_HEADING_ATTRIBUTES = re.compile(r"^(#{1,6}[^\n]*?)[ \t]*\{[#.][^}\n]*\}[ \t]*$", re.M)
_MORE = re.compile(r"^[ \t]*<!--\s*(?:more|excerpt|truncate)\s*-->[ \t]*$", re.M | re.I)

_EMBED = re.compile(r"!\[\[[^\[\]\n]*\]\]")
_WIKI_LINK = re.compile(r"\[\[([^\[\]|\n]*)(?:\\?\|([^\[\]\n]*))?\]\]")
_REMARK = re.compile(r"%%.*?%%", re.S)
_CALLOUT = re.compile(r"^((?:[ \t]*>)+[ \t]*)\[![\w-]+\][+-]?[ \t]*", re.M)
_BLOCK_ID = re.compile(r"[ \t]\^[\w-]+[ \t]*$", re.M)
_MARKED = re.compile(r"==(?=\S)([^=\n]+)(?<=\S)==")
_QUERY_BLOCK = re.compile(
    r"^([ \t]*)(`{3,}|~{3,})(?:dataview(?:js)?|query|tasks|button)\b.*?^\1\2[ \t]*$",
    re.M | re.S,
)

_CONTENTS = re.compile(
    r"^[ \t]*(?:\[TOC\]|\[\[_?TOC_?\]\]|\$\{toc\})[ \t]*$", re.M | re.I
)
_FOOTNOTE = re.compile(r"^[ ]{0,3}\[\^[^\]\s]+\]:[ \t]*", re.M)
_FOOTNOTE_MARK = re.compile(r"(?<=\S)\[\^[^\]\s]+\]")


def readable(text: str, style: Style) -> str:
    """Markdown (or HTML) as its author would read it aloud: no template tags, no marks
    of a note program.

    Code stays as it is, except where the software itself looks for tags inside code:
    Liquid does so everywhere, Hugo too.
    """
    text = _MORE.sub("", text)
    if style == "liquid":
        return _outside_code(
            _without_liquid(text), lambda part: _marks(_ATTRIBUTES.sub("", part))
        )
    if style == "hugo":
        return _outside_code(
            _without_hugo(text),
            lambda part: _marks(_HEADING_ATTRIBUTES.sub(r"\1", part)),
        )
    if style == "obsidian":
        return _outside_code(
            _QUERY_BLOCK.sub("", text), lambda part: _marks(_without_wiki(part))
        )
    return _outside_code(
        text, lambda part: _marks(_without_hugo(_without_liquid(part)))
    )


def _without_liquid(text: str) -> str:
    """Liquid, Nunjucks and Octopress's tags: what is raw stays, code becomes a fenced
    block."""
    text, put_back = _set_aside(_RAW, text, lambda found: found[1], marks="\x02\x03")
    text = _HIGHLIGHT.sub(lambda found: _fenced(found["language"], found["code"]), text)
    return put_back(_TAG.sub("", _UNSEEN.sub("", text)))


def _without_hugo(text: str) -> str:
    """Hugo's shortcodes: those written to be shown stay, code becomes a fenced
    block."""
    text = _HUGO_HIGHLIGHT.sub(lambda found: _fenced(found[1], found[2]), text)
    text, put_back = _set_aside(
        _HUGO_SHOWN,
        text,
        lambda found: f"{{{{{found[1]}{found[2]}{found[3]}}}}}",
        marks="\x02\x03",
    )
    return put_back(
        _HUGO.sub("", _HUGO_UNSEEN.sub("", _HUGO_FIGURE.sub(_caption, text)))
    )


def _without_wiki(text: str) -> str:
    text = _EMBED.sub("", _REMARK.sub("", text))
    text = _WIKI_LINK.sub(lambda found: (found[2] or _named(found[1])).strip(), text)
    text = _CALLOUT.sub(r"\1", text)
    return _MARKED.sub(r"\1", _BLOCK_ID.sub("", text))


def _named(target: str) -> str:
    """How a wiki link without words of its own is shown: ``Notes/Bread#Salt`` as "Bread
    › Salt"."""
    page, _, part = target.partition("#")
    name = page.rpartition("/")[2]
    part = "" if part.startswith("^") else part
    return " › ".join(piece for piece in (name, part) if piece)


def _marks(text: str) -> str:
    """Footnotes read as paragraphs; marks that stand for them or for a table of
    contents don't show."""
    return _FOOTNOTE_MARK.sub("", _FOOTNOTE.sub("", _CONTENTS.sub("", text)))


def _caption(found: re.Match[str]) -> str:
    captions = [one or other or last for one, other, last in _CAPTION.findall(found[1])]
    return f"\n\n{max(captions, key=len)}\n\n" if any(captions) else ""


def _fenced(language: str, code: str) -> str:
    fence = "```"
    while fence in code:
        fence += "`"
    return f"\n\n{fence}{language}\n{code.strip(chr(10))}\n{fence}\n\n"


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with everything changed but fenced blocks and code within lines."""
    changed, done = "", 0
    for found in _FENCES.finditer(text):
        changed += _outside_inline(text[done : found.start()], change) + found[0]
        done = found.end()
    return changed + _outside_inline(text[done:], change)


def _outside_inline(text: str, change: Callable[[str], str]) -> str:
    """Code within lines is taken out and put back, so that a tag around it is seen as
    one."""
    text, put_back = _set_aside(
        _INLINE_CODE, text, lambda found: found[0], marks="\x04\x05"
    )
    return put_back(change(text))


def _set_aside(
    pattern: re.Pattern[str],
    text: str,
    shown: Callable[[re.Match[str]], str],
    *,
    marks: str,
) -> tuple[str, Callable[[str], str]]:
    """The text with a numbered mark for each match, and what puts these back as they
    are to be shown."""
    kept: list[str] = []
    first, last = marks[0], marks[1]

    def keep(found: re.Match[str]) -> str:
        kept.append(shown(found))
        return f"{first}{len(kept) - 1}{last}"

    marked = pattern.sub(keep, text.translate({ord(first): None, ord(last): None}))
    return marked, lambda changed: re.sub(
        f"{first}(\\d+){last}", lambda found: kept[int(found[1])], changed
    )
