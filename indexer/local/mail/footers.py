"""The lines of a newsletter that are no part of it: the way out of the list, the way to
the browser, the postal address.

Links to those are marked before the text is cut into blocks, and the lines with a mark
left out after.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from indexer.text.link_words import READ_MORE
from search.types import Block

# For private use (Unicode); encoding.decode leaves such characters alone, and so no
# mark may be believed that was there before.
LEAVING = "\ue0f1"
VIEWING = "\ue0f2"
MARKS = re.compile(f"[{LEAVING}{VIEWING}]")

_LEAVE = re.compile(
    r"unsubscri|opt[- ]out|abmeld(?:en|ung)|abbestell|austragen|désabonn|désinscri|se désinscrire"
    r"|darse de baja|cancelar (?:la |tu )?suscripci|disiscri|annulla l.iscrizione|uitschrijven|afmelden"
    r"|cancelar inscriç|avregistrera|отписаться|退订|取消订阅|配信停止|購読解除|수신거부"
    r"|(?:manage|update|change|edit) (?:your |my |e-?mail |subscription |newsletter )*"
    r"(?:preferences|subscription|settings|profile)",
    re.IGNORECASE,
)
_VIEW = re.compile(
    r"(?:view|read|open|see)\b.{0,40}\b(?:in|on) (?:your |a |the )?(?:web ?)?(?:browser|web(?:site)?|app)\b"
    r"|(?:view|read) (?:it |this |this email |this post )?online|(?:web|online|browser)[- ]?(?:version|ansicht)"
    r"|im browser (?:anzeigen|ansehen|lesen|öffnen)|online (?:ansehen|lesen|anzeigen)"
    r"|version (?:en ligne|web)|dans (?:votre|le|un) navigateur|en (?:el|tu|su) navegador|no (?:seu )?navegador"
    r"|nel (?:tuo )?browser|in (?:je|uw) browser",
    re.IGNORECASE,
)
# What services set beside a post for those who read it on the web.
_BUTTON = re.compile(
    r"(?:like|comment|share|restack|reply|forward|tweet|subscribe(?: now)?|share this post|leave a comment"
    r"|upgrade to paid|become a member|(?:more|less) like this|read in app|forward (?:this|to a friend).{0,20}"
    rf"|(?:share|tweet|post|follow us) on \w+|add us to your address book|{READ_MORE})[\s→»›.…]*",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"(?:©|\(c\)|copyright\b|all rights reserved|you(?:'re|’re| are)? (?:are )?receiv(?:ed|ing)"
    r"|this (?:e-?mail|message|newsletter) was sent|sent to\b|our mailing address"
    r"|you just read|brought to you by|you can (?:also )?unsubscribe|powered by\b|sent (?:with|via|by)\b"
    r"|diese e-?mail wurde|sie erhalten diese|vous recevez|recibes este|want to change how you receive)",
    re.IGNORECASE,
)
_LONGEST_LINE = 400  # characters of a block that only says how to leave
_LONGEST_VIEW_LINE = 200  # and of one that only leads to the browser
# Characters in all of what may stand below the way out: a postal address, a notice.
_LONGEST_END = 700
_LONGEST_LEGAL = 500
_REACH = 12  # blocks from the end in which such notices are looked for


def mark_of(text: str, href: str) -> str:
    """Return the mark for a link that is no part of a newsletter, "" for any other; a
    space for a button, which says nothing."""
    # A sentence may speak of leaving a list; the words of such a link are few.
    label = " ".join(text.split())[:120]
    if _LEAVE.search(label) or "unsubscribe" in href.lower():
        return LEAVING
    if _VIEW.search(label):
        return VIEWING
    return " " if _BUTTON.fullmatch(label) else ""


def without_footers(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Return the blocks without those that a mark or their words say to be no part."""
    blocks = _until_the_end(blocks)
    kept = [block for block in blocks if not _is_to_go(block)]
    while kept and _is_notice(kept[-1], len(kept)):
        kept.pop()
    unmarked = [
        replace(block, text=_unmarked(block.text))
        for block in kept
        if _unmarked(block.text)
    ]
    return tuple(unmarked)


def _until_the_end(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks up to the way out of the list, where only a little follows."""
    leaving = [number for number, block in enumerate(blocks) if LEAVING in block.text]
    if not leaving:
        return list(blocks)
    below = blocks[leaving[-1] + 1 :]
    above = sum(len(block.text) for block in blocks[: leaving[-1]])
    length = sum(len(block.text) for block in below)
    if length <= min(_LONGEST_END, above):
        return _without_notices(blocks[: leaving[-1] + 1])
    return list(blocks)


def _without_notices(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without legal notices among the last of them."""
    start = max(len(blocks) - _REACH, 0)
    end = [
        block
        for block in blocks[start:]
        if not (_LEGAL.match(block.text) and len(block.text) <= _LONGEST_LEGAL)
    ]
    return [*blocks[:start], *end]


def _is_to_go(block: Block) -> bool:
    said = len(_unmarked(block.text))
    if LEAVING in block.text:
        return said <= _LONGEST_LINE
    return VIEWING in block.text and said <= _LONGEST_VIEW_LINE


def _is_notice(block: Block, count: int) -> bool:
    # A mail that is nothing else keeps it.
    is_short = count > 1 and len(block.text) <= _LONGEST_LEGAL
    return is_short and _LEGAL.match(block.text) is not None


def _unmarked(text: str) -> str:
    return MARKS.sub("", text).strip(" |·•-–—\n")
