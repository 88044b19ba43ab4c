"""A month of daily updates: no address is asked for twice without a condition, whatever
happens there."""

from __future__ import annotations

import email.utils
import json
from collections import Counter
from dataclasses import replace

import pytest

from tests.runs import Runs
from tests.servers import Script, Served, scripted
from tests.sites import page, rss, text

DAYS = 30
HTML = ("Content-Type", "text/html; charset=utf-8")


class Town(Script):
    """Pages that change from day to day: each has an ETag, a time of change, or
    neither."""

    day = 0
    feed = "/feed.xml"

    def put(
        self, path: str, body: str, kind: str = HTML[1], validator: str = "etag"
    ) -> None:
        changed = email.utils.formatdate(1_767_225_600 + 86_400 * self.day, usegmt=True)
        marks = {
            "etag": ("ETag", f'"{hash(body)}"'),
            "date": ("Last-Modified", changed),
        }
        headers = (
            ("Content-Type", kind),
            *([marks[validator]] if validator in marks else []),
        )
        self.pages[path] = Served(body.encode(), 200, headers)

    def take(self, path, headers):
        served = super().take(path, headers)
        mine = dict(served.headers)
        known = [headers["If-None-Match"], headers["If-Modified-Since"]]
        if served.status == 200 and {mine.get("ETag"), mine.get("Last-Modified")} & set(
            filter(None, known)
        ):
            return replace(served, body=b"", status=304)
        return served

    def unconditional(self) -> Counter[str]:
        return Counter(
            path
            for path, said in self.asked
            if not (said["If-None-Match"] or said["If-Modified-Since"])
        )


@pytest.fixture
def town():
    with scripted(make=Town) as script:
        yield script


def feed(town: Town, posts: list[str], **more: str) -> None:
    items = [
        (path, f"On {path}", more.get(path.strip("/"), f"Teaser of {path}"))
        for path in posts
    ]
    town.put(town.feed, rss(town.base, tuple(items)), "application/rss+xml")


def links(town: Town, *lines: str) -> None:
    town.put(
        "/links.md",
        "# Reading\n\n" + "\n".join(f"- {line}" for line in lines),
        "text/markdown",
    )


def begin(town: Town) -> list[str]:
    posts = [f"/p{n}/" for n in range(6)]
    for n, path in enumerate(posts):
        town.put(
            path, page(f"On {path}", text(n)), validator=("etag", "date", "none")[n % 3]
        )
    feed(town, posts)
    town.put("/robots.txt", "User-agent: *\nDisallow: /closed/\n", "text/plain", "date")
    town.put("/linked/", page("Linked", text(40)))
    town.put("/short/", page("Short", "Click here to read more"))
    cells = [{"cell_type": "markdown", "source": f"# Notebook\n\n{text(50)}"}]
    town.put(
        "/paper.ipynb", json.dumps({"nbformat": 4, "cells": cells}), "application/json"
    )
    town.put(
        "/secret/",
        page("Secret", text(41), head='<meta name="robots" content="noindex">'),
    )
    base = town.base
    names = (
        "linked/",
        "short/",
        "paper.ipynb",
        "secret/",
        "dead/",
        "closed/x/",
        "old/",
    )
    links(
        town,
        *(f"2025-12-30 [Thing {name}]({base}/{name}), worth a look" for name in names),
    )
    town.pages["/old/"] = Served(b"", 301, (("Location", "/new/"),))
    town.put("/new/", page("New", text(42)))
    return posts


def live(town: Town, posts: list[str]) -> None:
    """What happens on this day."""
    day = town.day
    if day % 4 == 1:
        posts.insert(0, f"/new{day}/")
        town.put(
            posts[0],
            page(f"On {posts[0]}", text(day + 60)),
            validator=("etag", "date")[day % 2],
        )
        feed(town, posts[:8])
    if day % 5 == 2:
        town.put(posts[-1], page("Edited", text(day + 100)))
        feed(town, posts[:8], **{posts[2].strip("/"): f"Another teaser, of day {day}"})
    if day == 6:
        town.feed = "/news.xml"
        town.pages[town.feed] = town.pages["/feed.xml"]
        town.pages["/feed.xml"] = Served(b"", 301, (("Location", "/news.xml"),))
    if day in (8, 21):
        town.kept = {
            path: town.pages[path] for path in ("/p1/", "/linked/", "/links.md")
        }
        town.pages |= dict.fromkeys(
            town.kept, Served(b"gone", 404 if day == 8 else 500)
        )
    if day in (9, 22):
        town.pages |= town.kept
    if day == 12:
        town.put(
            "/robots.txt", "User-agent: *\nDisallow: /nothing/\n", "text/plain", "date"
        )
    if day == 15:
        town.pages["/p0/"] = Served(b"", 301, (("Location", "/moved/p0/"),))
        town.put("/moved/p0/", page("On /p0/", text(0)))


def test_in_a_month_of_daily_runs_no_address_is_asked_for_twice_without_a_condition(
    town, tmp_path, workers
):
    posts = begin(town)
    runs = Runs(tmp_path / "index", workers)
    runs.add(f"{town.base}/feed.xml", f"{town.base}/links.md")
    for town.day in range(1, DAYS + 1):
        runs.later(days=1)
        live(town, posts)
        runs.update()
    again = {path: count for path, count in town.unconditional().items() if count > 1}
    assert again == {}
    assert {
        "/p0/",
        "/robots.txt",
        "/linked/",
        "/links.md",
        "/news.xml",
        "/secret/",
    } <= set(town.paths)
    assert Counter(town.paths)["/links.md"] == DAYS + 1
    held = {
        url.removeprefix(town.base): article for url, article in runs.articles().items()
    }
    assert set(posts) - {"/p0/"} <= set(held)
    assert held["/linked/"].evidence == held["/p1/"].evidence == "article"
    assert "/secret/" not in held


def test_in_a_month_without_any_robots_txt_its_absence_is_asked_for_once(
    town, tmp_path, workers
):
    posts = begin(town)
    del town.pages["/robots.txt"]
    runs = Runs(tmp_path / "index", workers)
    runs.add(f"{town.base}/feed.xml")
    for town.day in range(1, DAYS + 1):
        runs.later(days=1)
        if town.day == 20:  # a file that is older than the last look at its absence
            town.put(
                "/robots.txt", "User-agent: *\nDisallow: /p2/\n", "text/plain", "date"
            )
            feed(town, posts, p2="Another teaser")
        runs.update()
    assert town.unconditional()["/robots.txt"] == 1


def test_a_page_that_comes_back_older_than_its_absence_is_read(town, tmp_path, workers):
    begin(town)
    runs = Runs(tmp_path / "index", workers)
    runs.add(f"{town.base}/links.md")
    town.pages["/dead/"] = [
        Served(b"", 304),
        Served(page("Alive", text(7)).encode(), 200, (HTML,)),
    ]
    runs.later(days=2)
    runs.update()
    assert runs.articles()[f"{town.base}/dead/"].evidence == "article"
