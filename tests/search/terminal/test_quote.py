"""Quotes on a terminal: blocks by their kind, the answer always in sight."""

from hypothesis import given
from hypothesis import strategies as st

from search.terminal.quote import short_quote, whole_quote
from search.terminal.styled import Style, width
from search.types import Highlight, HitPassage, ShownBlock


def passage(*blocks, answer: str = "") -> HitPassage:
    """Blocks are (kind, text) and then level and number."""
    text, shown = "", []
    for kind, part, *rest in blocks:
        text += "\n\n" if text else ""
        shown.append(ShownBlock(len(text), len(text) + len(part), kind, *rest))
        text += part
    marked = None
    if answer:
        at = text.index(answer)
        marked = Highlight(at, at + len(answer))
    return HitPassage(text, "", "", (), 0.5, marked, tuple(shown), 0)


def read(lines) -> list[str]:
    return ["".join(character for character, _ in line) for line in lines]


def whole(*blocks, room: int = 30, **fields) -> list[str]:
    return read(whole_quote(passage(*blocks, **fields), room, colour=True))


def short(*blocks, most: int = 4, room: int = 30, colour=False, **fields) -> list[str]:
    shown = passage(*blocks, **fields)
    return read(short_quote(shown, room, most=most, colour=colour))


def test_each_kind_of_block_has_its_way():
    assert whole(
        ("heading", "A heading", 2),
        ("paragraph", "Some words that are longer than a line."),
        ("item", "first of the bullets, which is long", 1),
        ("item", "deeper", 2),
        ("item", "third", 1, 3),
        ("quote", "said by somebody else in many words"),
        ("math", "$$e^{i\\pi} = -1$$"),
        ("caption", "Figure 1"),
    ) == [
        "A heading",
        "",
        "Some words that are longer",
        "than a line.",
        "",
        "• first of the bullets, which",
        "  is long",
        "  • deeper",
        "3. third",
        "",
        "│ said by somebody else in",
        "│ many words",
        "",
        "$$e^{i\\pi} = -1$$",
        "",
        "Figure 1",
    ]


def test_code_keeps_its_lines_and_is_cut_not_wrapped():
    code = "def f(x):\n\treturn x  # a remark that is too long"
    assert whole(("code", code)) == [
        "  def f(x):",
        "      return x  # a remark th…",
    ]
    lines = whole_quote(passage(("code", code)), 30, colour=True)
    assert all(Style.DIM in style for _, style in lines[0][2:])


def test_a_table_stands_in_columns():
    table = "Flour | Water | Name\n500 | 1250 | 面包\nnone | 3"
    assert whole(("table", table)) == [
        "Flour │ Water │ Name",
        "500   │ 1250  │ 面包",
        "none  │ 3    ",
    ]
    assert whole(("table", "| Baguette\nFlour | 100 %")) == [
        "      │ Baguette",
        "Flour │ 100 %   ",
    ]
    wide = "key | value of many words\na | another value of many words"
    assert whole(("table", wide), room=20) == [
        "key │ value of many…",
        "a   │ another value…",
    ]


def test_the_answer_is_marked_where_there_is_no_bold():
    text = "One here. Two there. Three."
    assert short(("paragraph", text), answer="Two there.") == [
        "One here. »Two there.« Three."
    ]
    assert short(("paragraph", text), answer="Two there.", colour=True) == [text]


def test_an_answer_further_down_begins_the_quote():
    before = "Words that lead to it. " * 10
    text = f"{before}Here it is. And more of it follows, line after line. {before}"
    assert short(("paragraph", text), answer="Here it is.", most=3) == [
        "… »Here it is.« And more of it",
        "follows, line after line.",
        "Words that lead to it. Words …",
    ]


def test_a_row_that_answers_is_shown_below_the_names_of_its_columns():
    rows = ["name | grams", *(f"bread {number} | {number}00" for number in range(9))]
    shown = short(("table", "\n".join(rows)), answer="bread 7", most=3)
    assert [line.rstrip() for line in shown] == [
        "name      │ grams",
        "»bread 7« │ 700",
        "bread 8   │ 800",
    ]


def test_a_line_of_code_that_answers_is_shown_from_its_beginning():
    code = "\n".join(f"    step({number})" for number in range(9))
    assert short(("code", code), answer="step(7)", most=2) == [
        "      »step(7)«",
        "      step(8)",
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["paragraph", "code", "table", "item", "caption"]),
            st.text("ab |\n\t东。", min_size=1, max_size=90).filter(str.strip),
            st.integers(1, 2),
        ),
        min_size=1,
        max_size=4,
    ),
    st.data(),
)
def test_whatever_is_quoted_fits_and_shows_the_answers_beginning(blocks, data):
    one = passage(*blocks)
    block = data.draw(st.sampled_from(one.blocks))
    places = [p for p in range(block.start, block.end) if not one.text[p].isspace()]
    start = data.draw(st.sampled_from(places))
    end = data.draw(st.integers(start + 1, block.end))
    marked = HitPassage(one.text, "", "", (), 0.5, Highlight(start, end), one.blocks)
    lines = short_quote(marked, 24, most=4, colour=False)
    assert len(lines) <= 4
    assert max(map(width, lines)) <= 24
    whole_lines = whole_quote(marked, 24, colour=False)
    assert max(map(width, whole_lines)) <= 24
    # Only a cell or a line of code that is too wide may hide it.
    if block.kind not in ("code", "table"):
        assert any("»" in line for line in read(lines))
