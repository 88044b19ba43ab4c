"""The page of operators: all of them, and examples that the index can answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest

from search.query.parser import _OPERATORS, parse
from search.types import Article
from web.help.operators import operators

NEWEST = (
    Article("https://a.example/0", "What is it?", "A"),
    Article(
        "https://crumb.example/rye",
        "Why rye bread is sticky",
        "Crumb",
        "Ines Halvorsen",
        date(2021, 5, 4),
        "en",
        tags=("Rye bread", "baking"),
        collections=("To read",),
    ),
)


def test_every_operator_has_an_example_that_can_be_asked():
    shown = operators(NEWEST)
    assert all(one.question for one in shown)
    asked = {one.example: parse(one.question) for one in shown}
    named = {name.partition(":")[0] for name in asked if ":" in name}
    assert named == _OPERATORS
    assert asked['tag:"Rye bread"'].filters.tags == ("Rye bread",)
    assert asked['collection:"To read"'].filters.collection == "To read"
    assert asked["after:2021"].filters.after == date(2021, 1, 1)
    assert asked["before:2022"].filters.before == date(2021, 12, 31)
    assert asked["intitle:rye"].titled == ("rye",)
    assert asked['"rye bread"'].phrases == ("rye bread",)
    assert asked["rye OR bread"].alternatives == (("rye", "bread"),)
    assert asked["rye -bread"].excluded == ("bread",)


@pytest.mark.parametrize("articles", [(), (replace(NEWEST[0], title=""),)])
def test_of_an_index_that_has_nothing_of_the_kind_they_are_no_links(articles):
    shown = operators(articles)
    assert not any(one.question for one in shown)
    assert {one.example.partition(":")[0] for one in shown if ":" in one.example} == (
        _OPERATORS
    )


def test_the_page_asks_its_examples_without_scripts(client):
    page = client.get("/help").text
    for name in _OPERATORS:
        assert f"{name}:" in page
    links = [part.partition('"')[0] for part in page.split('<dt><a href="')[1:]]
    assert links
    for link in links:
        asked = parse_qs(urlsplit(link.replace("&amp;", "&")).query)["q"][0]
        assert parse(asked).text
        assert client.get(link.replace("&amp;", "&")).status_code == 200
    assert 'href="/help"' in client.get("/").text


def test_a_page_without_an_index_says_so(client_without_index):
    assert client_without_index.get("/help").status_code == 503


def test_tags_and_collections_narrow_and_are_counted(client, engine):
    engine.hits[0] = replace(engine.hits[0], tags=("rye", "web"), collections=("A",))
    engine.hits[1] = replace(engine.hits[1], tags=("rye",), collections=("B",))
    body = client.get("/api/search?q=gradient&tag=RYE").get_json()
    assert body["total"] == 2
    assert body["results"][0]["tags"] == ["rye", "web"]
    assert body["results"][0]["collections"] == ["A"]
    assert body["facets"]["tags"] == [["rye", 2], ["web", 1]]
    assert body["facets"]["collections"] == [["A", 1], ["B", 1]]
    assert client.get("/api/search?q=gradient&collection=b").get_json()["total"] == 1
    page = client.get("/?q=gradient&tag=rye").text
    assert 'name="tag" value="rye"' in page
    assert '<span class="kind">Tag</span> <span lang="">rye</span>' in page
    assert "/?q=gradient&amp;tag=rye&amp;collection=B" in page
    assert "/search.atom?q=gradient&amp;tag=rye" in page
    assert "Newest first" in client.get("/?tag=rye").text
    assert "No such article" in client.get("/?tag=nothing").text
    assert client.get("/search.json?tag=rye").get_json()["title"] == "rye – Blogsearch"
