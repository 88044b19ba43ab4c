"""Requests as a form or a program sends them, checked; NotSaved says what is wrong.

Stores nothing.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from flask import Request as Sent

from search.inbox.requests import Request
from search.text.urls import AddressError, canonical
from web.error_responses import NotSaved

# Bytes of a page with its pictures, as SingleFile sends it; most have less than 10 MB.
LARGEST_HTML = 25_000_000
# The rest of a request: its other fields, and what JSON adds to HTML.
LARGEST_BODY = LARGEST_HTML + 5_000_000
LONGEST = {"url": 8_000, "title": 500, "note": 4_000}  # characters
MOST_TAGS = 50
LONGEST_TAG = 100  # characters
FIELDS = ("url", "title", "note", "tags", "html")

NO_ADDRESS = "Give the address of the page as url, as in https://blog.example/post."
WITH_NAME = "The address holds a name or password; leave them out."


def sent_request(sent: Sent) -> Request:
    """Read what a program sends: JSON, a form, or a form with the page as a file."""
    # By themselves forms may only hold half a megabyte.
    sent.max_form_memory_size = LARGEST_BODY
    if sent.is_json:
        return checked("save", _json(sent.get_data(cache=False)))
    fields: dict[str, Any] = {name: sent.form.get(name, "") for name in FIELDS}
    if file := sent.files.get("html"):
        fields["html"] = file.read(LARGEST_HTML + 1).decode("utf-8", "replace")
    return checked("save", fields)


def checked(kind: Literal["save", "follow"], fields: Mapping[str, Any]) -> Request:
    """Check the fields of a request, and make it."""
    url = _text(fields, "url").strip()
    if not url:
        raise _bad(NO_ADDRESS)
    try:
        canonical(url)
    except AddressError as error:
        raise _bad(f"This is no address on the web: {error}") from error
    if "@" in urlsplit(url).netloc:
        raise _bad(WITH_NAME)
    html = _given(fields, "html")
    if len(html) > LARGEST_HTML:
        message = f"The page has more than {LARGEST_HTML:,} bytes."
        raise NotSaved(413, "too-long", message)
    return Request(
        kind,
        url,
        title=_text(fields, "title").strip(),
        note=_text(fields, "note").strip(),
        tags=_tags(fields.get("tags") or ""),
        html=html,
        saved=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _bad("The body is not JSON.") from error
    if not isinstance(fields, dict):
        raise _bad('The body must be a JSON object, as in {"url": "https://…"}.')
    return fields


def _given(fields: Mapping[str, Any], name: str) -> str:
    text = fields.get(name)
    if text is None:
        return ""
    if not isinstance(text, str):
        raise _bad(f"{name} must be a text.")
    return text


def _text(fields: Mapping[str, Any], name: str) -> str:
    text = _given(fields, name)
    if len(text) > LONGEST[name]:
        raise _bad(f"{name} has more than {LONGEST[name]:,} characters.")
    return _plain(text)


def _tags(given: object) -> tuple[str, ...]:
    """Read a list of tags, or a text in which commas part them."""
    names = given.split(",") if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise _bad("tags must be a list of texts, or a text with commas.")
    tags = dict.fromkeys(_plain(name).strip().removeprefix("#") for name in names)
    tags.pop("", None)
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        raise _bad(
            f"At most {MOST_TAGS} tags of {LONGEST_TAG} characters each are kept."
        )
    return tuple(tags)


def _plain(text: str) -> str:
    """Return the text with its control characters as spaces, half a surrogate too."""
    return "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in text
    )


def _bad(message: str) -> NotSaved:
    return NotSaved(400, "bad-request", message)
