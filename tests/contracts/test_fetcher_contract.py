"""What every Fetcher promises, over the canned one and the one that goes out."""

import pytest

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.records import FetchError, NotModified, Page, Validators
from tests.fakes import CannedFetcher
from tests.servers import Served, scripted

HTML = ("Content-Type", "text/html; charset=utf-8")
KNOWN = Validators('"v1"')


@pytest.fixture(params=["canned", "http"])
def setting(request):
    """A fetcher and the base address below which its pages lie."""
    pages = {
        "/post": Served(
            b"<p>post</p>",
            headers=(HTML, ("ETag", KNOWN.etag), ("Cache-Control", "max-age=60")),
        ),
        "/closed": Served(b"closed", headers=(HTML,)),
        "/old": Served(b"", 301, (("Location", "/new"),)),
        "/new": Served(b"new", headers=(HTML,)),
        "/gone": Served(b"", 410),
        "/robots.txt": Served(
            b"User-agent: *\nDisallow: /closed",
            headers=(("Content-Type", "text/plain"),),
        ),
    }
    if request.param == "canned":
        yield canned("http://blog.example"), "http://blog.example"
        return
    with scripted(pages) as site, HttpFetcher(Limits(deadline=5, tries=1)) as fetcher:
        # The scripted server knows no conditions of its own.
        original = site.take
        site.take = lambda path, headers: (
            Served(b"", 304)
            if headers["If-None-Match"] == KNOWN.etag
            else original(path, headers)
        )
        yield fetcher, site.base


def canned(base):
    def page(path, body, **said):
        kind = {"content_type": "text/html", "charset": "utf-8"}
        return Page(
            f"{base}{path}",
            said.pop("final_url", f"{base}{path}"),
            body,
            **kind,
            **said,
        )

    known = Validators(KNOWN.etag, "", f"{base}/post")
    pages = {
        "/post": page("/post", b"<p>post</p>", validators=known, max_age=60),
        "/closed": page("/closed", b"closed"),
        "/old": page("/old", b"new", final_url=f"{base}/new", moved_to=f"{base}/new"),
        "/new": page("/new", b"new"),
        "/gone": FetchError(
            f"{base}/gone",
            "gone",
            "The page has been removed for good (410).",
            status=410,
        ),
    }
    return CannedFetcher(
        {base + path: page for path, page in pages.items()},
        disallowed={f"{base}/closed"},
    )


def refusal(fetcher, url, **options):
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url, allow_private=True, **options)
    return caught.value


def test_a_page_comes_with_what_was_said_of_it(setting):
    fetcher, base = setting
    page = fetcher.fetch(f"{base}/post", allow_private=True)
    assert page == Page(
        url=f"{base}/post",
        final_url=f"{base}/post",
        body=b"<p>post</p>",
        content_type="text/html",
        charset="utf-8",
        validators=Validators(KNOWN.etag, "", f"{base}/post"),
        max_age=60,
    )


def test_a_known_page_is_not_given_again(setting):
    fetcher, base = setting
    page = fetcher.fetch(f"{base}/post", allow_private=True)
    answer = fetcher.fetch(f"{base}/post", page.validators, allow_private=True)
    assert isinstance(answer, NotModified)
    assert (answer.url, answer.moved_to, answer.validators) == (
        f"{base}/post",
        "",
        page.validators,
    )


def test_other_validators_make_no_difference(setting):
    fetcher, base = setting
    assert isinstance(
        fetcher.fetch(f"{base}/post", Validators('"v0"'), allow_private=True), Page
    )


def test_a_page_that_moved_says_where(setting):
    fetcher, base = setting
    page = fetcher.fetch(f"{base}/old", allow_private=True)
    assert (page.url, page.final_url, page.moved_to) == (
        f"{base}/old",
        f"{base}/new",
        f"{base}/new",
    )
    assert page.body == b"new"


@pytest.mark.parametrize(
    ("path", "reason", "status"), [("/gone", "gone", 410), ("/x", "not-found", 404)]
)
def test_a_page_that_is_not_there(setting, path, reason, status):
    fetcher, base = setting
    error = refusal(fetcher, base + path)
    assert (error.url, error.reason, error.status, error.permanent) == (
        base + path,
        reason,
        status,
        True,
    )
    assert str(error).endswith(".")


def test_robots_count_for_articles_only(setting):
    fetcher, base = setting
    assert refusal(fetcher, f"{base}/closed", article=True).reason == "robots"
    assert fetcher.fetch(f"{base}/closed", allow_private=True).body == b"closed"
    assert fetcher.fetch(f"{base}/post", article=True, allow_private=True).status == 200


@pytest.mark.parametrize("url", ["ftp://example.org/", "", "example.org"])
def test_what_is_no_web_address(setting, url):
    assert refusal(setting[0], url).reason == "bad-address"
