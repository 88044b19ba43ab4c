import pytest

from indexer.fetch.http.status import is_fetchable_type, refused_status


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (204, "no-content"),
        (401, "unauthorized"),
        (404, "not-found"),
        (408, "timeout"),
        (410, "gone"),
        (418, "client-error"),
        (429, "rate-limited"),
        (451, "forbidden"),
        (500, "server-error"),
        (999, "server-error"),
    ],
)
def test_a_status_has_a_reason_and_a_sentence_that_names_it(status, reason):
    found, message = refused_status(status)
    assert found == reason
    assert message.endswith(f"({status}).")


@pytest.mark.parametrize(
    ("kind", "as_feed", "as_article"),
    [
        ("", True, True),
        ("text/html", True, True),
        ("application/rss+xml", True, True),
        ("application/octet-stream", True, True),
        ("application/pdf", False, True),
        ("application/zip", False, False),
        ("application/vnd.ms-excel", False, False),
        ("video/mp4", False, False),
    ],
)
def test_what_can_be_a_page_or_a_feed(kind, as_feed, as_article):
    assert is_fetchable_type(kind) is as_feed
    assert is_fetchable_type(kind, article=True) is as_article
