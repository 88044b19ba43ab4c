"""`add` of many: what fails for now is followed and looked at again, what fails for good
is named, and none keeps the others waiting."""

import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from indexer.ledger.ledger import Ledger
from indexer.sources.opml import OpmlFeed, write_opml
from search.index.open import open_index
from tests.indexer.cli.conftest import NO_DNS
from tests.servers import raw
from tests.sites import Reply, page, rss, serving, text

FEED_LINK = '<link rel=alternate type="application/rss+xml" href="{}">'


pytestmark = pytest.mark.usefixtures("quick_commands")


@pytest.fixture
def blogs():
    """Make blogs, each on a server of its own, with a feed of one post."""
    with ExitStack() as stack:

        def make(count: int):
            made = [stack.enter_context(serving()) for _ in range(count)]
            for number, blog in enumerate(made):
                blog.post("/1", f"Post of {number}", text(number))
                blog.feed(("/1", f"Post of {number}"), title=f"Blog {number}")
            return made

        yield make


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "index")
    yield opened
    opened.close()


def followed(ledger) -> list[tuple[str, str]]:
    return [(source.kind, source.url) for source in ledger.sources()]


def held(tmp_path) -> set[str]:
    with open_index(tmp_path / "index").snapshot() as index:
        return set(index.urls())


def time_passes(ledger) -> None:
    """Let the pauses that servers asked for be over."""
    for source in ledger.sources():
        ledger.put_source(replace(source, not_before=""))
    memory = ledger.memory()
    memory.pauses = dict.fromkeys(memory.pauses, "2000-01-01T00:00:00+00:00")
    ledger.put_memory(memory)


@pytest.mark.parametrize(
    ("status", "headers", "says", "is_paused"),
    [
        (429, (), "fewer requests (429)", True),
        (429, (("Retry-After", "7200"),), "fewer requests (429)", True),
        (503, (), "trouble of its own (503)", False),
        (503, (("Retry-After", "7200"),), "trouble of its own (503)", True),
        (500, (), "trouble of its own (500)", False),
    ],
)
@pytest.mark.parametrize("path", ["/", "/feed.xml"])
def test_what_fails_for_now_is_followed_and_looked_at_again(
    run, blogs, ledger, tmp_path, status, headers, says, is_paused, path
):
    good, bad, third = blogs(3)
    bad.put(path, b"", status=status, headers=headers)
    targets = [good.url("/feed.xml"), bad.url(path), third.url("/feed.xml")]
    code, _, err = run("add", *targets, "--allow-private")
    assert code == 1
    assert f"{bad.url(path)}: " in err
    assert err.count(says) == 2  # when it was looked at, and in the table
    assert followed(ledger) == [
        ("feed", targets[0]),
        ("unseen", targets[1]),
        ("feed", targets[2]),
    ]
    line = run("sources")[1].splitlines()[1]
    assert line.startswith(f"unseen    {bad.url(path)}")
    assert says in line
    assert held(tmp_path) == {good.url("/1"), third.url("/1")}
    bad.put("/", page("Home", text(9), head=FEED_LINK.format("/feed.xml")))
    bad.feed(("/1", "Post of 1"))
    bad.log.clear()
    if is_paused:
        code, _, err = run("update")
        assert bad.asked() == []
        assert says in err
        time_passes(ledger)
    code, _, err = run("update")
    assert code == 0
    assert ("feed", bad.url("/feed.xml")) in followed(ledger)
    assert "unseen" not in str(followed(ledger))
    assert bad.url("/1") in held(tmp_path)
    assert bad.asked().count("/feed.xml") == 1  # what was found is not asked for twice


def test_a_host_that_breaks_off_or_has_no_address_just_now_is_followed(
    run, blogs, ledger
):
    (good,) = blogs(1)
    with raw(lambda sock, over: None) as (base, _):
        dead = f"http://{NO_DNS}/feed"
        code, _, err = run("add", dead, base, good.url("/feed.xml"), "--allow-private")
    assert code == 1
    assert [kind for kind, _ in followed(ledger)] == ["unseen", "unseen", "feed"]
    assert "cannot be resolved just now" in err
    assert "broke off" in err


def test_a_redirect_to_a_host_in_trouble_is_looked_at_again(run, blogs, ledger):
    good, bad = blogs(2)
    bad.put("/feed.xml", b"", status=503)
    good.put("/to", b"", status=302, headers=(("Location", bad.url("/feed.xml")),))
    assert run("add", good.url("/to"), "--allow-private")[0] == 3
    assert followed(ledger) == [("unseen", good.url("/to"))]
    bad.feed(("/1", "One"))
    assert run("update")[0] == 0
    assert followed(ledger) == [("feed", good.url("/to"))]


@pytest.mark.parametrize("status", [429, 503])
def test_a_home_whose_feed_fails_for_now_is_no_article(run, blogs, ledger, status):
    (blog,) = blogs(1)
    blog.post("/", "Home", text(9), head=FEED_LINK.format("/feed.xml"))
    blog.put("/feed.xml", b"", status=status)
    code, _, err = run("add", blog.url("/"), "--allow-private")
    assert code == 3
    assert f"Its feed {blog.url('/feed.xml')} could not be read." in err
    assert followed(ledger) == [("unseen", blog.url("/"))]
    blog.feed(("/1", "One"))
    time_passes(ledger)
    assert run("update")[0] == 0
    assert followed(ledger) == [("feed", blog.url("/feed.xml"))]


def test_a_guess_that_a_server_stumbles_over_is_no_feed(run, blogs, ledger):
    (blog,) = blogs(1)
    blog.post("/", "Home", text(9))
    blog.put("/feed.xml", b"", status=500)
    assert run("add", blog.url("/"), "--allow-private")[0] == 0
    assert followed(ledger) == [("article", blog.url("/"))]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/none", "no such page (404)"),
        ("/gone", "removed for good (410)"),
        ("/blob", "neither a feed nor a page"),
        ("/film", "no page but video/mp4"),
    ],
)
def test_what_fails_for_good_is_named_and_not_followed(run, blogs, ledger, path, says):
    (blog,) = blogs(1)
    blog.put("/gone", b"", status=410)
    blog.put("/blob", b"\x89PNG\r\n" + bytes(100), kind="application/octet-stream")
    blog.put("/film", b"\0\1\2", kind="video/mp4")
    code, _, err = run("add", blog.url(path), "--allow-private")
    assert code == 3
    (line,) = err.splitlines()
    assert says in line
    assert "It is not followed." in line
    assert followed(ledger) == []
    assert run("add", blog.url(path), blog.url("/feed.xml"), "--allow-private")[0] == 1
    assert followed(ledger) == [("feed", blog.url("/feed.xml"))]


def test_an_unseen_source_that_turns_out_to_be_none_keeps_its_reason(
    run, blogs, ledger
):
    (blog,) = blogs(1)
    blog.put("/feed.xml", b"", status=503)
    run("add", blog.url("/feed.xml"), "--allow-private")
    blog.put("/feed.xml", b"\x89PNG\r\n" + bytes(100), kind="application/octet-stream")
    code, _, err = run("update")
    assert code == 3
    assert "neither a feed nor a page" in err
    assert "neither a feed nor a page" in run("sources")[1]
    blog.put("/feed.xml", b"", status=410)
    run("update")
    assert "ended (410 Gone)" in run("sources")[1]
    assert run("remove", blog.url("/feed.xml"))[0] == 0
    assert followed(ledger) == []


def test_adding_it_again_looks_at_once(run, blogs, ledger):
    (blog,) = blogs(1)
    blog.put("/feed.xml", b"", status=503)
    run("add", blog.url("/feed.xml"), "--allow-private")
    (waiting,) = ledger.sources()
    ledger.put_source(replace(waiting, not_before="2999-01-01T00:00:00+00:00"))
    blog.feed(("/1", "One"))
    assert run("add", blog.url("/feed.xml"), "--allow-private")[0] == 0
    assert followed(ledger) == [("feed", blog.url("/feed.xml"))]


def test_a_followed_source_that_fails_when_it_is_added_again_stays_what_it_is(
    run, blogs, ledger, tmp_path
):
    (blog,) = blogs(1)
    feed = blog.url("/feed.xml")
    run("add", feed, "--allow-private")
    blog.put("/feed.xml", b"", status=503)
    assert run("add", feed)[0] == 3
    (source,) = ledger.sources()
    assert (source.kind, source.allow_private, source.title) == ("feed", True, "Blog 0")
    assert held(tmp_path) == {blog.url("/1")}


def test_an_opml_file_some_feeds_of_which_fail(run, blogs, ledger, tmp_path):
    made = blogs(10)
    for blog, status in zip(made[::3], (429, 503, 404, 500), strict=True):
        blog.put("/feed.xml", b"", status=status)
    feeds = [
        OpmlFeed(blog.url("/feed.xml"), f"Blog {n}") for n, blog in enumerate(made)
    ]
    file = tmp_path / "feeds.opml"
    file.write_text(write_opml(feeds))
    code, _, err = run("add", str(file), "--allow-private")
    assert code == 1
    assert [url for _, url in followed(ledger)] == [feed.url for feed in feeds]
    rows = [line for line in err.splitlines() if line.startswith("Blog ")]
    assert [row.split()[1] for row in rows] == list("0123456789")
    assert [row.split()[2] for row in rows].count("ok") == 6
    assert len(held(tmp_path)) == 6


def test_an_opml_file_that_fails_for_now_gives_its_feeds_later(run, blogs, ledger):
    server, one, two = blogs(3)
    server.put("/list.opml", b"", status=503)
    run("add", server.url("/list.opml"), "--allow-private")
    feeds = [OpmlFeed(blog.url("/feed.xml")) for blog in (one, two)]
    server.put("/list.opml", write_opml(feeds), kind="text/x-opml")
    assert run("update")[0] == 0
    assert followed(ledger) == [("feed", feed.url) for feed in feeds]


class Waiting(dict):
    """Pages the first of which waits until as many are asked for on other servers."""

    def __init__(self, pages, asked: threading.Barrier, pause: float) -> None:
        super().__init__(pages)
        self._asked = asked
        self._pause = pause
        self._is_first = True

    def get(self, path, default=None):
        if self._is_first:
            self._is_first = False
            self._asked.wait(60)
            time.sleep(self._pause)
        return super().get(path, default)


def test_all_are_looked_at_side_by_side_and_said_in_their_order(run, blogs):
    """No blog answers before all were asked, and the first answers last."""
    made = blogs(6)
    asked = threading.Barrier(len(made))
    for place, blog in enumerate(made):
        blog.pages = Waiting(blog.pages, asked, pause=0.0 if place else 0.3)
    targets = [blog.url("/feed.xml") for blog in made]
    code, _, err = run("add", *targets, "--allow-private", "--feed-only")
    assert code == 0
    lines = [line for line in err.splitlines() if ": feed " in line]
    assert [line.split(": feed ")[0] for line in lines] == targets
    rows = [line for line in err.splitlines() if line.startswith("Blog ")]
    assert [row.split()[1] for row in rows] == list("012345")


def test_unseen_sources_are_looked_at_side_by_side_too(run, blogs, ledger):
    made = blogs(4)
    for blog in made:
        blog.pages = {"/feed.xml": Reply(b"", 503)}
    targets = [blog.url("/feed.xml") for blog in made]
    run("add", *targets, "--allow-private")
    asked = threading.Barrier(len(made))
    for number, blog in enumerate(made):
        blog.pages = {}
        blog.feed(title=f"Blog {number}")
        blog.pages = Waiting(blog.pages, asked, pause=0.0)
    run("update")
    assert followed(ledger) == [("feed", target) for target in targets]


@pytest.mark.parametrize("feed_only", [False, True])
def test_older_posts_are_looked_for_when_a_source_is_first_seen(
    run, blogs, tmp_path, feed_only
):
    good, bad = blogs(2)
    run("add", good.url("/feed.xml"), "--feed-only", "--allow-private")
    bad.put("/feed.xml", b"", status=503)
    flags = ["--feed-only"] * feed_only
    assert run("add", bad.url("/feed.xml"), "--allow-private", *flags)[0] == 3
    for blog in (good, bad):
        blog.post("/2", "An older post", text(20))
        older = rss(blog.base, [("/2", "An older post", "")], title="Older")
        blog.put("/older.xml", older, kind="application/rss+xml")
        newest = rss(blog.base, [("/1", "A post", "")], title="Newest")
        link = '<channel><atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="/older.xml"/>'  # fmt: skip
        blog.put("/feed.xml", newest.replace("<channel>", link), kind="text/xml")
    code = run("update")[0]
    assert code == 0
    assert (bad.url("/2") in held(tmp_path)) is not feed_only
    assert good.url("/2") not in held(tmp_path)  # as it was before
