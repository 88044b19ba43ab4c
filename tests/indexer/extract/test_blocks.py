"""The walk from an element to blocks: nothing lost, nothing twice, whatever is nested
in what."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.extract.blocks import blocks_of
from indexer.extract.dom import parse_html
from indexer.text.whitespace import paragraphs
from search.types import Block
from tests.torture.scale import rounds

INLINE = ("b", "em", "span", "a", "code", "q", "unknown-tag")
CONTAINERS = (
    "p",
    "div",
    "section",
    "ul",
    "ol",
    "li",
    "blockquote",
    "figure",
    "details",
    "dl",
    "dd",
    "h2",
    "h4",
    "td",
)


def blocks(html):
    return blocks_of(parse_html(html))


def trees(leaves):
    def nested(children):
        inner = st.lists(children, min_size=1, max_size=4).map(" ".join)
        tags = st.sampled_from(INLINE + CONTAINERS)
        return st.builds(lambda tag, text: f"<{tag}>{text}</{tag}>", tags, inner)

    return st.recursive(leaves, nested, max_leaves=25)


@given(
    trees(
        st.sampled_from(
            ["word", "two words", "<br>", "<pre>x\n  y</pre>", "$$a\n b$$", "<hr>"]
        )
    )
)
@settings(max_examples=rounds(150, 1000), deadline=None)
def test_every_word_comes_out_once_and_in_order(html):
    counter = iter(range(10_000))
    numbered = re.sub(
        r"\b(word|words|two)\b", lambda m: f"{m.group()}{next(counter)}", html
    )
    shown = " ".join(parse_html(numbered).texts())
    got = " ".join(block.text for block in blocks(numbered))
    assert re.findall(r"\w+\d+", got) == re.findall(r"\w+\d+", shown)


@given(st.text(alphabet="ab $\\[]{}\n\x0b\u00a0\u200b", max_size=60))
@settings(max_examples=rounds(200, 1000), deadline=None)
def test_setting_prose_only_changes_white_space(raw):
    kept = re.sub(r"[\s\x0b\u200b]+", "", raw)
    assert re.sub(r"\s+|\u200b", "", "".join(paragraphs(raw))) == kept


def test_inline_tags_neither_glue_nor_split_words():
    assert blocks("<p>very<b>lop</b>sided <i>be</i><i>nch</i>\n<em>es</em></p>") == (
        Block("paragraph", "verylopsided bench es"),
    )


def test_line_breaks_part_words_and_two_part_paragraphs():
    assert blocks("<div>a<br>b<br><br/>c</div>") == (
        Block("paragraph", "a\nb"),
        Block("paragraph", "c"),
    )


@pytest.mark.parametrize(
    ("html", "anchor"),
    [
        ('<h2 id="x">T</h2>', "x"),
        ('<h2><a id="x"></a>T</h2>', "x"),
        ('<h2><a name="x">T</a></h2>', "x"),
        ('<a name="x"></a>\n<h2>T</h2>', "x"),
        ('<section id="x"><h2>T</h2></section>', "x"),
        ('<div id="x"><div><h2>T</h2></div></div>', "x"),
        ('<h2>T <a class="headerlink" href="#x">¶</a></h2>', "x"),
        (
            '<h2>T<a href="#x" aria-label="Link to this heading"><svg></svg></a></h2>',
            "x",
        ),
        ('<section id="x"><p>before</p><h2>T</h2></section>', ""),
        ("<h2>T</h2>", ""),
    ],
)
def test_a_heading_knows_the_id_that_opens_the_page_there(html, anchor):
    assert [b for b in blocks(html) if b.kind == "heading"] == [
        Block("heading", "T", 2, anchor)
    ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<h2>Why C#<a class="anchor" href="#why">#</a></h2>', "Why C#"),
        ('<h2><a class="anchor" href="#why">Why C#</a></h2>', "Why C#"),
        ('<h2>Why <a href="/x">this</a>¶</h2>', "Why this"),
        ("<h2>One<br>two</h2>", "One two"),
        ('<h2><span class="header-section-number">1</span> Set-up</h2>', "1 Set-up"),
        (
            '<h2>Maths of $a_t$<a href="#m" class="hash-link">​</a></h2>',
            "Maths of $a_t$",
        ),
    ],
)
def test_a_heading_loses_its_permalink_and_nothing_else(html, text):
    assert blocks(html)[0].text == text


def test_an_empty_heading_is_none():
    assert blocks('<h2><a href="#x">#</a></h2><h3> </h3><p>t</p>') == (
        Block("paragraph", "t"),
    )


def test_items_are_apart_from_the_lists_inside_them():
    html = "<ul><li>a<ol><li>b</li></ol>c</li><li><p>d</p><p>e</p></li><li><ul><li>f</li></ul>g</li></ul>"
    assert blocks(html) == (
        Block("item", "a", 1),
        Block("item", "b", 2, number=1),
        Block("paragraph", "c"),
        Block("item", "d", 1),
        Block("paragraph", "e"),
        Block("item", "f", 2),
        Block("item", "g", 1),
    )


def test_tables_for_layout_are_no_tables():
    html = "<table><tr><td>menu</td><td><h2>T</h2><p>text</p></td></tr></table>"
    assert [b.kind for b in blocks(html)] == ["paragraph", "heading", "paragraph"]


def test_code_in_a_paragraph_of_its_own_keeps_its_lines():
    assert blocks("<p><code>if x:<br>  y</code></p>") == (Block("code", "if x:\n  y"),)
    assert blocks("<p>Use <code>x\ny</code>.</p>") == (Block("paragraph", "Use x y."),)


def test_code_is_unescaped_and_keeps_its_first_indent():
    assert (
        blocks("<pre>\n    a &lt; b &amp;&amp; c\n\n\td\n\n</pre>")[0].text
        == "    a < b && c\n\n\td"
    )


def test_display_maths_keeps_its_lines_and_prose_around_it_does_not():
    assert (
        blocks("<p>As\n $$\nx\n  y\n$$\n is\nso.</p>")[0].text
        == "As $$\nx\n  y\n$$ is so."
    )
    assert blocks("<div>\\[\na\n\\]</div>") == (Block("math", "\\[\na\n\\]"),)
    assert blocks("<p>It costs $$ and\nmore.</p>")[0].text == "It costs $$ and more."


def item(text, number=0, level=1):
    return Block("item", text, level, number=number)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<ol><li>a</li><li>b</li></ol>", (item("a", 1), item("b", 2))),
        ("<ol start=5><li>a</li><li>b</li></ol>", (item("a", 5), item("b", 6))),
        (
            "<ol><li>a</li><li value=7>b</li><li>c</li></ol>",
            (item("a", 1), item("b", 7), item("c", 8)),
        ),
        (
            "<ol reversed><li>a</li><li>b</li><li>c</li></ol>",
            (item("a", 3), item("b", 2), item("c", 1)),
        ),
        (
            "<ol reversed start=10><li>a</li><li>b</li></ol>",
            (item("a", 10), item("b", 9)),
        ),
        ("<ol start=0><li>a</li><li>b</li></ol>", (item("a"), item("b", 1))),
        ("<ol start=-2><li>a</li></ol>", (item("a"),)),
        ("<ol start=x><li value=>a</li></ol>", (item("a", 1),)),
        # an item that says nothing is counted, as browsers count it
        ("<ol><li> </li><li>b</li></ol>", (item("b", 2),)),
        (
            "<ol><li>a<ol><li>b</li><li>c</li></ol></li><li>d<ul><li>e</li></ul></li><li>f</li></ol>",
            (
                item("a", 1),
                item("b", 1, 2),
                item("c", 2, 2),
                item("d", 2),
                item("e", 0, 2),
                item("f", 3),
            ),
        ),
        (
            "<ol><li><ol><li>a</li></ol>b</li><li><p>c</p><p>d</p></li></ol>",
            (item("a", 1, 2), item("b", 1), item("c", 2), Block("paragraph", "d")),
        ),
        (
            "<ol><li><pre>x = 1</pre>sets it</li><li>$$a$$</li><li>b</li></ol>",
            (
                Block("code", "x = 1"),
                item("sets it", 1),
                Block("math", "$$a$$"),
                item("b", 3),
            ),
        ),
        ("<ul><li>a</li></ul><li>b</li>", (item("a"), item("b"))),
        ("<dl><dt>a</dt><dd>b</dd></dl>", (item("a"), item("b", 0, 2))),
        (
            "<ol><li>a<blockquote>b</blockquote></li><li><blockquote>c</blockquote></li></ol>",
            (item("a", 1), Block("quote", "b"), item("c", 2)),
        ),
        (
            "<blockquote><ol><li>a</li></ol>b</blockquote>",
            (item("a", 1), Block("quote", "b")),
        ),
    ],
)
def test_items_of_ordered_lists_are_numbered_as_browsers_do(html, expected):
    assert blocks(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<figure><img src=a><figcaption>The <b>oven</b></figcaption></figure>",
        "<figure><img src=a><figcaption><p>The oven</p></figcaption></figure>",
        "<figure><img src=a><p class=caption>The oven</p></figure>",
        "<div class=wp-caption><img src=a><p class=wp-caption-text>The oven</p></div>",
        "<div class=figure><img src=a><p class=caption><span>The oven</span></p></div>",
        "<table class=tr-caption-container><tr><td><img src=a></td></tr>"
        "<tr><td class=tr-caption>The oven</td></tr></table>",
        "<div class=image-caption-wrapper><div class=image-caption>The oven</div></div>",
        "<blockquote><figure><figcaption>The oven</figcaption></figure></blockquote>",
    ],
)
def test_captions_by_element_and_by_class(html):
    assert blocks(f"<p>before</p>{html}<p>after</p>") == (
        Block("paragraph", "before"),
        Block("caption", "The oven"),
        Block("paragraph", "after"),
    )


def test_the_caption_of_a_table_stands_before_it():
    html = "<table><caption>Flours</caption><tr><td>rye</td><td>80 %</td></tr></table>"
    assert blocks(html) == (Block("caption", "Flours"), Block("table", "rye | 80 %"))


@pytest.mark.parametrize(
    ("html", "kinds"),
    [
        # a box that has a caption is none
        ("<div class='caption box'><img src=a><p>text</p></div>", ["paragraph"]),
        ("<div class=no-caption><p>text</p></div>", ["paragraph"]),
        (f"<div class=caption>{'long ' * 500}</div>", ["paragraph"]),
        ("<figure><pre>x = 1</pre><figcaption>a.py</figcaption></figure>", ["code", "caption"]),
        ("<figcaption><ol><li>a</li></ol><pre>b</pre>c</figcaption>", ["item", "code", "caption"]),
        ("<ul><li><figure><figcaption>a</figcaption></figure></li></ul>", ["item"]),
    ],
)  # fmt: skip
def test_other_blocks_at_a_caption_keep_their_kinds(html, kinds):
    root = parse_html(html)
    root.measure()
    assert [block.kind for block in blocks_of(root)] == kinds


def test_one_line_of_code_is_code():
    assert blocks("<p>Run</p><pre><code>make test</code></pre>")[1] == (
        Block("code", "make test")
    )
