"""The choice between a page's and a feed's version of one article.

Judges by words only; where an article is in a page it does not ask.
"""

from __future__ import annotations

import re
from operator import attrgetter

from indexer.extract.article import Extraction
from indexer.extract.body.find_body import word_runs, words_of
from indexer.text.link_words import READ_MORE
from search.types import Block

# What pages say that ask for JavaScript, a login or patience, or show an error.
_PLACEHOLDER = re.compile(
    r"""(?:enable|requires?|turn\s+on|without|activate|activer|aktivieren)\s+java\s?script|just\s+a\s+moment|
    checking\s+your\s+browser|are\s+you\s+(?:a\s+robot|human)|verify\s+you\s+are|access\s+denied|
    (?:page\s+)?not\s+found|(?:has|have)\s+moved\s+to|redirect(?:ed|ing)\b|(?:log|sign)\s+in\s+to\s+continue|password\s+protected|too\s+many\s+requests""",
    re.I | re.X,
)
# What pages say that show something else than the article.
_ELSEWHERE = re.compile(
    r"not\s+found|(?:has|have)\s+moved\s+to|redirect(?:ed|ing)\b|access\s+denied", re.I
)
# What ends a beginning that leads on to the rest.
_CUT_OFF = re.compile(
    rf"""(?:^|…|\.\.\.|[\].!?»]|\n)\s*[\[(→»]*\s*(?:{READ_MORE}|
    (?:subscribe|sign\s+in|log\s+in|upgrade|become\s+a\s+member)\s+to\s+(?:read|continue|keep|unlock)|
    this\s+post\s+is\s+for\s+(?:paid|paying)\s+subscribers
    )[^.!?]{{0,80}}[.!?]?\s*$""",
    re.I | re.X,
)
_ELLIPSIS = re.compile(r"(?:…|\.\.\.|\[(?:…|\.\.\.|&#8230;)\])\s*[»›→>]*\s*$")
# What stands in or above the remarks of readers.
_REMARK = re.compile(
    r"(?:says|wrote|said|replied|commented|a\s+écrit|schrieb|dice)\s*:|^\s*reply\b|posted\s+by|\b\d?\d:\d\d\b",
    re.I,
)

# Words up to which a page that says so shows nothing else.
PLACEHOLDER_LENGTH = 60
# Words that the feed's text must have to pass for a whole article where no page
# confirms it.
LONG_SUMMARY = 400

# Words and blocks from which a feed's text is no teaser, where the post's page answers and
# shows no text at all: it is put there by scripts.
LONGEST_TEASER = 40
FEWEST_BLOCKS = 2

# The shares below are of runs of words (find_body.RUN), the factors of words.
_LONGER = 1.1  # the feed has more: by this factor where most of the page is in it …
_MUCH_LONGER = 1.5  # … and by this one in any case
_MOST = 0.5
# Of the feed's runs in the page, below which the page shows another text.
_FOREIGN = 0.2
_WHOLE_FEED = 0.8  # of the feed's runs in the page, from which that has all of it
_SURPLUS = 1.3  # how much longer a page is that may have readers' remarks at its end
_FEWEST_REMARKS = 2
_REMARK_EVERY = 8  # blocks, at least, in what is taken for readers' remarks
_FIRST_BLOCKS = 3  # where a page says that it shows something else
_text_of = attrgetter("text")


def choose_version(
    page: Extraction, feed_blocks: tuple[Block, ...]
) -> tuple[Block, ...]:
    """Return the better of what the page and the feed give of one item.

    The page as a rule, for its structure; the feed where the page is a placeholder,
    shows something else or less; the page without its end where that is readers'
    remarks on what the feed gives whole.
    """
    if () in (feed_blocks, page.blocks):
        return page.blocks + feed_blocks
    versions = _Versions(_words(page.blocks), _words(feed_blocks))
    is_placeholder = _is_placeholder(page.blocks, len(versions.page))
    if any((is_placeholder, versions.are_foreign, versions.feed_has_more)):
        return feed_blocks
    if versions.page_has_more and is_whole_article(feed_blocks, page):
        return _without_remarks(page.blocks, word_runs(versions.feed))
    return page.blocks


class _Versions:
    """The words of a page and of a feed's entry, and how they overlap."""

    def __init__(self, page: list[str], feed: list[str]) -> None:
        self.page = page
        self.feed = feed
        page_runs, feed_runs = word_runs(page), word_runs(feed)
        shared = len(page_runs & feed_runs)
        self._page_in_feed = shared / max(1, len(page_runs))
        self._feed_in_page = shared / max(1, len(feed_runs))

    @property
    def are_foreign(self) -> bool:
        """A feed long enough for an article is of another text than the page."""
        is_long = len(self.feed) >= LONG_SUMMARY
        return is_long and self._feed_in_page < _FOREIGN

    @property
    def feed_has_more(self) -> bool:
        if self._page_in_feed > _MOST:
            factor = _LONGER
        else:
            factor = _MUCH_LONGER
        return len(self.feed) > factor * len(self.page)

    @property
    def page_has_more(self) -> bool:
        """The page has all of the feed's text, and more than that."""
        is_longer = len(self.page) > _SURPLUS * len(self.feed)
        return is_longer and self._feed_in_page > _WHOLE_FEED


def is_whole_article(blocks: tuple[Block, ...], page: Extraction | None = None) -> bool:
    """Tell whether blocks are an article to its end, not a summary or a beginning.

    ``page`` is what the item's page gave, None where it could not be read. Without a
    text of the page, and where that one is cut, only one that is long enough passes for
    an article.
    """
    if not blocks:
        return False
    last = blocks[-1].text
    if _CUT_OFF.search(last):
        return False
    length = len(_words(blocks))
    shown = page.blocks if page is not None else ()
    if blocks == shown[: len(blocks)]:
        return not _is_cut(page) and not _is_placeholder(blocks, length)
    if _ELLIPSIS.search(last):
        return False
    is_elsewhere = _any_says(_ELSEWHERE, shown[:_FIRST_BLOCKS])
    if page is not None and not shown and not _is_cut(page):
        # It confirms nothing: a sentence or two may be a teaser.
        return length > LONGEST_TEASER and len(blocks) >= FEWEST_BLOCKS
    is_confirmed = bool(shown) and not is_elsewhere and not _is_cut(page)
    return is_confirmed or length > LONG_SUMMARY


def _is_cut(page: Extraction | None) -> bool:
    """Tell whether a page shows only a part of its article."""
    return page is not None and (page.is_cut or page.next_page != "")


def _words(blocks: tuple[Block, ...]) -> list[str]:
    return words_of(" ".join(map(_text_of, blocks)))


def _is_placeholder(blocks: tuple[Block, ...], length: int) -> bool:
    return length <= PLACEHOLDER_LENGTH and _any_says(_PLACEHOLDER, blocks)


def _any_says(pattern: re.Pattern[str], blocks: tuple[Block, ...]) -> bool:
    return any(map(pattern.search, map(_text_of, blocks)))


def _without_remarks(
    blocks: tuple[Block, ...], feed_runs: set[tuple[str, ...]]
) -> tuple[Block, ...]:
    """Return the blocks up to the last one that the feed has, if what follows reads as
    readers' remarks."""
    end = len(blocks)
    for number, block in enumerate(blocks, 1):
        if not feed_runs.isdisjoint(word_runs(words_of(block.text))):
            end = number
    surplus = blocks[end:]
    remarks = filter(_REMARK.search, map(_text_of, surplus))
    if len(list(remarks)) < max(_FEWEST_REMARKS, len(surplus) / _REMARK_EVERY):
        return blocks
    return blocks[:end]
