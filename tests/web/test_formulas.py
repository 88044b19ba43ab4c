"""A formula in a text is told from money, variables of a shell and prose."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.torture.scale import rounds
from web.formulas import formula_spans, mended
from web.mathml import formula


def found(text):
    return [span.tex for span in formula_spans(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("where $x$ is $a_t$.", ["x", "a_t"]),
        ("a $k$NN-LM with $2N$ pairs", ["k", "2N"]),
        (r"$ \text{CV}$ and $\alpha $", [r"\text{CV}", r"\alpha"]),
        (r"\(x\), \[y\] and $$z$$", ["x", "y", "z"]),
        ("$$\na\n\\\\\nb\n$$", ["a\n\\\\\nb"]),
        (r"($d$) is \$5, not $e$", ["d", "e"]),
        (r"$\{a \mid \$b\}$", [r"\{a \mid \$b\}"]),
        ("costs $5 and $\\beta$", [r"\beta"]),
        ("$5$ of $10^5$, $-1$ and $(0, 1)$", ["5", "10^5", "-1", "(0, 1)"]),
    ],
)
def test_formulas_are_found(text, formulas):
    assert found(text) == formulas


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $10",
        "between $5/month and $10/month",
        "US$5 and A$10",
        "$5 million (or $10 million$)",
        "a market of $30B-$40B, or $5",
        "from $5k to 6k$",
        "($29/month or $350)",
        "Witch ($14) and Groupy ($12)",
        "$HOME/bin:$PATH",
        "cat $a | grep $b",
        "${jndi:ldap} and ${env:x}",
        "$(files) and $(dirs)",
        "Outer$Inner and Proxy$1",
        "a dollar ($) and a dollar ($)",
        r"not \$x\$ and \\(",
        r"unclosed \( and \[ and $$",
        "$one two$",
        "$a\nb$",
    ],
)
def test_nothing_else_is_one(text):
    assert found(text) == []


def test_display_and_place_are_known():
    text = "If $$a$$ then $b$"
    first, second = formula_spans(text, 0, len(text))
    assert (first.display, second.display) == (True, False)
    assert text[first.start : first.end] == "$$a$$"
    assert [*formula_spans(text, 9, len(text))] == [second]
    assert [*formula_spans(text, 4, 12)] == []


@settings(max_examples=rounds(200, 1000), deadline=None)
@given(st.text(st.sampled_from("$\\()[]ab1 \n{}^"), max_size=60))
def test_formulas_lie_in_order_and_apart(text):
    at = 0
    for span in formula_spans(text, 0, len(text)):
        assert at <= span.start < span.end <= len(text)
        assert span.tex in text[span.start : span.end]
        at = span.end


@pytest.mark.parametrize(
    ("tex", "whole"),
    [
        (r"x^2", r"x^2"),
        (r"\begin{align} a &= b \\ &= c \\", r"\begin{align} a &= b \\ &= c  \\ \dots\end{align}"),
        (r"\begin{align} a \\ \frac{b}{c", r"\begin{align} a \\ \dots\end{align}"),
        (r"&= c \\ &= d \end{align}", r"\begin{align}&= c \\ &= d \end{align}"),
        (r"\frac{b}{c", ""),
    ],
)  # fmt: skip
def test_a_formula_that_was_cut_keeps_its_whole_rows(tex, whole):
    assert mended(tex) == whole
    assert not whole or formula(whole, display=True)
