"""The post in a file of a folder, by its front matter, name and place, or the reason
why the file is none.

Reads the file; meant for a worker process with limits of time and memory.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from indexer.fetch.local_files import path_of, read_regular
from indexer.local import saved_pages
from indexer.local.eleventy import folder_data, is_uncollected
from indexer.local.hugo import split_language
from indexer.local.post_fields import (
    HTML_ROOTS,
    read_fields,
    time_of_path,
    written_time,
)
from indexer.local.site_config import StaticSite
from indexer.local.slugs import PostFacts
from indexer.local.static_site import permalink_of
from indexer.local.walk import DOCUMENTS, HTML, SAVED, CandidateFile
from indexer.records import Item, LeftOut
from indexer.text.encoding import decode
from indexer.text.front_matter import text_of, texts
from indexer.text.hashtags import hashtags, listed
from indexer.text.markup import legal, root_of, word_set
from indexer.text.page_names import FIXED, FOLDERS, NEVER_POSTS, is_fixed_page
from search.text.tags import tags_of

# Bytes; a saved page with all its pictures has some twenty million.
LARGEST = 64 << 20
# Files about a folder, and pages that no reader of posts wants, by their names.
_REPOSITORY_FILES = word_set(
    """
    readme license licence copying notice changelog changes history contributing
    contributors code_of_conduct security authors robots requirements humans 403 404 500
    _index sitemap
    """
)
# Layouts and types of pages that list posts.
_LIST_LAYOUTS = word_set(
    """
    tag tags tagpage category categories archive archives search home index redirect
    sitemap feed
    """
)
# Values as YAML writes them: front matter is read as texts.
_TRUE = frozenset(["true", "yes", "on", "1"])
_FALSE = frozenset(["false", "no", "off", "0"])
# The values of "status" in Pelican, and in themes of the others.
_UNPUBLISHED = frozenset(["draft", "private", "hidden", "skip", "idea", "wip"])
_HOME_PATHS = ("", "/", "/index.html")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """The result of a look at a file. ``item`` is None for what is no post, ``left_out``
    then is the reason.

    ``unread`` is the reason why it could not be looked at. ``again``: the next look is
    due even where the file hasn't changed.
    """

    url: str
    item: Item | None = None
    left_out: LeftOut = ""
    unread: str = ""
    again: bool = False


def scan_file(file: CandidateFile, site: StaticSite, today: date) -> ScannedFile:
    """Look at one file.

    Never raises for what it may contain: that shows when it is read.
    """
    if file.size > LARGEST:
        reason = f"The file is larger than {LARGEST >> 20} MiB."
        return ScannedFile(file.url, unread=reason)
    try:
        # A link may have taken its place since the folder was walked.
        body, _ = read_regular(path_of(file.url), LARGEST)
    except OSError as error:
        reason = f"The file can't be read: {error.strerror}."
        return ScannedFile(file.url, unread=reason, again=True)
    if not body.strip():
        return ScannedFile(file.url, left_out="empty")
    version = hashlib.sha256(body).hexdigest()
    saved_from = ""
    if file.ending in HTML | SAVED:
        saved_from = saved_pages.saved_address(body)
    # A person chose to save a page or to keep a document: it is one whatever it says.
    is_chosen = bool(saved_from) or file.ending in SAVED | DOCUMENTS
    if is_chosen or is_binary(body):
        item = Item(url=saved_from or file.url, file=file.url, version=version)
        return ScannedFile(file.url, item)
    text = legal(decode(body))
    is_page = file.ending in HTML and root_of(text) in HTML_ROOTS
    if is_page and site.software != "pelican":  # its posts may be whole HTML pages
        return _scan_page(file, body, version)
    return _scan_post(file, site, text, version=version, today=today)


def is_binary(body: bytes) -> bool:
    """Say if bytes are no text: they have zero bytes and are not marked as UTF-16."""
    return b"\x00" in body[:4096] and not body.startswith(_UTF_16_MARKS)


def _scan_page(file: CandidateFile, body: bytes, version: str) -> ScannedFile:
    """A whole HTML page as a site serves it: its canonical address says what it is,
    else its place."""
    public = saved_pages.canonical_link(body)
    # The host of no site; only the path below it is looked at.
    place = public or f"https://folder.invalid/{quote(file.path, errors='replace')}"
    is_of_the_site = (
        file.name.lower() in NEVER_POSTS - {"index"},
        is_fixed_page(place),
        urlsplit(place).path in _HOME_PATHS,
    )
    if any(is_of_the_site):
        return ScannedFile(file.url, left_out="site-page")
    item = Item(url=public or file.url, file=file.url, version=version)
    return ScannedFile(file.url, item)


def _scan_post(
    file: CandidateFile, site: StaticSite, text: str, *, version: str, today: date
) -> ScannedFile:
    front = read_fields(text, file.ending)
    about = front.about
    if site.software == "eleventy":
        about = folder_data(site, file.path) | about
    time = written_time(about, str(site.options.get("timezone", "")))
    time = time or time_of_path(file.path)
    reason = _reason_to_leave_out(file, site, about, is_dated=time is not None)
    if reason:
        return ScannedFile(file.url, left_out=reason)
    if not site.future and time is not None and time.date() > today:
        return ScannedFile(file.url, left_out="future", again=True)
    title = text_of(about, "title")
    address = permalink_of(site, PostFacts(file.path, about, title, time))
    # Notes are called by their files' names; elsewhere the text's heading is better.
    if not title and site.software == "obsidian":
        title = file.name
    language = text_of(about, "lang", "language", "locale")
    item = Item(
        url=address or file.url,
        title=title,
        author=", ".join(texts(about, "author", "authors")) or site.author,
        published=_credible_day(time, today),
        site=site.title,
        language=(language or split_language(site, file.name)[1])[:2].lower(),
        file=file.url,
        version=version,
        software=site.software,
        remark=front.trouble,
        tags=_tags(site, about, front.text),
    )
    return ScannedFile(file.url, item)


def _tags(site: StaticSite, about: dict[str, Any], text: str) -> tuple[str, ...]:
    """The tags and categories that a post states, and in notes those in its text."""
    # Jekyll parts one text at its spaces, and Obsidian's tags have none.
    by_spaces = site.software in ("jekyll", "obsidian")
    stated = listed(about, "tags", by_spaces=by_spaces) or listed(about, "tag")
    stated += listed(about, "categories", by_spaces=by_spaces)
    stated += listed(about, "category")
    if site.software in ("obsidian", "plain"):
        stated += hashtags(text)
    return tags_of(stated)


def _credible_day(time: datetime | None, today: date) -> str:
    """The ISO date of a post that was published, by tomorrow in another time zone."""
    if time is None:
        return ""
    # A day that can't be is left out rather than shown.
    tomorrow = today + timedelta(days=1)
    is_credible = date(1970, 1, 1) <= time.date() <= tomorrow
    if is_credible:
        return time.date().isoformat()
    return ""


def _reason_to_leave_out(
    file: CandidateFile, site: StaticSite, about: dict[str, Any], *, is_dated: bool
) -> LeftOut:
    """The reason why a file is no published post, "" where it is one."""
    if _is_draft(file, about):
        return "draft"
    if _is_repository_file(file, site):
        return "named-otherwise"
    if text_of(about, "layout", "type").lower() in _LIST_LAYOUTS:
        return "list"
    if site.software == "eleventy" and is_uncollected(about):
        return "not-collected"
    if _is_site_page(file, site, is_dated=is_dated):
        return "site-page"
    return ""


def _is_draft(file: CandidateFile, about: dict[str, Any]) -> bool:
    folders = [folder.lower() for folder in file.folders]
    marks = (
        not _FALSE.isdisjoint(_lower_texts(about, "published", "publish")),
        not _TRUE.isdisjoint(_lower_texts(about, "draft", "private", "is_draft")),
        not _UNPUBLISHED.isdisjoint(_lower_texts(about, "status")),
        "_drafts" in folders,
        folders[-1:] == ["drafts"],
    )
    return any(marks)


def _lower_texts(about: dict[str, Any], *fields: str) -> set[str]:
    return {text_of(about, field).lower() for field in fields}


def _is_repository_file(file: CandidateFile, site: StaticSite) -> bool:
    """Say if it is about the folder rather than in it, or a drawing of Obsidian."""
    if file.name.endswith(".excalidraw"):
        return True
    # Among notes "Security.md" is a note, README.md is not.
    if site.software == "obsidian" and not file.name.isupper():
        return False
    return split_language(site, file.name)[0].lower() in _REPOSITORY_FILES


def _is_site_page(file: CandidateFile, site: StaticSite, *, is_dated: bool) -> bool:
    """Say if it is a page such as "about", by its name; where the software keeps pages
    beside posts, by its place too, unless it is dated."""
    if site.software in ("obsidian", "plain"):
        return False
    stem = split_language(site, file.name)[0].lower()
    if site.software in ("hugo", "eleventy") and not is_dated:
        below = file.path.lower().removeprefix(site.content[0].strip("/").lower())
        folders = below.strip("/").split("/")[:-1]
        if not FOLDERS.isdisjoint(folders):
            return True
        if stem == "index" and folders:  # a bundle: the folder is the page
            stem = folders.pop()
        if not folders or stem in FIXED:
            return True
    return stem in NEVER_POSTS - {"index"}
