"""The user's own judged queries: read forgivingly, and what is wrong is said line by
line."""

from __future__ import annotations

import json

import pytest

from indexer.evaluation.questions import ArticleAddresses, QueriesError, read_queries
from indexer.records import PageRecord

HELD = ["https://a.example/rye/", "file:///home/me/post.html"]
ADDRESSES = ArticleAddresses(
    HELD, [PageRecord("https://old.example/rye", "good", article=HELD[0])]
)


def written(tmp_path, *lines):
    path = tmp_path / "own.jsonl"
    path.write_text(
        "\n".join(
            line if isinstance(line, str) else json.dumps(line) for line in lines
        ),
        "utf-8",
    )
    return path


def test_an_article_is_meant_by_any_alias_of_its_address(tmp_path):
    urls = [
        "http://www.a.example/rye/index.html",
        "https://old.example/rye",
        "https://a.example/rye#wait",
    ]
    path = written(
        tmp_path,
        *({"query": "rye", "gold": [url]} for url in urls),
        {"query": "x", "gold": [HELD[1]]},
    )
    questions, problems = read_queries(path, ADDRESSES)
    assert [q.gold for q in questions] == [(HELD[0],)] * 3 + [(HELD[1],)]
    assert problems == []


def test_all_that_a_line_can_say_is_read(tmp_path):
    line = {
        "id": 7, "query": "why is rye sticky?", "kind": "question", "more": None,
        "gold": [{"url": HELD[0], "spans": ["the crumb smears"]}], "also": [HELD[1], "https://nowhere.example/"],
    }  # fmt: skip
    [full, empty], _ = read_queries(
        written(tmp_path, "\ufeff" + json.dumps(line), "", {"query": "x", "gold": []}),
        ADDRESSES,
    )
    assert (full.text, full.kind, full.spans, full.also) == (
        "why is rye sticky?", "question", ("the crumb smears",), (HELD[1],)
    )  # fmt: skip
    assert (empty.gold, empty.kind) == ((), "own")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json", "no JSON"),
        ([1], '"query"'),
        ({"gold": []}, '"query"'),
        ({"query": "x"}, '"gold"'),
        ({"query": "x", "gold": "https://a.example/rye"}, '"gold"'),
        ({"query": "x", "gold": [{"spans": []}]}, '"url"'),
        ({"query": "x", "gold": [{"url": HELD[0], "spans": "text"}]}, '"spans"'),
        ({"query": "  ", "gold": []}, "Nothing was asked"),
        ({"query": "x after:never", "gold": []}, "is no date"),
    ],
)
def test_a_bad_line_is_left_out_and_said_by_its_number(tmp_path, line, said):
    path = written(tmp_path, {"query": "good", "gold": [HELD[0]]}, line)
    questions, [problem] = read_queries(path, ADDRESSES)
    assert [q.text for q in questions] == ["good"]
    assert "line 2 is left out" in problem
    assert said in problem


def test_an_article_that_is_not_held_is_said_and_counts_as_not_found(tmp_path):
    path = written(tmp_path, {"query": "x", "gold": ["https://b.example/"]})
    [question], [problem] = read_queries(path, ADDRESSES)
    assert question.gold == ("https://b.example/",)
    assert "holds no article https://b.example/" in problem


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff\xfe\x00"])
def test_a_file_without_any_question_is_refused_with_a_sentence(tmp_path, content):
    path = tmp_path / "none.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(QueriesError, match=r"none\.jsonl"):
        read_queries(path, ADDRESSES)
