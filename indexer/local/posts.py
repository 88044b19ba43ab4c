"""A file of a folder → the post that it is, by its front matter, name and place; or why
it is none.

Reads the file; meant for a worker process with limits of time and memory.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from indexer.fetch.local_files import path_of
from indexer.local import saved_pages as saved
from indexer.local.permalinks import Post, address, hugo_name
from indexer.local.post_dates import time_of_name, time_said
from indexer.local.site_config import Site
from indexer.local.walk import DOCUMENTS, HTML, SAVED, File
from indexer.records import Item, LeftOut
from indexer.text.encoding import decode
from indexer.text.front_matter import (
    FrontMatter,
    load,
    read_front_matter,
    read_headers,
    text_of,
    texts,
)
from indexer.text.markup import legal, root_of, word_set
from indexer.text.page_names import FIXED, FOLDERS, NEVER_POSTS, is_fixed_page

LARGEST = 64 << 20  # bytes; a saved page with all its pictures has some twenty million
_ABOUT_FOLDER = word_set(
    """
    readme license licence copying notice changelog changes history contributing contributors
    code_of_conduct security authors robots requirements humans 403 404 500 _index sitemap
    """
)
_LAYOUTS = word_set(
    """
    tag tags tagpage category categories archive archives search home index redirect sitemap feed
    """
)
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_UNPUBLISHED = ("draft", "private", "hidden", "skip", "idea", "wip")
_META = re.compile(
    r"""<meta\s+name\s*=\s*["']([\w-]+)["']\s+content\s*=\s*["']([^"']*)["']""", re.I
)
_HTML_ROOTS = ("html", "head", "body")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a file was when it was last looked at. ``item`` is None for what is no post,
    ``left_out`` why.

    ``unread`` says why it could not be looked at. ``again``: it is to be, the next
    time, even where it hasn't changed.
    """

    url: str
    item: Item | None = None
    left_out: LeftOut = ""
    unread: str = ""
    again: bool = False


def describe(file: File, site: Site, today: date) -> Seen:
    """Look at one file. Never raises for what it may hold: that shows when it is
    read."""
    if file.size > LARGEST:
        return Seen(file.url, unread=f"The file is larger than {LARGEST >> 20} MiB.")
    try:
        body = path_of(file.url).read_bytes()
    except OSError as error:
        return Seen(
            file.url, unread=f"The file can't be read: {error.strerror}.", again=True
        )
    digest = hashlib.sha256(body).hexdigest()
    ending = _ending(file)
    if not body.strip():
        return Seen(file.url, left_out="empty")
    if ending in SAVED or (ending in HTML and saved.address_of(body)):
        return Seen(file.url, _saved_page(file, body, digest))
    is_text = b"\x00" not in body[:4096] or body.startswith((b"\xff\xfe", b"\xfe\xff"))
    if ending in DOCUMENTS or not is_text:
        return Seen(file.url, Item(url=file.url, file=file.url, version=digest))
    text = legal(decode(body))
    if ending in HTML and root_of(text) in _HTML_ROOTS and site.software != "pelican":
        return _page(file, body, digest)
    return _post(file, site, text, digest=digest, today=today)


def fields_of(text: str, ending: str) -> FrontMatter:
    """What a text says of itself, in whatever form, and the text without it."""
    if ending in HTML and root_of(text) in _HTML_ROOTS:
        return FrontMatter(
            {name.lower(): value for name, value in _META.findall(text[:20_000])}, text
        )
    front = read_front_matter(text)
    if front.about or front.trouble or front.text != text:
        return front
    headers = read_headers(text if ending != ".rst" else _below_title(text))
    return (
        headers
        if {"title", "date", "status", "tags", "category"} & headers.about.keys()
        else front
    )


def _below_title(text: str) -> str:
    """reStructuredText has its fields below the title."""
    found = re.match(
        r"\s*(?:([=\-~#*^])\1*\n)?(?P<title>\S[^\n]*)\n([=\-~#*^])\3{2,}\s*\n+", text
    )
    return f":title: {found['title']}\n{text[found.end() :]}" if found else text


def _post(file: File, site: Site, text: str, *, digest: str, today: date) -> Seen:
    ending = _ending(file)
    front = fields_of(text, ending)
    about = (
        {**_folder_data(site, file), **front.about}
        if site.software == "eleventy"
        else front.about
    )
    time = time_said(about, str(site.options.get("timezone", ""))) or time_of_name(
        file.path
    )
    why = _left_out(file, site, about, time)
    if why:
        return Seen(file.url, left_out=why)
    if not site.future and time is not None and time.date() > today:
        return Seen(file.url, left_out="future", again=True)
    named = text_of(about, "title")
    post = Post(file.path, about, named, time)
    try:
        public = address(site, post)
    except ValueError:
        public = ""
    past = time is not None and date(1970, 1, 1) <= time.date() <= today + timedelta(
        days=1
    )
    item = Item(
        url=public or file.url,
        title=named or (post.name if site.software == "obsidian" else ""),
        author=", ".join(texts(about, "author", "authors")) or site.author,
        published=time.date().isoformat() if time is not None and past else "",
        site=site.title,
        language=(
            text_of(about, "lang", "language", "locale")
            or hugo_name(site, post.name)[1]
        )[:2].lower(),
        file=file.url,
        version=digest,
        software=site.software,
        remark=front.trouble,
    )
    return Seen(file.url, item)


def _left_out(
    file: File, site: Site, about: dict[str, Any], time: datetime | None
) -> LeftOut:
    """Why a file is no published post, "" where it is one."""
    folders, name = (
        file.path.lower().split("/")[:-1],
        file.path.rpartition("/")[2].rpartition(".")[0],
    )
    stem = hugo_name(site, name)[0].lower()
    status = text_of(about, "status").lower()
    no = [text_of(about, key).lower() in _FALSE for key in ("published", "publish")]
    yes = [
        text_of(about, key).lower() in _TRUE for key in ("draft", "private", "is_draft")
    ]
    if (
        any(no)
        or any(yes)
        or status in _UNPUBLISHED
        or "_drafts" in folders
        or "drafts" in folders[-1:]
    ):
        return "draft"
    if (
        stem in _ABOUT_FOLDER and (site.software != "obsidian" or name.isupper())
    ) or name.endswith(".excalidraw"):
        return "named-otherwise"
    if text_of(about, "layout", "type").lower() in _LAYOUTS:
        return "list"
    if site.software == "eleventy" and (
        text_of(about, "permalink").lower() == "false"
        or text_of(about, "eleventyexcludefromcollections").lower() == "true"
    ):
        return "not-collected"
    if site.software in ("hugo", "eleventy") and time is None:
        below = folders[len([f for f in site.content[0].split("/") if f]) :]
        bundle = below[:-1] if stem == "index" else below
        stem = below[-1] if stem == "index" and below else stem
        if not bundle or stem in FIXED or FOLDERS.intersection(below):
            return "site-page"
    if (
        site.software in ("jekyll", "pelican", "hugo", "eleventy")
        and stem in NEVER_POSTS
        and stem != "index"
    ):
        return "site-page"
    return ""


def _saved_page(file: File, body: bytes, digest: str) -> Item:
    """A page that a person saved: it is kept whatever it is."""
    return Item(url=saved.address_of(body) or file.url, file=file.url, version=digest)


def _page(file: File, body: bytes, digest: str) -> Seen:
    """A whole HTML page as a site serves it: its canonical address tells what it is,
    else its place."""
    public = saved.canonical_link(body)
    below = quote(file.path, errors="replace")
    place = public or f"https://folder.invalid/{below}"
    stem = file.path.rpartition("/")[2].rpartition(".")[0].lower()
    is_fixed = stem in NEVER_POSTS - {"index"} or is_fixed_page(place)
    if is_fixed or urlsplit(place).path in ("", "/", "/index.html"):
        return Seen(file.url, left_out="site-page")
    return Seen(file.url, Item(url=public or file.url, file=file.url, version=digest))


def _folder_data(site: Site, file: File) -> dict[str, Any]:
    """Eleventy's data of a folder: ``posts/posts.json`` holds for all in it, that of
    folders above too."""
    folders = file.path.split("/")[:-1]
    found: dict[str, Any] = {}
    for depth, name in enumerate(folders, 1):
        place = Path(site.root, *folders[:depth])
        for ending in (".json", ".11tydata.json"):
            try:
                found |= load((place / f"{name}{ending}").read_text("utf-8"), "json")
            except (OSError, ValueError):
                continue
    return {key.lower(): value for key, value in found.items()}


def _ending(file: File) -> str:
    return f".{file.path.rpartition('.')[2].lower()}"
