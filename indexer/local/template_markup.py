"""Text without the markup that only templates and note programs understand, ready to be
read as Markdown.

Tags that carry a text leave it: code to be highlighted, the caption of a figure, a
link's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

Syntax = Literal["liquid", "hugo", "obsidian", "plain"]

# Fenced blocks of code, also within lists and quotations.
_FENCES = re.compile(
    r"^([ \t]*(?:[-*>][ \t]+)*)(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]*\2[`~]*[ \t]*$|\Z)",
    re.M | re.S,
)
_INLINE_CODE = re.compile(r"(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.S)

# Liquid (Jekyll), Nunjucks (Eleventy) and Octopress.
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
# kramdown: {: .class}, {::options /}
_ATTRIBUTES = re.compile(r"^[ \t]*\{:[^}\n]*\}[ \t]*$|\{:[^}\n]*\}|\{::[^}\n]*\}", re.M)

# Hugo: {{< name >}} and {{% name %}}; {{</* name */>}} is shown as it is.
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
# The end of the excerpt.
_MORE = re.compile(r"^[ \t]*<!--\s*(?:more|excerpt|truncate)\s*-->[ \t]*$", re.M | re.I)

# Obsidian: ![[embedded]], [[page|words]], %%remark%%, > [!note], ^id, ==marked==.
_EMBED = re.compile(r"!\[\[[^\[\]\n]*\]\]")
_WIKI_LINK = re.compile(r"\[\[([^\[\]|\n]*)(?:\\?\|([^\[\]\n]*))?\]\]")
_REMARK = re.compile(r"%%.*?%%", re.S)
_CALLOUT = re.compile(r"^((?:[ \t]*>)+[ \t]*)\[![\w-]+\][+-]?[ \t]*", re.M)
_BLOCK_ID = re.compile(r"[ \t]\^[\w-]+[ \t]*$", re.M)
_MARKED = re.compile(r"==(?=\S)([^=\n]+)(?<=\S)==")
# Programs of plug-ins that a note runs.
_QUERY_BLOCK = re.compile(
    r"^([ \t]*)(`{3,}|~{3,})(?:dataview(?:js)?|query|tasks|button)\b.*?^\1\2[ \t]*$",
    re.M | re.S,
)

# A table of contents, put in by the software.
_CONTENTS = re.compile(
    r"^[ \t]*(?:\[TOC\]|\[\[_?TOC_?\]\]|\$\{toc\})[ \t]*$", re.M | re.I
)
_FOOTNOTE = re.compile(r"^[ ]{0,3}\[\^[^\]\s]+\]:[ \t]*", re.M)
_FOOTNOTE_MARK = re.compile(r"(?<=\S)\[\^[^\]\s]+\]")


def strip_template_markup(text: str, syntax: Syntax) -> str:
    """Return Markdown (or HTML) without template tags and marks of a note program.

    Code stays as it is, except where the software itself looks for tags inside code:
    Liquid does so everywhere, Hugo too.
    """
    text = _MORE.sub("", text)
    if syntax == "liquid":
        return _outside_code(_without_liquid(text), _without_kramdown)
    if syntax == "hugo":
        return _outside_code(_without_hugo(text), _without_heading_attributes)
    if syntax == "obsidian":
        return _outside_code(_QUERY_BLOCK.sub("", text), _without_wiki)
    return _outside_code(text, _without_any_tags)


def _without_kramdown(text: str) -> str:
    return _without_marks(_ATTRIBUTES.sub("", text))


def _without_heading_attributes(text: str) -> str:
    return _without_marks(_HEADING_ATTRIBUTES.sub(r"\1", text))


def _without_any_tags(text: str) -> str:
    return _without_marks(_without_hugo(_without_liquid(text)))


def _without_liquid(text: str) -> str:
    """Tags of Liquid, Nunjucks and Octopress: raw text stays, code becomes a fenced
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
    text = _HUGO_UNSEEN.sub("", _HUGO_FIGURE.sub(_caption, text))
    return put_back(_HUGO.sub("", text))


def _without_wiki(text: str) -> str:
    text = _EMBED.sub("", _REMARK.sub("", text))
    text = _WIKI_LINK.sub(_link_words, text)
    text = _CALLOUT.sub(r"\1", text)
    return _without_marks(_MARKED.sub(r"\1", _BLOCK_ID.sub("", text)))


def _link_words(found: re.Match[str]) -> str:
    """The words of a wiki link; one without any, ``Notes/Bread#Salt``, is shown as
    "Bread › Salt"."""
    target, words = found.groups()
    if words:
        return words.strip()
    page, _, part = target.partition("#")
    pieces = [page.rpartition("/")[2]]
    if not part.startswith("^"):  # the mark of a paragraph, not a heading
        pieces.append(part)
    return " › ".join(filter(None, pieces)).strip()


def _without_marks(text: str) -> str:
    """The text with footnotes as paragraphs, without the marks that stand for them or
    for a table of contents."""
    return _FOOTNOTE_MARK.sub("", _FOOTNOTE.sub("", _CONTENTS.sub("", text)))


def _caption(found: re.Match[str]) -> str:
    captions = list(map("".join, _CAPTION.findall(found[1])))
    longest = max(captions, key=len, default="")
    if longest:
        return f"\n\n{longest}\n\n"
    return ""


def _fenced(language: str, code: str) -> str:
    fence = "```"
    while fence in code:
        fence += "`"
    return f"\n\n{fence}{language}\n{code.strip(chr(10))}\n{fence}\n\n"


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """Change everything but fenced blocks and code within lines."""
    changed, done = "", 0
    for found in _FENCES.finditer(text):
        changed += _outside_inline(text[done : found.start()], change) + found[0]
        done = found.end()
    return changed + _outside_inline(text[done:], change)


def _outside_inline(text: str, change: Callable[[str], str]) -> str:
    """The same within lines; code is taken out and put back, so that a tag around it is
    seen as one."""
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
    """The text with a numbered mark for each match, and a function that puts the
    matches back as they are to be shown."""
    # ``marks`` are the two characters around a number.
    kept: list[str] = []
    first, last = marks[0], marks[1]

    def keep(found: re.Match[str]) -> str:
        kept.append(shown(found))
        return f"{first}{len(kept) - 1}{last}"

    marked = pattern.sub(keep, text.translate({ord(first): None, ord(last): None}))
    return marked, lambda changed: re.sub(
        f"{first}(\\d+){last}", lambda found: kept[int(found[1])], changed
    )
