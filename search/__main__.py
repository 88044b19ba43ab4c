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
from search.hints import with_index
from search.index.open import default_index_dir
from search.index.sqlite.connection import explain
from search.query.parser import first_day, last_day
from search.serialization import as_json
from search.text.languages import language_code
from search.types import Answer, Filters, Hit, HitPassage

if TYPE_CHECKING:
    from search.engine import Engine

OK, WRONG_USE, NOTHING_DONE = 0, 2, 3
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it
WIDTH = 100  # characters; longer lines are hard to read
ALSO_AT = 5  # further addresses of one text that are named
INDENT = "   "
BOLD, DIM, MARK, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[1;33m", "\x1b[0m"
# Of the private use area: they survive wrapping as part of a word.
OPENING, CLOSING = "\ue000", "\ue001"
EVIDENCE = {"article": "", "summary": "summary only", "link": "link and note only"}


def render(answer: Answer, *, colour: bool, width: int = WIDTH) -> str:
    """Write the answer as text for a terminal.

    Of each article title, site, date, the best passage with what matches marked, and
    addresses.
    """
    lines = []
    if answer.corrected:
        lines = [
            f"Showing results for: {plain(answer.corrected)}",
            "With --exact it is asked as typed.",
            "",
        ]
    if not answer.hits:
        return "\n".join([*lines, "Nothing in the index matches this."])
    if not answer.confident:
        lines += ["Nothing here seems to answer this; the nearest are:", ""]
    for number, hit in enumerate(answer.hits, 1):
        lines += _head(number, hit, colour=colour)
        lines += _text(hit, colour=colour, width=width)
        lines += ["", *_addresses(hit), ""]
    lines.append(f"{answer.total} articles in {answer.took_ms:.0f} ms")
    return "\n".join(lines)


def _head(number: int, hit: Hit, *, colour: bool) -> list[str]:
    facts = [hit.site, hit.author]
    if hit.published:
        facts.append(hit.published.isoformat())
    facts.append(EVIDENCE[hit.evidence])
    if hit.dead_since:
        facts.append(f"dead link since {hit.dead_since.isoformat()}")
    title, about = plain(hit.title), plain(" · ".join(filter(None, facts)))
    if colour:
        title, about = f"{BOLD}{title}{PLAIN}", f"{DIM}{about}{PLAIN}"
    return [f"{number:2} {title}", f"{INDENT}{about}"]


def _text(hit: Hit, *, colour: bool, width: int) -> list[str]:
    if hit.passages:
        return ["", *_body(hit.passages[0], colour=colour, width=width)]
    if hit.note:
        # The page asks that no text of it be shown; the note is the user's own.
        return ["", *_wrapped(plain(hit.note.text, keep="\n"), width)]
    return []


def _addresses(hit: Hit) -> list[str]:
    url = hit.passages[0].url if hit.passages else hit.url
    lines = [url]
    if hit.archived:
        lines.append(f"archived copy: {hit.archived}")
    # One text may have come from several sites.
    lines += [f"also at {other}" for other in hit.also_at[:ALSO_AT]]
    if (rest := len(hit.also_at) - ALSO_AT) > 0:
        lines.append(f"and at {rest} more")
    return [f"{INDENT}{plain(line)}" for line in lines]


def _body(passage: HitPassage, *, colour: bool, width: int) -> list[str]:
    """Wrap a passage and mark what matches."""
    # Spans are of the text as it was: they are put in before wrapping.
    text = plain(passage.text, keep="\n").replace(OPENING, "").replace(CLOSING, "")
    # A text that had such characters itself is shorter now, and its spans don't fit.
    if len(text) == len(passage.text):
        for span in reversed(passage.highlights):
            match = text[span.start : span.end]
            before, after = text[: span.start], text[span.end :]
            text = f"{before}{OPENING}{match}{CLOSING}{after}"
    begin, end = (MARK, PLAIN) if colour else ("", "")
    lines = []
    if passage.heading:
        lines = [f"{INDENT}{plain(passage.heading)}:"]
    for line in _wrapped(text, width):
        lines.append(line.replace(OPENING, begin).replace(CLOSING, end))
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines():
        # wrap gives no line at all for an empty one, which parts paragraphs.
        lines += textwrap.wrap(
            line, width - len(INDENT), break_on_hyphens=False, drop_whitespace=True
        ) or [""]
    return [f"{INDENT}{line}" for line in lines]


def parser() -> argparse.ArgumentParser:
    """Build the command line as argparse knows it."""
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
    """Ask, and return the exit code: 0 answered, 2 the question can't be answered, 3
    there is no index."""
    args = parser().parse_args(argv)
    try:
        after = None
        if args.after:
            after = first_day("after", args.after)
        before = None
        if args.before:
            before = last_day("before", args.before)
        language = ""
        if args.lang:
            language = language_code(args.lang)
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
        say_on_stderr(with_index(str(error), args.index))
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
    """Print the answer, and return the exit code."""
    # https://no-color.org
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    if json_:
        text = json_text(as_json(answer))
    else:
        text = render(answer, colour=colour)
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
