from __future__ import annotations

import pytest

from tests.web.canned_engine import CannedEngine
from web import create_app
from web.rate_limit import client_behind, client_of
from web.settings import Settings

PUBLIC = {"host": "0.0.0.0", "log": "off"}


def client(**told):
    return create_app(Settings(**{**PUBLIC, **told}), CannedEngine()).test_client()


def ask(app, address="198.51.100.7", *, path="/api/search?q=gradient", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with app.get(path, headers=named, environ_base={"REMOTE_ADDR": address}) as answer:
        return answer.status_code


def test_each_client_has_its_own_limit_and_is_told_when_to_come_back():
    app = client(per_minute=3)
    assert [ask(app) for _ in range(5)] == [200, 200, 200, 429, 429]
    assert ask(app, "198.51.100.8") == 200
    answer = app.get("/?q=gradient", environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert "wait a little" in answer.text
    for path in ("/healthz", "/static/page.css", "/openapi.json", "/opensearch.xml"):
        assert ask(app, path=path) == 200


def test_pages_and_api_count_together_and_a_long_text_as_several():
    app = client(per_minute=4)
    asked = ["/", "/api/related?url=x", "/?q=gradient", "/coverage", "/"]
    assert [ask(app, path=path) for path in asked] == [200, 404, 200, 200, 429]
    app = client(per_minute=4)
    assert ask(app, path="/api/similar?text=" + "gradient+" * 150) == 200
    assert [ask(app), ask(app)] == [200, 429]
    app = client(per_minute=2)
    assert (
        ask(app, path="/api/similar?text=" + "gradient+" * 200) == 200
    )  # however long, it can be asked
    assert ask(app) == 429


def test_typing_a_question_takes_none_from_the_questions():
    app = client(per_minute=2)
    typed = "/api/suggest?q=gradient"
    assert [ask(app, path=typed) for _ in range(7)] == [200] * 6 + [429]
    assert [ask(app), ask(app), ask(app)] == [200, 200, 429]


def test_it_is_on_where_anybody_may_ask_and_off_where_one_person_does():
    for host in ("127.0.0.1", "localhost", "::1"):
        assert Settings(host=host).rate == 0
        assert Settings(host=host, proxies=1).rate == 60
    assert Settings(host="0.0.0.0").rate == 60
    assert Settings(host="0.0.0.0", per_minute=0).rate == 0
    assert Settings(per_minute=5).rate == 5
    app = client(host="127.0.0.1")
    assert {ask(app, "127.0.0.1") for _ in range(80)} == {200}


def test_whom_a_proxy_asks_for_counts_only_where_proxies_are_trusted():
    app = client(per_minute=2)
    assert [ask(app, X_Forwarded_For=f"203.0.113.{n}") for n in range(4)] == [
        200,
        200,
        429,
        429,
    ]
    app = client(per_minute=2, proxies=1)
    assert [
        ask(app, "127.0.0.1", X_Forwarded_For=f"203.0.113.{n}") for n in range(4)
    ] == [200] * 4
    # What a client writes there itself stands before what the proxy adds.
    spoofed = [
        ask(app, "127.0.0.1", X_Forwarded_For=f"1.2.3.{n}, 192.0.2.1") for n in range(4)
    ]
    assert spoofed == [200, 200, 429, 429]
    app = client(per_minute=2, proxies=2)
    through = [
        ask(app, "10.0.0.1", X_Forwarded_For=f"1.2.3.{n}, 192.0.2.1, 10.0.0.2")
        for n in range(4)
    ]
    assert through == [200, 200, 429, 429]


def test_a_proxy_tells_by_which_scheme_it_was_asked_and_never_for_which_host():
    app = client(proxies=1, allowed_hosts=frozenset({"search.example"}))
    told = {
        "Host": "search.example",
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Proto": "https",
    }
    text = app.get(
        "/opensearch.xml", headers={**told, "X-Forwarded-Host": "evil.example"}
    ).text
    assert 'template="https://search.example/?q={searchTerms}"' in text
    assert "evil" not in text


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("192.0.2.1", "192.0.2.1"), ("192.0.2.1:5678", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("[2001:db8:1:2::9]:443", "2001:db8:1:2::"), ("fe80::1%eth0", "fe80::"), ("::1", "::"),
        ("", "unknown"), ("nonsense", "unknown"), ("_hidden", "unknown"), ("1.2.3.4.5", "unknown"),
    ],
)  # fmt: skip
def test_all_addresses_of_one_client_are_one(address, whose):
    assert client_of(address) == whose


def test_whoever_asks_through_proxies_is_told_apart_by_what_these_add():
    told = "1.2.3.4, 192.0.2.1, 10.0.0.2"
    assert client_behind("10.0.0.1", told, 0) == "10.0.0.1"
    assert client_behind("10.0.0.1", told, 1) == "10.0.0.2"
    assert client_behind("10.0.0.1", told, 2) == "192.0.2.1"
    assert client_behind("10.0.0.1", told, 9) == "10.0.0.1"
    assert client_behind("10.0.0.1", '", 192.0.2.1', 1) == "192.0.2.1"
    assert client_behind("10.0.0.1", "", 1) == "10.0.0.1"
