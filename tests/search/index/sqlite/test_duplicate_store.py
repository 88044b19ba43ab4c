"""The same text in several places: one result, whichever came first, whatever is
forgotten or changed."""

import json
import sqlite3
from datetime import date
from itertools import permutations

import pytest

from search.engine import Engine
from search.index.open import open_index
from search.index.sqlite import duplicate_store, schema
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.writer import DATABASE, SqliteWriter
from search.types import Article, Block, Filters, Note, Passage
from tests.fakes import HashEmbedder

TEXT = (
    "A sourdough starter is a culture of flour and water in which wild yeast and bacteria live together. "
    "Feed it every day with equal weights of both, keep it warm, and after a week it doubles within four "
    "hours. Bread that is made with it keeps longer and needs nothing from the shop but patience."
)
ORIGINAL = "https://ann.example/2020/sourdough"
PLANET = "https://planet.example/1"
DRAFT = "https://ann.example/2020/suordough"


def made(url, text=TEXT, **fields):
    known = {
        "title": "My sourdough",
        "published": date(2020, 3, 3),
        "site": "",
        "author": "Ann",
    }
    article = Article(url, blocks=(Block("paragraph", text),), **(known | fields))
    notes = tuple(Passage(note.text, is_note=True) for note in article.notes)
    return article, (Passage(text), *notes)


ORIGINAL_POST = made(ORIGINAL, published=date(2020, 3, 1))
PLANET_POST = made(
    PLANET, f"{TEXT} First published by Ann on her own site.", site="Planet"
)
DRAFT_POST = made(DRAFT, TEXT.replace("patience", "some patience"))
OTHER_POST = made(
    "https://ann.example/rye",
    f"Rye is not wheat. {TEXT[::-1]}",
    title="Rye",
    published=None,
)


def writer(directory):
    return SqliteWriter(directory, HashEmbedder(), splitter=1)


def commit(directory, *articles, forget=()):
    with writer(directory) as index:
        for one in articles:
            index.add([one])
        for url in forget:
            index.forget(url)
        index.commit()


def search(directory, question="sourdough", **options):
    engine = Engine(open_index(directory), embedder=HashEmbedder())
    try:
        return engine.search(question, **options)
    finally:
        engine.close()


def shown(directory, **options):
    """Each hit's address with those it is also at."""
    return {hit.url: hit.also_at for hit in search(directory, **options).hits}


@pytest.mark.parametrize(
    "order", list(permutations([ORIGINAL_POST, PLANET_POST, DRAFT_POST]))
)
def test_a_text_in_three_places_is_one_result_whatever_came_first(tmp_path, order):
    commit(tmp_path, *order[:2])
    commit(tmp_path, order[2], OTHER_POST)
    answer = search(tmp_path)
    assert answer.total + answer.weaker == len(answer.hits) == 2
    assert shown(tmp_path) == {ORIGINAL: (DRAFT, PLANET), "https://ann.example/rye": ()}
    opened = {passage.url.split("#")[0] for passage in answer.hits[0].passages}
    assert opened == {ORIGINAL}


def test_of_copies_of_one_day_that_with_the_shortest_address_is_shown(tmp_path):
    commit(tmp_path, made(ORIGINAL), PLANET_POST, made(DRAFT, published=None))
    assert shown(tmp_path) == {PLANET: (ORIGINAL, DRAFT)}


def test_forgetting_one_keeps_the_others(tmp_path):
    commit(tmp_path, ORIGINAL_POST, PLANET_POST, DRAFT_POST)
    commit(tmp_path, forget=[ORIGINAL])
    assert shown(tmp_path) == {PLANET: (DRAFT,)}
    commit(tmp_path, forget=[DRAFT])
    assert shown(tmp_path) == {PLANET: ()}


def test_a_copy_that_is_rewritten_is_a_result_of_its_own(tmp_path):
    commit(tmp_path, ORIGINAL_POST, PLANET_POST)
    commit(tmp_path, made(PLANET, " ".join(reversed(TEXT.split()))))
    assert shown(tmp_path) == {ORIGINAL: (), PLANET: ()}
    commit(tmp_path, PLANET_POST)
    assert shown(tmp_path) == {ORIGINAL: (PLANET,)}
    commit(tmp_path, made(PLANET, title="Part 2"), made(ORIGINAL, title="Part 1"))
    assert shown(tmp_path) == {ORIGINAL: (), PLANET: ()}


def test_a_date_that_is_corrected_moves_the_representative(tmp_path):
    commit(tmp_path, ORIGINAL_POST, PLANET_POST)
    commit(tmp_path, made(PLANET, PLANET_POST[0].text, published=date(2019, 1, 1)))
    assert shown(tmp_path) == {PLANET: (ORIGINAL,)}


@pytest.mark.parametrize(
    "filters",
    [
        Filters(site="planet.example"),
        Filters(site="Planet"),
        Filters(after=date(2020, 3, 2)),
    ],
)
def test_where_filters_keep_the_representative_out_a_copy_that_they_allow_is_shown(
    tmp_path, filters
):
    commit(tmp_path, ORIGINAL_POST, PLANET_POST)
    assert shown(tmp_path, filters=filters) == {PLANET: (ORIGINAL,)}
    assert shown(tmp_path, filters=Filters(before=date(2020, 3, 2))) == {
        ORIGINAL: (PLANET,)
    }


@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_pages_of_results_count_texts(tmp_path, sort):
    texts = [f"sourdough {' '.join(f'w{n}x{m}' for m in range(40))}" for n in range(6)]
    posts = [
        made(f"https://a.example/{n}", text, title=f"T{n}x")
        for n, text in enumerate(texts)
    ]
    twins = [
        made(post.url.replace("a.", "b."), post.text, title=post.title)
        for post, _ in posts
    ]
    commit(tmp_path, *posts, *twins)
    pages = [search(tmp_path, limit=2, offset=n, sort=sort) for n in (0, 2, 4, 6)]
    assert [(page.total, len(page.hits)) for page in pages] == [
        (6, 2),
        (6, 2),
        (6, 2),
        (6, 0),
    ]
    found = [hit.url for page in pages for hit in page.hits]
    assert sorted(found) == [f"https://a.example/{n}" for n in range(6)]


def test_links_without_text_and_short_posts_stay_apart(tmp_path):
    note = (Note("sourdough: read this"),)
    links = [
        Article(f"https://{name}.example/", "A talk", evidence="link", notes=note)
        for name in "ab"
    ]
    commit(
        tmp_path,
        *((link, (Passage(note[0].text, is_note=True),)) for link in links),
        *(made(f"https://c.example/{n}", "A sourdough loaf.") for n in range(3)),
    )
    assert search(tmp_path, "sourdough").total == 5


def test_an_index_of_an_older_program_is_compared_when_it_is_opened_to_write(tmp_path):
    db = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    older = schema.MIGRATIONS
    before = next(
        n for n, statements in enumerate(older) if "CREATE TABLE texts" in statements
    )
    for number, statements in enumerate(older[:before], 1):
        db.executescript(f"{statements} PRAGMA user_version = {number};")
    db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    for url, day in ((PLANET, "2020-03-03"), (ORIGINAL, "2020-03-01")):
        db.execute(
            "INSERT INTO articles (url, host, title, site, author, published, language, evidence, blocks,"
            " notes) VALUES (?, '', 'My sourdough', '', '', ?, '', 'article', ?, '[]')",
            (url, day, json.dumps([["paragraph", TEXT, 0, ""]])),
        )
    db.close()
    model = HashEmbedder()
    SqliteWriter(tmp_path, model, splitter=1).close()
    with sqlite3.connect(tmp_path / DATABASE) as db:
        found = duplicate_store.duplicates_of(db, [1])
    assert found[1].others(2) == (PLANET,)
    assert model.embedded == []


def test_texts_signed_in_another_way_are_compared_anew(tmp_path, monkeypatch):
    commit(tmp_path, ORIGINAL_POST, PLANET_POST)
    monkeypatch.setattr(duplicate_store, "SIGNATURE_VERSION", 99)
    writer(tmp_path).close()
    db = sqlite3.connect(tmp_path / DATABASE)
    assert db.execute("SELECT DISTINCT version FROM texts").fetchall() == [(99,)]
    db.close()
    assert shown(tmp_path) == {ORIGINAL: (PLANET,)}


def test_an_interruption_while_texts_are_compared_leaves_none_half_compared(
    tmp_path, monkeypatch
):
    def interrupt(*_):
        raise KeyboardInterrupt

    with writer(tmp_path) as index:
        index.add([ORIGINAL_POST, PLANET_POST])
        with monkeypatch.context() as interrupted:
            interrupted.setattr(duplicate_store, "are_same", interrupt)
            with pytest.raises(KeyboardInterrupt):
                index.commit()
        index.commit()
    assert shown(tmp_path) == {ORIGINAL: (PLANET,)}


def test_a_thousand_copies_of_one_text_are_compared_with_a_bounded_number(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(duplicate_store, "COMPARED", 3)
    with writer(tmp_path) as index:
        index.add([made(f"https://a.example/{n}") for n in range(20)])
        index.commit()
    with SqliteIndex(tmp_path).snapshot() as index:
        groups = index.duplicates(range(1, 21))
    assert {group.representative for group in groups.values()} == {1}
    db = sqlite3.connect(tmp_path / DATABASE)
    assert db.execute("SELECT count(*) FROM copies").fetchone()[0] <= 20 * 3
    db.close()
