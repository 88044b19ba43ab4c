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
from indexer.extract.article import (
    ExtractError,
    Extraction,
    extract_fragment,
    extract_page,
)
from indexer.extract.dom import Element, decode, parse
from indexer.text.page_dates import written_date
from search.types import Block

_YOUTUBE = ("www.youtube.com", "youtube.com", "m.youtube.com")
# where visitors from Europe are sent who have no cookie yet
_CONSENT = "consent.youtube.com"
_PLAYER = re.compile(r"\bytInitialPlayerResponse\s*=\s*(?=\{)")
_KINDS = ("VideoObject", "PodcastEpisode", "AudioObject", "RadioEpisode")
_MARKS = tuple(f'"{kind}"'.encode() for kind in _KINDS)
_TAG = re.compile(r"<(?:p|br|a|div|ul|ol|li|h\d|em|strong)\b", re.IGNORECASE)


def is_recording(body: bytes, url: str) -> bool:
    """Whether a page may be that of one recording; an article with a video in it may
    look so too."""
    host = urlsplit(url).hostname
    if host == _CONSENT or (host in _YOUTUBE and b"ytInitialPlayerResponse" in body):
        return True
    return any(mark in body for mark in _MARKS)


def read_recording(body: bytes, url: str, *, charset: str = "") -> Extraction | None:
    """The recording that a page is about, None where it is about something else.

    Raises ExtractError with a sentence where the recording can't be had.
    """
    if urlsplit(url).hostname == _CONSENT:
        raise ExtractError("YouTube asks for a consent before it shows this page.")
    source = decode(body, charset)
    if urlsplit(url).hostname in _YOUTUBE and (player := _PLAYER.search(source)):
        return _of_player(source[player.end() :], url)
    root = parse(source)
    about, is_video = _described(root), _is_video(root)
    if about is None:
        return None
    page = extract_page(body, url, charset=charset)
    said = _blocks(_text(about, "description"), url)
    shown = sum(len(block.text) for block in page.blocks) > sum(
        len(block.text) for block in said
    )
    is_episode = "Episode" in str(about.get("@type", ""))
    if shown and not (is_episode or is_video):  # an article that shows a recording
        return None
    return replace(
        page,
        title=_text(about, "name", "headline") or page.title,
        author=_names(about.get("author") or about.get("creator")) or page.author,
        published=_day(about, "uploadDate", "datePublished") or page.published,
        blocks=said if said and (is_video or not shown) else page.blocks,
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


def _described(root: Element) -> Mapping[str, Any] | None:
    """The recording that a page describes to machines, None where it describes an
    article beside it."""
    found = [node for element in root.elements() for node in _linked(element)]
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
    return next(filter(None, (written_date(_text(about, key)) for key in keys)), None)


def _part(source: Any, key: str) -> dict[str, Any]:
    value = source.get(key) if isinstance(source, dict) else None
    return value if isinstance(value, dict) else {}


def _text(source: Mapping[str, Any], *keys: str) -> str:
    values = (source.get(key) for key in keys)
    return next(
        (value.strip() for value in values if isinstance(value, str) and value.strip()),
        "",
    )
