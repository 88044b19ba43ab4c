"""Pages that show a beginning only, and pages that only speak of paywalls."""

import pytest

from indexer.extract.article import extract_page
from indexer.extract.choose_version import choose_version, is_whole_article
from search.types import Block

PROSE = "<p>The mill stood dry until the carpenter had cleared the race by hand, barrow after barrow.</p>"


def is_whole(extra, head=""):
    page = f"<!doctype html><title>Mill</title>{head}<article><div class=post-content>{PROSE * 4}</div>{extra}</article>"
    found = extract_page(page.encode(), "http://a.example/mill")
    return is_whole_article(found.blocks, found)


def json_ld(said):
    return f'<script type="application/ld+json">{{"@type": "NewsArticle", {said}}}</script>'


@pytest.mark.parametrize(
    "extra",
    [
        "<div class=paywall><h2>This post is for paid subscribers</h2><a href=/s>Subscribe</a></div>",
        "<div class='gh-post-upgrade-cta'><p>Upgrade to read on</p></div>",
        "<p>Subscribe to continue reading</p>",
        "<div><span>To keep reading, please sign in.</span></div>",
        "<div>Dieser Artikel ist nur für Abonnenten lesbar.</div>",
        json_ld('"isAccessibleForFree": false'),
        json_ld('"isAccessibleForFree": "False"'),
        json_ld(
            '"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "False"}'
        ),
        "<meta itemprop=isAccessibleForFree content=false>",
    ],
)
def test_a_page_that_says_so_is_a_beginning(extra):
    assert not is_whole(extra)


@pytest.mark.parametrize(
    "extra",
    [
        "",
        "<div class=no-paywall><p>Enjoy.</p></div>",
        "<div class=paywall></div>",
        "<p>Why I left my paywall behind: readers who subscribe to read are few.</p>",
        json_ld('"isAccessibleForFree": true'),
    ],
)
def test_any_other_page_is_whole(extra):
    assert is_whole(extra)


def test_a_page_without_text_confirms_no_teaser():
    page = extract_page(b"<title>Spa</title><div id=root></div>", "http://a.example/")
    teaser = (Block("paragraph", "A short teaser of the post."),)
    assert not is_whole_article(choose_version(page, teaser), page)


def test_a_feed_with_the_whole_text_makes_up_for_a_paywall():
    page = extract_page(
        f"<article>{PROSE}<div class=paywall>Pay</div></article>".encode(),
        "http://a.example/",
    )
    whole = tuple(
        Block("paragraph", f"Sentence {number} of a long post about mills and races.")
        for number in range(60)
    )
    assert choose_version(page, whole) == whole
    assert is_whole_article(whole, page)
