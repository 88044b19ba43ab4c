import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.fetch.http.robots import RobotsCache, parse_robots
from indexer.fetch.http.ssrf import parse_address
from search.errors import BlogsearchError

PAGE = parse_address("http://example.org/private/post")


def allowed(text: str, path: str = "/private/post") -> bool:
    return parse_robots(text).can_fetch(f"http://example.org{path}", "blogsearch")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /private", False),
        ("\ufeffUser-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /private\nAllow: /private/post", True),
        ("User-agent: otherbot\nDisallow: /", True),
        ("User-agent: otherbot\nUser-agent: *\nDisallow: /", False),
        ("User-agent: Blogsearch/2.0\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: blogsearch\nAllow: /\n\nUser-agent: *\nDisallow: /", True),
        # A name that only begins like ours is another's.
        ("User-agent: blog\nDisallow: /", True),
        ("User-agent: blogsearch-image\nDisallow: /", True),
        ("User-agent: *\nDisallow: /*/post$", False),
        ("<html>not a robots.txt</html>", True),
    ],
)
def test_rules_for_all_and_for_us(text, expected):
    assert allowed(text) is expected


def test_many_agents_times_many_rules_stay_cheap():
    text = (
        "".join(f"User-agent: a{i}\n" for i in range(20_000))
        + "Disallow: /x\n" * 20_000
    )
    assert len(parse_robots(text)._user_agents) == 1


def test_a_file_is_read_once_even_by_many_threads():
    reads, gate = [], threading.Barrier(8)

    def read(url, allow_private):
        reads.append(url)
        return "User-agent: *\nDisallow: /private\nCrawl-delay: 3"

    robots = RobotsCache(read)

    def ask(_):
        gate.wait(5)
        return robots.allows(PAGE, allow_private=False)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [False] * 8
    assert robots.crawl_delay(PAGE, allow_private=False) == 3
    assert reads == ["http://example.org/robots.txt"]


def test_a_crawl_delay_of_hours_is_cut_short():
    robots = RobotsCache(lambda url, allow_private: "User-agent: *\nCrawl-delay: 7200")
    assert robots.crawl_delay(PAGE, allow_private=False) == 30


def test_a_failure_is_remembered_and_told_each_time():
    reads = []

    def read(url, allow_private):
        reads.append(url)
        raise BlogsearchError("no answer")

    robots = RobotsCache(read)
    for _ in range(2):
        with pytest.raises(BlogsearchError, match="no answer"):
            robots.allows(PAGE, allow_private=False)
    assert len(reads) == 1


def test_what_failed_without_permission_is_asked_again_with_it():
    def read(url, allow_private):
        if not allow_private:
            raise BlogsearchError("private")
        return ""

    robots = RobotsCache(read)
    with pytest.raises(BlogsearchError):
        robots.allows(PAGE, allow_private=False)
    assert robots.allows(PAGE, allow_private=True)
