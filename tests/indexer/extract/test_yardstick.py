"""The yardstick of extraction: whole posts of four real blogs, against html5lib as an
independent reader.

Measured over every post: the words of the article's element that come out in order
(recall), the words that come out and stand in it (precision), display formulas and
preformatted blocks that survive verbatim. To see the table, run
``python tests/indexer/extract/test_yardstick.py``.
"""

import difflib
import re
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import html5lib
import pytest

from indexer.extract.article import extract_page

ARCHIVES = Path(__file__).parents[4] / "shared" / "archives"
SHARE = 0.97
WORD = re.compile(r"\w+")
FORMULA = re.compile(r"\$\$(?:(?!\$\$|\n\s*\n).)+\$\$", re.S)
# A displayed formula; none goes on past its block, as a stray $$ in one post would pair
# with the next.
BLOCKS = (
    "p",
    "div",
    "li",
    "td",
    "th",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "br",
    "pre",
    "table",
    "ul",
    "ol",
)


@dataclass(frozen=True)
class Site:
    """Where a blog keeps its posts, the element that holds one, and what in it is not
    the article."""

    name: str
    pages: str
    body: tuple[str, str]
    outside: tuple[tuple[str, str], ...]
    posts: int
    # The class of the lede above the element: the author's too, it may come out or not.
    lede: str = ""


SITES = (
    Site(
        "lilianweng", r"posts/\d{4}-.*/index\.html", ("class", "post-content"), (), 52
    ),
    Site(
        "ruder",
        r"(?!faq|nlp-news|about|contact)[^/]+/index\.html",
        ("class", "post-content"),
        (),
        44,
        "post-full-custom-excerpt",
    ),
    Site(
        "keras-blog",
        r"(?!index)[^/]+\.html",
        ("class", "entry-content"),
        (("class", "post-info"),),
        8,
    ),
    Site(
        "bastibe",
        r"\d{4}-\d\d-\d\d-.*\.html",
        ("id", "content"),
        (
            ("class", "post-date"),
            ("class", "post-title"),
            ("class", "taglist"),
            ("id", "comments"),
        ),
        137,
    ),
)


@dataclass(frozen=True)
class Measured:
    page: str
    recall: float
    precision: float
    formulas: tuple[int, int]
    code: tuple[int, int]


def is_marked(element, mark):
    return mark[1] in (element.get(mark[0]) or "").split()


def reference_text(element, outside):
    """The text below an element, without scripts, and without KaTeX's renderings beside
    its TeX."""
    if not isinstance(element.tag, str) or element.tag in (
        "script",
        "style",
        "noscript",
        "svg",
    ):
        return ""
    if any(is_marked(element, mark) for mark in (*outside, ("class", "katex-html"))):
        return ""
    children = list(element)
    if element.tag.endswith("semantics"):
        children = [c for c in children if c.tag.endswith("annotation")]
    edge = "\n\n" if element.tag in BLOCKS else ""
    inner = "".join(reference_text(c, outside) + (c.tail or "") for c in children)
    return edge + (element.text or "") + inner + edge


def in_order(one, other):
    """How many words two lists share in the same order."""
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


def read(site, page):
    with zipfile.ZipFile(ARCHIVES / f"{site.name}.zip") as archive:
        return archive.read(page)


def measure(site, page):
    """None for a page that is no post."""
    received = read(site, page)
    if site.body[1].encode() not in received:
        return None
    tree = html5lib.parse(
        received, namespaceHTMLElements=False, transport_encoding="utf-8"
    )
    body = next((e for e in tree.iter() if is_marked(e, site.body)), None)
    if body is None:
        return None
    expected = reference_text(body, site.outside)
    ledes = [
        " ".join("".join(element.itertext()).split())
        for element in tree.iter()
        if site.lede and is_marked(element, ("class", site.lede))
    ]
    blocks = extract_page(received, f"https://example.org/{page}").blocks
    text = "\n\n".join(block.text for block in blocks if block.text not in ledes)
    wanted, got = WORD.findall(expected), WORD.findall(text)
    shared = in_order(wanted, got)
    formulas = FORMULA.findall(expected)
    code = [
        t for e in body.iter("pre") if (t := "".join(e.itertext()).strip("\n").rstrip())
    ]
    return Measured(
        page,
        shared / max(1, len(wanted)),
        shared / max(1, len(got)),
        (sum(f in text for f in formulas), len(formulas)),
        (sum(c in text for c in code), len(code)),
    )


def measure_site(site):
    with zipfile.ZipFile(ARCHIVES / f"{site.name}.zip") as archive:
        names = sorted({n.removeprefix("./") for n in archive.namelist()})
    pages = [n for n in names if re.fullmatch(site.pages, n)]
    with ProcessPoolExecutor(2) as pool:
        measured = pool.map(measure, [site] * len(pages), pages, chunksize=4)
        return [m for m in measured if m is not None]


@pytest.mark.skipif(
    not ARCHIVES.is_dir(), reason="the archived blogs (../shared/archives) are not here"
)
@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_every_post_comes_out_whole(site):
    measured = measure_site(site)
    assert len(measured) == site.posts
    assert [m for m in measured if m.recall < SHARE] == []
    assert [m for m in measured if m.precision < SHARE] == []
    for kind in ("formulas", "code"):
        kept = sum(getattr(m, kind)[0] for m in measured)
        assert kept >= SHARE * sum(getattr(m, kind)[1] for m in measured), kind
        assert [
            m for m in measured if getattr(m, kind)[0] < SHARE * getattr(m, kind)[1]
        ] == []


def print_table():
    print("site         posts  recall min/mean  precision min/mean  formulas     pre")
    for site in SITES:
        ms = measure_site(site)
        recall, precision = [m.recall for m in ms], [m.precision for m in ms]
        formulas = [sum(c) for c in zip(*(m.formulas for m in ms), strict=True)]
        code = [sum(c) for c in zip(*(m.code for m in ms), strict=True)]
        print(
            f"{site.name:12} {len(ms):5}  {min(recall):.4f} / {sum(recall) / len(ms):.4f}"
            f"  {min(precision):.4f} / {sum(precision) / len(ms):.4f}"
            f"     {formulas[0]}/{formulas[1]}  {code[0]}/{code[1]}"
        )
        for m in ms:
            if (
                min(m.recall, m.precision) < SHARE
                or m.formulas[0] < m.formulas[1]
                or m.code[0] < m.code[1]
            ):
                print("   ", m)


if __name__ == "__main__":
    print_table()
