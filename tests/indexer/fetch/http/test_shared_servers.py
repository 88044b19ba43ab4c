import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.fetch.http.shared_servers import (
    SharedServers,
    queue_key,
    registered_domain,
)
from indexer.fetch.http.ssrf import parse_address


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("alice.wordpress.com", "wordpress.com"),
        ("alice.github.io", "github.io"),
        ("a.b.substack.com", "substack.com"),
        ("medium.com", "medium.com"),
        ("www.example.org", "example.org"),
        ("alice.blogspot.co.uk", "blogspot.co.uk"),
        ("blog.example.com.au", "example.com.au"),
        ("example.co.uk", "example.co.uk"),
        ("a.cs.uni.edu", "uni.edu"),
        ("blog.alice.ne.jp", "alice.ne.jp"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_domain_of_a_host(host, expected):
    assert registered_domain(host) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://alice.wordpress.com/2024/a", "wordpress.com"),
        ("http://Bob.WordPress.com/", "wordpress.com"),
        ("http://127.0.0.1:81/", "127.0.0.1:81"),
        ("file:///home/me/posts/", ""),
        ("http://[::1]:8000/", "::1:8000"),
        ("http://[", "http://["),
    ],
)
def test_a_lane_is_told_by_the_spelling_alone(url, expected):
    assert queue_key(url) == expected


def keys(servers, host):
    return servers.throttle_keys(parse_address(f"http://{host}/"), seconds=1)


def test_hosts_of_one_domain_and_hosts_at_one_address_have_a_key_in_common():
    where = {
        "a.pages.example": ["1.1.1.1"], "b.pages.example": ["1.1.1.2"], "own.example": ["1.1.1.3", "1.1.1.1"],
        "other.example": ["9.9.9.9"], "nas.local": [],
    }  # fmt: skip
    servers = SharedServers(lambda address, seconds: where[address.host])
    found = {host: keys(servers, host) for host in where}
    assert found == {
        "a.pages.example": ("a.pages.example", "*.pages.example", "@1.1.1.1"),
        "b.pages.example": ("b.pages.example", "*.pages.example", "@1.1.1.2"),
        "own.example": ("own.example", "*.own.example", "@1.1.1.1"),
        "other.example": ("other.example", "*.other.example", "@9.9.9.9"),
        "nas.local": ("nas.local", "*.nas.local"),
    }


def test_a_host_is_looked_up_once_and_answers_that_turn_make_no_new_group():
    answers = itertools.cycle([["1.1.1.1", "1.1.1.2"], ["1.1.1.2", "1.1.1.1"]])
    servers = SharedServers(lambda address, seconds: next(answers))
    with ThreadPoolExecutor(8) as pool:
        found = set(
            pool.map(lambda n: keys(servers, f"blog{n % 4}.example")[2], range(40))
        )
    assert len(found) == 1
    assert threading.active_count() < 50
