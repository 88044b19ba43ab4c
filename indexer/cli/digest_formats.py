"""The formats of a digest: what is new for standing questions, as one document.

It asks nothing. Titles and quotes come from outside, and are text in every format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from markupsafe import Markup

from search.feeds.entries import Entry, Feed, hit_entry
from search.feeds.formats import atom
from search.standing import Noted
from search.types import Hit, HitPassage

TITLE = "New for your standing questions"
ADDRESS = "urn:blogsearch:digest"  # of a feed that is in no place
_IN_MARKDOWN = re.compile(r"([\\\[\]`*_<>])")
_OPENS = ("http://", "https://", "file://")  # the links that a mail may have


class Section(NamedTuple):
    """A question and the articles that are new for it, newest first."""

    question: str
    found: Sequence[tuple[Noted, Hit]]


def as_markdown(sections: Sequence[Section]) -> str:
    """Write a digest as Markdown, to be read as it is too."""
    parts = [f"# {TITLE}"]
    for one in sections:
        parts.append(f"## {_escaped(one.question)}")
        for _, hit in one.found:
            entry = _entry(hit)
            title = _escaped(entry.title)
            if entry.link:
                # In angle brackets, as an address may have brackets of its own.
                title = f"[{title}](<{entry.link}>)"
            parts.append(f"### {title}")
            if about := _about(entry, hit):
                parts.append(_escaped(about))
            parts += ["\n".join(_quote_lines(passage)) for passage in hit.passages]
    return "\n\n".join(parts)


def as_html(sections: Sequence[Section]) -> str:
    """Write a digest as a document of HTML that mail programs show: no script, no style,
    nothing to load."""
    # Every text is escaped as it is put into its element.
    parts = [Markup("<h1>{}</h1>").format(TITLE)]
    for one in sections:
        parts.append(Markup("<h2>{}</h2>").format(one.question))
        for _, hit in one.found:
            entry = _entry(hit)
            title = Markup("{}").format(entry.title)
            if entry.link:
                title = Markup('<a href="{}">{}</a>').format(entry.link, entry.title)
            parts.append(Markup("<h3>{}</h3>").format(title))
            if about := _about(entry, hit):
                parts.append(Markup("<p>{}</p>").format(about))
            # Its texts were escaped when it was made.
            parts.append(Markup(entry.html))  # noqa: S704
    head = Markup('<meta charset="utf-8"><title>{}</title>').format(TITLE)
    body = Markup("\n").join(parts)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n{body}\n</body></html>'


def as_atom(sections: Sequence[Section]) -> str:
    """Write a digest as Atom, each article once."""
    entries: dict[str, Entry] = {}
    for one in sections:
        for noted, hit in one.found:
            entries.setdefault(hit.url, replace(_entry(hit), noted=noted.at))
    # Each question has its own order.
    newest = sorted(entries.values(), key=lambda entry: entry.noted, reverse=True)
    return atom(Feed(TITLE, ADDRESS, "", tuple(newest))).decode()


def _entry(hit: Hit) -> Entry:
    return hit_entry(hit, lambda opens, url: opens if opens.startswith(_OPENS) else "")


def _about(entry: Entry, hit: Hit) -> str:
    # A blog is often called by its author's name.
    # Of a note of a link page there is no day of its own.
    day = hit.published.isoformat() if hit.published else ""
    return ", ".join(dict.fromkeys(filter(None, (entry.site, entry.author, day))))


def _escaped(text: str) -> str:
    # On one line: a line break would end a heading or a quote.
    return _IN_MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _quote_lines(passage: HitPassage) -> Iterator[str]:
    """Write a quote as Markdown; what has lines of its own keeps them."""
    if passage.heading:
        yield f"> **{_escaped(passage.heading)}**"
        yield ">"
    blocks = [(one.start, one.end, one.kind) for one in passage.blocks]
    for place, (start, end, kind) in enumerate(
        blocks or [(0, len(passage.text), "paragraph")]
    ):
        if place:
            yield ">"
        text = passage.text[start:end].strip("\n")
        # Indented by four it is code to Markdown, and nothing in it is markup.
        if kind in ("code", "table", "math"):
            yield from (f">     {line}" for line in text.splitlines())
        else:
            yield f"> {_escaped(text)}"
