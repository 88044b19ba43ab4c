"""Link pages: every link an entry, with the words beside it, its section and its
day."""

from __future__ import annotations

import pickle
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.sources import link_pages as linkpages
from indexer.sources.link_lines import LONGEST_NOTE, LinkEntry
from indexer.sources.link_pages import (
    LinkPage,
    LinkPageError,
    parse_link_page,
)
from indexer.text.front_matter import split_front_matter
from tests.torture.scale import rounds

DATA = Path(__file__).parents[2] / "data" / "linkpages"
SHARED = Path(__file__).parents[4] / "shared"
PAGE = "https://shelf.example/links/"


def entries(
    text: str, url: str = "https://me.example/links.md"
) -> tuple[LinkEntry, ...]:
    return parse_link_page(text.encode(), url).entries


def saved(name: str, url: str = PAGE) -> tuple[LinkPage, dict[str, LinkEntry]]:
    page = parse_link_page((DATA / name).read_bytes(), url)
    return page, {entry.url: entry for entry in page.entries}


# --- Markdown ---


def test_front_matter_names_the_page():
    page, _ = saved("weekly.md", "file:///home/me/weekly.md")
    assert (page.title, page.language) == ("Reading notes", "en")
    assert [entry.position for entry in page.entries] == list(range(len(page.entries)))
    assert len(page.entries) == 15


def test_each_link_of_an_item_has_the_whole_item_as_its_note():
    _, found = saved("weekly.md")
    note = "Read On glazes and its sequel, with kiln.fire() in it."
    first = parse_link_page((DATA / "weekly.md").read_bytes(), PAGE).entries[1]
    assert first == LinkEntry(
        "https://a.example/glazes",
        "On glazes",
        note,
        "2023-08-12 - 2023-08-18",
        date(2023, 8, 18),
        1,
        True,
    )
    assert found["https://a.example/sequel"].note == note


def test_an_item_that_is_only_a_link_reads_on_from_the_item_above():
    _, found = saved("weekly.md")
    assert found["https://b.example/child"].note == "Topics: Bare child"
    assert found["https://b.example/remark"].note == "Child with remark: fires hot"


def test_remarks_below_a_link_are_part_of_its_note():
    (entry,) = entries(
        "- [Dive in](https://a.example/):\n  - abort notice\n  - confusion pings\n"
    )
    assert entry.note == "Dive in: abort notice; confusion pings"


def test_bare_addresses_end_where_the_sentence_goes_on():
    _, found = saved("weekly.md")
    assert found["https://c.example/auto"].anchor_text == "https://c.example/auto"
    assert (
        found["https://c.example/bare_(x)"].note
        == "see https://c.example/auto, https://c.example/bare_(x). Done"
    )


def test_an_item_with_a_day_of_its_own():
    _, found = saved("weekly.md")
    assert found["https://c.example/own"].noted == date(2023, 8, 1)
    assert found["https://c.example/auto"].noted == date(2023, 8, 3)


def test_relative_links_go_by_the_permalink_and_mail_is_none():
    _, found = saved("weekly.md", "file:///home/me/weekly.md")
    assert found["https://shelf.example/about.md"].note == "relative mail here"
    assert not any("mailto" in url or "#top" in url for url in found)


def test_prose_references_and_repeated_addresses():
    page, found = saved("weekly.md")
    reference = found["https://ref.example/"]
    assert (reference.note, reference.listed) == (
        "Prose with a reference in it.",
        False,
    )
    again = [entry for entry in page.entries if entry.url == "https://a.example/glazes"]
    assert [entry.section for entry in again] == [
        "2023-08-12 - 2023-08-18",
        "August 3, 2023 › More of it",
    ]
    assert [entry.noted for entry in again] == [date(2023, 8, 18), date(2023, 8, 3)]


def test_a_day_without_its_year_has_that_of_the_heading_above():
    _, found = saved("weekly.md")
    assert found["https://d.example/"].noted == date(2022, 3, 3)
    assert found["https://e.example/"].noted == date(2022, 12, 31)


def test_a_linked_heading_takes_the_comment_below_it():
    _, found = saved("weekly.md")
    assert found["https://f.example/"].note == "A linked heading: The comment below it."
    assert found["https://g.example/"].note == "Row | cheap"


def test_what_stands_under_no_date_has_the_pages():
    _, found = saved("weekly.md")
    assert found["https://open.example/"].noted == date(2024, 1, 5)
    assert found["https://open.example/"].section == ""


@pytest.mark.parametrize(
    "block",
    [
        "a: [",
        "- just\n- a list",
        "title: &a [*a]",
        "x: !!python/object:os.system {}",
        "",
    ],
)
def test_broken_front_matter_is_taken_off(block):
    about, rest = split_front_matter(f"---\n{block}\n---\n# Body\n")
    assert "Body" in rest
    assert block not in rest or not block
    assert isinstance(about, dict)


def test_nested_yaml_does_not_unfold_into_the_title():
    bomb = "---\na: &a [x,x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\ntitle: *c\n---\ntext\n"
    assert parse_link_page(bomb.encode(), "a.md").title == ""


def test_a_rule_that_begins_a_page_is_no_front_matter():
    assert len(entries("---\n\n- [a](https://a.example/)\n")) == 1


# --- HTML ---


def test_html_page():
    page, found = saved("til.html", "https://ora.example/til")
    assert (page.title, page.language) == ("TIL | Ora Lind", "en")
    paths = "a.example/one b.example/two b.example/two-b c.example/three d.example/four e.example/five"
    assert list(found) == [f"https://{path}" for path in paths.split()]
    assert found["https://a.example/one"] == LinkEntry(
        "https://a.example/one",
        "Write-ahead logs",
        "Write-ahead logs explain why a commit is one fsync. Worth a second reading.",
        "12 May 2024",
        date(2024, 5, 12),
        0,
        True,
    )
    assert found["https://b.example/two-b"].note == (
        "B-trees: how pages split when they are full. Slides of the talk"
    )


def test_a_line_that_is_only_a_date_begins_a_section():
    _, found = saved("til.html", "https://ora.example/til")
    bloom = found["https://d.example/four"]
    assert (bloom.note, bloom.section) == (
        "Bloom filters for joins that mostly miss",
        "12 May 2024 › 3 May 2024",
    )
    assert bloom.noted == date(2024, 5, 3)


def test_html_without_declared_encoding():
    body = "<html><body><p>d\u00e9j\u00e0 \u201cvu\u201d <a href=https://a.example/>l\u00e0</a></body></html>".encode(
        "cp1252"
    )
    (entry,) = parse_link_page(body, PAGE).entries
    assert (entry.anchor_text, entry.note) == ("là", "déjà “vu” là")
    cyrillic = "<html><body><p>Читал <a href=https://a.example/>это</a></p></body></html>".encode(
        "koi8-r"
    )
    assert (
        parse_link_page(cyrillic, PAGE, charset="koi8-r").entries[0].note == "Читал это"
    )


def test_a_link_around_a_card_and_a_link_without_words():
    card = "<html><body><a href=https://a.example/><h3>Card</h3><p>what it is</p></a><a href=https://b.example/><img></a></body>"
    (entry,) = parse_link_page(card.encode(), PAGE).entries
    assert (entry.url, entry.note) == ("https://a.example/", "Card: what it is")


def test_links_to_the_page_itself_are_none():
    links = (
        f"<a href='{PAGE}#x'>Contents</a> <a href='#y'>y</a> <a href='/other'>Other</a>"
    )
    body = f"<html><body><p>{links}</p></body></html>"
    assert [entry.url for entry in parse_link_page(body.encode(), PAGE).entries] == [
        "https://shelf.example/other"
    ]


def test_a_long_paragraph_gives_the_sentences_around_the_link():
    filler = "Nothing of note happened on that day. " * 100
    text = f"{filler}Then came [the paper](https://a.example/) on kilns. It burned. {filler}"
    (entry,) = entries(text)
    assert entry.note.startswith("Then came the paper on kilns. It burned.")
    assert len(entry.note) <= LONGEST_NOTE


def test_too_large_a_page_is_refused_unread(monkeypatch):
    monkeypatch.setattr(linkpages, "MAX_BYTES", 10)
    with pytest.raises(LinkPageError, match="11 bytes"):
        parse_link_page(b"x" * 11, PAGE)


def test_depth_is_no_trouble():
    for body in (b"<ul><li>x" * 3000, b"<div>" * 5000, b"> " * 3000, b"[" * 3000):
        assert parse_link_page(b"<html><body>" + body, PAGE).entries == ()
        assert parse_link_page(body, "deep.md").entries == ()


def test_pages_pass_between_processes():
    page, _ = saved("til.html")
    assert pickle.loads(pickle.dumps(page)) == page  # noqa: S301 - our own bytes


# --- properties ---

WORD = st.text("abcdeäß漢", min_size=1, max_size=6)
TEXT = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
LINK = st.tuples(TEXT, st.integers(0, 30))
ITEMS = st.lists(
    st.tuples(TEXT, st.lists(LINK, min_size=1, max_size=3), st.booleans()),
    min_size=1,
    max_size=5,
)


@settings(max_examples=rounds(50, 1000), deadline=None)
@given(
    st.lists(
        st.tuples(st.dates(date(1995, 1, 1), date(2030, 1, 1)), ITEMS),
        min_size=1,
        max_size=4,
    )
)
def test_every_link_is_an_entry_with_its_note_section_and_day(sections):
    lines, expected = [], []
    for day, items in sections:
        lines.append(f"\n# {day.isoformat()}\n")
        deeper_allowed = False
        for text, links, deeper in items:
            indent = "    " if deeper and deeper_allowed else ""
            deeper_allowed = True
            joined = " and ".join(
                f"[{anchor}](https://x.example/{n})" for anchor, n in links
            )
            lines.append(f"{indent}- {text}: {joined}")
            note = f"{text}: " + " and ".join(anchor for anchor, _ in links)
            expected += [
                (f"https://x.example/{n}", anchor, note, day.isoformat(), day)
                for anchor, n in links
            ]
    found = entries("\n".join(lines))
    assert [
        (e.url, e.anchor_text, e.note, e.section, e.noted) for e in found
    ] == expected


@settings(max_examples=rounds(150, 1000), deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<ul>",
                "<li>",
                "</li>",
                "</ul>",
                "<a href=https://a.example/x>",
                "</a>",
                "<h2>",
                "</h2>",
                "2023-01-02",
                "<dl>",
                "<dt>",
                "<dd>",
                "</dl>",
                "<table>",
                "<tr>",
                "<td>",
                "word. ",
                "https://b.example",
                "<nav>",
                "</nav>",
                "\ud800",
                "- [x](https://c.example/) y\n",
                "# 2024\n",
                "---\n",
                "```\n",
                "> ",
                "\t",
                "&#0;",
                "<pre>",
                "<time datetime=2020-02-30>",
            ]
        ),
        max_size=40,
    )
)
def test_any_mixture_of_marks_is_read(pieces):
    body = "".join(pieces).encode("utf-8", "replace")
    for url in ("https://me.example/a.md", "https://me.example/a"):
        page = parse_link_page(body, url)
        assert [entry.position for entry in page.entries] == list(
            range(len(page.entries))
        )
        for entry in page.entries:
            assert entry.url.startswith("https://")
            assert entry.note


# --- the user's own ---


def test_the_users_til_page_comes_out_whole():
    """Counted by another way: every ``](http`` of the file."""
    found = sorted((SHARED / "seeds").glob("000_*.txt"))
    if not found:
        pytest.skip(
            "the user's document lies outside the repository, in ../shared/seeds"
        )
    body = found[0].read_bytes()
    page = parse_link_page(body, found[0].as_uri(), content_type="text/plain")
    written = re.findall(r"\]\((http[^)\s]*)\)", body.decode())
    assert page.title == "TIL"
    assert len(written) == body.count(b"](http") == 108
    assert [entry.url for entry in page.entries] == written
    assert all(
        entry.noted and entry.note and entry.section and entry.anchor_text
        for entry in page.entries
    )
    headings = dict.fromkeys(re.findall(r"^# (.*?)\s*$", body.decode(), re.MULTILINE))
    assert {entry.section for entry in page.entries} <= set(headings)
    for entry in page.entries:
        assert entry.noted.isoformat() == entry.section.split(" - ")[-1]
        assert entry.anchor_text.split()[0] in entry.note
    by_anchor = {entry.anchor_text: entry for entry in page.entries}
    assert by_anchor["TryOnGAN"].note == "Virtual Try-on models: TryOnGAN"
    assert by_anchor["TryOnGAN"].noted == date(2023, 5, 23)
