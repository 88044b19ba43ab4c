"""blog-indexer evaluate: how well an index answers, and whether another way would
answer better."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.evaluation.figures import Compared, as_json, comparison, table
from indexer.evaluation.pairs import KINDS, Collected, Collector
from indexer.evaluation.questions import Addresses, Question, read_queries
from indexer.evaluation.trial import Exam, Result, Trials, Variant
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.ledger import Ledger
from indexer.records import Progress
from indexer.runtime.parser_pool import Workers
from indexer.runtime.progress import progress_for
from indexer.split.split import SPLITTER_VERSION, TINY
from search.console import json_text, plain, say_on_stderr
from search.embedding.sentence_transformers import SentenceEmbedder
from search.errors import BlogsearchError
from search.index.open import open_index
from search.manifest import Manifest
from search.ports import Index
from search.ranking.fusion import RANKINGS

# of each kind; with 300 questions the interval of a mean is about ±0.03 wide
PAIRS = 100
PLURALS = {"summary": "feed summaries", "note": "link notes", "heading": "headings"}


class NothingToAsk(BlogsearchError):
    """There is no question with a known answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """What ``--compare`` names: one thing that another way does otherwise."""

    what: str
    value: str

    @property
    def name(self) -> str:
        return f"{self.what}={self.value}"

    def of(self, variant: Variant) -> Variant:
        """The variant with this change."""
        if self.what == "model":
            return replace(variant, model=self.value)
        if self.what == "passages":
            return replace(variant, passages=int(self.value))
        return replace(variant, ranking=self.value)


def change(text: str) -> Change:
    """Read WHAT=VALUE; argparse shows the sentence of what is wrong."""
    what, _, value = text.partition("=")
    if what not in ("model", "ranking", "passages") or not value:
        raise argparse.ArgumentTypeError(
            f"{text}: write model=NAME, ranking={'|'.join(RANKINGS)} or passages=TOKENS"
        )
    if what == "ranking" and value not in RANKINGS:
        raise argparse.ArgumentTypeError(
            f"there is no ranking {value}; there are {', '.join(RANKINGS)}"
        )
    if what == "passages" and not (
        value.isascii() and value.isdigit() and int(value) > TINY
    ):
        raise argparse.ArgumentTypeError(
            f"passages={value}: the length is a number of tokens above {TINY}"
        )
    return Change(what, str(int(value)) if what == "passages" else value)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The command's own options."""
    parser.add_argument(
        "--queries",
        type=Path,
        metavar="FILE.jsonl",
        help="ask your own judged queries as well",
    )
    parser.add_argument(
        "--pairs",
        type=_number,
        default=PAIRS,
        metavar="N",
        help=f"questions of each kind, 0 for none ({PAIRS})",
    )
    parser.add_argument(
        "--compare", type=change, action="append", default=[], metavar="WHAT=VALUE",
        help=f"beside it as it is: model=NAME, ranking={'|'.join(RANKINGS)}, passages=TOKENS; repeatable",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="the same as JSON")


def evaluate(args: argparse.Namespace) -> int:
    """Measure how well the index answers, on what feeds, link pages and headings say of
    its articles."""
    with _opened(args.index, progress_for()) as desk:
        if args.model not in (None, desk.manifest.model):
            raise BlogsearchError(
                f"This index was made with {desk.manifest.model}. "
                f"To see what another model would give: blog-indexer evaluate --compare model={args.model}"
            )
        desk.manifest.require(model=desk.manifest.model, splitter=SPLITTER_VERSION)
        own, problems = desk.own(args.queries) if args.queries else ([], [])
        for problem in problems:
            say_on_stderr(problem)
        collected = desk.collect(args.pairs) if args.pairs else Collected()
        if not own and not collected.questions:
            raise NothingToAsk(
                "Only their text tells what the articles are about: no feed summaries, notes or telling "
                "headings. Write judged queries and give them with --queries FILE.jsonl"
            )
        say_on_stderr(told(own, collected))
        result, compared = desk.trials(
            Exam(own, collected.questions, collected.held_out), args.compare
        )
    _print(result, compared, collected, json_=args.json)
    return 1 if problems else 0


@dataclass(frozen=True, slots=True)
class _Desk:
    """The user's index, read only, and who is told how far the work is."""

    directory: Path
    index: Index
    ledger: Ledger | None
    manifest: Manifest
    progress: Progress

    def own(self, path: Path) -> tuple[list[Question], list[str]]:
        """The user's judged queries, and what is wrong with some."""
        with self.index.snapshot() as index:
            pages = self.ledger.pages() if self.ledger else []
            return read_queries(path, Addresses(index.urls(), pages))

    def collect(self, most: int) -> Collected:
        """The questions that the archive itself answers."""
        with self.index.snapshot() as index, Workers() as workers:
            return Collector(index, self.ledger, workers).collect(most, self.progress)

    def trials(
        self, exam: Exam, changes: Sequence[Change]
    ) -> tuple[Result, list[Compared]]:
        """Ask all questions of the index as it is and of each other way."""
        usual = Variant(self.manifest.model)
        ways = {one.name: one.of(usual) for one in changes}
        model = SentenceEmbedder(self.manifest.model)
        results = Trials(self.index, exam, self.progress, model=model).run(
            list(dict.fromkeys([usual, *ways.values()]))
        )
        return results[usual], [
            Compared(name, results[way]) for name, way in ways.items()
        ]


@contextmanager
def _opened(directory: Path, progress: Progress) -> Iterator[_Desk]:
    index = open_index(directory)
    with index.snapshot() as snapshot:
        manifest = snapshot.manifest
    ledger = (
        Ledger(directory, read_only=True) if (directory / LEDGER).is_file() else None
    )
    try:
        yield _Desk(directory, index, ledger, manifest, progress)
    finally:
        index.close()
        if ledger is not None:
            ledger.close()


def told(own: Sequence[Question], collected: Collected) -> str:
    """What is going to be asked, and what was passed over, and why."""
    count = Counter(question.kind for question in collected.questions)
    parts = [f"{len(own)} judged queries"] if own else []
    parts += [f"{count[kind]} {PLURALS[kind]}" for kind in KINDS if count[kind]]
    lines = [f"asked: {', '.join(parts)}"]
    if collected.held_out:
        lines[0] += (
            f"; what repeats them is held out of {len(collected.held_out)} articles for the run"
        )
    lines += [
        f"passed over: {count} {PLURALS[kind]}: {reason}"
        for (kind, reason), count in sorted(collected.skipped.items())
    ]
    return "\n".join(lines)


def _print(
    result: Result, compared: Sequence[Compared], collected: Collected, *, json_: bool
) -> None:
    if json_:
        used = Counter(question.kind for question in collected.questions)
        passed: dict[str, dict[str, int]] = {}
        for (kind, reason), count in sorted(collected.skipped.items()):
            passed.setdefault(kind, {})[reason] = count
        record = {"used": used, "passed_over": passed} | as_json(result, compared)
        print(json_text(record))
        return
    lines = table(result.rows)
    if compared:
        lines += ["", *comparison(result.rows, compared)]
    lines += [
        "",
        *(
            _cost(name, one)
            for name, one in [
                ("as it is", result),
                *((c.name, c.result) for c in compared),
            ]
        ),
    ]
    print(plain("\n".join(lines), keep="\n"))


def _cost(name: str, result: Result) -> str:
    return (
        f"{name}: {result.embedded} passages embedded, copy made in {result.making:.1f} s, "
        f"{1000 * result.asking / max(1, len(result.rows)):.0f} ms a question"
    )


def _number(text: str) -> int:
    """A number of questions, 0 or more."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("at least 0")
    return number
