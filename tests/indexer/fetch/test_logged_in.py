"""Requests with a login: to the server that was asked, and on no way that leaves it."""

from __future__ import annotations

import pytest

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.http.logins import Login, Logins
from indexer.records import FetchError, NotModified, Page, Validators
from tests.servers import FakeClock, Served, scripted

SECRET = "s3cr3t"
COOKIE = f"session={SECRET}"


def moved(to: str, status: int = 302) -> Served:
    return Served(b"elsewhere", status, (("Location", to),))


@pytest.fixture
def site():
    with scripted() as script:
        yield script


@pytest.fixture
def other():
    with scripted() as script:
        yield script


@pytest.fixture
def fetcher(site):
    limits = Limits(deadline=5.0, tries=1, allow_private=True)
    with HttpFetcher(limits, clock=FakeClock()) as it:
        it.logins = Logins([Login("127.0.0.1", site.port, "cookie", COOKIE)])
        yield it


def sent(script, path: str) -> list[str | None]:
    return [head["Cookie"] for asked, head in script.asked if asked == path]


def test_a_login_is_sent_to_its_host_and_not_for_robots(site, fetcher):
    site.pages = {"/post": Served(b"<p>Paid.</p>")}
    page = fetcher.fetch(f"{site.base}/post", article=True)
    assert isinstance(page, Page)
    assert (sent(site, "/post"), sent(site, "/robots.txt")) == ([COOKIE], [None])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_server_takes_no_login_along(
    site, other, fetcher, status
):
    other.pages = {"/x": Served(b"<p>Theirs.</p>")}
    site.pages = {"/post": moved(f"{other.base}/x", status)}
    fetcher.fetch(f"{site.base}/post")
    assert sent(other, "/x") == [None]


def test_a_redirect_by_another_server_is_not_logged_in(site, other, fetcher):
    """Or any page could have the person's own pages asked for in their name."""
    site.pages = {"/logout": Served(b"<p>Bye.</p>")}
    other.pages = {"/x": moved(f"{site.base}/logout")}
    fetcher.fetch(f"{other.base}/x")
    assert sent(site, "/logout") == [None]


def test_a_redirect_on_the_same_server_keeps_the_login(site, fetcher):
    site.pages = {"/a": moved("/b"), "/b": Served(b"<p>Paid.</p>")}
    fetcher.fetch(f"{site.base}/a")
    assert sent(site, "/b") == [COOKIE]


def test_another_name_of_the_same_machine_is_another_host(site, fetcher):
    site.pages = {"/a": moved(f"http://localhost:{site.port}/b"), "/b": Served(b"b")}
    fetcher.fetch(f"{site.base}/a")
    assert sent(site, "/b") == [None]


@pytest.mark.parametrize("status", [401, 403])
def test_a_login_that_has_run_out_is_said_to_have(site, fetcher, status):
    site.pages = {"/post": Served(b"no", status)}
    with pytest.raises(FetchError, match="is not accepted") as caught:
        fetcher.fetch(f"{site.base}/post")
    assert caught.value.reason == "unauthorized"
    assert SECRET not in str(caught.value)


def test_a_page_to_log_in_is_no_article(site, fetcher):
    site.pages = {"/post": moved("/account/login?next=/post"), "/account/login?next=/post": Served(b"form")}  # fmt: skip
    with pytest.raises(FetchError, match="not accepted"):
        fetcher.fetch(f"{site.base}/post")
    # Without a login the site's own answer counts, as before.
    fetcher.logins = Logins()
    assert isinstance(fetcher.fetch(f"{site.base}/post"), Page)


def test_without_a_login_the_page_asks_for_a_password(site, fetcher):
    fetcher.logins = Logins()
    site.pages = {"/post": Served(b"no", 401)}
    with pytest.raises(FetchError, match="asks for a password"):
        fetcher.fetch(f"{site.base}/post")


def test_validators_of_one_version_are_not_sent_for_the_other(site, fetcher):
    site.pages = {"/post": Served(b"x", 200, (("ETag", '"1"'),))}
    url = f"{site.base}/post"
    inside = fetcher.fetch(url)
    assert inside.validators == Validators('"1"', "", url, "sent")
    fetcher.fetch(url, inside.validators)
    fetcher.logins = Logins()
    outside = fetcher.fetch(url, inside.validators)
    assert not outside.validators.login
    fetcher.fetch(url, outside.validators)
    asked = [head["If-None-Match"] for _, head in site.asked]
    assert asked == [None, '"1"', None, '"1"']


def test_an_unchanged_page_keeps_the_note_of_its_login(site, fetcher):
    site.pages = {"/post": Served(b"", 304)}
    url = f"{site.base}/post"
    answer = fetcher.fetch(url, Validators('"1"', "", url, "sent"))
    assert isinstance(answer, NotModified)
    assert answer.validators == Validators('"1"', "", url, "sent")
