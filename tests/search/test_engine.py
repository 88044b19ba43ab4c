"""From a question to articles: restricted, ranked, paged, and opened at the passage."""

import threading
from contextlib import closing
from datetime import date

import pytest

from search.engine import Engine
from search.errors import ArticleUnknown, IndexMismatch, IndexMissing, QueryError
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Block, Filters, Note, Passage
from tests.fakes import HashEmbedder

SPLITTER = 1
COUNT = 37


def made(number: int, *texts: str, **fields) -> tuple[Article, tuple[Passage, ...]]:
    """Article ``number``, one passage a text."""
    texts = texts or (f"bread number{number} rises in the oven",)
    known = {
        "title": f"Post {number}",
        "site": "A",
        "author": "Ann",
        "published": date(2020, 1, 1 + number % 28),
    }
    blocks = tuple(Block("paragraph", text) for text in texts)
    notes = fields.get("notes", ())
    article = Article(
        f"https://a.example/{number}", **(known | {"blocks": blocks} | fields)
    )
    passages = [
        Passage(text, ("H", "Sub"), f"h{n}", f"words-of, {n}")
        for n, text in enumerate(texts)
    ]
    return article, (*passages, *(Passage(note.text, is_note=True) for note in notes))


def commit(directory, *articles, embedder=None):
    with SqliteWriter(
        directory, embedder or HashEmbedder(), splitter=SPLITTER
    ) as index:
        index.add(articles)
        index.commit()


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    path = tmp_path_factory.mktemp("index")
    commit(
        path,
        *(made(number) for number in range(COUNT)),
        made(100, "yeast and flour", "yeast and water", "yeast and salt", "yeast and time", title="Yeast"),
        made(101, "cold bread dough", author="Bob", site="B", published=date(2023, 3, 3)),
        made(102, "dough of cold bread", author="Eve", site="B", published=date(2024, 4, 4)),
        made(103, notes=(Note("kayaks glide", "a talk", "May", date(2022, 5, 1)),
                         Note("an older remark", "talk", "April", date(2021, 4, 1))),
             blocks=(), published=None, evidence="link", title="A talk"),
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def engine(directory):
    made_one = Engine(open_index(directory), embedder=HashEmbedder())
    yield made_one
    made_one.close()


def urls(answer) -> list[str]:
    return [hit.url.rpartition("/")[2] for hit in answer.hits]


@pytest.mark.parametrize("question", ["bread", "bread oven"])
@pytest.mark.parametrize("sort", ["relevance", "newest"])
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_the_pages_make_up_the_whole(engine, limit, sort, question):
    whole = engine.search(question, limit=1000, sort=sort)
    count = whole.total + whole.weaker
    assert len(whole.hits) == count >= COUNT
    pages = [
        engine.search(question, limit=limit, offset=n, sort=sort)
        for n in range(0, count, limit)
    ]
    assert [url for page in pages for url in urls(page)] == urls(whole)
    assert len(set(urls(whole))) == count
    assert {(page.total, page.weaker) for page in pages} == {
        (whole.total, whole.weaker)
    }


def found(engine, question) -> set[str]:
    return set(urls(engine.search(question, limit=1000)))


def test_words_of_titles_and_alternatives_have_to_be_there(engine):
    assert (
        found(engine, "intitle:yeast")
        == found(engine, "bread intitle:yeast")
        == {"100"}
    )
    assert found(engine, 'intitle:"post 7"') == {"7"}
    assert found(engine, "intitle:flour") == set()
    assert found(engine, "kayaks OR yeast") == {"100", "103"}
    assert found(engine, '"cold bread" OR "bread cold"') == {"101", "102"}
    assert found(engine, "dough kayaks OR cold") == {"101", "102", "103"}
    assert found(engine, "kayaks OR yeast intitle:talk") == {"103"}


def test_what_is_asked_in_such_words_alone_answers(engine):
    for question in (
        "intitle:yeast",
        "yeast OR kayaks",
        '"yeast and" OR "kayaks glide"',
    ):
        answer = engine.search(question)
        assert answer.confident
        assert answer.weaker == 0
    marked = engine.search('nothing OR "yeast and"').hits[0].passages[0]
    (first, *_) = marked.highlights
    assert marked.text[first.start : first.end] == "yeast and"


def test_beyond_the_end_there_is_nothing(engine):
    answer = engine.search("bread", offset=10_000)
    assert answer.hits == ()
    assert answer.total == engine.search("bread").total


@pytest.mark.parametrize("page", [{"limit": 0}, {"limit": -1}, {"offset": -1}])
def test_a_page_that_is_none_is_told(engine, page):
    with pytest.raises(QueryError) as caught:
        engine.search("bread", **page)
    assert caught.value.code == "bad-page"


def test_an_article_is_one_hit_with_its_best_passages_inside(engine):
    answer = engine.search("yeast")
    hit = answer.hits[0]
    assert hit.title == "Yeast"
    assert [hit.url for hit in answer.hits].count(hit.url) == 1
    assert [passage.text for passage in hit.passages] == [
        "yeast and flour\n\nyeast and water\n\nyeast and salt\n\nyeast and time"
    ]
    assert hit.passages[0].url.startswith("https://a.example/100#:~:text=yeast")
    scores = [passage.score for passage in hit.passages]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= s <= 1 for s in (hit.score, *scores))
    assert [h.score for h in answer.hits] == sorted(
        (h.score for h in answer.hits), reverse=True
    )


def test_a_hit_has_all_that_is_shown(engine):
    hit = engine.search("cold bread dough").hits[0]
    assert (hit.url, hit.title, hit.site, hit.author, hit.published, hit.evidence, hit.note) == (
        "https://a.example/101", "Post 101", "B", "Bob", date(2023, 3, 3), "article", None,
    )  # fmt: skip
    passage = hit.passages[0]
    assert passage.url.startswith("https://a.example/101")
    assert [passage.text[s.start : s.end] for s in passage.highlights] == [
        "cold bread dough"
    ]
    (passage,) = engine.search("dough cold").hits[0].passages
    assert {passage.text[s.start : s.end] for s in passage.highlights} == {
        "cold",
        "dough",
    }


def test_filters_restrict_before_ranking(engine):
    """Both of site B lie far down among the answers to "oven", and are found all the
    same."""
    for filters in (
        Filters(site="B"),
        Filters(after=date(2023, 1, 1)),
        Filters(author="bob"),
    ):
        answer = engine.search("oven number3", filters=filters, limit=5)
        assert set(urls(answer)) <= {"101", "102"}
        assert answer.total + answer.weaker == len(answer.hits) >= 1
    assert urls(engine.search("oven", filters=Filters(site="none.example"))) == []
    assert urls(engine.search("oven after:2023 before:2024")) == ["101"]
    assert urls(engine.search("bread site:B author:eve")) == ["102"]


def test_phrases_and_exclusions(engine):
    assert urls(engine.search('"cold bread dough"')) == ["101"]
    assert set(urls(engine.search('"cold bread"'))) == {"101", "102"}
    assert "101" not in urls(engine.search("cold bread -dough", limit=100))
    assert urls(engine.search('"cold bread" -"bread dough"')) == ["102"]
    assert engine.search('"bread cold"').total == 0


def test_what_holds_the_one_word_or_the_phrase_answers_and_the_rest_is_weaker(engine):
    answer = engine.search("dough", limit=100)
    assert (answer.confident, answer.total) == (True, 2)
    assert set(urls(answer)[:2]) == {"101", "102"}
    assert answer.weaker == len(answer.hits) - 2 > 0
    assert sum(count for _, count in answer.facets.sites) == 2
    phrase = engine.search('"cold bread"')
    assert (phrase.confident, phrase.total, phrase.weaker) == (True, 2, 0)
    held = engine.search('"yeast and salt" zeppelins')
    assert (urls(held), held.total) == (["100"], 1)


def test_where_nothing_answers_there_are_only_weaker_ones(engine):
    answer = engine.search("zeppelins submarines", limit=100, sort="newest")
    assert (answer.confident, answer.total) == (False, 0)
    assert answer.weaker == len(answer.hits) > 0
    assert answer.facets.sites == ()
    assert urls(answer) == urls(engine.search("zeppelins submarines", limit=100))


def test_only_what_answers_is_put_in_order_of_its_day(engine):
    by_day = engine.search("bread", sort="newest", limit=100)
    answering = by_day.hits[: by_day.total]
    days = [hit.published or hit.note.noted for hit in answering]
    assert len(days) >= COUNT + 2
    assert days == sorted(days, reverse=True)
    assert urls(by_day)[:2] == ["102", "101"]
    weaker = urls(engine.search("bread", limit=100))[by_day.total :]
    assert urls(by_day)[by_day.total :] == weaker != []


def test_a_link_is_found_by_its_note_which_is_shown(engine):
    hit = engine.search("kayaks glide").hits[0]
    assert (hit.title, hit.evidence, hit.published) == ("A talk", "link", None)
    assert (hit.note.text, hit.note.section, hit.note.noted) == (
        "kayaks glide",
        "May",
        date(2022, 5, 1),
    )
    assert hit.passages[0].url == hit.url
    assert engine.search("an older remark").hits[0].note.text == "an older remark"


@pytest.mark.parametrize(
    "question", ["", "  ", "-", '""', "site:x", "a\x00b", "x" * 2001]
)
def test_what_can_not_be_answered_is_told(engine, question):
    with pytest.raises(QueryError):
        engine.search(question)


@pytest.mark.parametrize(
    "question",
    [
        "NEAR(a b)",
        "a OR",
        "*",
        "title:bread AND (",
        "bread's",
        '"',
        "a^2",
        "{x}",
        "--",
        "深",
    ],
)
def test_nothing_typed_is_taken_for_syntax(engine, question):
    try:
        assert engine.search(question).total >= 0
    except QueryError as error:
        assert error.code == "nothing-to-search"  # noqa: PT017


def test_what_asks_for_no_snippet_is_found_by_its_text_and_shows_none_of_it(tmp_path):
    note = Note("worth a read", "zeppelins", "May", date(2022, 5, 1))
    commit(
        tmp_path,
        made(1, "zeppelins land softly", nosnippet=True),
        made(2, "zeppelins rise", notes=(note,), nosnippet=True),
        made(3, "bread"),
    )
    with closing(Engine(open_index(tmp_path), embedder=HashEmbedder())) as engine:
        answer = engine.search("zeppelins worth", limit=2)
    assert sorted(urls(answer)) == ["1", "2"]
    assert {hit.passages for hit in answer.hits} == {()}
    assert {hit.title: hit.note for hit in answer.hits} == {
        "Post 1": None,
        "Post 2": note,
    }


def test_a_new_generation_is_taken_up_without_a_restart(tmp_path):
    commit(tmp_path, made(1))
    engine = Engine(open_index(tmp_path), embedder=HashEmbedder())
    assert engine.search("bread").total == 1
    commit(tmp_path, made(2, "zeppelins land"), made(1, "another text"))
    assert engine.search("zeppelins").hits[0].url == "https://a.example/2"
    assert engine.search('"rises in the oven"').total == 0
    assert engine.status().articles == 2
    assert engine.holds("https://a.example/2")
    assert not engine.holds("https://a.example/3")


def test_many_threads_may_ask_while_another_writes(tmp_path):
    commit(tmp_path, made(0))
    engine = Engine(open_index(tmp_path), embedder=HashEmbedder())
    failures, over = [], threading.Event()

    def ask():
        while not over.is_set():
            answer = engine.search("bread", limit=100)
            if len(answer.hits) != answer.total:
                failures.append(answer)

    def guarded():
        try:
            ask()
        except Exception as error:  # noqa: BLE001  # it is what the test looks for
            failures.append(error)

    threads = [threading.Thread(target=guarded) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 15):
        commit(tmp_path, made(number))
    over.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert engine.search("bread").total == 15


def test_status_tells_what_there_is(engine):
    status = engine.status()
    assert status.articles == COUNT + 4
    assert [site for site, _ in status.sites] == ["A", "B"]
    assert status.years == (2024, 2023, 2022, 2020)
    assert status.model == "hash"


def test_an_article_is_read_with_its_blocks_by_any_of_its_addresses(engine):
    found = engine.article("https://a.example/100")
    assert found.title == "Yeast"
    assert [block.text for block in found.blocks] == [
        "yeast and flour", "yeast and water", "yeast and salt", "yeast and time",
    ]  # fmt: skip
    alias = "http://www.a.example/100/?utm_source=x#h1"
    assert engine.article(alias) == found
    for unknown in ("https://a.example/99999", "nonsense", ""):
        with pytest.raises(ArticleUnknown):
            engine.article(unknown)


def test_without_an_index_or_with_an_empty_one_it_is_told(tmp_path):
    engine = Engine(open_index(tmp_path / "none"), embedder=HashEmbedder())
    with pytest.raises(IndexMissing, match="blog-indexer add"):
        engine.search("bread")
    SqliteWriter(tmp_path / "none", HashEmbedder(), splitter=SPLITTER).close()
    with pytest.raises(IndexMissing, match="empty"):
        engine.status()
    commit(tmp_path / "none", made(1))
    assert engine.search("bread").total == 1


def test_an_index_whose_articles_all_left_answers_with_nothing(tmp_path):
    commit(tmp_path, made(1))
    with SqliteWriter(tmp_path, HashEmbedder(), splitter=SPLITTER) as index:
        index.forget("https://a.example/1")
        index.commit()
    answer = Engine(open_index(tmp_path), embedder=HashEmbedder()).search("bread")
    assert (answer.total, answer.hits, answer.confident) == (0, (), False)


def test_another_model_never_answers(tmp_path):
    commit(tmp_path, made(1))
    with pytest.raises(IndexMismatch, match="blog-indexer rebuild"):
        Engine(open_index(tmp_path), embedder=HashEmbedder("other")).search("bread")
    with pytest.raises(IndexMismatch, match="other weights"):
        Engine(open_index(tmp_path), embedder=HashEmbedder(dimension=32)).search(
            "bread"
        )


@pytest.mark.parametrize("question", ["bread", "cold bread dough", '"yeast and"', "b"])
def test_what_is_new_answers_as_well_as_on_a_page_of_results(directory, question):
    with closing(Engine(open_index(directory), embedder=HashEmbedder())) as engine:
        every = engine.answering(question)
        ids = engine.arrived(0, 999)
        assert engine.search(question).total == len(every)
        assert engine.answering(question, ids) == every
        for start in range(0, len(ids), 5):
            some = ids[start : start + 5]
            new = engine.answering(question, some)
            assert new.items() <= every.items()
            assert set(new.values()) == set(every.values()) & set(some)
