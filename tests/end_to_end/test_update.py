"""Updates of a blog that changes: what is asked of the server, what is embedded, what
is held."""

from __future__ import annotations

import threading
from datetime import date

import pytest

from search.engine import Engine
from search.errors import IndexBusy
from search.index.open import open_index
from search.types import Filters
from tests.runs import Runs, outcome, results
from tests.sites import Site, page, serving, text

DEAD = "http://127.0.0.1:9"  # the discard port: nothing listens there


@pytest.fixture
def site():
    with serving() as running:
        for number in range(1, 5):
            running.post(
                f"/{number}", f"Post {number}", text(number), text(number + 10)
            )
        running.feed(*((f"/{number}", f"Post {number}") for number in range(1, 5)))
        yield running


@pytest.fixture
def runs(tmp_path, workers):
    return Runs(tmp_path / "index", workers)


def reported(report) -> list[str]:
    return [error for _, error in report.sources if error]


def in_context(runs: Runs, title: str) -> list[str]:
    """The passages that were embedded, each below its title."""
    return [text for text in runs.embedder.embedded if text.startswith(title)]


def test_the_first_run_takes_all_and_the_second_does_nothing(site: Site, runs: Runs):
    first = runs.add(site.url("/feed.xml"))
    assert results(first) == {site.url(f"/{n}"): "article" for n in range(1, 5)}
    assert reported(first) == []
    assert first.embedded == len(in_context(runs, "Post")) > 0
    assert {a.title for a in runs.articles().values()} == {
        f"Post {n}" for n in range(1, 5)
    }
    files = runs.files()
    site.log.clear()

    second = runs.update()
    assert [(e.path, e.status) for e in site.log] == [("/feed.xml", 304)]
    assert site.log[0].if_none_match.startswith('"')
    assert results(second) == {site.url(f"/{n}"): "unchanged" for n in range(1, 5)}
    assert (second.embedded, second.reused, runs.embedder.embedded) == (0, 0, [])
    assert runs.files() == files


def test_a_new_item_is_the_only_one_fetched(site: Site, runs: Runs):
    runs.add(site.url("/feed.xml"))
    site.post("/5", "Post 5", text(5))
    site.feed(*((f"/{number}", f"Post {number}") for number in (1, 2, 3, 4, 5)))
    site.log.clear()
    report = runs.update()
    assert set(site.asked()) == {"/feed.xml", "/robots.txt", "/5"}
    assert results(report)[site.url("/5")] == "article"


def test_a_changed_article_replaces_its_passages_and_embeds_only_what_changed(
    site: Site, runs: Runs
):
    kept, old, new = text(60, 110), text(61, 110), text(62, 110)
    site.post("/long", "Long", kept, old)
    site.feed(("/long", "Long", "first"))
    runs.add(site.url("/feed.xml"))
    before = in_context(runs, "Long")
    site.post("/long", "Long", kept, new)
    site.feed(("/long", "Long", "second"))
    report = runs.update()
    held = runs.articles()[site.url("/long")].text
    assert "number62" in held
    assert "number61" not in held
    assert 0 < len(in_context(runs, "Long")) < len(before) + 1
    assert report.reused > 0
    assert not set(in_context(runs, "Long")) & set(before)
    answer = Engine(open_index(runs.directory), embedder=runs.embedder).search(
        '"number61"'
    )
    assert answer.hits == ()


def test_an_article_is_looked_at_again_after_a_while_even_if_its_feed_says_nothing(
    site: Site, runs: Runs
):
    runs.add(site.url("/feed.xml"))
    site.post("/2", "Post 2", text(70))
    runs.later(days=2)
    site.log.clear()
    report = runs.update()
    assert results(report)[site.url("/2")] == "article"
    assert [(e.path, e.status) for e in site.log if e.path != "/robots.txt"].count(
        ("/1", 304)
    ) == 1
    assert "number70" in runs.articles()[site.url("/2")].text


def test_an_item_that_leaves_the_feed_stays(site: Site, runs: Runs):
    runs.add(site.url("/feed.xml"))
    site.feed(("/4", "Post 4"))
    runs.update()
    assert len(runs.articles()) == 4


@pytest.mark.parametrize("status", [404, 500])
def test_a_failed_article_is_held_by_its_summary_and_tried_again_when_due(
    site: Site, runs: Runs, status
):
    summary = "A summary about sourdough that only the feed has."
    site.put("/bad", b"no", status=status)
    site.feed(("/1", "Post 1"), ("/bad", "The bad one", summary))
    report = runs.add(site.url("/feed.xml"))
    bad = site.url("/bad")
    assert outcome(report, bad).result == "summary"
    assert f"({status})" in outcome(report, bad).detail
    held = runs.articles()[bad]
    assert (held.title, held.evidence, held.text) == ("The bad one", "summary", summary)
    answer = Engine(open_index(runs.directory), embedder=runs.embedder).search(
        "sourdough"
    )
    assert answer.hits[0].url == bad
    site.log.clear()

    again = runs.update()
    assert site.asked() == ["/feed.xml"]
    assert outcome(again, bad).result == "summary"
    assert not outcome(again, bad).tried

    runs.later(**({"hours": 1.1} if status == 500 else {"days": 1.1}))
    site.post("/bad", "The bad one", text(80), text(81))
    third = runs.update()
    assert outcome(third, bad).result == "article"
    assert "number80" in runs.articles()[bad].text


def test_gaps_grow_from_failure_to_failure(site: Site, runs: Runs):
    site.put("/bad", b"no", status=500)
    site.feed(("/bad", "The bad one", "About it."))
    runs.add(site.url("/feed.xml"))
    for hours, expected in ((1.1, True), (1.1, False), (3.1, True), (4.5, False)):
        runs.later(hours=hours)
        site.log.clear()
        runs.update()
        assert ("/bad" in site.asked()) is expected


def test_an_article_that_fails_for_once_stays_whole(site: Site, runs: Runs):
    runs.add(site.url("/feed.xml"))
    good = site.pages["/1"]
    site.put("/1", b"oops", status=500)
    runs.later(days=2)
    report = runs.update()
    assert runs.articles()[site.url("/1")].evidence == "article"
    assert outcome(report, site.url("/1")).result == "unchanged"
    site.pages["/1"] = good
    site.log.clear()
    runs.later(days=8)
    runs.update()
    # the validators were kept
    assert [e.status for e in site.log if e.path == "/1"] == [304]


def test_an_article_that_is_gone_twice_days_apart_leaves(site: Site, runs: Runs):
    runs.add(site.url("/feed.xml"))
    site.put("/1", b"gone", status=404)
    runs.later(days=2)
    runs.update()
    assert site.url("/1") in runs.articles()
    runs.later(hours=2)
    runs.update()
    assert site.url("/1") in runs.articles()
    runs.later(days=3)
    report = runs.update()
    assert site.url("/1") not in runs.articles()
    assert outcome(report, site.url("/1")).result == "failed"
    assert len(runs.articles()) == 3
    site.post("/1", "Post 1", text(1))
    runs.later(days=30)
    runs.update()
    assert site.url("/1") in runs.articles()


def test_a_permanent_redirect_moves_the_feed_and_a_temporary_one_does_not(
    site: Site, runs: Runs
):
    feed = site.pages.pop("/feed.xml")
    site.pages["/new.xml"] = feed
    site.put("/feed.xml", b"", status=302, headers=(("Location", "/new.xml"),))
    runs.add(site.url("/feed.xml"))
    assert runs.page(site.url("/1")).state == "good"
    site.log.clear()
    runs.update()
    assert site.asked() == ["/feed.xml", "/new.xml"]
    site.put("/feed.xml", b"", status=301, headers=(("Location", "/new.xml"),))
    moved = runs.update()
    assert [record.url for record, _ in moved.sources] == [site.url("/new.xml")]
    site.log.clear()
    last = runs.update()
    assert site.asked() == ["/new.xml"]
    assert set(results(last).values()) == {"unchanged"}


def test_a_feed_that_is_gone_is_not_asked_again_and_its_articles_stay(
    site: Site, runs: Runs
):
    runs.add(site.url("/feed.xml"))
    site.put("/feed.xml", b"", status=410)
    assert "(410)" in reported(runs.update())[0]
    site.log.clear()
    runs.update()
    assert site.asked() == []
    assert len(runs.articles()) == 4


def test_a_broken_or_unreachable_feed_does_not_hold_up_the_others(
    site: Site, runs: Runs
):
    with serving() as other:
        other.post("/x", "X", text(90))
        other.feed(("/x", "X"))
        runs.add(site.url("/feed.xml"), other.url("/feed.xml"))
        gone = other.base
    site.put("/feed.xml", "<rss><channel><item><title>half", kind="application/rss+xml")
    with serving() as third:
        third.post("/y", "Y", text(91))
        third.feed(("/y", "Y"))
        runs.add(third.url("/feed.xml"))
        report = runs.update()
    by_source = {record.url: error for record, error in report.sources}
    assert by_source[third.url("/feed.xml")] == ""
    assert by_source[f"{gone}/feed.xml"]
    assert by_source[site.url("/feed.xml")] or results(
        report
    )  # broken XML may still give items
    assert len(runs.articles()) == 6


def test_a_server_that_asks_for_a_pause_is_left_alone(site: Site, runs: Runs):
    runs.add(site.url("/feed.xml"))
    good = site.pages["/feed.xml"]
    site.put("/feed.xml", b"", status=429, headers=(("Retry-After", "7200"),))
    runs.update()
    site.pages["/feed.xml"] = good
    site.log.clear()
    runs.later(hours=1)
    runs.update()
    assert site.asked() == []
    runs.later(hours=4)
    runs.update()
    assert "/feed.xml" in site.asked()


def test_a_feed_is_not_asked_before_its_max_age(site: Site, runs: Runs):
    feed = site.pages["/feed.xml"]
    site.put(
        "/feed.xml",
        feed.body,
        kind=feed.kind,
        headers=(("Cache-Control", "max-age=3600"),),
    )
    runs.add(site.url("/feed.xml"))
    site.log.clear()
    runs.later(minutes=50)
    runs.update()
    assert site.asked() == []
    runs.later(minutes=20)
    runs.update()
    assert site.asked() == ["/feed.xml"]


def test_two_sources_that_name_one_article_hold_it_once(site: Site, runs: Runs):
    links = (
        "# 2024-03-01\n\n- [Post 1 here](/1) explains cold proofing\n- [Two](/2) is fine\n\n"
        "# 2024-02-01\n\n- [Three](/3?utm_source=x) too\n- [Dead](http://127.0.0.1:9/dead) was good\n"
    )
    site.put("/til.md", links, kind="text/markdown")
    report = runs.add(site.url("/feed.xml"), site.url("/til.md"))
    assert len(results(report)) == 5
    held = runs.articles()
    assert len(held) == 5
    article = held[site.url("/1")]
    assert (article.evidence, article.title) == ("article", "Post 1")
    assert [(n.section, n.noted) for n in article.notes] == [
        ("2024-03-01", date(2024, 3, 1))
    ]
    assert held[site.url("/3")].notes
    site.log.clear()
    runs.update()
    assert site.asked() == ["/feed.xml", "/til.md"] or sorted(site.asked()) == []
    assert runs.embedder.embedded == []


def test_two_addresses_of_one_article_keep_the_notes_beside_both(
    site: Site, runs: Runs
):
    canonical = f'<link rel=canonical href="{site.url("/1")}">'
    site.put("/copy", page("Post 1", text(1), text(11), head=canonical))
    site.put("/1", page("Post 1", text(1), text(11), head=canonical))
    site.put("/a.md", f"# 2024-01-02\n- [Copy]({site.url('/copy')}) first remark\n- [x](/2) b\n- [y](/3) c\n",
             kind="text/markdown")  # fmt: skip
    site.put("/b.md", f"# 2024-01-03\n- [Post]({site.url('/1')}) second remark\n- [x](/2) d\n- [y](/3) e\n",
             kind="text/markdown")  # fmt: skip
    runs.add(site.url("/a.md"), site.url("/b.md"))
    held = runs.articles()
    assert site.url("/copy") not in held
    assert sorted(note.text for note in held[site.url("/1")].notes) == [
        "Copy first remark",
        "Post second remark",
    ]
    # One of the two addresses becomes a page of its own: the other still holds the
    # article.
    site.put("/copy", page("Another", text(95), text(96)))
    runs.later(days=2)
    runs.update()
    held = runs.articles()
    assert [note.text for note in held[site.url("/1")].notes] == ["Post second remark"]
    assert held[site.url("/copy")].title == "Another"


@pytest.mark.parametrize("by", ["header", "meta"])
def test_a_page_that_asks_not_to_be_indexed_is_kept_out(site: Site, runs: Runs, by):
    if by == "header":
        body = page("Post 2", text(2))
        site.put("/2", body, headers=(("X-Robots-Tag", "noindex"),))
    else:
        site.post("/2", "Post 2", text(2), head="<meta name=robots content=noindex>")
    report = runs.add(site.url("/feed.xml"))
    assert outcome(report, site.url("/2")).result == "excluded"
    assert site.url("/2") not in runs.articles()
    site.log.clear()
    again = runs.update()
    assert site.asked() == ["/feed.xml"]
    assert outcome(again, site.url("/2")).result == "excluded"


def test_a_page_that_robots_txt_forbids_is_held_by_its_summary(site: Site, runs: Runs):
    site.put("/robots.txt", b"User-agent: *\nDisallow: /2\n", kind="text/plain")
    site.feed(("/1", "Post 1"), ("/2", "Post 2", "Told in the feed alone."))
    report = runs.add(site.url("/feed.xml"))
    assert "robots.txt" in outcome(report, site.url("/2")).detail
    assert runs.articles()[site.url("/2")].evidence == "summary"
    assert "/2" not in site.asked()


def test_links_that_lead_nowhere_are_found_by_their_notes(site: Site, runs: Runs):
    site.put(
        "/til.md",
        f"# 2023-08-12 - 2023-08-18\n1. Finished the [trojan challenge]({DEAD}/t) after thirty hours.\n"
        f"2. Read about [induction heads]({DEAD}/heads) in small transformers\n"
        f"3. Watched [a talk]({DEAD}/talk) about kayaks\n",
        kind="text/markdown",
    )
    report = runs.add(site.url("/til.md"))
    assert set(results(report).values()) == {"link"}
    assert all(o.reason for o in report.outcomes)
    engine = Engine(open_index(runs.directory), embedder=runs.embedder)
    for question, path in (
        ("thirty hours", "t"),
        ("small transformers", "heads"),
        ("kayaks", "talk"),
    ):
        hit = engine.search(question).hits[0]
        assert (hit.url, hit.evidence) == (f"{DEAD}/{path}", "link")
        assert question in hit.note.text
        assert hit.note.section == "2023-08-12 - 2023-08-18"
        assert hit.note.noted in (date(2023, 8, 12), date(2023, 8, 18))


def test_a_page_in_latin_1_without_saying_so(site: Site, runs: Runs):
    body = page("Grüße", f"Über Bäcker und Öfen: {text(3)}").replace(
        "<meta charset=utf-8>", ""
    )
    site.put("/de", body.encode("iso-8859-1"), kind="text/html")
    site.feed(("/de", "Grüße"))
    runs.add(site.url("/feed.xml"))
    assert runs.articles()[site.url("/de")].text.startswith("Über Bäcker und Öfen")


@pytest.mark.parametrize(
    "bad",
    [
        '{"version":"https://jsonfeed.org/version/1.1","title":"\\ud800t","items":[{"id":"1","url":"/1",'
        '"title":"a\\u001b[31m\\ud800\\u0000","content_html":"<p>\\udfff x \\u0000</p>",'
        '"date_published":"1931-01-01T00:00:00Z"}]}',
        '<rss version="2.0"><channel><title>t</title><item><title>a</title><link>/1</link>'
        "<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate></item><item><title>no link</title></item>"
        "<item><title>e</title><link>file:///etc/passwd</link></item>"
        "<item><title>j</title><link>javascript:alert(1)</link></item></channel></rss>",
    ],
)
def test_hostile_values_in_a_feed_end_as_outcomes(site: Site, runs: Runs, bad):
    site.put("/1", page("Old", text(4), head='<meta name=date content="1931-05-05">'))
    site.put("/feed.xml", bad, kind="application/xml")
    report = runs.add(site.url("/feed.xml"))
    assert set(results(report)) == {site.url("/1")}
    held = runs.articles()[site.url("/1")]
    assert held.published is None or held.published.year > 1990
    assert "\x1b" not in held.title


def test_no_address_from_the_network_leads_to_a_file_here(
    site: Site, runs: Runs, tmp_path
):
    secret = tmp_path / "secret.html"
    secret.write_text(page("Secret", text(99)))
    link = secret.as_uri()
    site.put("/til.md", f"# 2024-01-01\n- [a]({link}) secret\n- [b](/1) one\n- [c](/2) two\n- [d](/3) x\n",
             kind="text/markdown")  # fmt: skip
    site.put("/1", page("One", text(1), head=f'<link rel=canonical href="{link}">'))
    site.put("/2", b"", status=302, headers=(("Location", link),))
    site.put("/home", f'<html><head><link rel=alternate type="application/rss+xml" href="{link}"></head>'
             f"<body><p>{text(1)}</p></body></html>")  # fmt: skip
    report = runs.add(site.url("/til.md"), site.url("/home"))
    assert not [url for url in results(report) if url.startswith("file:")]
    assert not [
        a
        for a in runs.articles().values()
        if "number99" in a.text or a.url.startswith("file:")
    ]


def test_a_second_writer_is_turned_away(site: Site, runs: Runs):
    runs.add(site.url("/feed.xml"))
    site.pause = 0.5
    site.log.clear()
    started = threading.Thread(target=runs.update)
    started.start()
    while not site.log:
        pass
    with pytest.raises(IndexBusy):
        Runs(runs.directory, runs.workers).update()
    started.join()


def test_an_engine_answers_during_an_update_and_serves_the_new_state_after_it(
    site: Site, runs: Runs
):
    runs.add(site.url("/feed.xml"))
    engine = Engine(open_index(runs.directory), embedder=runs.embedder)

    def found() -> int:
        answer = engine.search("bread", filters=Filters())
        return answer.total + answer.weaker

    assert found() == 4
    site.post("/5", "Post 5", text(5), "A zeppelin lands.")
    site.feed(*((f"/{number}", f"Post {number}") for number in (1, 2, 3, 4, 5)))
    site.pause = 0.1
    running = threading.Thread(target=runs.update)
    running.start()
    counts = set()
    while running.is_alive():
        counts.add(found())
    running.join()
    assert counts <= {4, 5}
    assert 4 in counts
    assert found() == 5
    assert engine.search('"zeppelin"').hits[0].url == site.url("/5")
    assert engine.status().articles == 5


def test_an_index_that_was_lost_beside_its_ledger_is_filled_again(
    site: Site, runs: Runs
):
    runs.add(site.url("/feed.xml"))
    for path in runs.directory.glob("index.sqlite*"):
        path.unlink()
    runs.update()
    assert len(runs.articles()) == 4
