"""Formulas are set, and nothing else ever comes of them."""

from __future__ import annotations

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.torture.scale import rounds
from web.mathml import MOST_TEX, formula

MATHML = "{http://www.w3.org/1998/Math/MathML}"
ELEMENTS = {
    MATHML + name
    for name in (
        "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded",
        "mphantom", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd",
    )
}  # fmt: skip
ATTRIBUTES = {
    "display", "alttext", "stretchy", "fence", "displaystyle", "movablelimits", "largeop",
    "accent", "width", "minsize", "maxsize", "linethickness", "form", "scriptlevel",
    "mathvariant", "class", "lspace", "rspace",
}  # fmt: skip
# Each with what shows that it was set as its author meant.
REAL = [
    (r"\theta_{t+1}^{(i)}", "<msubsup><mi>θ</mi>"),
    (r"\frac{1}{\sqrt{n_l}}", "<mfrac><mrow><mn>1</mn></mrow><mrow><msqrt>"),
    (r"\mathcal{L} \mathbb{E} \mathbb{R}", "<mi>ℒ</mi><mi>𝔼</mi><mi>ℝ</mi>"),
    (r"\boldsymbol{\theta} \mathbf{xy1}", "𝜽</mi></mrow><mrow><mi>𝐱</mi><mi>𝐲</mi><mn>𝟏"),
    (r"\mathrm{d}x", '<mi mathvariant="normal">d</mi>'),
    (r"w'_k s''", '<mi>w</mi><mo lspace="0em" rspace="0em">′</mo></mrow><mi>k</mi></msub><mrow><mi>s'),
    (r"\lVert x \rVert", "<mo>‖</mo><mi>x</mi><mo>‖</mo>"),
    (r"\operatorname{softmax}(x)", "<mi>softmax</mi><mo"),
    (r"\arg\min_x", '<munder><mo movablelimits="true">min</mo><mi>x</mi></munder>'),
    (r"\big\vert a \big|", ">|</mo><mi>a</mi><mo"),
    (r"\log C", '<mi>log</mi><mspace width="0.167em"></mspace><mi>C</mi>'),
    (r"\text{if } x \in S", "<mtext>if\u00a0</mtext><mi>x</mi><mo>∈</mo>"),
    (r"\text{for all $x_i$ of a\_b}", "<msub><mi>x</mi><mi>i</mi></msub>"),
    (r"\hat{x}", '<mover accent="true">'),
    (r"a \! b", '<mspace width="-0.167em"></mspace>'),
    (r"\color{red}{x} y", '<mstyle class="in-red"><mrow><mi>x</mi></mrow></mstyle><mi>y'),
    (r"\boxed{x}", '<mrow class="boxed"><mrow><mi>x</mi></mrow></mrow>'),
    (r"\mathop{ab}", "<mrow><mrow><mi>a</mi><mi>b</mi></mrow></mrow>"),
    (r"x_{<t}", "<mo>&lt;</mo>"),
]  # fmt: skip
HOSTILE = [
    r"\text{<script>alert(1)</script>}",
    r"\text{</math><img src=x onerror=alert(1)>}",
    r"\mathrm{<img/src/onerror=alert(1)>}",
    "x < y <b onclick=alert(1)>",
    r"\text{&lt;script&gt;&#x3C;script&#x3E;}",
    r"\color{red;background:url(//evil.example)}{x}",
    r"\textcolor{red\" onload=\"alert(1)}{x}",
    r"\colorbox{red}{x} \rule{99em}{99em} \hspace{-99em} \raise{99em}{x}",
    r"\begin{script}x\end{script}",
    r"\begin{array}{c}</mtd><script>\end{array}",
    "\x00\x1b\ud800",
    r"\unknown{<script>}",
]
REFUSED = [
    "",
    " ",
    "{",
    "}",
    "a}{b",
    r"\frac{1",
    r"\left( x",
    r"\end{align}",
    r"\begin{tikzpicture} a & b \end{tikzpicture}",
    r"\href{javascript:alert(1)}{x}",
    r"\class{box}{x}",
    r"\style{position:fixed}{x}",
    r"\unicode{x3c}",
    r"\def\a{\a\a}\a",
    r"\newcommand{\a}{b} \a",
    r"\unknowncommand x",
    r"\text{see \unknown}",
    r"\sideset{}{}{" * 60 + "x" + "}" * 60,
    "{" * 1000 + "x" + "}" * 1000,
    "x" * (MOST_TEX + 1),
]


def assert_only_mathml(markup):
    """Re-parsed as a browser would, it is one formula and no more."""
    html = html5lib.parse(str(markup))
    (body,) = html.findall("{*}body")
    (math,) = list(body)
    assert not body.text
    assert not math.tail
    for element in math.iter():
        assert element.tag in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES
        assert not set(element.attrib.get("class", "").split()) - {
            "to-left", "to-right", "boxed", "in-red", "in-blue", "in-green", "in-orange"
        }  # fmt: skip
    return math


@pytest.mark.parametrize(("tex", "part"), REAL)
def test_what_posts_write_is_set(tex, part):
    set_formula = formula(tex, display=False)
    assert part in set_formula.markup
    math = assert_only_mathml(set_formula.markup)
    assert math.get("alttext") == tex
    assert math.get("display") == "inline"


@pytest.mark.parametrize(
    "tex",
    [
        r"\begin{aligned} a &= b \\ &= [c] \end{aligned}",
        r"\begin{equation}\begin{split} a &= b \\ &= c \end{split}\end{equation}",
        r"\begin{eqnarray*} a &=& b \\ &=& c \end{eqnarray*}",
        r"\begin{gather} a \\ b \end{gather}",
        r"\begin{cases} [0, 1] & \text{if } x \\ 0 & \text{else} \end{cases}",
        r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}",
        r"\begin{array}{l|r} a & b \\ \hline c & d \end{array}",
        r"a = b \\ = c",
    ],
)
def test_rows_stand_below_each_other(tex):
    math = assert_only_mathml(formula(tex, display=True).markup)
    assert len(list(math.iter(MATHML + "mtr"))) == 2
    assert math.get("display") == "block"


def test_columns_of_equations_meet_at_their_sign():
    markup = formula(r"\begin{align} a &= b \\ &= c \end{align}", display=True).markup
    assert markup.count('<mtd class="to-right">') == 2
    assert markup.count('<mtd class="to-left">') == 2
    assert "(1)" not in markup


def test_a_formula_says_if_it_may_be_too_wide_for_a_phone():
    assert not formula("x + y", display=False).is_wide
    assert formula("x + y + " * 9 + "z", display=False).is_wide
    rows = r"\begin{aligned}" + r"x &= y + z \\" * 9 + r"\end{aligned}"
    assert not formula(rows, display=True).is_wide


@pytest.mark.parametrize("tex", HOSTILE)
def test_hostile_tex_is_mathml_or_nothing(tex):
    for display in (True, False):
        found = formula(tex, display=display)
        if found is not None:
            assert_only_mathml(found.markup)


@pytest.mark.parametrize("tex", REFUSED)
def test_what_cannot_be_set_in_full_is_not(tex):
    assert formula(tex, display=True) is None


PIECES = st.sampled_from(
    ["a", "1", " ", "{", "}", "^", "_", "&", "\\\\", "'", "<b>", "&#x3c;", "$", "%", "[", "]"]
    + [rf"\{name}" for name in ("frac", "sqrt", "left", "right", "over", "text{", "hbox{$x$}", "alpha",
       "mathbf", "color", "big", "limits", "sum", "mathop", "overset", "hline", "hspace{9em}", "not", "cal")]
    + [rf"\{verb}{{{name}}}" for verb in ("begin", "end") for name in ("align", "matrix", "cases")]
)  # fmt: skip


@settings(max_examples=rounds(150, 1000), deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join), st.booleans())
def test_no_mixture_breaks_out(tex, display):
    found = formula(tex, display=display)
    if found is not None:
        assert_only_mathml(found.markup)
