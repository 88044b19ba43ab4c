import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.http import client, sockets
from indexer.fetch.http.server_memory import ServerMemory
from indexer.records import FetchError, NotModified, Validators
from tests.servers import FakeClock, Served, names, scripted

ODD = Validators('W/"a b;c"', "Sunday, around 12")


def moved(status, to):
    return Served(b"elsewhere", status, (("Location", to),))


def failing(status, **headers):
    return Served(
        b"no",
        status,
        tuple((name.replace("_", "-"), value) for name, value in headers.items()),
    )


@pytest.fixture
def site():
    with scripted() as script:
        yield script


@pytest.fixture
def clock():
    return FakeClock()


BLOGS = names(blog_example="127.0.0.1", other_example="127.0.0.1")


@pytest.fixture
def fetcher(clock):
    limits = Limits(deadline=5.0, max_bytes=100_000)
    with HttpFetcher(
        limits, contact="me@blog.example", resolve=BLOGS, clock=clock
    ) as it:
        yield it


@pytest.fixture
def wide_fetcher(clock):
    """One of a run that may ask all private addresses, as all hosts here have them."""
    limits = Limits(deadline=5.0, allow_private=True)
    with HttpFetcher(limits, resolve=BLOGS, clock=clock) as it:
        yield it


def refusal(fetcher, url, **options):
    with pytest.raises(FetchError, match=r"\.$") as caught:
        fetcher.fetch(url, allow_private=True, **options)
    assert caught.value.url == url
    return caught.value


def test_a_page_with_all_that_its_headers_say(site, fetcher):
    headers = (
        ("Content-Type", "Application/RSS+xml; charset=ISO-8859-1"),
        ("ETag", ODD.etag),
        ("Last-Modified", ODD.last_modified),
        ("X-Robots-Tag", "nofollow, noindex, max-snippet: 0"),
        ("Cache-Control", "max-age=900"),
    )
    site.pages["/feed"] = Served(b"<rss/>", headers=headers)
    page = fetcher.fetch(f"{site.base}/feed#top", allow_private=True)
    assert (page.url, page.final_url, page.moved_to) == (
        f"{site.base}/feed#top",
        f"{site.base}/feed",
        "",
    )
    assert (page.status, page.body, page.content_type, page.charset) == (
        200,
        b"<rss/>",
        "application/rss+xml",
        "iso-8859-1",
    )
    assert page.validators == Validators(
        ODD.etag, ODD.last_modified, f"{site.base}/feed"
    )
    assert page.noindex
    assert page.nosnippet
    assert page.max_age == 900


def test_what_is_told_to_the_server(site, fetcher):
    site.pages["/"] = [moved(302, "/next")]
    site.pages["/next"] = Served()
    fetcher.fetch(f"{site.base}/", allow_private=True)
    for _, headers in site.asked:
        assert headers["User-Agent"].startswith("Blogsearch/")
        assert headers["User-Agent"].endswith(" (+me@blog.example)")
        assert headers["Accept-Encoding"] == "gzip, deflate"
        assert not {"cookie", "referer", "authorization", "if-none-match"} & {
            n.lower() for n in headers
        }


@pytest.mark.parametrize("contact", ["a\r\nX: y", "Zoë", "a) (b"])
def test_a_contact_that_would_break_the_header_is_refused(contact):
    with pytest.raises(ValueError, match="contact"):
        HttpFetcher(contact=contact)


def test_without_a_contact_the_agent_says_how_one_is_set(site):
    site.pages["/"] = Served()
    with HttpFetcher() as fetcher:
        fetcher.fetch(site.base, allow_private=True)
    assert "BLOGSEARCH_CONTACT" in site.asked[0][1]["User-Agent"]


def test_no_cookie_is_sent_back(site, fetcher):
    cookie = ("Set-Cookie", "id=1; Path=/")
    site.pages |= {
        "/": Served(b"", 302, (("Location", "/in"), cookie)),
        "/in": Served(headers=(cookie,)),
    }
    for _ in range(2):
        fetcher.fetch(f"{site.base}/", allow_private=True)
    assert len(site.asked) == 4
    assert not any("cookie" in headers for _, headers in site.asked)


def test_neither_proxies_nor_netrc_of_the_environment_are_used(
    site, fetcher, monkeypatch, tmp_path
):
    (tmp_path / "netrc").write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    site.pages["/"] = Served()
    fetcher.fetch(f"{site.base}/", allow_private=True)
    assert site.asked[0][1]["Authorization"] is None


# Conditions


def test_validators_go_back_verbatim_and_a_304_keeps_them(site, fetcher):
    site.pages["/feed"] = failing(304, Cache_Control="max-age=60")
    answer = fetcher.fetch(f"{site.base}/feed", ODD, allow_private=True)
    assert answer == NotModified(
        f"{site.base}/feed",
        "",
        Validators(ODD.etag, ODD.last_modified, f"{site.base}/feed"),
        60,
    )
    headers = site.asked[0][1]
    assert headers["If-None-Match"] == ODD.etag
    assert headers["If-Modified-Since"] == ODD.last_modified


def test_new_validators_of_a_304_replace_the_old(site, fetcher):
    site.pages["/feed"] = failing(304, ETag='"new"')
    answer = fetcher.fetch(f"{site.base}/feed", ODD, allow_private=True)
    assert answer.validators == Validators(
        '"new"', ODD.last_modified, f"{site.base}/feed"
    )


def test_validators_go_only_to_the_address_that_served_them(site, fetcher):
    site.pages |= {"/a": moved(302, "/b"), "/b": Served(headers=(("ETag", '"b"'),))}
    page = fetcher.fetch(f"{site.base}/a", Validators('"a"'), allow_private=True)
    assert [headers["If-None-Match"] for _, headers in site.asked] == ['"a"', None]
    fetcher.fetch(f"{site.base}/a", page.validators, allow_private=True)
    assert [headers["If-None-Match"] for _, headers in site.asked[2:]] == [None, '"b"']


def test_a_304_that_nobody_asked_for_is_no_page(site, fetcher):
    site.pages["/"] = failing(304)
    assert refusal(fetcher, f"{site.base}/").reason == "no-content"


# Redirects


@pytest.mark.parametrize(
    ("chain", "moved_to"),
    [
        ((301,), "/1"),
        ((308, 301), "/2"),
        ((302,), ""),
        ((307,), ""),
        ((303,), ""),
        ((301, 302), "/1"),
        ((302, 301), ""),
        ((301, 307, 308), "/1"),
    ],
)
def test_only_permanent_redirects_move_the_address(site, fetcher, chain, moved_to):
    site.pages |= {
        f"/{i}": moved(status, f"/{i + 1}") for i, status in enumerate(chain)
    }
    site.pages[f"/{len(chain)}"] = Served(b"there")
    page = fetcher.fetch(f"{site.base}/0", allow_private=True)
    assert page.body == b"there"
    assert page.final_url == f"{site.base}/{len(chain)}"
    assert page.moved_to == (site.base + moved_to if moved_to else "")


def test_a_304_behind_a_permanent_redirect_moves_it_too(site, fetcher):
    site.pages |= {"/a": moved(301, "/b"), "/b": failing(304)}
    answer = fetcher.fetch(
        f"{site.base}/a", Validators('"b"', "", f"{site.base}/b"), allow_private=True
    )
    assert isinstance(answer, NotModified)
    assert answer.moved_to == f"{site.base}/b"


@pytest.mark.parametrize("hops", [5, 6])
def test_five_redirects_are_followed_and_a_sixth_is_not(site, fetcher, hops):
    site.pages |= {f"/{i}": moved(302, f"/{i + 1}") for i in range(hops)} | {
        f"/{hops}": Served()
    }
    if hops == 5:
        assert (
            fetcher.fetch(f"{site.base}/0", allow_private=True).final_url
            == f"{site.base}/5"
        )
    else:
        assert refusal(fetcher, f"{site.base}/0").reason == "redirect-loop"
        assert "/6" not in site.paths


def test_a_loop_is_seen_at_once(site, fetcher):
    site.pages |= {"/a": moved(301, "/b"), "/b": moved(301, "/a")}
    error = refusal(fetcher, f"{site.base}/a")
    assert (error.reason, error.permanent) == ("redirect-loop", True)
    assert site.paths == ["/a", "/b"]


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "ftp://a/",
        "http://me:pw@127.0.0.1/",
        "//[",
        "javascript:x",
    ],
)
def test_a_redirect_to_what_is_no_web_address_is_refused(site, fetcher, to):
    site.pages["/"] = moved(301, to)
    error = refusal(fetcher, f"{site.base}/")
    assert (error.reason, error.status) == ("bad-redirect", 301)


def test_a_redirect_is_read_as_utf8(site, fetcher):
    site.pages |= {
        "/": moved(302, "/caf\u00c3\u00a9 au lait"),
        "/caf%C3%A9%20au%20lait": Served(b"hot"),
    }
    assert fetcher.fetch(f"{site.base}/", allow_private=True).body == b"hot"


# What failed


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not-found"),
        (410, "gone"),
        (418, "client-error"),
    ],
)
def test_what_will_not_pass_is_asked_once(site, fetcher, clock, status, reason):
    site.pages["/"] = failing(status)
    error = refusal(fetcher, f"{site.base}/")
    assert (error.reason, error.status, error.permanent) == (reason, status, True)
    assert len(site.asked) == 1
    assert clock.slept == []


@pytest.mark.parametrize(
    ("status", "times"), [(500, 3), (502, 3), (503, 3), (504, 3), (501, 1)]
)
def test_what_may_pass_is_asked_three_times_at_most_with_growing_gaps(
    site, fetcher, clock, status, times
):
    site.pages["/"] = failing(status)
    error = refusal(fetcher, f"{site.base}/")
    assert (error.status, error.permanent) == (status, False)
    assert len(site.asked) == times
    assert len(clock.slept) == times - 1
    assert clock.slept == sorted(clock.slept)


def test_who_asks_for_fewer_requests_and_not_when_to_go_on_is_left_alone_for_an_hour(
    site, fetcher, clock
):
    site.pages |= {"/a": failing(429), "/b": Served()}
    assert refusal(fetcher, f"{site.base}/a").retry_after == 3600
    assert refusal(fetcher, f"{site.base}/b").reason == "rate-limited"
    assert site.paths == ["/a"]
    clock.now += 3600
    assert fetcher.fetch(f"{site.base}/b", allow_private=True).status == 200


def test_a_broken_connection_is_tried_again(site, fetcher):
    site.pages["/"] = [
        Served(b"whole"),
        Served(b"short", headers=(("Content-Length", "500"),)),
        Served(b"whole"),
    ]
    # Two Content-Length headers that differ: the reply cannot be taken at its word.
    for count in (1, 3):
        assert fetcher.fetch(f"{site.base}/", allow_private=True).body == b"whole"
        assert len(site.asked) == count


def test_a_short_retry_after_is_waited_for(site, fetcher, clock):
    site.pages["/"] = [failing(429, Retry_After="7"), Served(b"now")]
    assert fetcher.fetch(f"{site.base}/", allow_private=True).body == b"now"
    assert clock.slept == [pytest.approx(7)]


def test_a_long_retry_after_is_left_to_the_ledger_and_holds_the_host(
    site, fetcher, clock
):
    site.pages |= {"/a": failing(503, Retry_After="3600"), "/b": Served()}
    error = refusal(fetcher, f"{site.base}/a")
    assert (error.reason, error.status, error.retry_after) == (
        "server-error",
        503,
        3600,
    )
    held = refusal(fetcher, f"{site.base}/b")
    assert (held.reason, held.retry_after) == ("rate-limited", pytest.approx(3600))
    assert site.paths == ["/a"]
    clock.now += 3600
    assert fetcher.fetch(f"{site.base}/b", allow_private=True).body == b"hello"


@pytest.mark.parametrize(("status", "holds_all"), [(429, True), (503, False)])
def test_who_asks_for_fewer_requests_means_all_hosts_of_the_domain(
    site, status, holds_all
):
    clock, memory = FakeClock(), ServerMemory()
    hosts = names(a_pages_example="127.0.0.1", b_pages_example="127.0.0.1")
    site.pages |= {"/a": failing(status, Retry_After="7200"), "/b": Served()}
    urls = [
        site.base.replace("127.0.0.1", f"{name}.pages.example") + "/b"
        for name in ("a", "b")
    ]
    with HttpFetcher(
        Limits(tries=1), resolve=hosts, clock=clock, memory=memory
    ) as fetcher:
        assert refusal(fetcher, urls[0].replace("/b", "/a")).retry_after == 7200
        assert refusal(fetcher, urls[0]).retry_after == pytest.approx(7200)
        if holds_all:
            assert refusal(fetcher, urls[1]).reason == "rate-limited"
        else:
            assert fetcher.fetch(urls[1], allow_private=True).status == 200
    # The next run knows, and asks once the time is over.
    site.asked.clear()
    clock.now += 3600
    with HttpFetcher(
        Limits(tries=1), resolve=hosts, clock=clock, memory=memory
    ) as fetcher:
        assert refusal(fetcher, urls[0]).retry_after == pytest.approx(3600, abs=2)
        assert site.asked == []
        clock.now += 3601
        assert fetcher.fetch(urls[0], allow_private=True).status == 200


def test_names_at_one_address_are_paced_as_one_host(site, clock, monkeypatch):
    monkeypatch.setattr(client, "classify_ip", lambda ip: "public")
    monkeypatch.setattr(sockets, "classify_ip", lambda ip: "public")
    site.pages["/"] = Served()
    blogs = {f"blog{n}_example": "127.0.0.1" for n in range(5)}
    with HttpFetcher(resolve=names(**blogs), clock=clock) as fetcher:
        for n in range(5):
            fetcher.fetch(site.base.replace("127.0.0.1", f"blog{n}.example"))
    assert clock.slept == [1.0] * 4


@pytest.mark.parametrize(
    "kind", ["image/png", "audio/mpeg", "application/pdf", "application/zip"]
)
def test_what_is_no_text_is_not_read(site, fetcher, kind):
    site.pages["/"] = Served(b"x" * 50_000, headers=(("Content-Type", kind),))
    error = refusal(fetcher, f"{site.base}/")
    assert (error.reason, error.permanent) == ("unsupported-type", True)


@pytest.mark.parametrize(
    "url", ["ftp://a/", "http://u:p@a/", "http://a/\x00", "", "http://a b/"]
)
def test_a_bad_address_is_said_to_be_one(fetcher, url):
    error = refusal(fetcher, url)
    assert (error.reason, error.permanent, error.status) == ("bad-address", True, None)


# robots.txt


def rules(text):
    return Served(text.encode(), headers=(("Content-Type", "text/plain"),))


def test_robots_keep_us_from_articles_but_not_from_feeds(site, fetcher):
    site.pages |= {
        "/robots.txt": rules("User-agent: *\nDisallow: /a"),
        "/a": Served(),
        "/b": Served(),
    }
    error = refusal(fetcher, f"{site.base}/a", article=True)
    assert (error.reason, error.permanent) == ("robots", True)
    fetcher.fetch(f"{site.base}/b", article=True, allow_private=True)
    fetcher.fetch(f"{site.base}/a", allow_private=True)
    assert site.paths == ["/robots.txt", "/b", "/a"]


def test_robots_are_asked_at_every_redirect(site, fetcher):
    site.pages |= {
        "/robots.txt": rules("User-agent: *\nDisallow: /b"),
        "/a": moved(302, "/b"),
    }
    assert refusal(fetcher, f"{site.base}/a", article=True).reason == "robots"
    assert site.paths == ["/robots.txt", "/a"]


@pytest.mark.parametrize(("hops", "kept_out"), [(5, True), (6, False)])
def test_robots_may_be_five_redirects_away_on_any_host(
    site, wide_fetcher, hops, kept_out
):
    elsewhere = base_of(site, "other.example")
    chain = ["/robots.txt", *(f"/{n}" for n in range(hops))]
    site.pages |= {
        at: moved(302, elsewhere + to) for at, to in itertools.pairwise(chain)
    } | {"/a": Served()}
    site.pages[chain[-1]] = rules("User-agent: *\nDisallow: /a")
    if kept_out:
        assert refusal(wide_fetcher, f"{site.base}/a", article=True).reason == "robots"
    else:  # as if there was none
        assert wide_fetcher.fetch(f"{site.base}/a", article=True).status == 200


@pytest.mark.parametrize("status", [404, 400, 401, 403, 410, 418, 204])
def test_no_robots_no_rules(site, fetcher, status):
    site.pages |= {"/robots.txt": failing(status), "/a": Served()}
    assert (
        fetcher.fetch(f"{site.base}/a", article=True, allow_private=True).status == 200
    )


def test_robots_are_not_asked_for_again_while_they_are_fresh(site, clock):
    text = "User-agent: *\nDisallow: /b"
    site.pages |= {
        "/robots.txt": Served(
            text.encode(), headers=(("Cache-Control", "max-age=7200"),)
        ),
        "/a": Served(),
    }
    memory = ServerMemory()
    asked = []
    for hours in (0, 1, 2, 30):
        clock.now = 1000.0 + 3600 * hours + 1
        with HttpFetcher(clock=clock, memory=memory) as fetcher:
            fetcher.fetch(f"{site.base}/a", article=True, allow_private=True)
            assert refusal(fetcher, f"{site.base}/b", article=True).reason == "robots"
        asked.append(site.paths.count("/robots.txt"))
    assert asked == [1, 1, 2, 3]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_robots_that_cannot_be_read_forbid_all_for_this_run(
    site, fetcher, clock, status
):
    site.pages |= {"/robots.txt": failing(status), "/a": Served()}
    for _ in range(2):
        error = refusal(fetcher, f"{site.base}/a", article=True)
        assert (error.reason, error.permanent, error.status) == (
            "robots-unreachable",
            False,
            status,
        )
    assert site.paths == ["/robots.txt"] * (1 if status == 429 else 3)
    assert len(clock.slept) == len(site.paths) - 1


def test_only_the_first_part_of_endless_robots_is_read(site, fetcher):
    text = "User-agent: *\nDisallow: /a\n" + "# and so on\n" * 100_000
    site.pages |= {"/robots.txt": rules(text), "/b": Served()}
    assert (
        fetcher.fetch(f"{site.base}/b", article=True, allow_private=True).status == 200
    )
    assert refusal(fetcher, f"{site.base}/a", article=True).reason == "robots"


# Manners


def base_of(site, host):
    return site.base.replace("127.0.0.1", host)


def test_a_pause_between_requests_to_a_host_of_others(site, fetcher, clock):
    site.pages["/"] = Served()
    for _ in range(3):
        fetcher.fetch(base_of(site, "blog.example"), allow_private=True)
    fetcher.fetch(base_of(site, "other.example"), allow_private=True)
    assert clock.slept == [1.0, 1.0]


def test_no_pause_at_a_host_of_ones_own(site, fetcher, clock):
    site.pages["/"] = Served()
    for _ in range(3):
        fetcher.fetch(site.base, allow_private=True)
    assert clock.slept == []


def test_a_crawl_delay_is_kept(site, fetcher, clock):
    site.pages |= {
        "/robots.txt": rules("User-agent: *\nCrawl-delay: 12"),
        "/a": Served(),
    }
    for _ in range(2):
        fetcher.fetch(
            base_of(site, "blog.example") + "/a", article=True, allow_private=True
        )
    assert clock.slept[-1] == 12


def test_many_threads_at_most_two_connections_a_host(site):
    gate = threading.Event()
    site.pages["/"] = Served(wait=gate)
    with HttpFetcher() as fetcher, ThreadPoolExecutor(8) as pool:
        fetches = [
            pool.submit(fetcher.fetch, site.base, allow_private=True) for _ in range(8)
        ]
        threading.Timer(0.3, gate.set).start()
        assert [fetch.result(10).status for fetch in fetches] == [200] * 8
    assert site.most_at_once == 2


def test_closing_ends_the_waiting(site):
    site.pages["/"] = failing(503, Retry_After="50")
    fetcher = HttpFetcher()
    with ThreadPoolExecutor(1) as pool:
        fetch = pool.submit(fetcher.fetch, site.base, allow_private=True)
        threading.Timer(0.3, fetcher.close).start()
        with pytest.raises(FetchError) as caught:
            fetch.result(20)
    assert caught.value.reason == "stopped"
    assert len(site.asked) == 1
