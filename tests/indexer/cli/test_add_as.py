"""`add --as`: what a person says that a source is counts before any guess."""

from __future__ import annotations

import pytest

from indexer.cli.exit_codes import NOTHING_DONE
from indexer.ledger.ledger import Ledger
from search.index.open import open_index
from tests.sites import serving, text

pytestmark = pytest.mark.usefixtures("quick_commands")


@pytest.fixture
def site():
    with serving() as site:
        for number in (1, 2):
            site.post(f"/{number}", f"Post {number}", text(number), text(number + 5))
        site.put(
            "/mixed",
            f"<p>{text(9)}</p><p><a href='/1'>one</a> and <a href='/2'>two</a></p>",
        )
        site.feed(("/1", "Post 1"))
        yield site


def followed(tmp_path) -> list[tuple[str, str]]:
    ledger = Ledger(tmp_path / "index")
    try:
        return [(source.kind, source.url) for source in ledger.sources()]
    finally:
        ledger.close()


def held(tmp_path) -> set[str]:
    with open_index(tmp_path / "index").snapshot() as index:
        return set(index.urls())


def test_a_page_is_of_links_where_that_is_said(run, site, tmp_path):
    url = site.url("/mixed")
    code, _, _ = run("add", "--allow-private", "--as", "links", url)
    assert code == 0
    assert followed(tmp_path) == [("linkpage", url)]
    assert held(tmp_path) == {site.url("/1"), site.url("/2")}


def test_saying_it_later_takes_the_place_of_the_guess(run, site, tmp_path):
    url = site.url("/mixed")
    run("add", "--allow-private", url, "--feed-only")
    before = followed(tmp_path)
    run("add", "--allow-private", "--as", "article", url)
    assert ("article", url) in followed(tmp_path)
    run("add", "--allow-private", "--as", "links", url)
    kinds = {found: kind for kind, found in followed(tmp_path)}
    assert kinds[url] == "linkpage"
    assert url not in held(tmp_path)
    assert before


def test_a_feed_that_is_read_as_an_article(run, site, tmp_path):
    url = site.url("/feed.xml")
    run("add", "--allow-private", "--as", "article", url)
    assert followed(tmp_path) == [("article", url)]


@pytest.mark.parametrize(
    ("kind", "path", "says"),
    [
        ("feed", "/1", "holds no feed"),
        ("folder", "/1", "no such folder"),
        ("links", "/1", "no links"),
    ],
)
def test_what_can_not_be_read_so_is_said(run, site, kind, path, says):
    code, _, said = run("add", "--allow-private", "--as", kind, site.url(path))
    assert code == NOTHING_DONE
    assert says in said


def test_a_folder_is_no_page_of_links(run, tmp_path):
    folder = tmp_path / "posts"
    folder.mkdir()
    (folder / "a.md").write_text(f"# A\n\n{text(1)}")
    code, _, said = run("add", "--as", "links", str(folder))
    assert code == NOTHING_DONE
    assert "It is a folder" in said
    assert run("add", "--as", "folder", str(folder))[0] == 0


def test_a_file_of_bookmarks_that_was_an_article_is_one_no_more(run, site, tmp_path):
    """As releases before this one took it."""
    path = tmp_path / "bookmarks.html"
    path.write_text(
        "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE><DL><p>"
        f'<DT><A HREF="{site.url("/1")}" ADD_DATE="1557216000">One</A></DL><p>'
    )
    run("add", "--as", "article", str(path))
    assert held(tmp_path) == {path.as_uri()}
    run("add", "--allow-private", str(path))
    assert held(tmp_path) == {site.url("/1")}
