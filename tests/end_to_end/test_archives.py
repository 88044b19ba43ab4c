"""All eight saved blogs in one run over loopback, with what lies behind their feeds:
what came in against a count of each zip, and what is asked again. The model is one of
hashes.

How whole the texts are is measured in tests/indexer/extract/test_yardstick.py.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from types import SimpleNamespace

import pytest

from indexer.sources.feeds import parse_feed
from search.index.open import open_index
from tests.archives import (
    MOJIBAKE,
    RULES,
    as_asked,
    count,
    files_of,
    serve,
    tail,
    where_they_are,
)
from tests.runs import Runs, results

pytestmark = where_they_are
SHOWN = {"lilianweng": 53, "ruder": 15, "keras-blog": 8, "bastibe": 137, "botzilla": 15, "brunow": 651,
         "n1k0-fr": 25, "su18-zh": 10}  # fmt: skip
POSTS = {"lilianweng": 52, "ruder": 42, "keras-blog": 8, "bastibe": 137, "botzilla": 738, "brunow": 651,
         "n1k0-fr": 92, "su18-zh": 47}  # fmt: skip
UNNAMED = {"ruder": 3, "botzilla": 8}
MOST_NON_POSTS = 0.02  # of what is held


@pytest.fixture(scope="module")
def run(tmp_path_factory, workers):
    """Both runs: reports, what is held, the books, every request, those of the second
    run."""
    folder = tmp_path_factory.mktemp("archives")
    log = folder / "requests.log"
    sites = {site["name"]: site for site in serve(log)}
    runs = Runs(folder / "index", workers)
    first = runs.add(*(site["feed"] for site in sites.values()), older=True)
    files, before = set(runs.files().items()), len(log.read_text().splitlines())
    second = runs.update()
    changed = sorted(files ^ set(runs.files().items()))
    asked = [line.split("\t") for line in log.read_text().splitlines()]
    with open_index(runs.directory).snapshot() as index:
        books = {one.source: one for one in index.coverage()}
    return SimpleNamespace(
        sites=sites, first=first, second=second, asked=asked[:before], again=asked[before:], books=books,
        held=runs.articles(), changed=changed, embedded=len(runs.embedder.embedded),
    )  # fmt: skip


def held_of(run, name):
    """What is held of one site, by path."""
    base = run.sites[name]["base"]
    return {
        tail(url, name): article
        for url, article in run.held.items()
        if url.startswith(base)
    }


def test_every_feed_is_read(run):
    assert [error for _, error in run.first.sources if error] == []
    assert {
        name: run.books[site["feed"]].shown for name, site in run.sites.items()
    } == SHOWN


@pytest.mark.parametrize("name", POSTS)
def test_every_post_that_the_zip_has_and_something_names_is_held(run, name):
    counted, held = count(name), held_of(run, name)
    assert len(counted.posts) == POSTS[name]
    assert len(counted.unnamed) == UNNAMED.get(name, 0)
    # Of those that lead to another site, which is not here, there is nothing to hold.
    assert sorted(counted.posts - counted.unnamed - counted.moved - set(held)) == []
    assert len(set(held) - counted.posts) <= MOST_NON_POSTS * len(held), (
        set(held) - counted.posts
    )
    assert not counted.unnamed & set(held)


@pytest.mark.parametrize("name", POSTS)
def test_the_books_agree_with_the_zip(run, name):
    counted, books, held = (
        count(name),
        run.books[run.sites[name]["feed"]],
        held_of(run, name),
    )
    missing = {tail(one.url, name) for one in books.not_whole if one.held == "nothing"}
    assert books.article + books.summary + books.link == len(
        counted.posts - counted.unnamed - (counted.moved - set(held))
    )
    assert books.missing == len(missing) == books.known - len(held) - books.same
    assert missing & counted.posts == counted.moved - set(held)
    assert all(one.reason for one in books.not_whole)
    partial = {
        tail(one.url, name): one.held
        for one in books.not_whole
        if one.held != "nothing"
    }
    assert partial == {
        path: a.evidence for path, a in held.items() if a.evidence != "article"
    }


def test_an_undeclared_encoding_is_read_as_a_browser_would(run):
    texts = {
        url: f"{article.title}\n{article.text}" for url, article in run.held.items()
    }
    assert {
        url: found[0] for url, text in texts.items() if (found := MOJIBAKE.search(text))
    } == {}
    assert any(letter in "".join(texts.values()) for letter in "éó")


def test_a_page_of_questions_is_no_post(run):
    faq = run.sites["lilianweng"]["base"] + "faq/"
    assert faq not in run.held
    assert not [
        row for row in run.asked if row[1] == "lilianweng" and row[3] == "/faq/"
    ]
    assert [
        one.url for one in run.books[run.sites["lilianweng"]["feed"]].not_whole
    ] == [faq]


def test_posts_with_text_are_whole(run):
    """Of the Chinese posts two have next to no text; each other one has more of it than
    its title."""
    files, held = files_of("su18-zh"), held_of(run, "su18-zh")
    whole = [
        path
        for path, body in files.items()
        if RULES["su18-zh"](path, "") and words_in(body) > 100
    ]
    assert len(whole) == 45
    assert {held[as_asked(path)].evidence for path in whole} == {"article"}


def words_in(body: bytes) -> int:
    """The words, or signs of a writing without spaces, in the body of a post."""
    inside = (
        body.decode()
        .partition('<div class="post-content">')[2]
        .partition("</article>")[0]
    )
    text = html.unescape(
        re.sub(r"<script.*?</script>|<[^>]*>", " ", inside, flags=re.DOTALL)
    )
    return len(re.findall(r"[\u4e00-\u9fff]|(?<![\w+/=])[a-z]{1,15}(?![\w+/=])", text))


def test_a_second_feed_that_is_not_well_formed_gives_its_posts():
    body = files_of("n1k0-fr")["carnet/feed/index.html"]
    feed = parse_feed(body, "https://blog.example/carnet/feed/")
    assert len(feed.items) == body.count(b"<item>") == 6
    assert all(item.url and (item.content or item.summary) for item in feed.items)


def test_no_post_is_asked_for_twice(run):
    times = Counter((row[1], row[3]) for row in run.asked)
    feeds = {
        (name, "/" + site["feed"].split("/", 3)[3]) for name, site in run.sites.items()
    }
    twice = {key for key, count in times.items() if count > 1} - feeds
    assert {
        (name, path) for name, path in twice if path.strip("/") in files_of(name)
    } == set()


def test_the_closing_table_is_true(run):
    by_article = [
        (o, run.held.get(o.url)) for o in run.first.outcomes if o.result != "excluded"
    ]
    for outcome, article in by_article:
        if (
            article is None
        ):  # a dead link between posts, or held under the canonical address of its page
            assert outcome.result == "article" or (
                outcome.result == "failed" and outcome.reason
            )
            continue
        assert article.evidence == outcome.result
        assert outcome.reason or outcome.result == "article"
    assert len([1 for _, article in by_article if article]) > 0.9 * len(by_article)
    whole = sum(o.result == "article" for o, _ in by_article)
    # a photographer's pages have next to no text
    assert whole >= 0.85 * len(by_article)


def test_shells_are_filled_from_the_feed(run):
    for article in held_of(run, "brunow").values():
        assert article.text.split()
        assert "This page requires JavaScript" not in article.text


def test_dates_and_names_are_credible(run):
    assert not [
        a.url
        for a in run.held.values()
        if a.published and not 1990 < a.published.year < 2027
    ]
    assert sum(a.published is not None for a in run.held.values()) > 0.8 * len(run.held)
    assert all(a.title.strip() and a.site for a in run.held.values())


def test_the_second_update_is_one_conditional_request_a_feed(run):
    paths = sorted("/" + site["feed"].split("/", 3)[3] for site in run.sites.values())
    assert sorted(row[3] for row in run.again) == paths
    assert {row[4] for row in run.again} == {"304"}
    assert all(row[5].startswith('"') for row in run.again)
    assert all("blogsearch" in row[7].lower() for row in run.again)
    assert run.embedded == 0
    assert run.changed == []
    assert {o.result for o in run.second.outcomes} <= {
        "unchanged",
        "summary",
        "excluded",
        "failed",
    }
    before, after = results(run.first), results(run.second)
    assert [
        url
        for url, result in before.items()
        if result == "article" and after[url] != "unchanged"
    ] == []
    assert [
        url
        for url, result in before.items()
        if result != "article" and after[url] != result
    ] == []
