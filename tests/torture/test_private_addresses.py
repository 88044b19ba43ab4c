"""No spelling of a private address is connected to, however one comes to it, nor is any
file opened."""

from __future__ import annotations

import itertools
import socket
from contextlib import suppress
from ipaddress import ip_address

import pytest

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.http import sockets, ssrf
from indexer.fetch.http.dns import CACHE_SECONDS
from indexer.records import FetchError
from indexer.sources.targets import SourceError
from indexer.text.urls import canonical_of
from tests.runs import Runs
from tests.servers import FakeClock, Served, scripted
from tests.sites import page, rss, text
from tests.watching import watching

PUBLIC = "127.0.0.99"  # on loopback, but the tests have it count as public
QUICK = Limits(delay=0, deadline=5.0, tries=1)

# Where this machine and the user's own networks are reached: --allow-private opens
# these...
OWN = [
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001",
    "2130706433", "127.0.0.1.", "LOCALHOST", "localhost.", "[::1]", "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[fd00::1]", "①②⑦.⓪.⓪.①", "127。0｡0．1", "１２７.0.0.1",
    "ⓛocalhost", "10.0.0.1", "192.168.0.1", "0xac100001", "100.64.0.1",
]  # fmt: skip
# ...and these nothing opens: unspecified, link-local (clouds' metadata), translated,
# multicast, reserved.
NEVER = [
    "0.0.0.0", "0", "0x0", "00000", "[::]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:0:127.0.0.1]",
    "[::ffff:169.254.169.254]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::f5ff:fffe]", "[fe80::1]", "[fec0::1]", "[ff02::1]", "169.254.169.254", "0xa9fea9fe",
    "2852039166", "169。254。169。254", "224.0.0.1", "255.255.255.255", "198.18.0.1",
]  # fmt: skip
# Addresses that only deceive: a name before, a name behind, bytes that end a string in
# C, no host at all.
BAD = [
    "user:secret@127.0.0.1", "blog.example@127.0.0.1", "127.0.0.1%00.blog.example", "127.0.0.1\x00.example",
    "blog.example\\@127.0.0.1", "%31%32%37.0.0.1", "[::1%25lo]", "[fe80::1%25eth0]", "127.0.0.1\t", "a..b",
]  # fmt: skip


@pytest.fixture(autouse=True)
def one_public(monkeypatch):
    """The tests' own server counts as public, and nothing else on this machine does."""
    real = ssrf.classify_ip
    monkeypatch.setattr(
        sockets,
        "classify_ip",
        lambda ip: "public" if ip == ip_address(PUBLIC) else real(ip),
    )


@pytest.fixture
def site():
    try:
        with scripted(host=PUBLIC) as script:
            yield script
    except OSError:
        pytest.skip(f"this system has no {PUBLIC}")


def reason(fetcher, url, **options) -> str:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url, **options)
    assert caught.value.permanent
    return caught.value.reason


def behind(site, status: int, host: str) -> str:
    """An address of the site that redirects to the host."""
    # as http.server takes it
    to = f"http://{host}:{site.port}/".encode().decode("latin-1")
    site.pages["/"] = Served(b"", status, (("Location", to),))
    return f"http://{PUBLIC}:{site.port}/"


def of_host(host: str):
    return lambda _, port: socket.getaddrinfo(
        host.strip("[]"), port, type=socket.SOCK_STREAM
    )


def test_the_48_spellings_are_48():
    assert len({*OWN, *NEVER}) == len(OWN) + len(NEVER) == 48


@pytest.mark.parametrize("host", [*OWN, *NEVER])
def test_no_spelling_is_connected_to_on_any_of_four_ways(site, host):
    wanted = {
        "private-address",
        "no-such-host",
    }  # some systems' resolvers don't know all the spellings
    with watching(PUBLIC) as watch, HttpFetcher(QUICK) as fetcher:
        assert reason(fetcher, f"http://{host}:{site.port}/") in wanted
        assert watch.connected == []
        for status in (302, 307):
            assert reason(fetcher, behind(site, status, host)) in wanted
        # A name that changes its answer with each look-up, the first of which is what
        # it may be.
        site.pages["/"] = Served(
            headers=(("Connection", "close"), ("Content-Type", "text/html"))
        )
        answers = itertools.chain([of_host(PUBLIC)], itertools.repeat(of_host(host)))
        clock = FakeClock()
        with HttpFetcher(
            QUICK, resolve=lambda *asked: next(answers)(*asked), clock=clock
        ) as rebound:
            url = f"http://rebinding.example:{site.port}/"
            assert rebound.fetch(url).body == b"hello"
            clock.now += CACHE_SECONDS
            assert reason(rebound, url) in wanted
        assert watch.forbidden == []
    assert len(site.asked) == 3  # those that redirect, and the name as it was at first


@pytest.mark.parametrize("host", BAD)
def test_an_address_that_only_deceives_is_none(site, host):
    with watching(PUBLIC) as watch, HttpFetcher(QUICK) as fetcher:
        assert reason(fetcher, f"http://{host}:{site.port}/") == "bad-address"
        assert watch.connected == []
        for status in (302, 307):
            assert reason(fetcher, behind(site, status, host)) in (
                "bad-redirect",
                "private-address",
            )
        assert watch.forbidden == []


@pytest.mark.parametrize("host", [*OWN, *NEVER])
def test_permission_opens_ones_own_networks_and_nothing_else(host):
    with (
        watching() as watch,
        HttpFetcher(QUICK) as fetcher,
        pytest.raises(FetchError) as caught,
    ):
        fetcher.fetch(f"http://{host}:9/", allow_private=True)
    if host in NEVER or caught.value.reason == "no-such-host":
        assert watch.connected == []
    else:
        assert caught.value.reason == "connection"
        assert {ssrf.classify_ip(ip_address(ip)) for ip in watch.connected} == {
            "private"
        }


def test_a_name_with_a_public_and_a_private_address_is_reached_at_the_public_one_only(
    site,
):
    def both(_, port):
        return [
            entry
            for host in ("10.0.0.1", PUBLIC, "::1")
            for entry in of_host(host)(_, port)
        ]

    site.pages["/"] = Served()
    with watching(PUBLIC) as watch, HttpFetcher(QUICK, resolve=both) as fetcher:
        assert fetcher.fetch(f"http://both.example:{site.port}/").status == 200
        assert set(watch.connected) == {PUBLIC}


# What a site can name: each of these is followed somewhere, and none may lead inside.

FEED_LINK = '<link rel="alternate" type="application/rss+xml" href="{}">'
INSIDE = (
    "http://127.0.0.1:{port}",
    "http://169.254.169.254",
    "http://[::ffff:10.0.0.1]:{port}",
    "{secret}",
)


def put(site, path: str, body: str, kind: str = "text/html", **headers: str) -> None:
    extra = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    site.pages[path] = Served(body.encode(), headers=(("Content-Type", kind), *extra))


def treacherous(site, inside: str) -> None:
    """A blog whose every address that a program may follow leads inside."""
    base = site.base
    feeds = FEED_LINK.format(f"{inside}/feed") + FEED_LINK.format("/feed.xml")
    put(site, "/", page("Home", f'<a href="{inside}/archive">Archive</a>', head=feeds))
    posts = (("/a", "A"), ("/b", "B"), ("/c", "C"))
    items = f"<item><title>Inside</title><link>{inside}/post</link></item>"
    leads = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="{{}}" href="{inside}/older"/>'
    feed = rss(base, posts).replace(
        "<description>x",
        leads.format("prev-archive") + leads.format("next") + "<description>x",
    )
    put(
        site,
        "/feed.xml",
        feed.replace("</channel>", f"{items}</channel>"),
        "application/rss+xml",
    )
    put(
        site,
        "/robots.txt",
        f"User-agent: *\nAllow: /\nSitemap: {inside}/sitemap.xml\n",
        "text/plain",
    )
    put(
        site,
        "/sitemap.xml",
        f"<urlset><url><loc>{inside}/x</loc></url></urlset>",
        "application/xml",
    )
    put(
        site, "/a", page("A", text(1), head=f'<link rel="canonical" href="{inside}/a">')
    )
    put(
        site,
        "/b",
        page("B", text(2), f'<a rel="prev" href="{inside}/before">Previous</a>'),
    )
    site.pages["/c"] = Served(b"", 302, (("Location", f"{inside}/c"),))
    copy = f"https://web.archive.org/web/2020/{inside}/x"
    put(
        site,
        "/til.md",
        f"# 2024-03-01\n\n- [in]({inside}/x) is in, [copy]({copy})\n- [b]({base}/b) is it\n- [c](/c)\n",
        "text/markdown",
    )
    put(
        site,
        "/list.opml",
        f'<opml><body><outline xmlUrl="{inside}/f"/></body></opml>',
        "text/x-opml",
    )


@pytest.mark.parametrize("inside", INSIDE)
def test_no_address_that_a_site_names_leads_inside(site, tmp_path, workers, inside):
    secret = tmp_path / "secret"
    for name in (
        "feed",
        "post",
        "older",
        "sitemap.xml",
        "a",
        "before",
        "c",
        "x",
        "f",
        "archive",
    ):
        secret.mkdir(exist_ok=True)
        (secret / name).write_text(rss(site.base, (("/a", "TOP SECRET"),)))
    inside = inside.format(port=site.port, secret=secret.as_uri())
    treacherous(site, inside)
    runs = Runs(tmp_path / "index", workers)
    runs.allow_private = False
    with watching(PUBLIC) as watch:
        for target in ("/", "/til.md", "/list.opml"):
            with suppress(SourceError):  # a list of files is none of feeds
                runs.add(site.base + target, older=True)
        runs.later(days=3)
        runs.update()
    assert [
        address for address in watch.forbidden if not address.startswith("/")
    ] == []  # "/": a pipe's name
    assert [path for path in watch.opened if path.startswith(str(secret))] == []
    held = runs.articles()
    assert {f"{site.base}/a", f"{site.base}/b"} <= set(held)
    assert "TOP SECRET" not in str(held)
    post = runs.page(canonical_of(f"{inside}/post"))
    assert (
        post is None
        if inside.startswith("file:")
        else "never fetched" in post.detail or "private" in post.detail
    )
