"""The removal of what still clings to an article's blocks: bylines, share lines,
repeats.

Looks at the blocks alone; the page's tree is boilerplate's.
"""

from __future__ import annotations

import re
from itertools import filterfalse

from indexer.text.dates import first_date
from indexer.text.link_words import READ_MORE
from search.types import Block

# Blocks from either end within which a short line may be a byline or a share line.
REACH = 8
# Characters without a space from which a word is encrypted or packed data; the longest
# word in a paragraph of the archives at hand, an address, has 403.
BLOB = 600
_BLOB_SHARE = 0.5  # of the block's characters
# Characters from which a paragraph that stands twice is a repeat and not a refrain.
REPEATED = 60
# Characters up to which a block may be a title's date, a byline, what leads an article,
# what ends it, a date alone; and the most words of the last beside its numbers.
_LONGEST_DATED_HEADING = 30
_LONGEST_BYLINE = 60
_LONGEST_LEAD = 120
_LONGEST_TRAILER = 320
_LONGEST_DATE = 40
_MOST_DATE_WORDS = 3

# Kinds of blocks that may be a byline or a share line, the title, a repeat.
_LINES = ("paragraph", "caption", "item")
_TITLES = ("heading", "paragraph", "caption")
_REPEATABLE = ("paragraph", "caption", "quote", "item")
_UNSPACED = ("code", "math", "table")  # may have words of any length
# Who wrote it and when, how long it takes to read, buttons of Medium.
_BYLINE = re.compile(
    r"""(?:(?:posted|published|written|updated|last\s+updated|created|filed|date|by|author|on|publié|veröffentlicht|von|par|
    publicado|geschrieben|erstellt|mis\s+à\s+jour|发布于|发表于|作者|日期)\b[\s:：]*.{0,80}|
    (?:estimated\s+)?reading\s+time\b.{0,40}|\d+\s*(?:min(?:ute)?s?)(?:\s+read)?\b.{0,20}|\d+\s+words\b.{0,20}|
    follow|listen|share|save|member-only\s+story|press\s+enter\s+or\s+click\b.{0,60})""",
    re.I | re.X,
)
# Tags and categories, share and comment links, the way to other posts, a feed's
# own line.
_TRAILER = re.compile(
    rf"""(?:tags?|tagged|labels?|categor(?:y|ies)|filed\s+under|posted\s+(?:in|by|on|at)|topics?|mots-clés|schlagw[oö]rter|标签|分类)\s*[:：].{{0,200}}|
    filed\s+under\b.{{0,120}}|posted\s+(?:by|on|at|in)\b.{{0,120}}|
    (?:share|tweet|email|print|pin\s+it|like|reply|permalink|permanent\s+link|comments?(?:\s*\(\d*\))?|\d+\s+comments?|no\s+comments|leave\s+a\s+(?:comment|reply)|
    add\s+(?:a\s+)?comment|newer\s+posts?|older\s+posts?|previous(?:\s+(?:post|article))?|next(?:\s+(?:post|article))?|home|back\s+to\s+(?:top|blog).{{0,20}}|
    related\s+(?:posts|articles|reading)|share\s+this.{{0,40}}|{READ_MORE}.{{0,60}}|loading\W*)[\s:.…→←»«|]*|
    the\s+post\s+.{{1,200}}\s+(?:first\s+)?appeared\s+(?:first\s+)?on\s+.{{1,100}}""",
    re.I | re.X,
)
# Arrows and dots between parts.
_SIGNS = re.compile(r"[↩↑⤴«»←→|·•*\-–—\s\ufe0e\ufe0f]+")
# Those, or a footnote's number.
_MARK = re.compile(rf"[\[(]?\d{{1,3}}[\])]?[.:]?|{_SIGNS.pattern}")
# Shown in place of a player or a form.
_UNSUPPORTED = re.compile(
    r"(?:sorry,? )?(?:your browser|this browser|javascript) (?:does|doesn|do|is) ?.{0,80}$",
    re.I,
)
# What stands above a table of contents.
_CONTENTS_TITLE = re.compile(
    r"(?:table\s+of\s+)?contents?\s*:?|on\s+this\s+page|目录|sommaire\s*:?|inhalt(?:sverzeichnis)?\s*:?|toc",
    re.I,
)
# WordPress ends each entry of a feed so.
_FEED_FOOTER = re.compile(
    r"the\s+post\s+.{1,300}\s+(?:first\s+)?appeared\s+(?:first\s+)?on\s+.{1,100}", re.I
)
# A word in a date, as against its numbers.
_WORD = re.compile(r"[^\W\d_]{2,}")


def trimmed(blocks: tuple[Block, ...], known: tuple[str, ...]) -> tuple[Block, ...]:
    """Return the blocks without title, byline and date above the text and without tags
    and share lines below it.

    ``known`` are the article's title, author and site: a line that only says one of
    them goes too.
    """
    names = frozenset(map(_letters, filter(None, known)))
    start = 0
    while start < min(REACH, len(blocks)) and _leads(blocks[start], names):
        start += 1
    end = len(blocks)
    while end > max(start, len(blocks) - REACH) and _trails(blocks[end - 1]):
        end -= 1
    return _without_contents_titles(blocks[start:end])


def _leads(block: Block, names: frozenset[str]) -> bool:
    text = block.text
    if block.kind in _TITLES and _letters(text) in names:
        return True
    if block.kind == "heading":
        return len(text) < _LONGEST_DATED_HEADING and first_date(text) is not None
    is_line = block.kind in _LINES and len(text) <= _LONGEST_LEAD
    return is_line and any((_is_date(text), _is_byline(text)))


def _is_byline(text: str) -> bool:
    conditions = (
        len(text) < _LONGEST_BYLINE,
        not text.endswith((".", "!", "?")),
        _BYLINE.fullmatch(text),
    )
    return all(conditions)


def _trails(block: Block) -> bool:
    if block.kind == "heading":
        # nothing stands under it; some authors set their sentences as headings
        return len(block.text) <= _LONGEST_LEAD
    is_line = block.kind in _LINES and len(block.text) <= _LONGEST_TRAILER
    return is_line and any((_TRAILER.fullmatch(block.text), _is_date(block.text)))


def _is_date(text: str) -> bool:
    conditions = (
        len(text) < _LONGEST_DATE,
        len(_WORD.findall(text)) <= _MOST_DATE_WORDS,
        first_date(text) is not None,
    )
    return all(conditions)


def _without_contents_titles(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks without "Table of contents" lines: the list under one has been
    taken out before."""
    kept: list[Block] = []
    following = ""
    for block in reversed(blocks):
        is_title = block.kind in _TITLES and _CONTENTS_TITLE.fullmatch(block.text)
        if following == "item" or not is_title:
            kept.append(block)
        following = block.kind
    return tuple(reversed(kept))


def without_repeats(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks that say something, each long paragraph, quote or item once.

    Pages repeat paragraphs for other widths of the window and as pull quotes.
    """
    seen: set[str] = set()
    kept: list[Block] = []
    for block in filterfalse(_says_nothing, blocks):
        is_long = block.kind in _REPEATABLE and len(block.text) >= REPEATED
        if is_long:
            if block.text in seen:
                continue
            seen.add(block.text)
        kept.append(block)
    return tuple(kept)


def _says_nothing(block: Block) -> bool:
    """Tell whether a paragraph is a footnote's number or an arrow in a box of its own,
    or says that the browser shows something else; an item may be a number."""
    if block.kind == "item":
        return _SIGNS.fullmatch(block.text) is not None
    signs = (_MARK.fullmatch(block.text), _UNSUPPORTED.match(block.text))
    return block.kind in ("paragraph", "caption") and any(signs)


def without_blobs(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks without encrypted or packed data set as text."""
    return tuple(filterfalse(_is_blob, blocks))


def _is_blob(block: Block) -> bool:
    longest = max(map(len, block.text.split()), default=0)
    conditions = (
        block.kind not in _UNSPACED,
        block.text.isascii(),
        longest > max(BLOB, _BLOB_SHARE * len(block.text)),
    )
    return all(conditions)


def without_feed_footer(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the blocks without the line by which a feed says where it came from."""
    if blocks and _FEED_FOOTER.fullmatch(blocks[-1].text):
        return blocks[:-1]
    return blocks


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
