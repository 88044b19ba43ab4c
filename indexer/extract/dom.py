"""The tree of a page, repaired as browsers repair it.

The only door to selectolax. Its HTML5 parser nests what is left unclosed as browsers
do; lxml, which trafilatura uses, does not, and loses most of an article behind one
unclosed ``<figure>``.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Elements nested deeper hang on their ancestor at this depth: no text is lost and no
# stack overflows. Chromium stops at 512; the deepest page of the archives at hand has
# 22 levels.
MAX_DEPTH = 150
MOST_CLASSES = 40  # of one element; more are generated, not names
# Elements whose text is not shown: it counts towards no element's size.
UNSEEN = frozenset(["script", "style", "noscript", "template"])

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
    """An element of a page; its children are elements and texts in order.

    ``size`` counts the characters of its text without white space, ``linked`` those of
    them inside links. Both are 0 until ``measure`` is called.
    """

    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    parent: Element | None = field(default=None, repr=False)
    children: list[Element | str] = field(default_factory=list)
    size: int = 0
    linked: int = 0

    def get(self, name: str) -> str:
        """Return an attribute's value, "" where there is none."""
        return self.attrs.get(name, "")

    @property
    def classes(self) -> list[str]:
        return self.get("class").split()

    @property
    def names(self) -> list[str]:
        """Its classes and its id, as written."""
        return self.classes[:MOST_CLASSES] + self.get("id").split()[:1]

    @property
    def child_elements(self) -> list[Element]:
        return [child for child in self.children if not isinstance(child, str)]

    @property
    def own_texts(self) -> list[str]:
        """The texts that stand in it directly."""
        return [child for child in self.children if isinstance(child, str)]

    @property
    def raw_text(self) -> str:
        """All text below it as written."""
        return "".join(self.texts())

    @property
    def text(self) -> str:
        """All text below it on one line, a space between the texts of two elements."""
        return " ".join(" ".join(self.texts()).split())

    def elements(self, *tags: str) -> Iterator[Element]:
        """Yield itself and the elements below it in document order, of ``tags`` only
        where any are given."""
        stack = [self]
        while stack:
            element = stack.pop()
            if not tags or element.tag in tags:
                yield element
            stack += reversed(element.child_elements)

    def first(self, *tags: str) -> Element | None:
        return next(self.elements(*tags), None)

    def has(self, *tags: str) -> bool:
        """Tell whether it or an element below it has one of these tags."""
        return self.first(*tags) is not None

    def texts(self) -> Iterator[str]:
        """Yield every text below it in document order."""
        stack: list[Element | str] = [self]
        while stack:
            node = stack.pop()
            if isinstance(node, str):
                yield node
            else:
                stack += reversed(node.children)

    def ancestors(self) -> Iterator[Element]:
        """Yield the elements around it, the innermost first."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    def measure(self) -> None:
        """Set ``size`` and ``linked`` here and below."""
        for element in reversed(list(self.elements())):
            element._add_up()

    def _add_up(self) -> None:
        below = self.child_elements
        self.size = sum(child.size for child in below)
        if self.tag not in UNSEEN:
            self.size += sum(map(visible_length, self.own_texts))
        self.linked = sum(child.linked for child in below)
        if self.tag == "a" and "href" in self.attrs:
            self.linked = self.size


def visible_length(text: str) -> int:
    """Count the characters of a text that are no white space."""
    return len("".join(text.split()))


def parse(html: str) -> Element:
    """Build the tree of a page from its ``html`` element down, without comments."""
    root = Element("html")
    top = LexborHTMLParser(html).root
    if top is None:
        return root
    root.attrs = _attributes(top)
    open_elements = [root]
    node = top.first_child
    while node is not None:
        parent = open_elements[-1]
        child = None
        if node.is_text_node:
            parent.children.append(node.text_content or "")
        elif node.is_element_node:
            element = Element(node.tag or "", _attributes(node), parent)
            parent.children.append(element)
            child = node.first_child
            if child is not None:
                is_too_deep = len(open_elements) >= MAX_DEPTH
                open_elements.append(parent if is_too_deep else element)
        node = child or _following(node, open_elements)
    return root


def _following(node: LexborNode, open_elements: list[Element]) -> LexborNode | None:
    """Return the node after this one's end; close the elements that end with it."""
    here: LexborNode | None = node
    while here is not None and here.next is None:
        here = here.parent
        open_elements.pop()
        if not open_elements:
            return None
    return here.next if here is not None else None


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}
