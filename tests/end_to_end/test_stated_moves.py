"""Pages that lead on in their HTML are read where they lead: whole runs."""

from __future__ import annotations

import pytest

from indexer.records import Page
from tests.end_to_end.test_one_article import Web
from tests.runs import Runs
from tests.sites import text

LINKS = "https://me.example/links.md"
OLD, NEW = "https://old.example/weir.html", "https://new.example/weir/"
NOINDEX = '<meta name="robots" content="noindex">'


@pytest.fixture
def web() -> Web:
    web = Web()
    web.links(LINKS, (OLD, "The weir"))
    return web


@pytest.fixture
def runs(tmp_path, workers, web) -> Runs:
    runs = Runs(tmp_path / "index", workers)
    runs.fetcher = web
    return runs


def move(web: Web, url: str, target: str, head: str = NOINDEX, **more: object) -> None:
    body = f'<title>Redirecting</title>{head}<meta http-equiv="refresh" content="0; url={target}">'
    fields = {"final_url": url, "content_type": "text/html"} | more
    web.pages[url] = Page(url, body=body.encode(), **fields)  # type: ignore[arg-type]


def test_the_text_is_held_under_its_new_address_with_the_note(runs, web):
    web.put(NEW, "The weir", text(1), text(2))
    move(web, OLD, NEW)
    runs.add(LINKS)
    article = runs.articles()[NEW]
    assert (article.evidence, OLD in runs.articles()) == ("article", False)
    assert any("The weir" in note.text for note in article.notes)
    # It stays moved: the old address is not asked any more.
    record = runs.page(OLD)
    assert record is not None
    assert (record.moved, record.article) == (NEW, NEW)
    web.asked.clear()
    runs.later(days=100)
    runs.update()
    assert OLD not in web.asked


def test_a_chain_of_moves(runs, web):
    middle = "https://middle.example/weir"
    web.put(NEW, "The weir", text(1), text(2))
    move(web, OLD, middle)
    move(web, middle, NEW)
    runs.add(LINKS)
    assert runs.articles()[NEW].evidence == "article"


@pytest.mark.parametrize("target", [NEW, "https://old.example/loop"])
def test_a_move_that_leads_nowhere_leaves_the_note(runs, web, target):
    """The page's noindex says nothing of the user's own words."""
    move(web, OLD, target)
    move(web, "https://old.example/loop", OLD)
    runs.add(LINKS)
    held = runs.articles()[OLD]
    assert held.evidence == "link"
    assert any("The weir" in note.text for note in held.notes)


def test_a_post_is_read_where_it_stands_if_its_new_place_cannot_be_had(runs, web):
    head = "<meta http-equiv=refresh content='0;url=https://new.example/gone'>"
    web.put(
        OLD, "The weir", *(text(number, words=400) for number in range(3)), head=head
    )
    runs.add(LINKS)
    assert runs.articles()[OLD].evidence == "article"


def test_what_was_kept_out_before_moves_were_followed_is_read(runs, web):
    """A page that is as it was answers 304, and would stay kept out for ever."""
    move(web, OLD, OLD)  # to itself: it is no move, and kept out
    runs.add(LINKS)
    assert OLD not in runs.articles()
    web.put(NEW, "The weir", text(1), text(2))
    move(web, OLD, NEW)
    runs.later(days=200)
    runs.update()
    assert runs.articles()[NEW].evidence == "article"


def test_what_is_added_is_what_a_page_leads_on_to(runs, web):
    web.put(NEW, "The weir", text(1), text(2))
    move(web, OLD, NEW)
    runs.add(OLD)
    assert set(runs.articles()) == {NEW}
