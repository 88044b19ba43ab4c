"""The text of an article on disk or in an export, when it is its turn.

Reads the file; meant for a worker process.
"""

from __future__ import annotations

import errno
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
from indexer.fetch.local_files import path_of, read_regular
from indexer.local import saved_pages
from indexer.local.mail.message import SOFTWARE
from indexer.local.mail.read import read_stored_mail
from indexer.local.post_fields import HTML_ROOTS, read_fields
from indexer.local.posts import LARGEST, is_binary
from indexer.local.slugs import without_date
from indexer.local.template_markup import Syntax, strip_template_markup
from indexer.local.walk import DOCUMENTS, HTML, MARKDOWN
from indexer.local.wpautop import wordpress_html
from indexer.records import Item
from indexer.text.encoding import decode
from indexer.text.markdown import render_markdown
from indexer.text.markup import legal, root_of

_SYNTAXES: dict[str, Syntax] = {
    "jekyll": "liquid",
    "eleventy": "liquid",
    "hugo": "hugo",
    "obsidian": "obsidian",
}


def read_local_article(item: Item) -> ExtractedArticle:
    """Return the whole article.

    Raises ExtractError with a sentence where its file can't be read any more.
    """
    if item.software == saved_pages.SOFTWARE:
        html = item.content.encode("utf-8", "replace")
        found = extract_page(html, item.url, charset="utf-8")
    elif item.file:
        found = _read_stored_file(item)
    else:
        return _read_content(item)
    # "noindex" is meant for others' search engines, not for one's own.
    found = replace(found, url=item.url, noindex=False)
    # the person who saved a page may have paid for it, but has saved one page
    whole = bool(found.blocks) and not found.next_page
    return extracted(found, found.blocks, whole=whole)


def _read_content(item: Item) -> ExtractedArticle:
    html = item.content
    if item.software == "wordpress":
        html = wordpress_html(html)
    blocks = extract_fragment(html, item.url) if html else ()
    return extracted(Extraction(item.url, blocks=blocks), blocks, whole=bool(blocks))


def _read_stored_file(item: Item) -> Extraction:
    if item.software == SOFTWARE:
        return read_stored_mail(item)
    body = _bytes(item)
    ending = f".{item.file.rpartition('.')[2].lower()}"
    # By what it is, not by its name: browsers save MHTML as .htm too.
    if saved_pages.is_mhtml(body):
        page, charset = saved_pages.mhtml_page(body)
        page = saved_pages.without_embedded_files(page)
        return extract_page(page, item.url, charset=charset)
    if ending in DOCUMENTS:
        document = read_document(body, item.file)
        if document is None:
            raise ExtractError(
                f"The file is named {ending}, but it can't be read as one."
            )
        return document
    if is_binary(body):
        raise ExtractError("It is named as a text, but holds something else.")
    text = legal(decode(body))
    if ending in HTML and root_of(text) in HTML_ROOTS:
        return extract_page(saved_pages.without_embedded_files(body), item.url)
    if len(text) > LARGEST_TEXT:
        raise ExtractError(
            f"It is a text of {len(text):,} characters; more than {LARGEST_TEXT:,} are "
            "not read."
        )
    return _read_text(item, text, ending)


def _read_text(item: Item, text: str, ending: str) -> Extraction:
    front = read_fields(text, ending)
    if ending in MARKDOWN | HTML:
        found = _read_markup(item, front.text, ending, front.about)
    else:
        body = front.text.encode("utf-8", "replace")
        found = read_text(body, item.file, charset="utf-8")
    name = file_title(item.file)
    # A file without a title or a heading is called by its name.
    if found.title == name:
        return replace(found, title=_title_from_name(name))
    return found


def _read_markup(
    item: Item, text: str, ending: str, fields: dict[str, object]
) -> Extraction:
    source = strip_template_markup(text, _SYNTAXES.get(item.software, "plain"))
    if ending in HTML:
        html = source
    else:
        html = render_markdown(source)
    wanted = ("title", "lang", "language")
    about = {key: value for key, value in fields.items() if key in wanted}
    return with_front_matter(item.file, extract_fragment(html, item.url), about)


def _title_from_name(name: str) -> str:
    """A file's name as a title: ``2019-05-03-on-bread`` as "On bread"."""
    title = without_date(name)
    # Hyphens between words of a capitalized title are meant.
    is_slug = "-" in title and title == title.lower()
    if is_slug or (title != name and " " not in title):
        title = title.replace("-", " ").replace("_", " ")
        return title[:1].upper() + title[1:]
    return title


def _bytes(item: Item) -> bytes:
    try:
        body, _ = read_regular(path_of(item.file), LARGEST)
    except OSError as error:
        if error.errno == errno.EFBIG:
            message = f"The file is larger than {LARGEST >> 20} MiB."
            raise ExtractError(message) from error
        raise ExtractError(f"The file can't be read: {error.strerror}.") from error
    return body
