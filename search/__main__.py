"""blog-search: ask the index from a terminal."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING, NoReturn

from search.console import (
    CommandParser,
    discard_unwritten_output,
    json_text,
    limit_numpy_threads,
    say_on_stderr,
)
from search.errors import BlogsearchError, IndexAddressError, QueryError
from search.hints import with_index
from search.index.open import INDEX_HELP, IndexAddress, index_of, index_option
from search.index.sqlite.connection import explain
from search.query.days import first_day, last_day
from search.query.parser import parse
from search.serialization import as_json
from search.terminal.answer import SHOWN, Wish, render
from search.terminal.capabilities import terminal_of
from search.text.languages import language_code
from search.types import Filters

if TYPE_CHECKING:
    from search.engine import Engine

OK, WRONG_USE, NOTHING_DONE = 0, 2, 3
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it


def parser() -> argparse.ArgumentParser:
    """Build the command line as argparse knows it."""
    top = CommandParser(prog="blog-search", description=__doc__)
    top.add_argument(
        "question", nargs="+", help="what you want to know, in plain words"
    )
    top.add_version()
    top.add_argument("--index", type=index_option, help=INDEX_HELP)
    top.add_argument(
        "-n",
        "--limit",
        type=int,
        help=f"how many articles, weaker matches among them ({SHOWN} that answer)",
    )
    top.add_argument(
        "--context", action="store_true", help="all passages of each article, whole"
    )
    top.add_argument("--site", default="", help="only this site: host or name")
    top.add_argument("--author", default="", help="only authors whose name holds this")
    top.add_argument("--after", default="", help="from this year, month or day on")
    top.add_argument("--before", default="", help="before this year, month or day")
    top.add_argument(
        "--lang", default="", help="only articles in this language: de, german, deutsch"
    )
    top.add_argument(
        "--tag", action="append", default=[], help="only articles tagged so"
    )
    top.add_argument(
        "--collection", default="", help="only articles of sources in this collection"
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
        place = args.index or index_of(os.environ)
    except IndexAddressError as error:
        say_on_stderr(str(error))
        return WRONG_USE
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
        filters = Filters(
            args.site,
            args.author,
            after,
            before,
            language,
            tags=tuple(args.tag),
            collection=args.collection,
        )
        question = " ".join(args.question)
        parse(question, filters)  # what can't be asked is refused before the loading
        with closing(_engine(place)) as engine:
            engine.warm()  # the time that is printed is that of answering
            answer = engine.search(
                question,
                filters=filters,
                sort=args.sort,
                limit=SHOWN if args.limit is None else args.limit,
                exact=args.exact,
            )
    except QueryError as error:
        say_on_stderr(str(error))
        return WRONG_USE
    except BlogsearchError as error:
        say_on_stderr(with_index(str(error), place))
        return NOTHING_DONE
    except KeyboardInterrupt:
        return INTERRUPTED
    if args.json:
        return _print(json_text(as_json(answer)))
    wish = Wish(args.limit, context=args.context, index=place)
    return _print(render(answer, terminal_of(sys.stdout, os.environ), wish))


def run() -> NoReturn:
    """Answer, and end: what Python and OpenVINO put in order at an end, in a tenth of a
    second, ends with the process anyway."""
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _engine(address: IndexAddress) -> Engine:
    """Open an engine; what it imports takes part of a second, which --help need not
    wait for, and in which its model is compiled."""
    limit_numpy_threads()
    from search.embedding.embedder import open_embedder
    from search.index.open import open_index

    index = open_index(address)
    with index.snapshot() as snapshot:
        embedder = open_embedder(snapshot.manifest.model)
    embedder.begin_to_load()
    from search.engine import Engine

    return Engine(index, embedder=embedder)


def _print(text: str) -> int:
    """Print the answer, and return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # for terminals that know few letters
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
    run()
