"""All eight saved blogs in one run over loopback: what came in, and what is asked again.

The model is one of hashes. Of the long feeds every so-many-th article is fetched, lest the suite takes
minutes; the rest counts as forgotten beforehand. How whole the texts are is measured in
tests/indexer/test_extract_yardstick.py.
"""

from __future__ import annotations

import importlib.util
import random
import re
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from indexer.fetch import HttpFetcher, Limits
from indexer.items import list_items
from indexer.ledger import Ledger, PageRecord, SourceRecord
from search.index import IndexReader
from tests.runs import Runs, results

SHARED = Path(__file__).parents[3] / "shared"
pytestmark = pytest.mark.skipif(
    not (SHARED / "archive_server.py").is_file(),
    reason="the saved blogs lie in ../shared only on some machines",
)
LISTED = {"lilianweng": 53, "ruder": 15, "keras-blog": 8, "bastibe": 137, "botzilla": 15, "brunow": 651,
          "n1k0-fr": 25, "su18-zh": 10}  # fmt: skip
FETCHED = 15  # of each feed, about
MOJIBAKE = re.compile("�|Ã[\x80-\xbf¤¶¼Ÿ]|â€|Â[\xa0-\xbf]")


def serve(log: Path) -> list[dict[str, str]]:
    """Every site on a port of its own; the server wants nine that follow each other."""
    spec = importlib.util.spec_from_file_location("archive_server", SHARED / "archive_server.py")
    server = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(server)
    for _ in range(20):
        with suppress(OSError):
            return server.serve(random.randrange(20_000, 32_000), SHARED / "archives", str(log))
    raise AssertionError("no nine free ports in a row")


@pytest.fixture(scope="module")
def run(tmp_path_factory, workers):
    """Both runs: what the feeds list, the reports, the requests of the second, what is held."""
    folder = tmp_path_factory.mktemp("archives")
    log = folder / "requests.log"
    sites = serve(log)
    runs = Runs(folder / "index", workers)
    listed = {}
    ledger = Ledger(runs.directory)
    with HttpFetcher(Limits(delay=0)) as web:
        for site in sites:
            page = web.fetch(site["feed"], allow_private=True)
            urls = [item.url for item in list_items(SourceRecord(site["feed"], "feed"), page, workers).items]
            listed[site["name"]] = urls
            step = max(1, len(urls) // FETCHED)
            for url in (url for place, url in enumerate(urls) if place % step):
                ledger.put_page(PageRecord(url, "forgotten"))
    ledger.close()
    first = runs.add(*(site["feed"] for site in sites))
    files = set(runs.files().items())
    before = len(log.read_text().splitlines())
    second = runs.update()
    after = set(runs.files().items())
    asked = [line.split("\t") for line in log.read_text().splitlines()[before:]]
    return SimpleNamespace(
        sites=sites, listed=listed, first=first, second=second, asked=asked, held=runs.articles(),
        changed=sorted(files ^ after), embedded=len(runs.embedder.embedded), books=books_of(runs),
    )  # fmt: skip


def books_of(runs):
    """The books that the index carries, by source."""
    with IndexReader(runs.directory).snapshot() as index:
        return {books.source: books for books in index.stored.coverage()}


def of(run, name):
    """What is held of one site's listed articles, in the feed's order, with how each ended."""
    ended = results(run.first)
    return [(url, ended[url], run.held.get(url)) for url in run.listed[name] if ended[url] != "excluded"]


def test_every_feed_gives_its_articles(run):
    assert {name: len(urls) for name, urls in run.listed.items()} == LISTED
    assert [error for _, error in run.first.sources if error] == []
    assert set(results(run.first)) == {url for urls in run.listed.values() for url in urls}
    assert all(len(of(run, name)) >= min(count, FETCHED) for name, count in LISTED.items())


def test_the_closing_table_is_true(run):
    by_article = [(o, run.held.get(o.url)) for o in run.first.outcomes if o.result != "excluded"]
    for outcome, article in by_article:
        if article is None:  # held under the canonical address that its page names
            assert outcome.result == "article"
            continue
        assert article.evidence == outcome.result
        assert bool(outcome.reason) == (outcome.result != "article")
    assert len([1 for _, article in by_article if article]) > 0.9 * len(by_article)
    whole = sum(o.result == "article" for o, _ in by_article)
    assert whole >= 0.9 * len(by_article)


def test_the_books_agree_with_a_count_of_the_feeds_as_they_were_saved(run):
    for site in run.sites:
        books, ended = run.books[site["feed"]], of(run, site["name"])
        assert (books.shown, books.known) == (LISTED[site["name"]], LISTED[site["name"]])
        assert books.missing == books.known - len(ended)
        assert books.article + books.same == sum(result == "article" for _, result, _ in ended)
        assert books.summary == sum(result == "summary" for _, result, _ in ended)


def test_shells_are_filled_from_the_feed(run):
    for url, result, article in of(run, "brunow"):
        outcome = next(o for o in run.first.outcomes if o.url == url)
        assert result == "article" or "404" in outcome.reason
        assert len(article.text.split()) > 10
        assert "JavaScript" not in article.text


def test_an_undeclared_encoding_is_read_as_a_browser_would(run):
    texts = [article.text + article.title for _, _, article in of(run, "botzilla") if article]
    assert not [found[0] for text in texts if (found := MOJIBAKE.search(text))]
    assert any(letter in "".join(texts) for letter in "éó")


def test_dates_and_names_are_credible(run):
    assert not [a.url for a in run.held.values() if a.published and not 1990 < a.published.year < 2027]
    assert sum(a.published is not None for a in run.held.values()) > 0.8 * len(run.held)
    assert all(a.title.strip() and a.site for a in run.held.values())


def test_the_second_update_is_one_conditional_request_a_feed(run):
    paths = sorted("/" + site["feed"].split("/", 3)[3] for site in run.sites)
    assert sorted(row[3] for row in run.asked) == paths
    assert {row[4] for row in run.asked} == {"304"}
    assert all(row[5].startswith('"') for row in run.asked)
    assert all("blogsearch" in row[7].lower() for row in run.asked)
    assert run.embedded == 0
    assert run.changed == []
    assert {o.result for o in run.second.outcomes} <= {"unchanged", "summary", "excluded"}
    before, after = results(run.first), results(run.second)
    assert [url for url, result in before.items() if result == "article" and after[url] != "unchanged"] == []
    assert [url for url, result in before.items() if result != "article" and after[url] != result] == []
