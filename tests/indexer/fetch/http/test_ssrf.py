import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.fetch.http.ssrf import BadAddress, classify_ip, parse_address
from tests.torture.scale import rounds


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/post",
        "file:///etc/passwd",
        "ftp://example.org/",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://:80/",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://127.0.0.1\\.example.org/",
        "http://example.org/\x00",
        "http://exam\nple.org/",
        "http://example.org/a\rb",
        "http://example.org:0/",
        "http://example.org:99999/",
        "http://example.org:http/",
        "http://exa mple.org/",
        "http://%31%32%37.0.0.1/",
        "http://[::1/",
        "http://[fe80::1%25eth0]/",
        "http://[v1.x]/",
        "http://a..b/",
        "http://" + "a" * 64 + ".org/",
        "http://" + "a." * 130 + "org/",
        "http://xn--ü.example/",
        "http://a\u3002\u3002b/",
        "http://ex\u00admple\u202e.org/",
    ],
)
def test_what_only_deceives_or_is_no_web_address_is_refused(url):
    with pytest.raises(BadAddress, match=r"\.$"):
        parse_address(url)


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("HTTP://Example.ORG", "http://example.org/"),
        (" https://example.org:443/a?b=c ", "https://example.org/a?b=c"),
        (
            "http://example.org:8080/a b/é?q=ü&r={x}",
            "http://example.org:8080/a%20b/%C3%A9?q=%C3%BC&r={x}",
        ),
        ("http://example.org/%7Ea%20b", "http://example.org/%7Ea%20b"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://example.org./", "http://example.org/"),
        ("http://some_one.example.org/", "http://some_one.example.org/"),
        ("http://[2001:DB8::1]:81/", "http://[2001:db8::1]:81/"),
        ("http://①②⑦.⓪.⓪.①/", "http://127.0.0.1/"),
        ("http://127。0。0。1/", "http://127.0.0.1/"),
    ],
)
def test_an_address_is_taken_apart_as_a_browser_would(url, meant):
    assert parse_address(url).url == meant


@given(st.text(max_size=60))
@settings(max_examples=rounds(200, 1000), deadline=None)
def test_any_text_is_an_address_or_refused_and_an_address_stays_itself(text):
    for url in (text, f"http://{text}", f"http://example.org/{text}"):
        try:
            address = parse_address(url)
        except BadAddress:
            continue
        assert address.url.isascii()
        assert parse_address(address.url) == address


@pytest.mark.parametrize(
    "ip", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"]
)
def test_public_addresses(ip):
    assert classify_ip(ipaddress.ip_address(ip)) == "public"


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
    ],
)
def test_a_users_own_networks(ip):
    assert classify_ip(ipaddress.ip_address(ip)) == "private"


@pytest.mark.parametrize(
    "ip",
    [
        "0.0.0.0",
        "0.1.2.3",
        "169.254.169.254",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.9",
        "::",
        "::7f00:1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "::ffff:0:7f00:1",
        "::ffff:169.254.169.254",
        "::ffff:0.0.0.0",
    ],
)
def test_what_is_never_asked(ip):
    assert classify_ip(ipaddress.ip_address(ip)) == "never"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://localhost/", True),
        ("http://127.0.0.1/", True),
        ("http://[::1]/", True),
        ("http://8.8.8.8/", False),
        ("http://example.org/", False),
    ],
)
def test_local_by_its_spelling(url, local):
    assert parse_address(url).is_local is local
