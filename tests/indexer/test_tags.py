"""Tags and collections, from each kind of source to the article that is stored; they
come and go without a page being fetched or a passage embedded again."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.crawl.follow import keep_known
from indexer.ledger.ledger import Ledger
from indexer.ledger.rows import item_hash
from indexer.local.exports import read_export
from indexer.local.posts import scan_file
from indexer.local.static_site import read_site
from indexer.local.walk import walk
from indexer.records import Item, Page, SourceRecord
from indexer.sources.discover import DiscoveredSource
from indexer.sources.feed.items import items_of_feed
from indexer.sources.feeds import parse_feed
from indexer.sources.listing import list_items
from indexer.text.hashtags import hashtags
from search.index.open import open_index
from search.text.folding import fold
from search.text.tags import LONGEST, MOST, names_of, tags_of
from tests.runs import Inline, Runs
from tests.sites import serving, text

DATA = Path(__file__).parents[1] / "data"
RYE, SALT = "https://crumb.example/rye", "https://crumb.example/salt"


def tags_in_feed(name: str) -> dict[str, tuple[str, ...]]:
    body = (DATA / "tags" / name).read_bytes()
    source = "https://crumb.example/feed"
    feed = parse_feed(body, source, now=datetime(2026, 1, 1, tzinfo=UTC))
    items = items_of_feed(feed, source, set()).items
    return {item.url: item.tags for item in items}


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("rss.xml", ("Rye & spelt", "bread", "Crème fraîche")),
        ("atom.xml", ("Machine learning", "python")),
        ("feed.json", ("Rye", "bread")),
    ],
)
def test_categories_of_a_feeds_entries_are_tags(name, tags):
    found = tags_in_feed(name)
    assert found.pop(RYE) == tags
    assert set(found.values()) <= {()}


def listed(name: str) -> dict[str, tuple[str, ...]]:
    path = DATA / "tags" / name
    page = Page(path.as_uri(), path.as_uri(), path.read_bytes())
    source = SourceRecord(path.as_uri(), "linkpage")
    return {item.url: item.tags for item in list_items(source, page, Inline()).items}


def test_tags_of_bookmarks_and_hashtags_beside_links():
    assert listed("bookmarks.html") == {RYE: ("bread", "machine learning"), SALT: ()}
    assert listed("links.md") == {RYE: ("bread", "machine-learning"), SALT: ()}


def test_categories_and_tags_of_exports():
    body = (DATA / "disk" / "wordpress.xml").read_bytes()
    tags = {
        tag for item in read_export(body, "file:///x.xml").items for tag in item.tags
    }
    assert tags == {"Plants", "Root rot"}
    ghost = json.loads((DATA / "disk" / "ghost.json").read_text("utf-8"))
    tables = ghost["db"][0]["data"]
    post = next(row for row in tables["posts"] if row["status"] == "published")
    tables["tags"] = [
        {"id": "t1", "name": "Ferments", "visibility": "public"},
        {"id": "t2", "name": "#internal", "visibility": "internal"},
        {"id": "t3", "name": "Rye", "visibility": "public"},
    ]
    tables["posts_tags"] = [
        {"post_id": post["id"], "tag_id": tag, "sort_order": place}
        for place, tag in enumerate(["t3", "t2", "t1", "gone"])
    ]
    found = read_export(json.dumps(ghost).encode(), "file:///x.json").items
    assert {item.tags for item in found} == {("Rye", "Ferments"), ()}


def tags_in_folder(folder: Path) -> dict[str, tuple[str, ...]]:
    site = read_site(str(folder))
    scans = [scan_file(one, site, date(2026, 1, 1)) for one in walk(folder, site).files]
    return {scan.item.title: scan.item.tags for scan in scans if scan.item}


@pytest.mark.parametrize(
    ("config", "name", "front", "tags"),
    [
        ("_config.yml", "_posts/2020-01-02-a.md", "tags: rye bread\ncategories: [On Salt]", ("rye", "bread", "On Salt")),
        ("hugo.toml", "content/posts/a.md", "tags: [Rye bread]\ncategories:\n  - Baking", ("Rye bread", "Baking")),
        ("pelicanconf.py", "content/a.md", "tags: rye bread, salt\ncategory: Baking", ("rye bread", "salt", "Baking")),
        ("eleventy.config.js", "posts/a.md", "tags: [post, rye]", ("rye",)),
    ],
)  # fmt: skip
def test_front_matter_of_each_software_names_tags(tmp_path, config, name, front, tags):
    (tmp_path / config).write_text(
        "PATH = 'content'\n" if config.endswith("py") else ""
    )
    post = tmp_path / name
    post.parent.mkdir(parents=True)
    post.write_text(f"---\ntitle: A\ndate: 2020-01-02\n{front}\n---\nRye is sticky.\n")
    assert tags_in_folder(tmp_path)["A"] == tags


def test_notes_have_hashtags_in_their_text(tmp_path):
    (tmp_path / ".obsidian").mkdir()
    shutil.copy(DATA / "tags" / "obsidian.md", tmp_path / "Rye.md")
    assert tags_in_folder(tmp_path) == {
        "Rye": ("Bread", "baking/rye", "sticky", "flour")
    }


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#rye and #salt-water, #brød/mørkt", ("rye", "salt-water", "brød/mørkt")),
        ("#1 #123 #2024-05 x#y a/#b", ()),
        ("[x](#top) https://a.example/#top `#code` # heading ## #", ()),
        ("#fff000 #abc1", ("abc1",)),
        ("~~~\n#no\n~~~\n#yes", ("yes",)),
    ],
)
def test_hashtags_are_words_behind_a_sign(text, tags):
    assert hashtags(text) == tags


@given(st.lists(st.text(max_size=80), max_size=60))
def test_tags_are_few_short_and_each_once(written):
    tags = tags_of(written)
    assert len(tags) <= MOST
    assert all(0 < len(tag) <= LONGEST and tag == " ".join(tag.split()) for tag in tags)
    assert len({fold(tag) for tag in tags}) == len(tags)
    assert names_of(tags) == tags_of(tags) == tags


# Through the whole run


ITEM = "<item><title>Post {n}</title><link>{base}/{n}</link>{tags}<description>{text}</description></item>"


def feed(site, *tags: str) -> None:
    """Post 1 with these tags, and post 2."""
    entries = [
        ITEM.format(n=n, base=site.url(""), tags=said, text=text(n))
        for n, said in (
            (1, "".join(f"<category>{t}</category>" for t in tags)),
            (2, ""),
        )
    ]
    site.put(
        "/feed",
        f'<rss version="2.0"><channel><title>B</title>{"".join(entries)}</channel></rss>',
    )


@pytest.fixture
def site():
    with serving() as running:
        running.post("/1", "Post 1", text(1))
        running.post("/2", "Post 2", text(2))
        feed(running)
        yield running


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path / "index", Inline())


def test_new_tags_reach_the_index_without_a_fetch_or_an_embedding(runs, site):
    runs.add(site.url("/feed"))
    assert {one.tags for one in runs.articles().values()} == {()}
    site.asked()
    feed(site, "Rye", "bread")
    runs.update()
    assert runs.articles()[site.url("/1")].tags == ("Rye", "bread")
    assert [path for path in site.asked() if path != "/feed"] == []
    assert runs.embedder.embedded == []
    feed(site, "rye")
    runs.update()
    assert runs.articles()[site.url("/1")].tags == ("rye",)
    # What is up to date is not looked at again.
    before = generation(runs)
    runs.update()
    assert generation(runs) == before


def generation(runs: Runs) -> int:
    with open_index(runs.directory).snapshot() as index:
        return index.manifest.generation


def test_articles_are_in_the_collections_of_all_their_sources(runs, site):
    runs.add(site.url("/feed"))
    assert {one.collections for one in runs.articles().values()} == {()}
    put_into(runs, "Bread", "To read")
    site.asked()
    runs.update()
    assert {one.collections for one in runs.articles().values()} == {
        ("Bread", "To read")
    }
    assert [path for path in site.asked() if path != "/feed"] == []
    assert runs.embedder.embedded == []
    put_into(runs, "Bread")
    runs.update()
    assert {one.collections for one in runs.articles().values()} == {("Bread",)}


def put_into(runs: Runs, *names: str) -> None:
    with closing(Ledger(runs.directory)) as ledger, ledger.transaction():
        ledger.put_source(replace(ledger.sources()[0], collections=names))


def test_a_source_that_is_added_again_is_in_more_collections(tmp_path):
    known = SourceRecord("https://a.example/f", "feed", "A", collections=("Bread",))
    with closing(Ledger(tmp_path)) as ledger, ledger.transaction():
        ledger.put_source(known)
        ledger.put_source(SourceRecord("https://b.example/f", "feed"))
        again = SourceRecord(known.url, "feed", collections=("bread", "To read"))
        found = keep_known(DiscoveredSource(again), ledger).record
        assert found == replace(known, collections=("Bread", "To read"))
        ledger.put_source(found)
        assert ledger.source(known.url) == found
        # Where it moves, its collections go along.
        ledger.move_source(known.url, "https://b.example/f")
        (left,) = ledger.sources()
        assert left.collections == ("Bread", "To read")


def test_an_item_without_tags_hashes_as_it_always_did():
    one = Item("https://a.example/1", "A")
    other = Item("https://a.example/1", "A", tags=("rye",))
    assert item_hash(one) == item_hash(other)
