"""blog-search: ask the index from a terminal."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from search.console import (
    discard_unwritten_output,
    json_text,
    limit_numpy_threads,
    plain,
    say_on_stderr,
)
from search.errors import BlogsearchError, QueryError
from search.index.open import default_index_dir
from search.index.sqlite.connection import explain
from search.query.parser import first_day, last_day
from search.serialization import as_json
from search.text.languages import language_code
from search.types import Answer, Filters, Hit, HitPassage

if TYPE_CHECKING:
    from search.engine import Engine

OK, WRONG_USE, NOTHING_DONE, INTERRUPTED = 0, 2, 3, 130
WIDTH = 100  # characters; longer lines are hard to read
ALSO_AT = 5  # further addresses of one text that are named
BOLD, DIM, MARK, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[1;33m", "\x1b[0m"


def render(answer: Answer, *, colour: bool, width: int = WIDTH) -> str:
    """The answer as text for a terminal: title, site, date, passage with matches
    marked, address."""
    lines = _corrected(answer)
    if not answer.hits:
        return "\n".join([*lines, "Nothing in the index matches this."])
    if not answer.confident:
        lines += ["Nothing here seems to answer this; the nearest are:", ""]
    for number, hit in enumerate(answer.hits, 1):
        lines += [_head(number, hit, colour=colour)]
        for passage in hit.passages[:1]:
            lines += ["", *_body(passage, colour=colour, width=width)]
        if (
            hit.note and not hit.passages
        ):  # the page asks that no text of it be shown; the note is the user's
            lines += ["", *_wrapped(plain(hit.note.text, keep="\n"), width)]
        lines += [
            "",
            f"   {plain(hit.passages[0].url if hit.passages else hit.url)}",
            *_archived(hit),
            *_also_at(hit),
            "",
        ]
    lines.append(f"{answer.total} articles in {answer.took_ms:.0f} ms")
    return "\n".join(lines)


def _corrected(answer: Answer) -> list[str]:
    if not answer.corrected:
        return []
    return [
        f"Showing results for: {plain(answer.corrected)}",
        "With --exact it is asked as typed.",
        "",
    ]


def _head(number: int, hit: Hit, *, colour: bool) -> str:
    about = " · ".join(
        part
        for part in (
            hit.site,
            hit.author,
            hit.published.isoformat() if hit.published else "",
            {"article": "", "summary": "summary only", "link": "link and note only"}[
                hit.evidence
            ],
            f"dead link since {hit.dead_since.isoformat()}" if hit.dead_since else "",
        )
        if part
    )
    title = plain(hit.title)
    if colour:
        return f"{number:2} {BOLD}{title}{PLAIN}\n   {DIM}{plain(about)}{PLAIN}"
    return f"{number:2} {title}\n   {plain(about)}"


def _archived(hit: Hit) -> list[str]:
    return [f"   archived copy: {plain(hit.archived)}"] if hit.archived else []


def _also_at(hit: Hit) -> list[str]:
    """Where else the same text is, one address a line."""
    rest = len(hit.also_at) - ALSO_AT
    lines = [f"   also at {plain(url)}" for url in hit.also_at[:ALSO_AT]]
    return [*lines, f"   and at {rest} more"] if rest > 0 else lines


def _body(passage: HitPassage, *, colour: bool, width: int) -> list[str]:
    """The passage's lines, indented; matched words are marked after wrapping would be
    too late."""
    opening, closing = (
        "\ue000",
        "\ue001",
    )  # private use: they survive wrapping as part of a word
    text = plain(passage.text, keep="\n").replace(opening, "").replace(closing, "")
    if len(text) == len(passage.text):
        for span in reversed(passage.highlights):
            text = f"{text[: span.start]}{opening}{text[span.start : span.end]}{closing}{text[span.end :]}"
    begin, end = (MARK, PLAIN) if colour else ("", "")
    heading = [f"   {plain(passage.heading)}:"] if passage.heading else []
    return heading + [
        line.replace(opening, begin).replace(closing, end)
        for line in _wrapped(text, width)
    ]


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        lines += textwrap.wrap(
            line, width - 3, break_on_hyphens=False, drop_whitespace=True
        ) or [""]
    return [f"   {line}" for line in lines]


def parser() -> argparse.ArgumentParser:
    """The command line as argparse knows it."""
    top = argparse.ArgumentParser(prog="blog-search", description=__doc__)
    top.add_argument(
        "question", nargs="+", help="what you want to know, in plain words"
    )
    index = os.environ.get("BLOGSEARCH_INDEX")
    top.add_argument(
        "--index", type=Path, default=Path(index) if index else default_index_dir()
    )
    top.add_argument("-n", "--limit", type=int, default=5, help="how many articles (5)")
    top.add_argument("--site", default="", help="only this site: host or name")
    top.add_argument("--author", default="", help="only authors whose name holds this")
    top.add_argument("--after", default="", help="from this year, month or day on")
    top.add_argument("--before", default="", help="before this year, month or day")
    top.add_argument(
        "--lang", default="", help="only articles in this language: de, german, deutsch"
    )
    top.add_argument("--sort", choices=("relevance", "newest"), default="relevance")
    top.add_argument(
        "--exact", action="store_true", help="as typed: no typing slip is mended"
    )
    top.add_argument(
        "--json", action="store_true", help="the answer as GET /api/search gives it"
    )
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Ask; the exit code: 0 answered, 2 the question can't be answered, 3 there is no
    index."""
    args = parser().parse_args(argv)
    try:
        after = first_day("after", args.after) if args.after else None
        before = last_day("before", args.before) if args.before else None
        language = language_code(args.lang) if args.lang else ""
        filters = Filters(args.site, args.author, after, before, language)
        engine = _engine(args.index)
        question = " ".join(args.question)
        answer = engine.search(
            question,
            filters=filters,
            sort=args.sort,
            limit=args.limit,
            exact=args.exact,
        )
    except QueryError as error:
        say_on_stderr(str(error))
        return WRONG_USE
    except BlogsearchError as error:
        say_on_stderr(str(error))
        return NOTHING_DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    return _printed(answer, json_=args.json)


def _engine(directory: Path) -> Engine:
    """Open an engine; what it imports takes a second, which --help need not wait for."""
    limit_numpy_threads()
    from search.engine import Engine
    from search.index.open import open_index

    return Engine(open_index(directory))


def _printed(answer: Answer, *, json_: bool) -> int:
    """Print the answer: the exit code."""
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = json_text(as_json(answer)) if json_ else render(answer, colour=colour)
    try:
        print(text, flush=True)
    except BrokenPipeError:
        return OK  # the reader, such as `head`, has read enough
    except OSError as error:
        say_on_stderr(str(explain(error, "what is printed")))
        return NOTHING_DONE
    finally:
        discard_unwritten_output()
    return OK


if __name__ == "__main__":
    sys.exit(main())
