"""The text of an article on disk, when it is its turn. Reads the file; meant for a
worker process."""

from __future__ import annotations

from dataclasses import replace

from indexer.documents.dispatch import read_document
from indexer.documents.plain_text import LARGEST as LARGEST_TEXT
from indexer.documents.plain_text import file_title, read_text, with_front_matter
from indexer.documents.read_page import ExtractedArticle, extracted
from indexer.extract.article import (
    Extraction,
    extract_fragment,
    extract_page,
)
from indexer.extract.page import ExtractError
from indexer.fetch.local_files import path_of
from indexer.local import saved_pages as saved
from indexer.local.permalinks import DATED_NAME
from indexer.local.posts import LARGEST, fields_of
from indexer.local.template_markup import Style, readable
from indexer.local.walk import DOCUMENTS, HTML, MARKDOWN
from indexer.local.wpautop import as_html
from indexer.records import Item
from indexer.text.encoding import decode
from indexer.text.markdown import render_markdown
from indexer.text.markup import legal, root_of

_STYLES: dict[str, Style] = {
    "jekyll": "liquid",
    "eleventy": "liquid",
    "hugo": "hugo",
    "obsidian": "obsidian",
}


def read_stored(item: Item) -> ExtractedArticle:
    """The whole article. Raises ExtractError with a sentence where its file can't be
    read any more."""
    if not item.file:
        html = as_html(item.content) if item.software == "wordpress" else item.content
        blocks = extract_fragment(html, item.url) if html else ()
        return extracted(
            Extraction(item.url, blocks=blocks), blocks, whole=bool(blocks)
        )
    found = _read(item)
    # that is meant for others' search engines, not for one's own
    found = replace(found, url=item.url, noindex=False)
    return extracted(found, found.blocks, whole=bool(found.blocks))


def _read(item: Item) -> Extraction:
    body = _bytes(item)
    ending = f".{item.file.rpartition('.')[2].lower()}"
    if saved.is_mhtml(body):
        page, charset = saved.page_of(body)
        return extract_page(saved.without_pictures(page), item.url, charset=charset)
    if ending in DOCUMENTS:
        document = read_document(body, item.file)
        if document is None:
            raise ExtractError(
                f"The file is named {ending}, but it can't be read as one."
            )
        return document
    if b"\x00" in body[:4096] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ExtractError("It is named as a text, but holds something else.")
    text = legal(decode(body))
    if ending in HTML and root_of(text) in ("html", "head", "body"):
        return extract_page(saved.without_pictures(body), item.url)
    if len(text) > LARGEST_TEXT:
        raise ExtractError(
            f"It is a text of {len(text):,} characters; more than {LARGEST_TEXT:,} are not read."
        )
    return _of_text(item, text, ending)


def _of_text(item: Item, text: str, ending: str) -> Extraction:
    front = fields_of(text, ending)
    style = _STYLES.get(item.software, "plain")
    about = {
        key: value
        for key, value in front.about.items()
        if key in ("title", "lang", "language")
    }
    if ending in MARKDOWN or ending in HTML:
        source = readable(front.text, style)
        html = source if ending in HTML else render_markdown(source)
        found = with_front_matter(item.file, extract_fragment(html, item.url), about)
    else:
        found = read_text(
            front.text.encode("utf-8", "replace"), item.file, charset="utf-8"
        )
    named = file_title(item.file)
    return replace(found, title=_words(named)) if found.title == named else found


def _words(name: str) -> str:
    """A file's name as a title: ``2019-05-03-on-bread`` as "On bread"."""
    bare = DATED_NAME.sub("", name, count=1) or name
    if (" " not in bare and bare != name) or ("-" in bare and bare == bare.lower()):
        bare = bare.replace("-", " ").replace("_", " ")
        return bare[:1].upper() + bare[1:]
    return bare


def _bytes(item: Item) -> bytes:
    path = path_of(item.file)
    try:
        if path.stat().st_size > LARGEST:
            raise ExtractError(f"The file is larger than {LARGEST >> 20} MiB.")
        return path.read_bytes()
    except OSError as error:
        raise ExtractError(f"The file can't be read: {error.strerror}.") from error
