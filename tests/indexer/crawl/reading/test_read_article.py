"""A page is read in one call to a worker, and its bytes are let go."""

import pytest

from indexer.crawl.reading.read_article import ArticleReader
from indexer.crawl.tasks import Task
from indexer.extract.dom import parse_html
from indexer.ledger.rows import item_hash
from indexer.records import Item, SourceRecord
from tests.fakes import CannedFetcher
from tests.runs import Inline
from tests.sites import page, text

URL = "https://blog.example/post"


def test_a_page_is_read_and_its_bytes_are_let_go():
    body = page("Post", text(1)).encode()
    item = Item(URL, title="Post")
    task = Task(
        URL,
        [(item, SourceRecord("https://blog.example/feed", "feed"))],
        item_hash(item),
        None,
    )
    done = ArticleReader(CannedFetcher({URL: body}), Inline()).read(task)
    assert done.extracted is not None
    assert done.extracted.whole
    assert (done.size, done.page.body, done.page.final_url) == (len(body), b"", URL)


class Counting(Inline):
    """Workers that count how often a page's bytes come to them."""

    def __init__(self):
        self.calls = 0

    def run(self, function, *args, **kwargs):
        self.calls += 1
        return super().run(function, *args, **kwargs)


@pytest.mark.parametrize("fragment", ["", "#second"])
def test_a_post_and_its_links_take_one_call_and_one_parse(monkeypatch, fragment):
    body = f"<p><a href=/other>Other</a><div id=second>{text(1)}</div>"
    item = Item(URL + fragment, title="Post")
    source = SourceRecord("https://blog.example/feed", "feed")
    task = Task(item.url, [(item, source)], item_hash(item), None)
    workers, parsed = Counting(), []
    monkeypatch.setattr(
        "indexer.extract.page.parse_html",
        lambda html: parsed.append(html) or parse_html(html),
    )
    fetcher = CannedFetcher({URL: page("Post", body).encode()})
    done = ArticleReader(fetcher, workers).read(task)
    assert [link.url for link in done.links] == ["https://blog.example/other"]
    assert done.extracted.blocks
    assert (workers.calls, len(parsed)) == (1, 1)
