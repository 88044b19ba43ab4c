"""Local files as pages."""

import os

import pytest

from indexer.fetch.local_files import WebAndFileFetcher, is_in_folder_of, path_of
from indexer.records import FetchError, NotModified, Page
from indexer.text.urls import is_file
from tests.fakes import CannedFetcher


@pytest.fixture
def files():
    return WebAndFileFetcher(CannedFetcher({"https://a.example/": b"from the web"}))


def test_a_file_is_a_page(files, tmp_path):
    path = tmp_path / "ein Brot ä.md"
    path.write_bytes(b"# Hi")
    page = files.fetch(path.as_uri())
    assert isinstance(page, Page)
    assert (page.body, page.content_type, page.url, page.final_url) == (
        b"# Hi", "text/markdown", path.as_uri(), path.as_uri(),
    )  # fmt: skip


def test_a_file_that_did_not_change_is_not_read_again(files, tmp_path):
    path = tmp_path / "a.html"
    path.write_bytes(b"one")
    seen = files.fetch(path.as_uri()).validators
    assert isinstance(files.fetch(path.as_uri(), seen), NotModified)
    path.write_bytes(b"two!")
    assert files.fetch(path.as_uri(), seen).body == b"two!"
    os.utime(path, ns=(1, 1))
    assert files.fetch(path.as_uri(), seen).body == b"two!"


def test_all_else_goes_to_the_web(files):
    assert files.fetch("https://a.example/").body == b"from the web"
    with pytest.raises(FetchError):
        files.fetch("https://a.example/none", article=True, allow_private=True)


@pytest.mark.parametrize(
    ("name", "reason"), [("none.html", "not-found"), ("", "forbidden")]
)
def test_what_can_not_be_read_is_told(files, tmp_path, name, reason):
    with pytest.raises(FetchError, match=r"\.$") as caught:
        files.fetch((tmp_path / name).as_uri())
    assert caught.value.reason == reason


def test_a_file_elsewhere_is_not_beside(tmp_path):
    feed = (tmp_path / "blog" / "feed.xml").as_uri()
    assert is_in_folder_of((tmp_path / "blog" / "posts" / "1.html").as_uri(), feed)
    assert not is_in_folder_of((tmp_path / "other.html").as_uri(), feed)
    assert not is_in_folder_of(f"{tmp_path.as_uri()}/blog/../other.html", feed)
    assert not is_in_folder_of(f"{tmp_path.as_uri()}/blog/%2e%2e/other.html", feed)
    assert not is_in_folder_of("https://a.example/1", feed)
    assert not is_in_folder_of(feed, "https://a.example/feed")
    assert is_file(feed)
    assert not is_file("https://a.example/file://x")
    assert path_of("file:///a%20b/c") == path_of("file:///a b/c")


def test_a_link_out_of_the_folder_is_not_beside(tmp_path):
    blog = tmp_path / "blog"
    blog.mkdir()
    (tmp_path / "secret").write_text("x")
    (blog / "link").symlink_to(tmp_path / "secret")
    assert not is_in_folder_of((blog / "link").as_uri(), (blog / "feed.xml").as_uri())
