import pytest

from indexer.fetch.shared_pages import SharedPages
from indexer.records import FetchError, NotModified, Page, Validators

URL = "https://a.example/may"
SEEN = Validators('"1"', "", URL)


class Server:
    """Answers 304 to a condition, and counts the requests by their condition."""

    def __init__(self) -> None:
        self.asked: list[Validators | None] = []

    def __call__(self, seen):
        self.asked.append(seen)
        if seen:
            return NotModified(URL, moved_to="https://b.example/may")
        return Page(URL, URL, b"two posts", moved_to="https://b.example/may")


def test_a_page_is_asked_for_once_and_moves_no_post():
    pages, server = SharedPages(), Server()
    first = pages.get(URL, server, None, is_new=True)
    assert pages.get(URL, server, SEEN, is_new=False) is first
    assert (first.body, first.moved_to) == (b"two posts", "")
    assert server.asked == [None]


def test_a_new_post_needs_the_page_though_it_has_not_changed():
    pages, server = SharedPages(), Server()
    assert isinstance(pages.get(URL, server, SEEN, is_new=False), NotModified)
    assert server.asked == [SEEN]
    assert isinstance(pages.get(URL, server, SEEN, is_new=True), Page)
    assert isinstance(pages.get(URL, server, SEEN, is_new=False), Page)
    assert server.asked == [SEEN, None]


def test_a_failure_is_every_post_s():
    asked = []

    def fail(seen):
        asked.append(seen)
        raise FetchError(URL, "gone", "It is gone.", status=410)

    pages = SharedPages()
    for _ in range(2):
        with pytest.raises(FetchError, match="gone"):
            pages.get(URL, fail, None, is_new=True)
    assert len(asked) == 1
