"""What still clings to an article's blocks once its body is found: bylines, share
lines, repeats."""

from __future__ import annotations

import re

from indexer.text.dates import first_date
from search.types import Block

REACH = 8
"""Blocks from either end within which a short line may be a byline or a share line."""

BLOB = 600
"""Characters without a space beyond which a word is no word or address but encrypted or
packed data; the longest word in a paragraph of the archives at hand, an address, has
403."""

REPEATED = 60
"""Characters from which a paragraph that stands twice is a repeat and not a refrain."""

_BYLINE = re.compile(
    r"""(?:(?:posted|published|written|updated|last\s+updated|created|filed|date|by|author|on|publié|veröffentlicht|von|par|
    publicado|geschrieben|erstellt|mis\s+à\s+jour|发布于|发表于|作者|日期)\b[\s:：]*.{0,80}|
    (?:estimated\s+)?reading\s+time\b.{0,40}|\d+\s*(?:min(?:ute)?s?)(?:\s+read)?\b.{0,20}|\d+\s+words\b.{0,20}|
    follow|listen|share|save|member-only\s+story|press\s+enter\s+or\s+click\b.{0,60})""",
    re.I | re.X,
)
_TRAILER = re.compile(
    r"""(?:tags?|tagged|labels?|categor(?:y|ies)|filed\s+under|posted\s+(?:in|by|on|at)|topics?|mots-clés|schlagw[oö]rter|标签|分类)\s*[:：].{0,200}|
    filed\s+under\b.{0,120}|posted\s+(?:by|on|at|in)\b.{0,120}|
    (?:share|tweet|email|print|pin\s+it|like|reply|permalink|permanent\s+link|comments?(?:\s*\(\d*\))?|\d+\s+comments?|no\s+comments|leave\s+a\s+(?:comment|reply)|
    add\s+(?:a\s+)?comment|newer\s+posts?|older\s+posts?|previous(?:\s+(?:post|article))?|next(?:\s+(?:post|article))?|home|back\s+to\s+(?:top|blog).{0,20}|
    related\s+(?:posts|articles|reading)|share\s+this.{0,40}|continue\s+reading.{0,60}|read\s+more.{0,60}|loading\W*)[\s:.…→←»«|]*|
    the\s+post\s+.{1,200}\s+(?:first\s+)?appeared\s+(?:first\s+)?on\s+.{1,100}""",
    re.I | re.X,
)
_MARK = re.compile(r"[\[(]?\d{1,3}[\])]?[.:]?|[↩↑⤴«»←→|·•*\-–—\s\ufe0e\ufe0f]+")
_UNSUPPORTED = re.compile(
    r"(?:sorry,? )?(?:your browser|this browser|javascript) (?:does|doesn|do|is) ?.{0,80}$",
    re.I,
)
_CONTENTS_TITLE = re.compile(
    r"(?:table\s+of\s+)?contents?\s*:?|on\s+this\s+page|目录|sommaire\s*:?|inhalt(?:sverzeichnis)?\s*:?|toc",
    re.I,
)
_FEED_FOOTER = re.compile(
    r"the\s+post\s+.{1,300}\s+(?:first\s+)?appeared\s+(?:first\s+)?on\s+.{1,100}", re.I
)


def trimmed(blocks: tuple[Block, ...], known: tuple[str, ...]) -> tuple[Block, ...]:
    """Without the title, byline and date above the text and the tags and share lines
    below it.

    ``known`` are the article's title, author and site: a line that only says one of
    them goes too.
    """
    start = 0
    while start < min(REACH, len(blocks)) and _leads(blocks[start], known):
        start += 1
    end = len(blocks)
    while end > max(start, len(blocks) - REACH) and _trails(blocks[end - 1]):
        end -= 1
    return _without_contents_titles(blocks[start:end])


def _leads(block: Block, known: tuple[str, ...]) -> bool:
    if block.kind in ("heading", "paragraph") and any(
        _plain(block.text) == _plain(name) for name in known if name
    ):
        return True
    if block.kind == "heading":
        return first_date(block.text) is not None and len(block.text) < 30
    if block.kind not in ("paragraph", "item") or len(block.text) > 120:
        return False
    return (
        bool(_BYLINE.fullmatch(block.text))
        and (len(block.text) < 60)
        and not block.text.endswith((".", "!", "?"))
    ) or _is_date(block.text)


def _trails(block: Block) -> bool:
    if block.kind == "heading":
        return True  # nothing stands under it
    if block.kind not in ("paragraph", "item") or len(block.text) > 320:
        return False
    return bool(_TRAILER.fullmatch(block.text)) or _is_date(block.text)


def _is_date(text: str) -> bool:
    return (
        len(text) < 40
        and first_date(text) is not None
        and len(re.findall(r"[^\W\d_]{2,}", text)) <= 3
    )


def _says_nothing(block: Block) -> bool:
    """A footnote's number or an arrow that a theme sets in a box of its own."""
    return block.kind == "paragraph" and bool(
        _MARK.fullmatch(block.text) or _UNSUPPORTED.match(block.text)
    )


def _without_contents_titles(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Without "Table of contents" lines: the list under one has been taken out
    before."""
    return tuple(
        block
        for block, following in zip(blocks, [*blocks[1:], None], strict=False)
        if not (
            block.kind in ("heading", "paragraph")
            and _CONTENTS_TITLE.fullmatch(block.text)
            and (following is None or following.kind != "item")
        )
    )


def without_repeats(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Without what says nothing, and each long paragraph, quote or item once.

    Pages repeat paragraphs for other widths of the window and as pull quotes.
    """
    seen: set[str] = set()
    kept: list[Block] = []
    for block in blocks:
        if _says_nothing(block):
            continue
        if block.kind in ("paragraph", "quote", "item") and len(block.text) >= REPEATED:
            if block.text in seen:
                continue
            seen.add(block.text)
        kept.append(block)
    return tuple(kept)


def without_blobs(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Without encrypted or packed data set as text; code is left as it is."""
    return tuple(
        b for b in blocks if b.kind in ("code", "math", "table") or not _is_blob(b.text)
    )


def _is_blob(text: str) -> bool:
    longest = max((len(word) for word in text.split()), default=0)
    return longest > BLOB and longest > 0.5 * len(text) and text.isascii()


def without_feed_footer(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Without the line by which a feed says where it came from."""
    if blocks and _FEED_FOOTER.fullmatch(blocks[-1].text):
        return blocks[:-1]
    return blocks


def _plain(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
