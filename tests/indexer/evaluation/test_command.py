"""blog-indexer evaluate as a user runs it, over the sample archive with a tiny model of
random vectors."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from indexer.cli.commands import main
from indexer.evaluation.heldout import _folded_words, _word_runs
from indexer.evaluation.pairs import QuestionCollector
from indexer.ledger.ledger import Ledger
from search.index.open import open_index
from tests.models import static_model, transformer_model
from tests.runs import Silence

SAMPLE = Path(__file__).resolve().parents[3] / "docs/sample"


@pytest.fixture(scope="module")
def words():
    return sorted(
        {
            w
            for path in SAMPLE.rglob("*.html")
            for w in re.findall(r"\w+", path.read_text("utf-8").lower())
        }
    )


@pytest.fixture(scope="module")
def directory(tmp_path_factory, words):
    folder = tmp_path_factory.mktemp("evaluate")
    model = static_model(folder / "model", words)
    sources = [
        str(SAMPLE / name)
        for name in ("notebook/feed.xml", "kettle-hill/atom.xml", "til.md")
    ]
    assert main(
        ["--index", str(folder / "index"), "--model", str(model), "add", *sources]
    ) in (0, 1)
    return folder / "index"


@pytest.fixture
def evaluate(directory, capsys):
    def run(*options: str) -> tuple[int, str, str]:
        code = main(["--index", str(directory), "evaluate", *options])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def files(directory: Path) -> dict[str, str]:
    """What the index is, by its files' hashes; the ledger's own bookkeeping files
    aside."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in directory.iterdir()
        if path.suffix in (".sqlite", ".faiss")
    }


def test_figures_come_from_the_archive_itself_and_the_index_stays_as_it_is(
    evaluate, directory
):
    before = files(directory)
    code, out, err = evaluate("--json")
    told = json.loads(out)
    assert code == 0
    assert files(directory) == before
    assert {"summary", "note", "heading"} == set(told["used"])
    assert all(passed for passed in told["passed_over"].values())
    for group in ("summary", "note", "heading", "all"):
        for one in told["figures"][group].values():
            assert 0 <= one["low"] <= one["mean"] <= one["high"] <= 1
    assert "answer@5" in told["figures"]["heading"]
    assert (
        "answer@5" not in told["figures"]["note"]
    )  # nothing says which passage of the article answers
    assert "held out of" in err


def test_the_same_again_gives_the_same_and_other_ways_are_told_with_their_cost(
    evaluate, directory, words, tmp_path
):
    other = str(
        transformer_model(
            tmp_path / "other",
            words,
            prompts={"query": "query: ", "passage": "passage: "},
        )
    )
    options = [
        "--pairs",
        "4",
        "--compare",
        "ranking=lexical",
        "--compare",
        "passages=80",
        "--json",
    ]
    code, first, _ = evaluate(*options, "--compare", f"model={other}")
    again = json.loads(evaluate(*options)[1])
    first = json.loads(first)
    assert code == 0
    assert first["figures"] == again["figures"]
    compared = first["compared"]
    assert list(compared) == ["ranking=lexical", "passages=80", f"model={other}"]
    for name in ("ranking=lexical", "passages=80"):
        assert {k: v for k, v in compared[name].items() if k != "cost"} == {
            k: v for k, v in again["compared"][name].items() if k != "cost"
        }
    assert all(
        one["count"] == 12
        for one in [compared["passages=80"]["differences"]["nDCG@10"]]
    )
    mean = first["figures"]["all"]["nDCG@10"]["mean"]
    for one in compared.values():
        gained = one["differences"]["nDCG@10"]["mean"]
        assert one["figures"]["all"]["nDCG@10"]["mean"] == pytest.approx(
            mean + gained, abs=2e-4
        )
    shorter, usual = compared["passages=80"]["cost"], first["cost"]
    assert shorter["passages_embedded"] > usual["passages_embedded"]
    with open_index(directory).snapshot() as index:
        everything = index.manifest.passages
    assert compared[f"model={other}"]["cost"]["passages_embedded"] >= everything


def test_nothing_that_repeats_a_question_stays_in_its_article(directory, workers):
    ledger = Ledger(directory)
    with open_index(directory).snapshot() as index:
        collected = QuestionCollector(index, ledger, workers).collect(100, Silence())
    ledger.close()
    held = {article.url: article for article in collected.held_out}
    assert len(held) == len(collected.held_out)
    for question in collected.questions:
        article = held[question.gold[0]]
        assert question.text not in article.text
        if question.kind != "heading":
            assert not _word_runs(_folded_words(question.text)) & _word_runs(
                _folded_words(article.text)
            )
        if question.kind == "note":
            assert article.notes == ()


def test_own_queries_are_asked_of_the_whole_index_as_well(evaluate, tmp_path):
    url = (SAMPLE / "notebook/posts/rye-is-not-wheat.html").as_uri()
    lines = [
        {
            "query": "rye crumb smears twelve hours",
            "kind": "mine",
            "gold": [{"url": url, "spans": ["the crumb smears"]}],
        },
        {"query": "zebras", "gold": []},
    ]
    path = tmp_path / "own.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\nnonsense\n", "utf-8")
    code, out, err = evaluate("--queries", str(path), "--pairs", "0")
    assert code == 1
    assert "line 3 is left out" in err
    assert re.search(r"^mine +1 +1\.000 \[1\.000, 1\.000\]", out, re.MULTILINE)
    assert "of 1 that have none" in out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--compare", "colour=red"], 2, "model=NAME"),
        (["--compare", "ranking=best"], 2, "there are fused"),
        (["--compare", "passages=3"], 2, "above 25"),
        (["--pairs", "0"], 3, "--queries FILE.jsonl"),
        (["--queries", "/nowhere.jsonl"], 3, "can't be read"),
        (["--model", "other"], 3, "--compare model=other"),
        (["--pairs", "1", "--compare", "model=/no/such/model"], 3, "no such folder"),
    ],
)
def test_wrong_use_is_said_in_a_sentence(evaluate, capsys, options, code, said):
    try:
        ended, _, err = evaluate(*options)
    except SystemExit as error:
        ended, err = error.code, capsys.readouterr().err
    assert ended == code
    assert said in err
    assert "Traceback" not in err
