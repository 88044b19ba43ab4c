"""Local files as pages."""

import os
from pathlib import Path

import pytest

from indexer.fetch.local_files import (
    WebAndFileFetcher,
    is_document_beside,
    is_in_folder_of,
    path_of,
    read_regular,
)
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


@pytest.mark.parametrize("follow", [True, False])
def test_only_regular_files_are_read_and_links_where_that_is_meant(tmp_path, follow):
    post, link = tmp_path / "post.md", tmp_path / "link.md"
    post.write_bytes(b"mine")
    link.symlink_to(post)
    body, facts = read_regular(post, 4, follow=follow)
    assert (body, facts.st_size) == (b"mine", 4)
    if follow:
        assert read_regular(link, 4, follow=True)[0] == b"mine"
    else:
        with pytest.raises(OSError, match="symbolic link"):
            read_regular(link, 4)
    with pytest.raises(OSError, match="File too large"):
        read_regular(post, 3, follow=follow)
    os.mkfifo(tmp_path / "pipe.md")
    for path in (tmp_path / "pipe.md", tmp_path, "/dev/zero"):
        with pytest.raises(OSError, match="no regular file"):
            read_regular(Path(path), 4, follow=follow)


def test_a_file_that_grows_while_it_is_read_is_not_read_on(tmp_path, monkeypatch):
    post = tmp_path / "post.md"
    post.write_bytes(b"mine")
    real = os.fstat

    def growing(number):
        facts = real(number)
        post.write_bytes(b"mine" * 100)
        return facts

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(OSError, match="File too large"):
        read_regular(post, 100)


def test_a_pipe_that_is_named_as_a_source_is_told(files, tmp_path):
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(FetchError, match="no regular file"):
        files.fetch((tmp_path / "pipe.md").as_uri())


def test_a_source_on_disk_may_name_the_documents_beside_it(tmp_path):
    source = (tmp_path / ".notes" / "links.md").as_uri()
    beside = f"{tmp_path.as_uri()}/.notes"
    for name in ("a.md", "b/c.HTML", "d.pdf", "e.ipynb"):
        assert is_document_beside(f"{beside}/{name}", source)
    for name in ("a.json", "b", ".c.md", ".d/e.md", "../f.md", "%00.md", "g.sqlite"):
        assert not is_document_beside(f"{beside}/{name}", source)
    assert not is_document_beside(f"{beside}/a.md", "https://a.example/links.md")
