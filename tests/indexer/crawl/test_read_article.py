"""What a page gave goes on to the intake, its bytes don't."""

from indexer.crawl.apply import Task
from indexer.crawl.read_article import Reader
from indexer.records import Item, SourceRecord
from indexer.sources.listing import item_hash
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
    done = Reader(CannedFetcher({URL: body}), Inline()).read(task)
    assert done.reading is not None
    assert done.reading.whole
    assert (done.size, done.page.body, done.page.final_url) == (len(body), b"", URL)
