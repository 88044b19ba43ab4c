"""What two readers of a page make of it together."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.extract.blocks import LocatedBlock
from indexer.extract.dom import parse_html
from indexer.extract.second_opinion.markup import markup_of
from indexer.extract.second_opinion.opinion import closest_opinion
from indexer.extract.second_opinion.settle import Reading, settle
from indexer.extract.second_opinion.trafilatura import SecondReader
from search.types import Block


def sentence(number):
    return f"Sentence {number} tells how the carpenter cleared the race of mill {number} by hand in winter {number}."


def paragraph(number):
    return Block("paragraph", sentence(number))


TEXT = [paragraph(number) for number in range(8)]


def settled(own, others, *, page=None, is_named=False, box="body"):
    """``own`` are blocks, or pairs of a block and its box."""
    located = [
        LocatedBlock(*one) if isinstance(one, tuple) else LocatedBlock(one, box)
        for one in own
    ]
    blocks = tuple(one.block for one in located)
    opinion = closest_opinion([" ".join(others)], blocks)
    assert opinion is not None
    reading = Reading(located, tuple(page or blocks), is_named)
    return list(settle(reading, opinion))


def others_text(*numbers):
    return [sentence(number) for number in numbers]


def test_what_both_found_stays_and_what_one_added_goes():
    teasers = [
        (Block("item", f"Ten ponds in the Harz, part {n}"), "teasers") for n in range(3)
    ]
    own = [*((block, "body") for block in TEXT), *teasers]
    assert settled(own, others_text(*range(8))) == TEXT


def test_what_others_always_lose_stays():
    code = Block("code", "x = 1")
    caption = Block("caption", "Fig. 1: The wheel of the mill, seen from the lane.")
    credit = Block("caption", "The wheel. Foto: Otto Meier / dpa")
    own = [*TEXT[:4], caption, credit, *TEXT[4:], code]
    kept = settled(own, others_text(*range(8)))
    assert kept == [*TEXT[:4], caption, *TEXT[4:], code]


def test_notes_at_the_end_stay():
    notes = [Block("heading", "References", 2), Block("paragraph", "[1] Mills, 1912.")]
    own = [*((b, "body") for b in TEXT), *((n, "notes") for n in notes)]
    assert settled(own, others_text(*range(8))) == [*TEXT, *notes]


def test_a_box_that_is_mostly_confirmed_stays_whole():
    assert settled(TEXT, others_text(*range(7))) == TEXT


def test_what_we_missed_comes_in_at_its_place():
    own = [*TEXT[:3], *TEXT[4:]]
    assert settled(own, others_text(*range(8)), page=TEXT) == TEXT


def test_a_lede_between_headline_and_text_comes_in():
    lede = Block(
        "paragraph",
        "How a carpenter made the driest workshop of the county, in one winter.",
    )
    page = [Block("paragraph", "Home"), Block("heading", "The mill", 1), lede, *TEXT]
    assert settled(TEXT, others_text(*range(8)), page=page) == [lede, *TEXT]


def test_where_we_found_another_text_the_page_is_read_by_the_others():
    many = [paragraph(number) for number in range(20)]
    menu = [
        Block("paragraph", f"Topic {n} of our shop and its offers today.")
        for n in range(9)
    ]
    own = menu[:3]
    found = settled(own, others_text(*range(20)), page=[*menu, *many])
    assert found == many


def test_a_short_opinion_is_none():
    assert closest_opinion(["Home About Contact", ""], TEXT) is None


@given(st.text(max_size=300))
def test_any_page_can_be_written_down_and_parsed_again(html):
    root = parse_html(html)
    root.measure()
    again = parse_html(markup_of(root))
    assert again.text == root.text


def test_an_open_figure_swallows_no_text_of_the_second_reader():
    body = "".join(f"<p>{sentence(number)}</p>" for number in range(20))
    html = f"<title>Mill</title><article><p>{sentence(99)}</p><figure><img src=a.png>{body}</article>"
    root = parse_html(html)
    root.measure()
    assert sentence(19) in SecondReader(markup_of(root)).fullest
