"""Archives on disk as sources: added, looked at again, changed, gone; by the real
pipeline."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from indexer.crawl.unfollow import drop_source
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.fetch.local_files import read_regular
from indexer.ledger.ledger import Ledger
from indexer.local import folder
from indexer.local import posts as disk_posts
from indexer.split.split import SPLITTER_VERSION
from search.errors import BlogsearchError
from search.index.sqlite.writer import SqliteWriter
from tests.pdfs import column, pdf
from tests.runs import Inline, Runs, outcome, results
from tests.sites import rss, serving, text

DATA = Path(__file__).parents[2] / "data" / "disk"
BASE = "https://crumb.example/blog"
RYE, SALT, WATER = (
    f"{BASE}/bread/rye/2019/05/04/on-rye/",
    f"{BASE}/2020/01/02/salt/",
    f"{BASE}/water.html",
)


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path / "index", Inline())


@pytest.fixture
def blog(tmp_path):
    return Path(shutil.copytree(DATA / "jekyll", tmp_path / "blog"))


def test_a_folder_is_read_once_and_then_only_where_it_changed(runs, blog):
    report = runs.add(str(blog))
    assert set(results(report)) == {
        RYE,
        SALT,
        WATER,
        f"{BASE}/away/2021/bakeries-of-lyon",
    }
    assert set(results(report).values()) == {"article"}
    assert "front matter" in outcome(report, SALT).detail
    article = runs.articles()[RYE]
    assert (article.title, article.author, article.site) == (
        "On rye",
        "Ines Halvorsen",
        "Crumb Notes",
    )
    assert article.published.isoformat() == "2019-05-04"
    before = runs.files()
    runs.later(days=100)
    assert set(results(runs.update()).values()) == {"unchanged"}
    assert runs.embedder.embedded == []
    assert runs.files() == before
    (blog / "_posts/2021-02-01-water.md").write_text(
        "---\ntitle: Water\npermalink: /water.html\n---\nHard water.\n"
    )
    os.utime(blog / "_posts/2019-05-03-on-rye.md")  # touched, not changed
    report = runs.update()
    assert results(report)[WATER] == "article"
    assert [url for url, how in results(report).items() if how != "unchanged"] == [
        WATER
    ]
    assert "Hard water." in runs.articles()[WATER].text


def test_new_rules_scan_each_file_again_and_embed_nothing(runs, blog, monkeypatch):
    runs.add(str(blog))
    scanned = []
    real = folder.scan_file
    monkeypatch.setattr(
        folder,
        "scan_file",
        lambda file, *rest: scanned.append(file.path) or real(file, *rest),
    )
    monkeypatch.setattr(folder, "RULES_VERSION", "next")
    assert set(results(runs.update()).values()) == {"unchanged"}
    assert "_posts/2021-02-01-water.md" in scanned
    assert runs.embedder.embedded == []


def test_only_changed_files_are_looked_into(runs, blog, monkeypatch):
    runs.add(str(blog))
    looked = []
    real = disk_posts.scan_file
    monkeypatch.setattr(
        folder,
        "scan_file",
        lambda file, *rest: looked.append(file.path) or real(file, *rest),
    )
    runs.update()
    assert looked == ["_posts/2099-01-01-later.md"]  # its day may have come
    (blog / "_posts/2021-02-01-water.md").write_text("Hard water.\n")
    looked.clear()
    runs.update()
    assert "_posts/2021-02-01-water.md" in looked
    assert len(looked) == 2


def test_deleted_moved_and_unpublished_posts_leave(runs, blog):
    runs.add(str(blog))
    (blog / "_posts/2021-02-01-water.md").unlink()
    (blog / "_posts/2020-01-02-salt.md").rename(blog / "_posts/2020-01-03-salt.md")
    draft = blog / "travel/_posts/2021-06-07-Bakeries_of_Lyon.markdown"
    draft.write_text(draft.read_text().replace("---\n", "---\ndraft: true\n", 1))
    runs.update()
    assert set(runs.articles()) == {RYE, f"{BASE}/2020/01/03/salt/"}
    assert runs.page(WATER) is None


def test_a_new_address_of_the_site_moves_all_posts(runs, blog):
    runs.add(str(blog))
    config = blog / "_config.yml"
    config.write_text(config.read_text().replace("crumb.example", "rye.example"))
    runs.update()
    assert all(url.startswith("https://rye.example/") for url in runs.articles())
    assert len(runs.articles()) == 4


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_folder_that_disappeared_is_told_and_nothing_is_forgotten(runs, blog, how):
    runs.add(str(blog))
    held = set(runs.articles())
    blog.rename(blog.with_name("elsewhere"))
    if how == "empty":
        blog.mkdir()
    report = runs.update()
    ((_, error),) = report.sources
    assert "perhaps a disk is not mounted" in error
    assert set(runs.articles()) == held
    if how == "empty":
        blog.rmdir()
    blog.with_name("elsewhere").rename(blog)
    ((_, error),) = runs.update().sources
    assert not error


def test_what_may_not_be_read_any_more_stays(runs, blog, monkeypatch):
    runs.add(str(blog))
    os.utime(blog / "_posts/2021-02-01-water.md", ns=(1, 1))
    scandir = os.scandir

    def refuse(path, name, given):  # by hand, as root may read everything
        if Path(path).name == name:
            raise PermissionError(13, "Permission denied")
        return given(path)

    monkeypatch.setattr(os, "scandir", lambda path: refuse(path, "travel", scandir))
    monkeypatch.setattr(
        disk_posts,
        "read_regular",
        lambda path, most: refuse(
            path, "2021-02-01-water.md", lambda path: read_regular(path, most)
        ),
    )
    ((_, error),) = runs.update().sources
    assert (
        "travel and 1 more can't be read (Permission denied); what was held of it stays."
        in error
    )
    monkeypatch.undo()
    assert len(runs.articles()) == 4
    ((_, error),) = runs.update().sources
    assert not error
    assert len(runs.articles()) == 4


def test_a_file_that_can_not_be_read_costs_only_itself(runs, tmp_path):
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "good.md").write_text(f"# Good\n\n{text(1)}\n")
    (notes / "binary.md").write_bytes(bytes(range(256)) * 20)
    (notes / "list.md").write_text(
        f"---\n- a\n- list\n---\n# A list above\n\n{text(2)}\n"
    )
    with (notes / "large.md").open("wb") as file:
        file.truncate(2 << 30)
    report = runs.add(str(notes))
    assert results(report) == {
        (notes / "good.md").as_uri(): "article",
        (notes / "binary.md").as_uri(): "failed",
        (notes / "list.md").as_uri(): "article",
        (notes / "large.md").as_uri(): "failed",
    }
    assert "larger than 64 MiB" in outcome(report, (notes / "large.md").as_uri()).detail
    assert (
        "holds something else" in outcome(report, (notes / "binary.md").as_uri()).detail
    )
    assert len(runs.articles()) == 2


def test_two_files_of_one_address_are_one_article(runs, blog):
    twin = blog / "_posts/2021-02-02-water-again.md"
    twin.write_text("---\ntitle: Water again\npermalink: /water.html\n---\nA twin.\n")
    runs.add(str(blog))
    assert runs.articles()[WATER].title == "Water"
    (blog / "_posts/2021-02-01-water.md").unlink()
    runs.update()
    assert runs.articles()[WATER].title == "Water again"


@pytest.mark.parametrize("folder_first", [True, False])
def test_a_post_of_folder_and_feed_is_one_article_and_its_page_is_not_fetched(
    runs, blog, folder_first
):
    with serving() as site:
        site.put(
            "/feed.xml",
            rss(BASE, (("/water.html", "Water, as the feed has it"),)),
            kind="application/rss+xml",
        )
        both = [str(blog), site.url("/feed.xml")]
        report = runs.add(*(both if folder_first else reversed(both)))
        assert results(report)[WATER] == "article"
        assert len(runs.articles()) == 4
        assert "slack dough" in runs.articles()[WATER].text
        assert site.asked() == ["/feed.xml"]


def test_a_followed_folder_can_be_given_up(runs, blog):
    runs.add(str(blog))
    with SqliteWriter(
        runs.directory, runs.embedder, splitter=SPLITTER_VERSION
    ) as index:
        ledger = Ledger(runs.directory)
        drop_source(UnitOfWork(ledger, index, runs.embedder), blog.as_uri())
        assert ledger.files(blog.as_uri()) == {}
        ledger.close()
    assert runs.articles() == {}


def test_exports_are_looked_at_again_and_what_left_them_leaves(runs, tmp_path):
    export = Path(shutil.copy(DATA / "wordpress.xml", tmp_path))
    assert set(results(runs.add(str(export))).values()) == {"article"}
    assert len(runs.articles()) == 3
    runs.later(days=30)
    assert set(results(runs.update()).values()) == {"unchanged"}
    export.write_text(
        export.read_text().replace(
            "<wp:status>publish</wp:status>", "<wp:status>trash</wp:status>"
        )
    )
    runs.update()
    assert list(runs.articles()) == ["https://moss.example/2016/03/no-roots/"]
    export.write_text(export.read_text()[:3000])
    ((_, error),) = runs.update().sources
    assert "broken at line" in error
    assert list(runs.articles()) == ["https://moss.example/2016/03/no-roots/"]


def test_saved_pages_alone_and_in_a_folder_are_the_same_articles(runs, tmp_path):
    for name in ("singlefile.html", "page.mhtml"):
        shutil.copy(DATA / name, tmp_path)
    urls = {"https://kites.example/2018/bridle", "https://kites.example/2019/tails"}
    runs.add(str(tmp_path / "singlefile.html"), str(tmp_path / "page.mhtml"))
    assert set(runs.articles()) == urls
    other = Runs(tmp_path / "other", Inline())
    pages = tmp_path / "pages"
    pages.mkdir()
    for name in ("singlefile.html", "page.mhtml"):
        shutil.copy(DATA / name, pages)
    other.add(str(pages))
    assert set(other.articles()) == urls
    assert other.articles()["https://kites.example/2018/bridle"].site == "Kites"


def test_a_local_document_is_an_article(runs, tmp_path):
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(
        pdf(
            [
                column(
                    [
                        "On the rising of dough",
                        "Dough rises because yeast breathes out.",
                    ]
                )
            ]
        )
    )
    book = tmp_path / "book.ipynb"
    book.write_text(
        '{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "# Dough\\n\\nIt rises."}]}'
    )
    report = runs.add(str(paper), str(book))
    assert set(results(report).values()) == {"article"}
    assert "yeast breathes out" in runs.articles()[paper.as_uri()].text


def test_nothing_to_read_is_told(runs, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BlogsearchError, match="holds no posts"):
        runs.add(str(tmp_path / "empty"))
