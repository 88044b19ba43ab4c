"""The search for older posts over saved archives of real blogs: what it finds against
what is in the zip."""

from __future__ import annotations

import importlib.util
import re
import socket
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from indexer.backfill.backfill import Backfill
from indexer.backfill.post_links import links_to_keep
from indexer.extract.links import read_links
from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.local_files import WebAndFileFetcher
from indexer.ledger.ledger import Ledger
from indexer.records import FetchError
from indexer.sources.discover import SourceFinder
from indexer.sources.poll import ask_source

SHARED = Path(__file__).parents[4] / "shared"
ARCHIVES = SHARED / "archives"
pytestmark = pytest.mark.skipif(
    not ARCHIVES.is_dir(),
    reason="the saved archives lie beside the working tree, in ../shared/archives",
)

# The posts of each archive by its own file names; what isn't among them is no post.
POSTS = {
    "ruder": r"(?!about|contact|faq|media|news|nlp-news|publications|rss|tags|talks)[^/]+/index\.html",
    "su18-zh": r"post/[^/]+/index\.html",
    "n1k0-fr": r"(?:carnet|code|photography|talks)/\d{4}/[^/]+/index\.html",
    "lilianweng": r"posts/\d{4}-\d\d-\d\d-[^/]+/index\.html",
    "bastibe": r"\d{4}-\d\d-\d\d-[^/]+\.html",
    "keras-blog": r"(?!archives|authors|categories|index|tags)[^/]+\.html",
    "botzilla": r"archives/\d{6}\.html",
}
# Files that no other file of their site names (grep says so): drafts, and duplicates
# with a mistyped name.
UNLINKED = {"ruder": 3, "botzilla": 8}
# Requests that the search itself may take, before the posts.
REQUESTS = {
    "ruder": 10,
    "su18-zh": 5,
    "n1k0-fr": 36,
    "lilianweng": 1,
    "bastibe": 5,
    "keras-blog": 7,
    "botzilla": 50,
}
ROBOTS = 1  # request that any run makes of a site


@pytest.fixture(scope="module")
def sites():
    """The archives, served on loopback as their own servers would; feed addresses by
    name."""
    spec = importlib.util.spec_from_file_location(
        "archive_server", SHARED / "archive_server.py"
    )
    server = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(server)
    server.Handler.disable_nagle_algorithm = True  # replies would wait 40 ms each
    for port in range(20_000, 60_000, 50):
        try:
            with socket.create_server(("127.0.0.1", port)):
                pass
            return {site["name"]: site["feed"] for site in server.serve(port, ARCHIVES)}
        except OSError:
            continue
    return pytest.fail("no free ports")


def saved(name: str) -> set[str]:
    """The addresses, without slashes at their ends, of the posts in an archive."""
    with zipfile.ZipFile(ARCHIVES / f"{name}.zip") as archive:
        names = [n.removeprefix("./") for n in archive.namelist()]
    return {
        "/" + re.sub(r"/index\.html$", "", n)
        for n in names
        if re.fullmatch(POSTS[name], n)
    }


def search(feed: str, directory: Path, workers):
    """Find and fetch all posts as the pipeline does, but read nothing except their
    links: the paths that answered, how far it came, and the requests that were made for
    anything but posts."""
    with HttpFetcher(Limits(delay=0.0, tries=1)) as web:
        fetcher, ledger = WebAndFileFetcher(web), Ledger(directory)
        (found,) = SourceFinder(fetcher, workers, allow_private=True).find(feed)
        polled = ask_source(found, fetcher, workers=workers, now=datetime.now(UTC))
        with ledger.transaction():
            ledger.put_source(polled.record)
            ledger.put_items(feed, polled.listing.items)
        before = fetcher.requests
        backfill, answered, asked = Backfill(ledger, fetcher, workers), set(), 0
        backfill.open([polled.record])
        backfill.search()
        for urls in chain([ledger.urls_of_source(feed)], backfill.rounds()):
            asked += len(urls)
            for url in urls:
                with suppress(FetchError):
                    page = fetcher.fetch(url, article=True, allow_private=True)
                    answered.add(urlsplit(url).path.rstrip("/"))
                    links = read_links(page.body, page.final_url, charset=page.charset)
                    backfill.follow([feed], links_to_keep(links))
        backfill.save()
        ledger.close()
        of_search = fetcher.requests - before - asked - ROBOTS
        return answered, backfill.frontiers[feed], of_search


@pytest.mark.parametrize("name", POSTS)
def test_all_posts_of_an_archive_are_found_and_nothing_else(
    name, sites, tmp_path, workers
):
    found, frontier, requests = search(sites[name], tmp_path, workers)
    posts = saved(name)
    shown = {urlsplit(url).path.rstrip("/") for url in frontier.shown}
    assert len(posts - found) <= UNLINKED.get(name, 0), sorted(posts - found)
    assert found - shown - posts == set()
    assert frontier.done
    assert requests <= REQUESTS[name]
