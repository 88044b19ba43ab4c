"""The tree of a page, repaired as browsers repair it.

The only door to selectolax. Its HTML5 parser nests what is left unclosed as browsers
do; lxml, which trafilatura uses, does not, and loses most of an article behind one
unclosed ``<figure>``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Elements nested deeper hang on their ancestor at this depth: no text is lost and no
# stack overflows. Chromium stops at 512; the deepest page of the archives at hand has
# 22 levels.
MAX_DEPTH = 150
MOST_CLASSES = 40  # of one element; more are generated, not names
# Elements whose text is not shown: it counts towards no element's size.
UNSEEN = frozenset(["script", "style", "noscript", "template"])


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
    def around(self) -> Element:
        """The element around it, itself for the root of a tree."""
        return self.parent or self

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

    @property
    def unlinked(self) -> int:
        """Characters of its text outside links."""
        return self.size - self.linked

    def elements(self, *tags: str) -> Iterator[Element]:
        """Yield itself and the elements below it in document order, of ``tags`` only
        where any are given."""
        stack = [self]
        while stack:
            element = stack.pop()
            if not tags or element.tag in tags:
                yield element
            # not child_elements: articles spend most of their time in this loop
            below = element.children[::-1]
            stack += [child for child in below if not isinstance(child, str)]

    def values(self, tag: str, attribute: str) -> Iterator[str]:
        """Return an attribute of all elements of one tag, "" for those without it."""
        return (element.get(attribute) for element in self.elements(tag))

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

    def contains(self, other: Element) -> bool:
        """Tell whether another element is this one or stands below it."""
        return self in (other, *other.ancestors())

    def remove(self) -> None:
        """Take it out of the element around it."""
        around = self.around
        around.children = [node for node in around.children if node is not self]
        self.parent = None

    def measure(self) -> None:
        """Set ``size`` and ``linked`` here and below."""
        for element in reversed(list(self.elements())):
            element._add_up()

    def _add_up(self) -> None:
        below = self.child_elements
        self.size = sum(map(attrgetter("size"), below))
        self.linked = sum(map(attrgetter("linked"), below))
        if self.tag not in UNSEEN:
            self.size += visible_length("".join(self.own_texts))
        if self.tag == "a" and "href" in self.attrs:
            self.linked = self.size


def visible_length(text: str) -> int:
    """Count the characters of a text that are no white space."""
    return len("".join(text.split()))


def parse_html(html: str) -> Element:
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
        node = child or _next_node(node, open_elements)
    return root


def _next_node(node: LexborNode, open_elements: list[Element]) -> LexborNode | None:
    """Return the node after this one's end; close the elements that end with it."""
    here: LexborNode | None = node
    while here is not None and here.next is None:
        here = here.parent
        open_elements.pop()
        if not open_elements:
            return None
    if here is not None:
        return here.next
    return None


def _attributes(node: LexborNode) -> dict[str, str]:
    return {name: value or "" for name, value in node.attributes.items()}
