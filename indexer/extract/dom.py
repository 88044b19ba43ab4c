"""Bytes of a page → a small tree of our own, repaired as a browser would.

The only ``import selectolax``. Its HTML5 parser nests what is left unclosed as browsers
do; lxml, which trafilatura uses, does not, and loses most of an article behind one
unclosed ``<figure>``.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_DEPTH = 150
"""Elements nested deeper hang on their ancestor at this depth: no text is lost, no
stack overflows. Chromium stops at 512; the deepest page of the archives at hand needs
22."""

UNSEEN = frozenset(["script", "style", "noscript", "template"])
"""Elements whose text is not shown, and does not count towards anything's size."""

PRESCAN_BYTES = 4096
"""How far into a page its own charset is looked for; browsers read 1,024, pages in the
wild break that."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_META_CHARSET = re.compile(
    rb"""<(?:meta[^>]*?charset|\?xml[^>]*?encoding)\s*=\s*["']?\s*([\w:.-]+)""", re.I
)

# https://encoding.spec.whatwg.org/#names-and-labels: what browsers read under these
# names.
_AS_BROWSERS_READ = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874",
    "tis-620": "cp874", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949",
    "big5": "big5hkscs", "utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8", "utf-7": "cp1252",
}  # fmt: skip
_LABELS = {"x-sjis": "cp932", "windows-31j": "cp932", "ks_c_5601-1987": "cp949", "x-gbk": "gb18030",
           "unicode": "utf-8", "utf8mb4": "utf-8", "x-user-defined": "cp1252"}  # fmt: skip


def _read_as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are wrong in the page's encoding are read as browsers read unlabelled
    ones."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    text = "".join(_WINDOWS_1252[byte] for byte in wrong)
    return text, error.end


_WINDOWS_1252 = [bytes([b]).decode("cp1252", "ignore") or chr(b) for b in range(256)]
codecs.register_error("windows-1252-bytes", _read_as_windows_1252)

# Control characters say nothing in a page, and some of them are our own marks further
# on.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]+")


def decode(body: bytes, charset: str = "") -> str:
    """The text of a page, by byte order mark, HTTP charset, its own word, UTF-8, then
    windows-1252.

    One step beyond browsers: bytes that are valid UTF-8 are read so even where a Latin
    charset is claimed, as text that decodes by chance does not occur; and no byte
    becomes U+FFFD.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return _cleaned(body[len(mark) :].decode(name, "replace"))
    try:
        utf8 = body.decode("utf-8")
    except UnicodeDecodeError:
        utf8 = None
    declared = _python_codec(charset) or _python_codec(_declared_in(body))
    if utf8 is not None and (
        body.isascii() or declared in ("", "utf-8", "cp1252", "cp1254")
    ):
        return _cleaned(utf8)
    return _cleaned(body.decode(declared or "cp1252", "windows-1252-bytes"))


def _declared_in(body: bytes) -> str:
    found = _META_CHARSET.search(body[:PRESCAN_BYTES])
    return found.group(1).decode("ascii", "ignore") if found else ""


def _python_codec(label: str) -> str:
    """The codec for a charset's label, "" where there is none that decodes text."""
    label = label.strip().strip("\"'").lower()
    try:
        info = codecs.lookup(_LABELS.get(label, label)) if label else None
    except (LookupError, ValueError):
        info = None
    if info is None or not getattr(info, "_is_text_encoding", True):
        return ""
    return _AS_BROWSERS_READ.get(info.name, info.name)


def _cleaned(text: str) -> str:
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@dataclass(slots=True, eq=False)
class Element:
    """An element: its children are elements and texts in order.

    ``size`` is its text in characters without white space, ``linked`` how many of them
    are links.
    """

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    parent: Element | None = field(default=None, repr=False)
    children: list[Element | str] = field(default_factory=list)
    size: int = 0
    linked: int = 0

    def elements(self) -> Iterator[Element]:
        """Itself and every element below it, in document order."""
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            if element.children:
                stack += [c for c in element.children[::-1] if not isinstance(c, str)]

    def texts(self) -> Iterator[str]:
        """Every text below it, in document order."""
        stack: list[Element | str] = [self]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                yield node
            else:
                stack.extend(reversed(node.children))

    @property
    def raw_text(self) -> str:
        return "".join(self.texts())

    @property
    def text(self) -> str:
        """Its text on one line."""
        return " ".join(" ".join(self.texts()).split())

    @property
    def names(self) -> list[str]:
        """Its classes and its id, as written."""
        return [
            *self.attrs.get("class", "").split()[:40],
            *self.attrs.get("id", "").split()[:1],
        ]

    def ancestors(self) -> Iterator[Element]:
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    def remove(self) -> None:
        if self.parent is not None:
            self.parent.children = [c for c in self.parent.children if c is not self]
            self.parent = None

    def first(self, *tags: str) -> Element | None:
        return next((e for e in self.elements() if e.tag in tags), None)

    def measure(self) -> None:
        """Set size and linked here and below."""
        for element in reversed(list(self.elements())):
            element.size = element.linked = 0
            for child in element.children:
                if isinstance(child, str):
                    element.size += (
                        len("".join(child.split())) if element.tag not in UNSEEN else 0
                    )
                else:
                    element.size += child.size
                    element.linked += child.linked
            if element.tag == "a" and "href" in element.attrs:
                element.linked = element.size


def parse(html: str) -> Element:
    """The tree of a page, from its ``html`` element down; comments are left out."""
    root = Element("html")
    top = LexborHTMLParser(html).root
    if top is None:
        return root
    root.attrs = _attributes(top)
    below: list[Element] = [root]
    node = top.first_child
    while node is not None:
        parent = below[-1]
        child = None
        if node.is_text_node:
            parent.children.append(node.text_content or "")
        elif node.is_element_node:
            element = Element(node.tag or "", _attributes(node), parent)
            parent.children.append(element)
            child = node.first_child
            if child is not None:
                below.append(element if len(below) < MAX_DEPTH else parent)
        node = child if child is not None else _following(node, below)
    return root


def _following(node: LexborNode, below: list[Element]) -> LexborNode | None:
    """The node after this one's end, closing on the way the elements that end with
    it."""
    here: LexborNode | None = node
    while here is not None and here.next is None:
        here = here.parent
        below.pop()
        if not below:
            return None
    return here.next if here is not None else None


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}


def attribute(node: LexborNode | None, name: str) -> str:
    """The attribute's value, "" where there is no such node or attribute."""
    return (node.attributes.get(name) or "") if node is not None else ""
