from __future__ import annotations

import json

import pytest

from indexer.backfill.budget import LARGEST_ROUND, Budget
from indexer.backfill.frontier import Frontier
from indexer.records import Item

A, B = "https://b.example/a", "https://b.example/b"


def test_pages_come_by_rank_and_are_visited_under_any_alias():
    frontier = Frontier()
    frontier.add_pages([(3, A), (0, B)])
    assert [frontier.next_page(), frontier.next_page()] == [(0, B), (3, A)]
    frontier.visited.add("b.example/a")
    assert Frontier.read(frontier.write()).visited == {"b.example/a"}


def test_a_post_waits_once_and_counts_for_who_found_it():
    frontier = Frontier()
    frontier.add_posts([Item(A), Item(B)], "sitemaps")
    frontier.add_posts([Item(A + "/"), Item(A)], "links")
    assert [item.url for item in frontier.waiting] == [A, B]
    assert frontier.found == {"sitemaps": 2}
    assert frontier.is_known(A + "#part")


def test_a_further_strategy_begins_with_nothing():
    frontier = Frontier(pages=[(0, A)], memory={"given": [A]})
    frontier.finish_strategy()
    assert (frontier.strategy, frontier.pages, frontier.memory) == (1, [], {})


def test_pages_from_a_rank_on_are_dropped():
    frontier = Frontier()
    frontier.add_pages([(12, A), (11, A), (2, B), (3, A)])
    frontier.drop_pages(11)
    assert [frontier.next_page(), frontier.next_page()] == [(2, B), (3, A)]
    assert frontier.pages == []


def test_it_is_read_as_it_was_written():
    frontier = Frontier(
        strategy=2,
        pages=[(1, A)],
        visited={"b.example/a"},
        waiting=[Item(B, title="T", published="2012-05-06")],
        found={"sitemaps": 1},
        shown=[A],
        memory={"given": ["a"]},
    )
    assert Frontier.read(frontier.write()) == frontier
    assert Frontier.read("") == Frontier()


def test_what_an_older_version_stored_opens():
    """As ledgers hold it since 2026-11, promises of dry runs among it."""
    stored = {
        "way": 5, "whole": True, "done": False, "frontier": [[3, B], [0, A]], "visited": [],
        "waiting": [{"url": A, "title": "T", "author": "", "published": "", "updated": "", "content": "",
                     "site": "S", "language": "", "notes": [], "file": "", "colour": "red"}],
        "found": {"sitemaps": 1}, "memory": {}, "requests": 3, "bytes": 9, "pages": 2, "promised": 7,
        "promised_bytes": 8,
    }  # fmt: skip
    frontier = Frontier.read(json.dumps(stored))
    assert (frontier.strategy, frontier.whole, frontier.done) == (5, True, False)
    assert frontier.waiting == [Item(A, title="T", site="S")]
    assert frontier.next_page() == (0, A)
    assert frontier.shown == []


def test_a_budget_grants_what_is_left():
    budget = Budget(5)
    assert [budget.take(3), budget.refused] == [3, False]
    assert [budget.take(3), budget.take(), budget.refused] == [2, 0, True]
    assert Budget().take(1000) == 1000


@pytest.mark.parametrize(("limit", "wanted", "granted"), [
    (None, 1000, 1000), (9, 2, 2), (9, 9, 5), (1, 3, 1), (0, 3, 0), (1000, 900, LARGEST_ROUND),
])  # fmt: skip
def test_a_round_leaves_room_for_redirects(limit, wanted, granted):
    assert Budget(limit).take_round(wanted) == granted


def test_a_budget_goes_by_what_was_sent():
    budget = Budget(5)
    budget.take(2)
    budget.settle(4)
    assert [budget.take(3), budget.take()] == [1, 0]
    budget.settle(9)
    assert budget.take() == 0


def test_the_tags_of_a_post_that_waits_come_back():
    frontier = Frontier()
    frontier.add_posts([Item("https://a.example/1", tags=("rye", "bread"))], "paged")
    assert Frontier.read(frontier.write()).waiting == frontier.waiting
    assert Frontier.read(frontier.write()).waiting[0].tags == ("rye", "bread")
