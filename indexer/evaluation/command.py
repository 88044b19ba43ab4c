"""blog-indexer evaluate: the quality of an index's answers, and of other variants'."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.evaluation.figures import Compared, comparison, figures_as_json, table
from indexer.evaluation.pairs import KINDS, CollectedQuestions, QuestionCollector
from indexer.evaluation.questions import (
    ArticleAddresses,
    JudgedQuestion,
    read_queries,
)
from indexer.evaluation.trial import QuestionSet, TrialResult, TrialRunner
from indexer.evaluation.variants import Change, Variant, read_change
from indexer.ledger.ledger import DATABASE as LEDGER
from indexer.ledger.ledger import Ledger
from indexer.ledger.place import Place
from indexer.records import Progress
from indexer.runtime.parser_pool import Workers
from indexer.runtime.progress import progress_for
from indexer.split.split import SPLITTER_VERSION
from search.console import json_text, plain, say_on_stderr
from search.embedding.embedder import open_embedder
from search.embedding.model_files import chosen_model
from search.errors import BlogsearchError
from search.manifest import Manifest
from search.ports import Index
from search.ranking.fusion import RANKINGS

# Of each kind; with 300 questions the interval of a mean is about ±0.03 wide.
PAIRS = 100
PLURALS = {"summary": "feed summaries", "note": "link notes", "heading": "headings"}


class NothingToAsk(BlogsearchError):
    """There is no question with a known answer."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command's own options."""
    parser.add_argument(
        "--queries",
        type=Path,
        metavar="FILE.jsonl",
        help="ask your own judged queries as well",
    )
    parser.add_argument(
        "--pairs",
        type=_question_count,
        default=PAIRS,
        metavar="N",
        help=f"questions of each kind, 0 for none ({PAIRS})",
    )
    parser.add_argument(
        "--compare",
        type=read_change,
        action="append",
        default=[],
        metavar="WHAT=VALUE",
        help="beside it as it is: model=NAME, "
        f"ranking={'|'.join(RANKINGS)}, passages=TOKENS; repeatable",
    )
    parser.add_argument("--json", action="store_true", help="the same as JSON")


def evaluate(args: argparse.Namespace) -> int:
    """Measure how well the index answers, on what feeds, link pages and headings say of
    its articles."""
    with _opened(args.place, progress_for()) as evaluation:
        evaluation.require(args.model)
        own: list[JudgedQuestion] = []
        problems: list[str] = []
        if args.queries:
            own, problems = evaluation.own_questions(args.queries)
        for problem in problems:
            say_on_stderr(problem)
        collected = evaluation.collect(args.pairs)
        if not own and not collected.questions:
            raise NothingToAsk(
                "Only their text tells what the articles are about: no feed summaries, notes or telling "
                "headings. Write judged queries and give them with --queries FILE.jsonl"
            )
        for line in _summary(own, collected):
            say_on_stderr(line)
        questions = QuestionSet(own, collected.questions, collected.held_out)
        result, compared = evaluation.run(questions, args.compare)
    # The report is what is asked for; all that is said on the way goes to stderr.
    if args.json:
        record = {
            "used": Counter(question.kind for question in collected.questions),
            "passed_over": _passed_over(collected),
        }
        print(json_text(record | figures_as_json(result, compared)))
    else:
        print(plain("\n".join(_report(result, compared)), keep="\n"))
    if problems:
        return 1
    return 0


@dataclass(frozen=True, slots=True)
class _Evaluation:
    """The user's index at a place and its ledger, read only, and the display of
    progress."""

    place: Place
    index: Index
    manifest: Manifest
    ledger: Ledger | None
    progress: Progress

    def require(self, model: str | None) -> None:
        """Raise an error unless the index was made with this model and splitter."""
        made_with = self.manifest.model
        if model and chosen_model(model, made_with) != made_with:
            raise BlogsearchError(
                f"This index was made with {made_with}. "
                f"To see what another model would give: blog-indexer evaluate --compare model={model}"
            )
        self.manifest.require(model=made_with, splitter=SPLITTER_VERSION)

    def own_questions(self, path: Path) -> tuple[list[JudgedQuestion], list[str]]:
        """Read the user's judged queries, and the problems of some."""
        pages = self.ledger.pages() if self.ledger else []
        with self.index.snapshot() as snapshot:
            return read_queries(path, ArticleAddresses(snapshot.urls(), pages))

    def collect(self, most: int) -> CollectedQuestions:
        """Collect the questions that the archive itself answers."""
        if not most:
            return CollectedQuestions()
        with self.index.snapshot() as snapshot, Workers() as workers:
            collector = QuestionCollector(snapshot, self.ledger, workers)
            return collector.collect(most, self.progress)

    def run(
        self, questions: QuestionSet, changes: Sequence[Change]
    ) -> tuple[TrialResult, list[Compared]]:
        """Ask all questions of the index as it is and of each variant."""
        usual = Variant(self.manifest.model)
        variants = {change.name: change.of(usual) for change in changes}
        model = open_embedder(self.manifest.model)
        # A change that changes nothing is the usual variant, and is not run twice.
        runner = TrialRunner(
            self.index,
            questions,
            self.progress,
            model=model,
        )
        results = runner.run(list(dict.fromkeys([usual, *variants.values()])))
        return results[usual], [
            Compared(name, results[variant]) for name, variant in variants.items()
        ]


@contextmanager
def _opened(place: Place, progress: Progress) -> Iterator[_Evaluation]:
    with ExitStack() as stack:
        index = place.open_index()
        stack.callback(index.close)
        with index.snapshot() as snapshot:
            manifest = snapshot.manifest
        # Without a ledger the headings and notes still ask.
        ledger = None
        if (place.ledger / LEDGER).is_file():
            ledger = Ledger(place.ledger, read_only=True)
            stack.callback(ledger.close)
        yield _Evaluation(place, index, manifest, ledger, progress)


def _summary(
    own: Sequence[JudgedQuestion], collected: CollectedQuestions
) -> Iterator[str]:
    """Say what is going to be asked, and what was passed over, and why."""
    counts = {kind: collected.count(kind) for kind in KINDS}
    parts = [f"{count} {PLURALS[kind]}" for kind, count in counts.items() if count]
    if own:
        parts.insert(0, f"{len(own)} judged queries")
    asked = f"asked: {', '.join(parts)}"
    if collected.held_out:
        asked += f"; what repeats them is held out of {len(collected.held_out)} articles for the run"
    yield asked
    for kind, reasons in _passed_over(collected).items():
        for reason, number in reasons.items():
            yield f"passed over: {number} {PLURALS[kind]}: {reason}"


def _passed_over(collected: CollectedQuestions) -> dict[str, dict[str, int]]:
    """Return how many texts of each kind were passed over, by reason."""
    passed: dict[str, dict[str, int]] = {}
    for (kind, reason), count in sorted(collected.skipped.items()):
        passed.setdefault(kind, {})[reason] = count
    return passed


def _report(result: TrialResult, compared: Sequence[Compared]) -> list[str]:
    lines = table(result.scores)
    if compared:
        lines += ["", *comparison(result.scores, compared)]
    lines.append("")
    for variant in [Compared("as it is", result), *compared]:
        cost = variant.result
        lines.append(
            f"{variant.name}: {cost.embedded} passages embedded, "
            f"copy made in {cost.making:.1f} s, {cost.question_ms:.0f} ms a question"
        )
    return lines


def _question_count(text: str) -> int:
    """Read a number of questions, 0 or more."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("at least 0")
    return number
