"""The page of a video or a podcast's episode → title, who made it, when, and its
description. Pure.

What can be searched of a recording is the text that its maker put beside it: that is
the whole article. It is read from what the page tells machines (JSON-LD's VideoObject,
PodcastEpisode and AudioObject, see https://schema.org; YouTube's own player data, as
its page shows only the description's beginning).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from indexer.documents.plain_text import paragraphs_of
from indexer.extract.article import Extraction, extract_article, extract_fragment
from indexer.extract.dom import Element
from indexer.extract.page import ExtractError, ParsedPage
from indexer.text.dates import machine_date
from search.types import Block

_YOUTUBE = ("www.youtube.com", "youtube.com", "m.youtube.com")
# where visitors from Europe are sent who have no cookie yet
_CONSENT = "consent.youtube.com"
_PLAYER = re.compile(r"\bytInitialPlayerResponse\s*=\s*(?=\{)")
_KINDS = ("VideoObject", "PodcastEpisode", "AudioObject", "RadioEpisode")
_MARKS = tuple(f'"{kind}"' for kind in _KINDS)
_TAG = re.compile(r"<(?:p|br|a|div|ul|ol|li|h\d|em|strong)\b", re.IGNORECASE)


def read_with_recording(page: ParsedPage, hint: str = "") -> Extraction:
    """Return the article in a page, or the recording that the page is about.

    Raises ExtractError with a sentence where the recording can't be had.
    """
    host = urlsplit(page.url).hostname
    if host == _CONSENT:
        raise ExtractError("YouTube asks for a consent before it shows this page.")
    if host in _YOUTUBE and (player := _PLAYER.search(page.source)):
        return _of_player(page.source[player.end() :], page.url)
    # before the article is cut out of the tree
    about, is_video = _described(page), _is_video(page.root)
    article = extract_article(page, hint)
    if about is None:
        return article
    said = _blocks(_text(about, "description"), page.url)
    shown = sum(len(block.text) for block in article.blocks) > sum(
        len(block.text) for block in said
    )
    is_episode = "Episode" in str(about.get("@type", ""))
    if shown and not (is_episode or is_video):  # an article that shows a recording
        return article
    return replace(
        article,
        title=_text(about, "name", "headline") or article.title,
        author=_names(about.get("author") or about.get("creator")) or article.author,
        published=_day(about, "uploadDate", "datePublished") or article.published,
        blocks=said if said and (is_video or not shown) else article.blocks,
    )


def _of_player(script: str, url: str) -> Extraction:
    try:
        player, _ = json.JSONDecoder().raw_decode(script)
    except (ValueError, RecursionError) as error:
        raise ExtractError("YouTube's page of this video can't be read.") from error
    video = _part(player, "videoDetails")
    about = _part(_part(player, "microformat"), "playerMicroformatRenderer")
    if not video:
        reason = _text(_part(player, "playabilityStatus"), "reason").rstrip(".")
        raise ExtractError(
            f"The video is not to be had{f': {reason}' if reason else ''}."
        )
    return Extraction(
        url,
        _text(video, "title"),
        author=_text(video, "author") or _text(about, "ownerChannelName"),
        site="YouTube",
        published=_day(about, "publishDate", "uploadDate"),
        blocks=paragraphs_of(_text(video, "shortDescription")),
    )


def _described(page: ParsedPage) -> Mapping[str, Any] | None:
    """The recording that a page describes to machines, None where it describes an
    article beside it."""
    if not any(mark in page.source for mark in _MARKS):
        return None
    found = [node for element in page.root.elements() for node in _linked(element)]
    kinds = [str(node.get("@type", "")) for node in found]
    recordings = [
        node
        for node, kind in zip(found, kinds, strict=True)
        if any(k in kind for k in _KINDS)
    ]
    others = any(
        kind.endswith(("Article", "Posting", "Report", "HowTo", "Recipe"))
        for kind in kinds
    )
    return recordings[0] if recordings and not others else None


def _is_video(root: Element) -> bool:
    """Whether the page says that it is a video, rather than that it shows one
    (https://ogp.me)."""
    return any(
        element.attrs.get("property") == "og:type"
        and element.attrs.get("content", "").startswith("video")
        for element in root.elements()
        if element.tag == "meta"
    )


def _linked(element: Element) -> list[dict[str, Any]]:
    if (
        element.tag != "script"
        or element.attrs.get("type", "").lower() != "application/ld+json"
    ):
        return []
    try:
        data = json.loads(element.raw_text, strict=False)
    except (ValueError, RecursionError):
        return []
    nodes = data if isinstance(data, list) else [data]
    nodes = [
        *nodes,
        *(n for node in nodes if isinstance(node, dict) for n in _graph(node)),
    ]
    return [node for node in nodes if isinstance(node, dict)]


def _graph(node: Mapping[str, Any]) -> list[Any]:
    graph = node.get("@graph")
    return graph if isinstance(graph, list) else []


def _blocks(text: str, url: str) -> tuple[Block, ...]:
    """A description is plain text, or show notes as HTML."""
    text = html.unescape(text) if "&lt;" in text else text
    return (
        extract_fragment(text, url)
        if _TAG.search(text)
        else paragraphs_of(html.unescape(text))
    )


def _names(value: Any) -> str:
    people = value if isinstance(value, list) else [value]
    names = (
        _text(one, "name") if isinstance(one, dict) else str(one or "")
        for one in people
    )
    return ", ".join(dict.fromkeys(filter(None, names)))


def _day(about: Mapping[str, Any], *keys: str) -> date | None:
    return next(filter(None, (machine_date(_text(about, key)) for key in keys)), None)


def _part(source: Any, key: str) -> dict[str, Any]:
    value = source.get(key) if isinstance(source, dict) else None
    return value if isinstance(value, dict) else {}


def _text(source: Mapping[str, Any], *keys: str) -> str:
    values = (source.get(key) for key in keys)
    return next(
        (value.strip() for value in values if isinstance(value, str) and value.strip()),
        "",
    )
