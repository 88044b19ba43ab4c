"""The article that the page of a video or of a podcast's episode makes.

What can be searched of a recording is the text that its maker put beside it. It is read
from what the page tells machines (JSON-LD's VideoObject, PodcastEpisode and
AudioObject, see https://schema.org; YouTube's own player data, as its page shows only
the description's beginning).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast
from urllib.parse import urlsplit

from indexer.documents.plain_text import paragraphs_of
from indexer.extract.article import Extraction, extract_article, extract_fragment
from indexer.extract.dom import Element
from indexer.extract.page import ExtractError, ParsedPage
from indexer.extract.structured_data import json_ld_nodes, names_in, type_of_node
from indexer.text.dates import machine_date
from search.types import Block

_YOUTUBE = ("www.youtube.com", "youtube.com", "m.youtube.com")
# Visitors from Europe are sent there who have no cookie yet.
_CONSENT = "consent.youtube.com"
# YouTube's player data in its script.
_PLAYER = re.compile(r"\bytInitialPlayerResponse\s*=\s*(?=\{)")
# Types of recordings, and of articles that may have one beside their text.
_RECORDING = re.compile(r"VideoObject|PodcastEpisode|AudioObject|RadioEpisode")
_MARK = re.compile(rf'"(?:{_RECORDING.pattern})"')
_ARTICLE = re.compile(r"(?:Article|Posting|Report|HowTo|Recipe)$")
# Show notes are HTML, YouTube's descriptions are not.
_TAG = re.compile(r"<(?:p|br|a|div|ul|ol|li|h\d|em|strong)\b", re.IGNORECASE)


def read_with_recording(page: ParsedPage, hint: str = "") -> Extraction:
    """Return the article in a page, or the recording that the page is about.

    Raises ExtractError with a sentence where the recording can't be had.
    """
    host = urlsplit(page.url).hostname
    if host == _CONSENT:
        raise ExtractError("YouTube asks for a consent before it shows this page.")
    player = None
    if host in _YOUTUBE:
        player = _PLAYER.search(page.source)
    if player is not None:
        return _read_player(page.source[player.end() :], page.url)
    # before the article is cut out of the tree
    recording = _described_recording(page)
    is_video = _is_video_page(page.root)
    article = extract_article(page, hint)
    if recording is None:
        return article
    description = _description(recording, page.url)
    is_richer = _length(article.blocks) > _length(description)
    is_about_it = is_video or "Episode" in type_of_node(recording)
    if is_richer and not is_about_it:
        return article  # which shows a recording
    blocks = article.blocks
    if description and (is_video or not is_richer):
        blocks = description
    return _with_recording(article, recording, blocks)


def _with_recording(
    article: Extraction, recording: Mapping[str, Any], blocks: tuple[Block, ...]
) -> Extraction:
    makers = names_in(recording.get("author") or recording.get("creator"))
    said: dict[str, Any] = {
        "title": _first_text(recording, "name", "headline"),
        "author": ", ".join(dict.fromkeys(makers)),
        "published": _first_day(recording, "uploadDate", "datePublished"),
    }
    # the page's own metadata stay where the recording says nothing
    found = {name: value for name, value in said.items() if value}
    return replace(article, blocks=blocks, **found)


def _read_player(script: str, url: str) -> Extraction:
    try:
        player, _ = json.JSONDecoder().raw_decode(script)
    except (ValueError, RecursionError) as error:
        raise ExtractError("YouTube's page of this video can't be read.") from error
    video = _part(player, "videoDetails")
    about = _part(_part(player, "microformat"), "playerMicroformatRenderer")
    if not video:
        status = _part(player, "playabilityStatus")
        reason = _first_text(status, "reason").rstrip(".")
        parts = filter(None, ["The video is not to be had", reason])
        raise ExtractError(": ".join(parts) + ".")
    return Extraction(
        url,
        _first_text(video, "title"),
        author=_first_text(video, "author") or _first_text(about, "ownerChannelName"),
        site="YouTube",
        published=_first_day(about, "publishDate", "uploadDate"),
        blocks=paragraphs_of(_first_text(video, "shortDescription")),
    )


def _described_recording(page: ParsedPage) -> Mapping[str, Any] | None:
    """Return the recording that a page describes to machines, None where it describes
    an article beside it."""
    if not _MARK.search(page.source):
        return None
    nodes = list(json_ld_nodes(page.root))
    if any(map(_ARTICLE.search, map(type_of_node, nodes))):
        return None
    return next((node for node in nodes if _RECORDING.search(type_of_node(node))), None)


def _is_video_page(root: Element) -> bool:
    """Tell whether the page says that it is a video, rather than that it shows one
    (https://ogp.me)."""
    for meta in root.elements("meta"):
        is_type = meta.get("property") == "og:type"
        if is_type and meta.get("content").startswith("video"):
            return True
    return False


def _description(recording: Mapping[str, Any], url: str) -> tuple[Block, ...]:
    """Return the blocks of a plain text, or of show notes as HTML."""
    text = _first_text(recording, "description")
    if "&lt;" in text:
        text = html.unescape(text)
    if _TAG.search(text):
        return extract_fragment(text, url)
    return paragraphs_of(html.unescape(text))


def _length(blocks: tuple[Block, ...]) -> int:
    return sum(len(block.text) for block in blocks)


def _first_day(source: Mapping[str, Any], *keys: str) -> date | None:
    days = (machine_date(_first_text(source, key)) for key in keys)
    return next(filter(None, days), None)


def _part(source: Any, key: str) -> dict[str, Any]:
    if isinstance(source, dict) and isinstance(source.get(key), dict):
        return cast(dict[str, Any], source[key])
    return {}


def _first_text(source: Mapping[str, Any], *keys: str) -> str:
    """Return the first of these values that is a string with any words."""
    texts = (value for value in map(source.get, keys) if isinstance(value, str))
    return next(filter(None, map(str.strip, texts)), "")
