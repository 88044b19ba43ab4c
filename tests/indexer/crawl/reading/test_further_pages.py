"""An article that its site shows on several pages is read to its end, or counts as a
part."""

from indexer.crawl.reading.further_pages import MOST_PAGES
from indexer.crawl.reading.read_article import ArticleReader
from indexer.crawl.tasks import Task
from indexer.ledger.rows import item_hash
from indexer.records import Item, SourceRecord
from tests.fakes import CannedFetcher
from tests.runs import Inline

URL = "https://blog.example/walk"
SENTENCE = (
    "The old mill was bought by a carpenter who wanted a dry place for his boards."
)


def part(number, following=""):
    link = f"<link rel=next href={following}>" if following else ""
    body = "".join(f"<p>{SENTENCE} ({number}.{line})</p>" for line in range(4))
    article = f"<article><div class=post-content>{body}</div></article>"
    return f"<!doctype html><title>Walk</title>{link}<body>{article}".encode()


def read(pages):
    item = Item(URL, title="Walk")
    source = SourceRecord("https://blog.example/feed", "feed")
    task = Task(URL, [(item, source)], item_hash(item), None)
    return ArticleReader(CannedFetcher(pages), Inline()).read(task).extracted


def numbers(article):
    return [block.text.rpartition("(")[2].partition(".")[0] for block in article.blocks]


def test_all_pages_are_one_article():
    article = read(
        {
            URL: part(1, f"{URL}/2"),
            f"{URL}/2": part(2, f"{URL}/3"),
            f"{URL}/3": part(3),
        }
    )
    assert article.whole
    assert numbers(article) == ["1"] * 4 + ["2"] * 4 + ["3"] * 4


def test_a_page_that_is_missing_leaves_a_part():
    article = read({URL: part(1, f"{URL}/2"), f"{URL}/2": part(2, f"{URL}/3")})
    assert not article.whole
    assert numbers(article) == ["1"] * 4 + ["2"] * 4


def test_pages_that_go_on_for_ever_end():
    pages = {f"{URL}/{n}": part(n, f"{URL}/{n + 1}") for n in range(2, MOST_PAGES + 9)}
    article = read({URL: part(1, f"{URL}/2"), **pages})
    assert not article.whole
    assert len(article.blocks) == 4 * MOST_PAGES


def test_what_stands_on_each_page_comes_once():
    same = part(1, f"{URL}/2")
    article = read({URL: same, f"{URL}/2": part(1)})
    assert numbers(article) == ["1"] * 4
    assert article.whole
