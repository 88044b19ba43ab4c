"""The removal of what stands around an article: menus, margins, comments, buttons.

Goes by tag, name and shape. Names are compared word by word (``post-meta`` is *post*,
*meta*), and nothing that makes up much of the page goes by its name alone.
"""

from __future__ import annotations

import re
from itertools import chain
from operator import attrgetter

from indexer.extract.body import theme_names
from indexer.extract.body.remarks import remarks_in
from indexer.extract.body.theme_names import is_named, terms_of, words_in_name
from indexer.extract.dom import Element
from indexer.extract.math import formula_of
from indexer.text.markup import word_set

# The share of a page's text from which no name but that of comments is believed.
MUCH = 0.4
# Characters up to which a box may be boilerplate if its name is also used for content
# (meta, author, date).
SHORT = 700
# Characters outside links from which a box has sentences: about two of them.
SENTENCES = 120
# Characters of prose from which a box is no boilerplate by a word in its name alone
# (Readability keeps what holds 500, white space counted), and the most of its text that may be links.
PROSE = 350
_LINKED_PROSE = 0.25
# Characters up to which an inline element may be an aid to navigation.
LONGEST_AID = 40
# The share of an aside's characters in links from which it is no remark on the text.
_LINKED_ASIDE = 0.3
# The share of a list's characters, and of its links, that lead to places in the page
# from which it is a table of contents; and the fewest links of one.
_CONTENTS_SHARE = 0.9
_FEWEST_CONTENTS = 3

# Elements that are never text of an article.
_NEVER_TEXT = word_set(
    """
    style noscript template iframe object embed svg canvas video audio map dialog
    button select textarea input datalist progress meter label
    """
)
# ARIA roles of what stands around the content of a page.
_MARGIN_ROLES = frozenset(["navigation", "search", "contentinfo", "banner"])
# Elements in running text, which name words and no parts of a page.
_INLINE = word_set(
    """
    a abbr b bdi cite code del dfn em font i ins kbd mark q s samp small strong sub sup u var
    """
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
# Elements of text: their ids are made of its words, so only classes count.
_TEXTUAL = frozenset(
    [*_HEADINGS, "p", "li", "td", "th", "dt", "dd", "pre", "blockquote", "table", "tr"]
)
# Elements that are content even where they are small and named like metadata.
_CELLS = frozenset(["td", "th", "tr", "dt", "dd", "pre", "table"])
_WHOLE = frozenset(["pre", "math", *_HEADINGS])  # nothing is taken out of these
_QUOTATIONS = frozenset(["blockquote", "figure", "q"])  # their footer names the source
_ROOTS = frozenset(["html", "body", "main"])

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# An element's role and names that say that it is footnotes.
_FOOTNOTES = re.compile(r"doc-endnotes;|.*;.*footnote", re.I)
# The address of a section in the page, not that of a footnote or a reference.
_PLACE_IN_PAGE = re.compile(r"(?!#(?:fn|cite|ref))[^#]*#")
_NONE: frozenset[str] = frozenset()
_AIDS = theme_names.BOILERPLATE_PHRASES
_OUTSIDE = theme_names.BOILERPLATE | theme_names.BOILERPLATE_PHRASES
_INSIDE = _OUTSIDE - theme_names.AMBIGUOUS
_SMALL = theme_names.SMALL | theme_names.SMALL_PHRASES
_COMMENTS = theme_names.COMMENTS | theme_names.COMMENT_PHRASES


def remove_unquotable(root: Element) -> None:
    """Take out what a page asks not to be shown beside a result (data-nosnippet)."""
    for element in list(root.elements()):
        if "data-nosnippet" in element.attrs:
            element.remove()


def remove_comments(root: Element, keep: Element | None = None) -> None:
    """Take out readers' comments, however much of the page they are; ``keep`` and what
    contains it stay. Sizes must be measured, and are measured again."""
    kept = _path_to(keep)
    stack = [root]
    while stack:
        element = stack.pop()
        removed = remarks_in(element) - kept
        for child in element.child_elements:
            if id(child) not in kept and _is_comments(child):
                removed.add(id(child))
            elif id(child) not in removed:
                stack.append(child)
        if removed:
            element.children = [c for c in element.children if id(c) not in removed]
    root.measure()


def _path_to(keep: Element | None) -> set[int]:
    """Return the ids (Python's) of an element and of those around it."""
    if keep is None:
        return set()
    return {id(keep), *map(id, keep.ancestors())}


def remove_boilerplate(root: Element, keep: Element | None = None) -> None:
    """Take out what is not part of any article; ``keep`` and what contains it stay.

    Inside ``keep`` fewer names are believed: page builders and writers use them for
    content too.
    """
    kept = _path_to(keep)
    root.measure()
    total = max(root.size, 1)
    stack = [(root, False)]
    while stack:
        element, inside = stack.pop()
        inside |= element is keep
        removed = set()
        for child in element.child_elements:
            is_free = id(child) not in kept
            if is_free and _is_boilerplate(child, total, inside=inside):
                removed.add(id(child))
            elif child.tag not in _WHOLE:
                stack.append((child, inside))
        element.children = [c for c in element.children if id(c) not in removed]
    root.measure()


def _is_boilerplate(element: Element, total: int, *, inside: bool) -> bool:
    tag = element.tag
    if tag in _NEVER_TEXT:
        return True
    if tag == "script":
        return not element.get("type").lower().startswith("math/")
    if tag in _ROOTS:
        return False
    if tag.startswith("mjx-") or formula_of(element) is not None:
        return False
    is_much = element.size >= MUCH * total
    if tag == "nav" or element.get("role") in _MARGIN_ROLES:
        return not is_much
    if is_much and _has_sentences(element):
        return False
    by_tag, table = _TAGS, _OUTSIDE
    if inside:
        by_tag, table = _INSIDE_TAGS, _INSIDE
    if tag in by_tag and by_tag[tag](element):
        return True
    if _is_hidden(element):
        return True
    return not _is_prose(element) and _has_boilerplate_name(element, table)


def _is_prose(element: Element) -> bool:
    """Tell whether a box holds so much prose that its name can't make it boilerplate."""
    if element.unlinked < PROSE or element.linked > _LINKED_PROSE * element.size:
        return False
    paragraphs = element.elements("p", "blockquote", "pre")
    prose: int = sum(map(attrgetter("unlinked"), paragraphs))
    return prose >= PROSE


def _has_sentences(element: Element) -> bool:
    """Tell whether sentences stand in a box, and not only links, dates and labels."""
    paragraphs = list(element.elements("p", "blockquote", "pre", "td"))
    paragraphs += filter(_is_box_of_text, element.elements("div", "section"))
    unlinked: int = sum(map(attrgetter("unlinked"), paragraphs))
    return unlinked > SENTENCES


def _is_box_of_text(box: Element) -> bool:
    return sum(map(len, map(str.strip, box.own_texts))) > SENTENCES


def _is_hidden(element: Element) -> bool:
    if element.get("role") == "tabpanel":
        return False
    if "hidden" in element.attrs or _HIDDEN_STYLE.search(element.get("style")):
        return not element.has("math", "script")
    is_for_eyes_only = element.get("aria-hidden") == "true"
    return is_for_eyes_only and element.tag not in ("pre", "code", "a")


def _is_small_form(form: Element) -> bool:
    return form.size < SHORT


def _is_margin_footer(footer: Element) -> bool:
    if footer.around.tag in _QUOTATIONS:
        return False
    elements = map(_role_and_names, footer.elements())
    return not any(map(_FOOTNOTES.match, elements))


def _is_header(header: Element) -> bool:
    return header.unlinked < SHORT and header.has("h1", "time")


def _is_header_inside(header: Element) -> bool:
    return header.unlinked < SHORT and header.has("time")


def _role_and_names(element: Element) -> str:
    return ";".join([element.get("role"), *element.names, ""])


def _is_foreign_aside(aside: Element) -> bool:
    """Tell whether an aside is no remark on the text."""
    words = chain.from_iterable(map(words_in_name, aside.names))
    signs = (
        aside.size < SENTENCES,
        aside.linked > aside.size * _LINKED_ASIDE,
        aside.has("time"),
    )
    return theme_names.NOTES.isdisjoint(words) and any(signs)


def _is_comments(element: Element) -> bool:
    if element.tag in _INLINE or element.tag in _TEXTUAL:
        return False
    return is_named(_trusted_names(element), _COMMENTS)


def _has_boilerplate_name(element: Element, table: frozenset[str]) -> bool:
    tag = element.tag
    if tag in _INLINE:
        # "skip to content", "Copy": only screen readers or a mouse find them
        return element.size < LONGEST_AID and is_named(element.names, _AIDS)
    if tag in _CELLS or element.size >= SHORT:
        small = _NONE
    else:
        small = _SMALL
    is_believed = tag not in _TEXTUAL or element.size < SHORT / 2
    for terms in map(terms_of, _trusted_names(element)):
        if not terms.isdisjoint(table):
            return is_believed
        if not terms.isdisjoint(small):
            return True
    return False


def _trusted_names(element: Element) -> list[str]:
    """Return the classes, and the id where it isn't made from the words of a heading
    (``id="related-work"``)."""
    if element.tag in _TEXTUAL:
        return element.classes
    slug = "".join(words_in_name(element.get("id")))
    if not slug:
        return element.names
    heading = element.first(*_HEADINGS)
    if heading is None:
        return element.names
    letters = "".join(filter(str.isalnum, heading.text.lower()))
    if slug in letters:
        return element.classes
    return element.names


def is_contents_list(element: Element) -> bool:
    """Tell whether a list is a table of contents: its items only point at places in
    this page."""
    if element.linked < max(1, element.size * _CONTENTS_SHARE):
        return False
    targets = list(element.values("a", "href"))
    fewest = max(_FEWEST_CONTENTS, len(targets) * _CONTENTS_SHARE)
    return len(list(filter(_PLACE_IN_PAGE.match, targets))) >= fewest


# What elements of these tags are judged by beside their names; inside an article a
# heading does not make a header of the page.
_TAGS = {
    "form": _is_small_form,
    "footer": _is_margin_footer,
    "header": _is_header,
    "aside": _is_foreign_aside,
    "ul": is_contents_list,
    "ol": is_contents_list,
}
_INSIDE_TAGS = {**_TAGS, "header": _is_header_inside}
