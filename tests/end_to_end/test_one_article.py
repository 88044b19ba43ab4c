"""The same post under several addresses is one article, fetched once where that can be
known before."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing

import pytest

from indexer.records import FetchError, Page, Validators
from search.engine import Engine
from search.index.open import open_index
from search.text import urls
from tests.fakes import CannedFetcher
from tests.runs import Runs, results
from tests.sites import Site, page, rss, serving, text

BLOG = "https://blog.example"
OTHERS = (
    ("http://a.example/x", "X"),
    ("http://a.example/y", "Y"),
    ("http://a.example/z", "Z"),
)


class Web(CannedFetcher):
    """Pages of any host, with validators."""

    requests = 0  # they are free

    def put(self, url: str, title: str, *texts: str, head: str = "") -> None:
        body = page(title, *texts, head=head).encode()
        self.pages[url] = Page(
            url,
            url,
            body,
            content_type="text/html",
            validators=Validators(f'"{hash(url + title)}{hash(body)}"', "", url),
        )

    def move(self, old: str, new: str) -> None:
        target = self.pages[new]
        assert isinstance(target, Page)
        self.pages[old] = Page(
            old,
            new,
            target.body,
            moved_to=new,
            content_type="text/html",
            validators=target.validators,
        )

    def feed(self, url: str, *items: tuple[str, ...]) -> None:
        body = rss("", items).encode()
        self.pages[url] = Page(url, url, body, content_type="application/rss+xml")

    def links(self, url: str, *links: tuple[str, str]) -> None:
        entries = "".join(
            f"- [{text}]({link}) noted as {text}\n" for link, text in (*links, *OTHERS)
        )
        self.pages[url] = Page(
            url,
            url,
            f"# 2024-03-01\n\n{entries}".encode(),
            content_type="text/markdown",
        )

    def asked_of(self, *urls: str) -> list[str]:
        """Which of these were asked since the last call."""
        asked = [url for url in self.asked if url in urls]
        self.asked.clear()
        return asked


@pytest.fixture
def web():
    return Web()


@pytest.fixture
def runs(tmp_path, workers, web):
    made = Runs(tmp_path / "index", workers)
    made.fetcher = web
    return made


@pytest.fixture
def local(tmp_path, workers):
    return Runs(tmp_path / "index", workers)


@pytest.fixture
def site():
    with serving() as running:
        yield running


def posts(runs: Runs) -> list[str]:
    """The addresses of what is held in full."""
    return sorted(
        url for url, article in runs.articles().items() if article.evidence == "article"
    )


def notes(runs: Runs, url: str) -> list[str]:
    return sorted(note.text for note in runs.articles()[url].notes)


def same(runs: Runs) -> dict[str, tuple[int, int]]:
    """Of each source how many articles it has, and how many further addresses of
    them."""
    with open_index(runs.directory).snapshot() as index:
        return {books.source: (books.article, books.same) for books in index.coverage()}


SPELLINGS = [
    "http://blog.example/post",
    "https://www.blog.example/post/",
    "https://blog.example/post/index.html",
    "https://blog.example/post?utm_source=newsletter&fbclid=x#comments",
    "https://blog.example//post",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_two_spellings_are_fetched_once_and_the_feed_knows_the_best(
    web, runs, spelling
):
    web.put(f"{BLOG}/post", "Post", text(1))
    web.feed(f"{BLOG}/feed", (f"{BLOG}/post", "Post"))
    web.links("https://me.example/til.md", (spelling, "this one"))
    for _ in range(2):
        report = runs.add("https://me.example/til.md", f"{BLOG}/feed")
        assert web.asked_of(f"{BLOG}/post", *SPELLINGS) in ([f"{BLOG}/post"], [])
        assert posts(runs) == [f"{BLOG}/post"]
        assert notes(runs, f"{BLOG}/post") == ["this one noted as this one"]
        assert list(results(report)).count(f"{BLOG}/post") == 1
    assert same(runs) == {"https://me.example/til.md": (1, 0), f"{BLOG}/feed": (1, 0)}


def test_posts_held_twice_for_an_empty_segment_become_one(web, runs, monkeypatch):
    """A feed wrote two slashes where the pages have one, and an older release took
    those for two posts."""
    body = text(1)
    for url in (f"{BLOG}//2020/post", f"{BLOG}/2020/post"):
        web.put(url, "Post", body, text(2))
    web.feed(f"{BLOG}/feed", (f"{BLOG}//2020/post", "Post"))
    web.links("https://me.example/til.md", (f"{BLOG}/2020/post", "this one"))
    with monkeypatch.context() as older:
        older.setattr(urls, "_EMPTY_SEGMENTS", re.compile("(?!)"))
        runs.add("https://me.example/til.md", f"{BLOG}/feed")
        assert len(posts(runs)) == 2
    with closing(sqlite3.connect(runs.directory / "ledger.sqlite")) as ledger:
        ledger.executescript("DROP TABLE repeats; PRAGMA user_version = 10")
    runs.later(days=100)
    runs.update()
    (url,) = posts(runs)
    assert notes(runs, url) == ["this one noted as this one"]
    runs.later(days=100)
    runs.update()
    assert posts(runs) == [url]


def test_a_spelling_that_is_listed_later_costs_one_conditional_request(web, runs):
    web.put(f"{BLOG}/post", "Post", text(1))
    web.feed(f"{BLOG}/feed", (f"{BLOG}/post", "Post"))
    runs.add(f"{BLOG}/feed")
    web.links(
        "https://me.example/til.md", ("http://www.blog.example/post/", "this one")
    )
    web.asked.clear()
    report = runs.add("https://me.example/til.md")
    assert web.asked_of(f"{BLOG}/post", "http://www.blog.example/post/") == [
        f"{BLOG}/post"
    ]
    assert results(report)[f"{BLOG}/post"] == "article"  # it has a note now
    assert notes(runs, f"{BLOG}/post") == ["this one noted as this one"]
    runs.update()
    assert web.asked_of(f"{BLOG}/post", "http://www.blog.example/post/") == []


def test_one_link_page_may_spell_an_address_in_two_ways(web, runs):
    web.put(f"{BLOG}/post", "Post", text(1))
    web.links(
        "https://me.example/til.md",
        (f"{BLOG}/post", "first"),
        ("http://www.blog.example/post/", "second"),
    )
    runs.add("https://me.example/til.md")
    assert notes(runs, f"{BLOG}/post") == [
        "first noted as first",
        "second noted as second",
    ]
    assert web.asked_of(f"{BLOG}/post", "http://www.blog.example/post/") == [
        f"{BLOG}/post"
    ]


def test_a_spelling_that_answers_stands_in_for_one_that_does_not(web, runs):
    web.put("http://www.blog.example/post/", "Post", text(1))
    web.feed(f"{BLOG}/feed", (f"{BLOG}/post", "Post"))
    web.links(
        "https://me.example/til.md", ("http://www.blog.example/post/", "this one")
    )
    runs.add(f"{BLOG}/feed", "https://me.example/til.md")
    assert posts(runs) == ["http://www.blog.example/post/"]
    assert runs.page(f"{BLOG}/post").state == "good"


def test_removing_one_source_keeps_the_article_for_the_other(web, runs, monkeypatch):
    from indexer.crawl.unfollow import drop_source
    from indexer.crawl.unit_of_work import UnitOfWork
    from indexer.ledger.ledger import Ledger
    from indexer.split.split import SPLITTER_VERSION
    from search.index.sqlite.writer import SqliteWriter

    web.put(f"{BLOG}/post", "Post", text(1))
    web.feed(f"{BLOG}/feed", (f"{BLOG}/post", "Post"))
    web.links(
        "https://me.example/til.md", ("http://www.blog.example/post/", "this one")
    )
    runs.add(f"{BLOG}/feed", "https://me.example/til.md")
    with SqliteWriter(
        runs.directory, runs.embedder, splitter=SPLITTER_VERSION
    ) as index:
        ledger = Ledger(runs.directory)
        drop_source(UnitOfWork(ledger, index, runs.embedder), f"{BLOG}/feed")
        assert index.article(f"{BLOG}/post").notes
        drop_source(
            UnitOfWork(ledger, index, runs.embedder), "https://me.example/til.md"
        )
        assert index.urls() == []
        ledger.close()


def test_a_site_that_moves_to_https_is_replaced_and_not_doubled(web, runs):
    paths = [f"/{number}" for number in range(1, 4)]
    old, new = "http://blog.example", "https://blog.example"
    for number, path in enumerate(paths):
        web.put(old + path, f"Post {number}", text(number))
    web.feed(f"{old}/feed", *((old + path, f"Post {path}") for path in paths))
    web.links("https://me.example/til.md", (f"{old}/1", "one"))
    runs.add(f"{old}/feed", "https://me.example/til.md")
    assert posts(runs) == [old + path for path in paths]
    for number, path in enumerate(paths):
        web.put(new + path, f"Post {number}", text(number))
        web.move(old + path, new + path)
    web.feed(f"{old}/feed", *((new + path, f"Post {path}") for path in paths))
    web.asked.clear()
    runs.update()
    assert sorted(
        web.asked_of(*(base + path for base in (old, new) for path in paths))
    ) == [new + path for path in paths]
    assert posts(runs) == [new + path for path in paths]
    assert notes(runs, f"{new}/1") == ["one noted as one"]
    assert same(runs)[f"{old}/feed"] == (3, 3)  # the older addresses are known of, too
    runs.later(days=70)
    runs.update()
    assert posts(runs) == [new + path for path in paths]


def test_an_older_post_moves_to_https_when_it_is_looked_at_again(web, runs):
    web.put("http://blog.example/old", "Old", text(1))
    web.feed("http://blog.example/feed", ("http://blog.example/old", "Old"))
    web.put("http://short.example/7", "Old", text(1))
    web.move("http://short.example/7", "http://blog.example/old")
    web.links("https://me.example/til.md", ("http://short.example/7", "short"))
    runs.add("http://blog.example/feed", "https://me.example/til.md")
    assert posts(runs) == ["http://blog.example/old"]
    web.put("https://blog.example/old", "Old", text(1), text(2))
    web.move("http://blog.example/old", "https://blog.example/old")
    web.move("http://short.example/7", "https://blog.example/old")
    for _ in range(3):
        runs.later(days=70)
        runs.update()
        assert posts(runs) == ["https://blog.example/old"]
        assert notes(runs, "https://blog.example/old") == ["short noted as short"]


@pytest.mark.parametrize("way", ["redirect", "canonical"])
def test_new_slugs_replace_the_old_ones_at_once(web, runs, way):
    for number in (1, 2, 3):
        web.put(f"{BLOG}/p/{number}", f"Post {number}", text(number))
    web.feed(
        f"{BLOG}/feed",
        *((f"{BLOG}/p/{number}", f"Post {number}") for number in (1, 2, 3)),
    )
    runs.add(f"{BLOG}/feed")
    for number in (1, 2):
        new = f"{BLOG}/2024/post-{number}"
        head = f'<link rel="canonical" href="{new}">'
        web.put(new, f"Post {number}", text(number), head=head)
        if way == "redirect":
            web.move(f"{BLOG}/p/{number}", new)
        else:
            web.put(f"{BLOG}/p/{number}", f"Post {number}", text(number), head=head)
    web.feed(
        f"{BLOG}/feed", *((f"{BLOG}/2024/post-{number}", f"Post {number}") for number in (1, 2)),
        (f"{BLOG}/p/3", "Post 3"),
    )  # fmt: skip
    web.asked.clear()
    runs.update()
    assert posts(runs) == [f"{BLOG}/2024/post-1", f"{BLOG}/2024/post-2", f"{BLOG}/p/3"]
    assert web.asked_of(f"{BLOG}/p/3") == []
    assert same(runs)[f"{BLOG}/feed"] == (3, 2)
    runs.update()
    assert web.asked_of(*(f"{BLOG}/p/{number}" for number in (1, 2, 3))) == []


def test_two_posts_of_one_title_and_day_stay_two(web, runs):
    web.put(f"{BLOG}/a", "Links", text(1))
    web.feed(f"{BLOG}/feed", (f"{BLOG}/a", "Links"))
    runs.add(f"{BLOG}/feed")
    web.put(f"{BLOG}/b", "Links", text(2))
    body = rss("", ((f"{BLOG}/a", "Links"), (f"{BLOG}/b", "Links"))).replace(
        "Tue, 02", "Mon, 01"
    )
    web.pages[f"{BLOG}/feed"] = Page(
        f"{BLOG}/feed", f"{BLOG}/feed", body.encode(), content_type="text/xml"
    )
    runs.update()
    assert posts(runs) == [f"{BLOG}/a", f"{BLOG}/b"]


@pytest.mark.parametrize("order", [("/post/amp/", "/post/"), ("/post/", "/post/amp/")])
def test_an_amp_page_adds_its_notes_and_never_its_text(site: Site, local: Runs, order):
    own, amp = site.url("/post/"), site.url("/post/amp/")
    full = (text(1), text(2), "Only the page itself shows this.")
    site.put("/post/", page("Post", *full, head=f'<link rel=amphtml href="{amp}">'))
    site.put(
        "/post/amp/", page("Post", *full[:2], head=f'<link rel=canonical href="{own}">')
    )
    for number, path in enumerate(order):
        links = f"- [n{number}]({site.url(path)}) remark\n- [x](/x{number})\n- [y](/y{number})\n"
        site.put(f"/til{number}.md", f"# 2024-03-01\n\n{links}", kind="text/markdown")
        local.add(site.url(f"/til{number}.md"))
    assert posts(local) == [own]
    assert notes(local, own) == ["n0 remark", "n1 remark"]
    assert "Only the page itself" in local.articles()[own].text
    local.later(days=70)
    local.update()
    assert posts(local) == [own]
    assert "Only the page itself" in local.articles()[own].text


def test_an_amp_host_s_canonical_address_is_believed(web, runs):
    own, amp = "https://www.blog.example/post/", "https://amp.blog.example/post/"
    body = page("Post", text(1), head=f'<link rel=canonical href="{own}">').replace(
        "<html", "<html amp"
    )
    web.pages[amp] = Page(amp, amp, body.encode(), content_type="text/html")
    web.links("https://me.example/til.md", (amp, "amp"))
    runs.add("https://me.example/til.md")
    assert posts(runs) == [own]


def test_a_changed_guid_is_no_new_article(site: Site, local: Runs):
    site.post("/1", "Post", text(1))
    for guid in ("tag:one", "tag:two"):
        site.feed(("/1", "Post"))
        body = (
            site.pages["/feed.xml"]
            .body.decode()
            .replace("</item>", f"<guid>{guid}</guid></item>")
        )
        site.put("/feed.xml", body, kind="application/rss+xml")
        local.add(site.url("/feed.xml"))
    assert posts(local) == [site.url("/1")]
    assert [path for path in site.asked() if path == "/1"] == ["/1"]


def test_two_slugs_that_lead_to_one(site: Site, local: Runs):
    site.post("/new", "Post", text(1))
    for path in ("/slug-a", "/slug-b"):
        site.put(path, b"", status=301, headers=(("Location", "/new"),))
    site.feed(("/slug-a", "Post"), ("/slug-b", "Post"))
    local.add(site.url("/feed.xml"))
    assert posts(local) == [site.url("/new")]
    assert same(local)[site.url("/feed.xml")] == (1, 1)


DIFFERENT: Sequence[tuple[str, str]] = [
    ("/?p=1", "/?p=2"),
    ("/show.php?id=1&utm_source=x", "/show.php?id=2"),
    ("/Post", "/post"),
    ("/amp", "/blog/amp"),
    ("/a/index.html", "/a/index.txt"),
]


@pytest.mark.parametrize("paths", DIFFERENT)
def test_what_is_not_the_same_is_never_merged(web, runs, paths):
    urls = [BLOG + path for path in paths]
    canonical = [url.replace("&utm_source=x", "") for url in urls]
    for number, url in enumerate(canonical):
        web.put(url, f"Post {number}", text(number))
    web.feed(
        f"{BLOG}/feed", *((url, f"Post {number}") for number, url in enumerate(urls))
    )
    runs.add(f"{BLOG}/feed")
    assert posts(runs) == sorted(canonical)


def test_pages_that_scripts_show_are_articles_of_their_own(web, runs):
    urls = [f"{BLOG}/#!/2024/{number}" for number in (1, 2)]
    for url in urls:
        web.pages[url] = Page(
            url,
            f"{BLOG}/",
            page("Blog", "Enable JavaScript.").encode(),
            content_type="text/html",
        )
    entries = tuple(
        (url, f"Post {number}", text(number, 500)) for number, url in enumerate(urls)
    )
    web.feed(f"{BLOG}/feed", *entries)
    runs.add(f"{BLOG}/feed")
    assert posts(runs) == urls
    hit = (
        Engine(open_index(runs.directory), embedder=runs.embedder)
        .search("number1")
        .hits[0]
    )
    assert hit.url == urls[1]
    assert {passage.url for passage in hit.passages} == {urls[1]}


def test_a_canonical_address_that_every_page_claims_is_not_believed_twice(web, runs):
    head = f'<link rel="canonical" href="{BLOG}/start.html">'
    told = (
        "Sourdough rises slowly in cold rooms where flour keeps taking up water. ",
        "Kayaks glide under bridges where nobody has rowed since spring. ",
        "Trains cross the high plateau long before any passenger wakes up. ",
    )
    for number, sentence in enumerate(told):
        web.put(f"{BLOG}/p{number}", f"Post {number}", sentence * 9, head=head)
    web.feed(
        f"{BLOG}/feed",
        *((f"{BLOG}/p{number}", f"Post {number}") for number in range(3)),
    )
    runs.add(f"{BLOG}/feed")
    held = [article.text for article in runs.articles().values()]
    assert sorted(text[:6] for text in held) == ["Kayaks", "Sourdo", "Trains"]


def test_old_posts_that_lead_home_are_not_the_home_page(site: Site, local: Runs):
    site.post("/", "Home", text(9))
    for path in ("/1", "/2"):
        site.put(path, b"", status=302, headers=(("Location", "/"),))
    site.feed(
        ("/1", "Post 1", "The first summary."), ("/2", "Post 2", "The second summary.")
    )
    local.add(site.url("/feed.xml"))
    held = local.articles()
    assert {url: held[url].text for url in held} == {
        site.url("/1"): "The first summary.", site.url("/2"): "The second summary.",
    }  # fmt: skip


# What is gone


@pytest.fixture
def gone(site: Site, local: Runs):
    """A post of a feed, a day later."""
    site.post("/1", "Post 1", text(1))
    site.feed(("/1", "Post 1"))
    local.add(site.url("/feed.xml"))
    local.later(days=2)
    return local


def test_410_forgets_at_once(site: Site, gone: Runs):
    site.put("/1", b"", status=410)
    assert results(gone.update()) == {site.url("/1"): "failed"}
    assert gone.articles() == {}


def test_404_once_and_then_200_is_nothing(site: Site, gone: Runs):
    good = site.pages["/1"]
    site.put("/1", b"", status=404)
    gone.update()
    site.pages["/1"] = good
    for _ in range(2):
        gone.later(days=2)
        gone.update()
        assert posts(gone) == [site.url("/1")]
    site.put("/1", b"", status=404)
    gone.later(days=70)
    gone.update()
    assert posts(gone) == [site.url("/1")]  # the count began anew


def test_404_twice_on_one_day_counts_once(site: Site, gone: Runs):
    site.put("/1", b"", status=404)
    for title in (
        "Post 1",
        "Post 1, retitled",
        "Post 1, once more",
    ):  # the feed's news have it asked again
        site.feed(("/1", title))
        site.log.clear()
        gone.update()
        assert "/1" in site.asked()
        assert site.url("/1") in gone.articles()
        gone.later(hours=3)
    gone.later(days=1)
    gone.update()
    assert gone.articles() == {}


def test_a_server_s_trouble_between_two_404_changes_nothing(site: Site, gone: Runs):
    site.put("/1", b"", status=404)
    gone.update()
    for status, held in ((500, True), (404, False)):
        gone.later(days=2)
        site.put("/1", b"", status=status)
        gone.update()
        assert (site.url("/1") in gone.articles()) is held


def test_what_is_gone_stays_as_a_link_for_those_who_noted_it(site: Site, gone: Runs):
    links = "- [P](/1) is good\n- [x](/x)\n- [y](/y)\n"
    site.put("/til.md", f"# 2024-03-01\n\n{links}", kind="text/markdown")
    gone.add(site.url("/til.md"))
    site.put("/1", b"", status=410)
    gone.later(days=10)
    gone.update()
    article = gone.articles()[site.url("/1")]
    assert (article.evidence, article.text, notes(gone, article.url)) == (
        "link",
        "",
        ["P is good"],
    )


def test_one_of_two_addresses_that_is_gone_leaves_the_article_to_the_other(
    site: Site, gone: Runs
):
    own = site.url("/1")
    site.put(
        "/copy", page("Post 1", text(1), head=f'<link rel=canonical href="{own}">')
    )
    site.feed(("/copy", "Post 1, again"), path="/b.xml")
    gone.add(site.url("/b.xml"))
    site.put("/1", b"", status=410)
    for _ in range(2):
        gone.later(days=70)
        gone.update()
        assert posts(gone) == [own]


def test_errors_are_told_about_the_address_that_is_listed(web, runs):
    web.feed(f"{BLOG}/feed", (f"{BLOG}/post", "Post"))
    web.links("https://me.example/til.md", ("http://www.blog.example/post", "this one"))
    web.pages["http://www.blog.example/post"] = FetchError(
        "http://www.blog.example/post", "not-found", "No (404)."
    )
    report = runs.add(f"{BLOG}/feed", "https://me.example/til.md")
    assert results(report)[f"{BLOG}/post"] == "link"
    assert {
        runs.page(url).detail
        for url in (f"{BLOG}/post", "http://www.blog.example/post")
    } == {"There is no such page (404)."}
