"""Texts are set out by the kinds of their blocks, and nothing of them is lost."""

from __future__ import annotations

import re

import html5lib
import pytest
from flask import Flask, get_template_attribute
from hypothesis import given, settings
from hypothesis import strategies as st

from search.types import Highlight, ShownBlock
from tests.torture.scale import rounds
from tests.web.canned_engine import CODE, MATHS, TABLE, shown_blocks
from web import block_view
from web.block_view import ListBlock, QuoteBlock, TableBlock, block_views, runs_of

APP = Flask("web")


def text_of(view):
    return "".join(run.text for run in runs_of(view))


def shown(*parts):
    """A text of blocks, each (kind, text) or (kind, text, level, number), and these."""
    text, blocks = "", []
    for kind, words, *more in parts:
        start = len(text)
        text += words
        blocks.append(ShownBlock(start, len(text), kind, *more))
        text += "\n\n"
    return text.rstrip("\n"), blocks


def views(*parts):
    return block_views(*shown(*parts))


def nested(blocks):
    """Lists as tuples: items of a bulleted, numbers of a numbered one, lists within."""
    return [
        [(item.number or text_of_item(item), *nested(item.lists)) for item in one.items]
        for one in blocks
    ]


def text_of_item(item):
    return "".join(run.text for run in item.runs)


def rendered(found, **options):
    with APP.app_context():
        return str(get_template_attribute("blocks.html", "blocks")(found, **options))


def parsed(found, **options):
    html = html5lib.parse(rendered(found, **options), namespaceHTMLElements=False)
    return html.find("body")


def written(tree):
    """The words of a tree, formulas as the TeX that they were made of."""
    pieces = []

    def walk(element):
        if element.tag.endswith("}math"):
            pieces.append(f" ƒ{element.get('alttext')}ƒ ")
        else:
            pieces.append(element.text or "")
            for child in element:
                walk(child)
        pieces.append(element.tail or "")

    walk(tree)
    return "".join(pieces)


# Kinds


def test_each_kind_has_its_element():
    found = views(
        ("heading", "A heading", 2), ("paragraph", "Words.\nMore."), ("quote", "One."), ("quote", "Two."),
        ("code", "x = 1"), ("caption", "Figure 1"), ("math", "$$x^2$$"), ("table", "a | b\n1 | 2"),
        ("item", "An item", 1),
    )  # fmt: skip
    tree = parsed(found)
    assert [child.tag for child in tree] == [
        "p", "p", "blockquote", "pre", "p", "div", "div", "ul",
    ]  # fmt: skip
    classes = [child.get("class") for child in tree]
    assert classes == [
        "heading", "lines", None, None, "caption", "math", "table", "list",
    ]  # fmt: skip
    assert len(tree.findall("blockquote/p")) == 2
    assert tree.find("pre/code").text == "x = 1"
    assert tree.find(".//{*}math").get("display") == "block"


def test_blocks_without_words_and_space_at_their_ends_fall_away():
    text = "  One. \n\n \n\n\n    if x:\n        y\n\n"
    blocks = [
        ShownBlock(0, 7, "paragraph"),
        ShownBlock(7, 10, "item", 1),
        ShownBlock(10, len(text), "code"),
    ]
    assert [text_of(view) for view in block_views(text, blocks)] == [
        "One.",
        "    if x:\n        y",
    ]


@pytest.mark.parametrize(
    "blocks",
    [
        (),
        [ShownBlock(5, 9, "paragraph")],
        [ShownBlock(0, 99, "paragraph"), ShownBlock(3, 5, "code")],
        [ShownBlock(9, 20, "paragraph"), ShownBlock(2, 4, "paragraph")],
    ],
)
def test_what_no_block_covers_is_shown_all_the_same(blocks):
    text = "One.\n\nTwo.\n \nThree\nfour."
    found = block_views(text, blocks)
    assert "".join("".join(map(text_of, found)).split()) == "".join(text.split())


def test_nothing_is_guessed_from_the_text():
    text = "import x\nx.run()\n\n- la première ;\n- la deuxième"
    assert [view.kind for view in block_views(text, ())] == ["paragraph"] * 2
    assert [view.kind for view in block_views(CODE, shown_blocks(CODE))] == [
        "paragraph",
        "code",
    ]


def test_code_holds_no_formula_and_scrolls_where_a_phone_is_too_narrow():
    short, long = views(("code", "echo $x$ $y$"), ("code", "x = " + "1" * 60))
    assert [run.tex for run in short.runs] == [""]
    assert (short.is_wide, long.is_wide) == (False, True)
    tree = parsed([short, long], how="reader")
    assert [pre.get("tabindex") for pre in tree] == [None, "0"]
    assert [pre.get("tabindex") for pre in parsed([short, long])] == [None, None]


# Lists


@pytest.mark.parametrize(
    ("items", "lists"),
    [
        ([("a", 1), ("b", 1)], [[("a",), ("b",)]]),
        ([("a", 1), ("b", 2), ("c", 2), ("d", 1)], [[("a", [("b",), ("c",)]), ("d",)]]),
        ([("a", 2), ("b", 2), ("c", 1)], [[("a",), ("b",), ("c",)]]),
        ([("a", 3), ("b", 99)], [[("a", [("b",)])]]),
        ([("x", 1, 1), ("x", 1, 2), ("x", 1, 4)], [[(1,), (2,), (4,)]]),
        ([("x", 1, 1), ("x", 1, 2), ("x", 1, 1)], [[(1,), (2,)], [(1,)]]),
        ([("x", 1, 1), ("a", 2), ("x", 1, 2)], [[(1, [("a",)]), (2,)]]),
        ([("x", 1, 3), ("a", 1)], [[(3,)], [("a",)]]),
        ([("a", 0), ("b", 0)], [[("a",), ("b",)]]),
    ],
)
def test_items_are_nested_by_depth_and_parted_by_number(items, lists):
    found = views(*(("item", *item) for item in items))
    assert all(isinstance(one, ListBlock) for one in found)
    assert nested(found) == lists


def test_lists_are_those_of_html():
    tree = parsed(
        views(
            ("item", "x", 1, 3), ("item", "y", 1, 4), ("item", "in\nlines", 2), ("item", "z", 1, 9),
        )
    )  # fmt: skip
    (numbered,) = tree
    assert (numbered.tag, numbered.get("start")) == ("ol", "3")
    assert [item.get("value") for item in numbered] == [None, None, "9"]
    assert numbered[1].find("ul/li").get("class") == "lines"
    plain = parsed(views(("item", "x", 1, 1)))[0]
    assert (plain.tag, plain.get("start")) == ("ol", None)


# Tables


def table(text):
    (found,) = views(("table", text))
    assert isinstance(found, TableBlock)
    return [
        ["".join(run.text for run in cell) for cell in row]
        for row in ([found.header] if found.header else []) + list(found.rows)
    ], bool(found.header)


@pytest.mark.parametrize(
    ("text", "rows", "has_header"),
    [
        (TABLE, [["rate", "gradient", "loss"], ["0.1", "large", "diverges"], ["0.01", "fine", "falls"]], True),
        ("Model | Year\nELMo | 2018", [["Model", "Year"], ["ELMo", "2018"]], True),
        (" | en | de\nMT | 68.1 | 67.4", [["", "en", "de"], ["MT", "68.1", "67.4"]], True),
        ("MT | 68.1\nBag | 91.8", [["MT", "68.1"], ["Bag", "91.8"]], False),
        ("2018 | 2019\n1 | 2", [["2018", "2019"], ["1", "2"]], False),
        ("only | row", [["only", "row"]], False),
        ("one\ntwo", [["one"], ["two"]], False),
        ("a | b | c\nd\ne |  | \n", [["a", "b", "c"], ["d"], ["e", "", ""]], True),
        ("p | q\n$P(a | b)$ | \\(a|b\\)", [["p", "q"], ["$P(a | b)$", "\\(a|b\\)"]], True),
        ("a||b | c", [["a||b", "c"]], False),
    ],
)  # fmt: skip
def test_rows_are_lines_and_cells_parted_by_strokes(text, rows, has_header):
    assert table(text) == (rows, has_header)


def test_a_table_is_one_for_keyboards_and_readers_of_screens():
    tree = parsed(views(("table", TABLE)))
    (box,) = tree
    assert (box.get("tabindex"), box.get("role")) == ("0", "region")
    assert box.get("aria-label") == "Table"
    assert [cell.get("scope") for cell in box.findall(".//th")] == ["col"] * 3
    assert len(box.findall(".//tbody/tr")) == 2


def test_nothing_scrolls_where_only_a_few_lines_are_shown():
    tex = "+".join("abcdefghijklmnopqrstuvw")
    found = views(("table", TABLE), ("math", f"$${tex}$$"), ("paragraph", f"${tex}$"))
    assert len(list(parsed(found).iterfind(".//*[@tabindex]"))) == 3
    assert list(parsed(found, how="clamped").iterfind(".//*[@tabindex]")) == []


# Formulas and marks


def test_formulas_are_set_and_what_cannot_be_stays_tex():
    tree = parsed(
        views(("paragraph", r"If $x_i$ and $\foo$, or $$y$$."), ("math", r"\foo{"))
    )
    assert [m.get("alttext") for m in tree.iterfind(".//{*}math")] == ["x_i", "y"]
    codes = [code.text for code in tree.iterfind(".//code[@class='tex']")]
    assert codes == [r"$\foo$", r"\foo{"]
    assert len(tree.findall(".//span[@class='formula']")) == 1
    assert [block.kind for block in block_views(MATHS, shown_blocks(MATHS))] == [
        "paragraph", "math", "paragraph",
    ]  # fmt: skip


def test_a_formula_that_a_phone_cannot_hold_can_be_scrolled_to_by_keys():
    tex = "+".join("abcdefghijklmnopqrstuvw")
    tree = parsed(
        views(("paragraph", f"${tex}$"), ("math", f"$${tex}$$"), ("math", "$$x$$"))
    )
    spans = [
        (span.get("class"), span.get("tabindex")) for span in tree.iterfind(".//span")
    ]
    assert spans == [("formula long", "0"), ("formula", "0"), ("formula", None)]


def test_only_so_much_is_set_on_one_page(monkeypatch):
    monkeypatch.setattr("web.text_view.MOST_TEX", 5)
    (found,) = views(("paragraph", "$x_1$ $y_1$"))
    assert [run.formula is not None for run in found.runs if run.tex] == [True, False]


def test_a_mark_that_meets_a_formula_is_of_all_of_it():
    text = "Here $a+b$ ends."
    (found,) = block_views(text, (), [Highlight(0, 7)], Highlight(7, 16))
    runs = [(run.text, run.marked, run.answers, run.begins) for run in found.runs]
    assert runs == [
        ("Here ", True, False, False),
        ("$a+b$", True, True, True),
        (" ends.", False, True, False),
    ]


def test_the_sentence_that_answers_is_told_from_the_words_that_match():
    text = "Not this. But this one is it. Nor that."
    (found,) = block_views(text, (), [Highlight(14, 22)], Highlight(10, 29))
    assert [(p.text, p.marked, p.answers) for p in found.runs] == [
        ("Not this. ", False, False), ("But ", False, True), ("this one", True, True),
        (" is it.", False, True), (" Nor that.", False, False),
    ]  # fmt: skip


def test_marks_reach_cells_items_and_code():
    text, blocks = shown(
        ("table", "a | bb\ncc | d"), ("item", "ee", 1), ("item", "ff", 2), ("code", "gg"), ("quote", "hh"),
    )  # fmt: skip
    marks = [Highlight(found.start(), found.end()) for found in re.finditer("..", text)]
    words = [
        Highlight(m.start, m.end) for m in marks if text[m.start : m.end].isalpha()
    ]
    tree = parsed(block_views(text, blocks, words, Highlight(0, len(text))))
    assert {mark.text for mark in tree.iterfind(".//mark")} == {"bb", "cc", "ee", "ff", "gg", "hh"} & {
        text[m.start : m.end] for m in words
    }  # fmt: skip
    assert tree.find(".//td/strong") is not None
    assert tree.find(".//li/ul/li/strong") is not None


def test_the_quote_begins_once():
    text, blocks = shown(
        ("paragraph", "One two."), ("item", "Three.", 1), ("item", "4.", 1)
    )
    tree = parsed(block_views(text, blocks, (), Highlight(4, 17)), how="reader")
    quotes = list(tree.iterfind(".//mark[@class='quote']"))
    assert [quote.text for quote in quotes] == ["two.", "Three."]
    assert [quote.get("id") for quote in quotes] == ["quote", None]


# Properties

WORDS = st.text(st.sampled_from("ab \n|$x\\^{}<>&\"'é梯😀1."), min_size=1, max_size=30)
KINDS = st.sampled_from(
    ["paragraph", "heading", "item", "quote", "code", "caption", "math", "table"]
)
PARTS = st.lists(
    st.tuples(KINDS, WORDS, st.integers(0, 4), st.integers(0, 3)),
    min_size=1,
    max_size=6,
)
SPANS = st.lists(st.tuples(st.integers(0, 120), st.integers(1, 20)), max_size=5)


def without_strokes(text):
    return "".join(text.replace("|", " ").split())


@settings(max_examples=rounds(150, 1000), deadline=None)
@given(PARTS, SPANS)
def test_the_blocks_hold_every_word_once_and_in_order(parts, spans):
    text, blocks = shown(*parts)
    marks = [Highlight(start, start + length) for start, length in spans]
    found = block_views(text, blocks, marks, marks[0] if marks else None)
    joined = " ".join(map(text_of, found))
    assert without_strokes(joined) == without_strokes(text)


@settings(max_examples=rounds(150, 1000), deadline=None)
@given(PARTS, SPANS)
def test_exactly_the_marked_characters_and_formulas_are_marked(parts, spans):
    text, blocks = shown(*parts)
    marks = [Highlight(start, start + length) for start, length in spans]
    marked = {i for mark in marks for i in range(mark.start, mark.end) if i < len(text)}
    at = 0
    for view in block_views(text, blocks, marks):
        for run in runs_of(view):
            at = text.index(run.text, at)
            of_mark = marked.intersection(range(at, at + len(run.text)))
            if run.tex:
                assert run.marked is bool(of_mark)
            else:
                assert len(of_mark) == (len(run.text) if run.marked else 0)
            at += len(run.text)


@settings(max_examples=rounds(60, 1000), deadline=None)
@given(PARTS, SPANS)
def test_what_a_browser_reads_is_the_text(parts, spans):
    text, blocks = shown(*parts)
    marks = [Highlight(start, start + length) for start, length in spans]
    found = block_views(text, blocks, marks, marks[0] if marks else None)
    tree = parsed(found, how="reader")
    expected = " ".join(
        f"ƒ{' '.join(run.tex.split())}ƒ" if run.formula else run.text
        for view in found
        for run in runs_of(view)
    )
    assert "".join(written(tree).split()) == "".join(expected.split())


def test_the_views_are_those_of_the_module():
    assert {QuoteBlock, ListBlock, TableBlock} < set(block_view.BlockView.__args__)
