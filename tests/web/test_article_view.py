from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.types import Article, Block, Highlight, HitPassage, Note
from web.article_view import PageMark, note_view, opening_address, reader_link
from web.article_view import article_view as set_out
from web.block_view import runs_of

URL = "https://www.blog.example/post/"


def article(*blocks, **fields):
    return Article(
        fields.pop("url", URL), fields.pop("title", "A post"), blocks=blocks, **fields
    )


def article_view(found, args, names=None):
    return set_out(found, args, names or {})


def heading(text, level=2):
    return Block("heading", text, level)


def quoted(found, start, end):
    view = article_view(found, {"start": str(start), "end": str(end)})
    return [run.text for one in view.blocks for run in runs_of(one) if run.answers]


def test_what_is_known_of_an_article_is_shown():
    found = article(
        Block("paragraph", "Words."), site="Blog", author="Ada", published=date(2024, 1, 2), language="en",
    )  # fmt: skip
    view = article_view(found, {})
    assert (view.title, view.site, view.author, view.published) == (
        "A post", "Blog", "Ada", date(2024, 1, 2),
    )  # fmt: skip
    assert (view.original, view.address, view.state) == (URL, "blog.example/post", "")
    assert not view.is_withheld
    assert [one.kind for one in view.blocks] == ["paragraph"]
    bare = article_view(article(title=" ", author="Blog", site="Blog"), {})
    assert (bare.title, bare.author) == (URL, "")
    assert article_view(article(), {}).site == "blog.example"


def test_an_address_that_no_click_may_follow_is_only_named():
    view = article_view(
        article(
            url="javascript:alert(1)", archived="javascript:alert(2)", notes=(Note("x", page="javascript:3"),),
        ),
        {},
    )  # fmt: skip
    assert (view.original, view.archived) == ("", "")
    assert (view.notes[0].link, view.notes[0].page) == ("", "a link page")
    assert view.address == "javascript:alert(1)"


def test_a_local_file_is_read_here_and_opens_raw():
    view = article_view(article(url="file:///home/me/post.md"), {})
    assert view.is_file
    assert view.original == "file?url=file%3A%2F%2F%2Fhome%2Fme%2Fpost.md"


def test_text_is_withheld_where_the_page_asks_for_that():
    found = article(
        heading("A"), heading("B"), heading("C"), nosnippet=True, notes=(Note("n"),)
    )
    view = article_view(found, {})
    assert (view.blocks, view.contents) == ((), ())
    assert view.is_withheld
    assert [note.text for note in view.notes] == ["n"]


def test_notes_name_their_page_and_day():
    page = "https://www.til.example/links"
    note = Note("", "the post", " Web ", date(2023, 8, 1), page, 1)
    found = article(evidence="link", notes=(note,))
    (view,) = article_view(found, {}).notes
    assert (view.text, view.section) == ("the post (blog.example)", "Web")
    assert (view.days, view.link, view.page) == ("1 August 2023", page, "til.example")
    (named,) = article_view(found, {}, {page: "TIL"}).notes
    assert named.page == "TIL"
    of_file = note_view(Note("Words.", page="file:///me/my%20links.md"), {}, host="")
    assert (of_file.page, of_file.text) == ("my links.md", "Words.")


def test_headings_skip_no_level_and_are_the_contents():
    found = article(
        heading("A post", 1), heading("One", 3), heading("In it", 6), heading("$x$", 4), heading("Two", 2),
    )  # fmt: skip
    view = article_view(found, {})
    assert [one.level for one in view.blocks] == [2, 3, 3, 2]
    ids = [one.anchor for one in view.blocks]
    assert len(set(ids)) == 4
    assert [entry.anchor for entry in view.contents] == ids
    assert [entry.depth for entry in view.contents] == [1, 2, 2, 1]
    assert view.contents[2].runs[0].formula is not None
    assert article_view(article(heading("One"), heading("Two")), {}).contents == ()
    deep = article(*(heading(str(level), level) for level in range(1, 7)))
    assert [one.level for one in article_view(deep, {}).blocks] == [2, 3, 4, 5, 6, 6]


def test_pages_of_a_pdf_file_are_named_where_they_begin():
    found = article(
        Block("paragraph", "a", anchor="page=1"), Block("item", "b", 1, "page=1"),
        Block("item", "c", 1, "page=2"), Block("paragraph", "d", anchor="page=2"),
    )  # fmt: skip
    view = article_view(found, {})
    marks = [one for one in view.blocks if isinstance(one, PageMark)]
    assert [(mark.number, mark.link) for mark in marks] == [
        (1, f"{URL}#page=1"),
        (2, f"{URL}#page=2"),
    ]
    assert [one.kind for one in view.blocks] == [
        "page", "paragraph", "list", "page", "list", "paragraph",
    ]  # fmt: skip


def test_pages_of_a_paper_open_its_document():
    other = f"{URL}paper.pdf"
    found = article(
        Block("paragraph", "Abstract."),
        Block("paragraph", "a", anchor=f"{other}#page=2"),
        Block("paragraph", "b", anchor="https://evil.example/x.pdf#page=3"),
    )
    view = article_view(found, {})
    marks = [one for one in view.blocks if isinstance(one, PageMark)]
    assert [(mark.number, mark.link) for mark in marks] == [(2, f"{other}#page=2")]


def test_the_quote_is_that_of_the_whole_text():
    found = article(
        heading("A post"), Block("paragraph", "One two."), Block("item", "Three.", 1)
    )
    start = found.text.index("two")
    assert quoted(found, start, start + 4) == ["two."]
    assert quoted(found, start, start + 12) == ["two.", "Three."]
    assert quoted(found, start, 10**8) == ["two.", "Three."]


@pytest.mark.parametrize(
    ("start", "end"),
    [("", ""), ("x", "5"), ("5", "5"), ("9", "3"), ("-1", "3"), ("1.5", "9"), ("9" * 40, "9" * 41),
     ("900", "901"), ("٣", "٩"), ("\x00", "1"), (" 1", "5")],
)  # fmt: skip
def test_nonsense_marks_nothing(start, end):
    assert quoted(article(Block("paragraph", "One two three.")), start, end) == []


def passage(**fields):
    return HitPassage("One two.", "", f"{URL}#x", (), 0.5, **fields)


def test_a_link_to_the_reader_page_leads_to_the_answer_and_back():
    found = reader_link(
        "https://blog.example/?a=b&c=ü#d", passage(answer=Highlight(4, 8), start=100), {"q": "a & b", "site": ""}
    )  # fmt: skip
    parts = urlsplit(found)
    assert (parts.path, parts.fragment) == ("article", "quote")
    assert parse_qs(parts.query) == {
        "q": ["a & b"], "url": ["https://blog.example/?a=b&c=ü#d"], "start": ["104"], "end": ["108"],
    }  # fmt: skip
    assert parse_qs(urlsplit(reader_link(URL, passage(start=7))).query)["end"] == ["15"]
    assert reader_link(URL, passage()) == reader_link(URL)
    assert reader_link(URL, question={"url": "https://evil.example/"}) == reader_link(
        URL
    )


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(1, 30))
def test_the_link_and_the_page_agree_on_the_place(first, length):
    text = "".join(chr(ord("a") + n % 26) for n in range(40))
    found = article(Block("paragraph", "Before."), Block("paragraph", text))
    at = found.text.index(text)
    one = HitPassage(
        text, "", URL, (), 0.5, answer=Highlight(first, first + length), start=at
    )
    asked = parse_qs(urlsplit(reader_link(URL, one)).query)
    expected = text[first : first + length]
    marked = quoted(found, asked["start"][0], asked["end"][0])
    assert "".join(marked) == expected


def test_a_mail_is_read_here():
    url = "mid:tides.9@estuary.example"
    view = article_view(article(url=url), {})
    assert (view.original, view.address) == ("", url)
    assert opening_address(url) == "article?url=mid%3Atides.9%40estuary.example"


def test_a_post_of_an_export_is_named_by_its_file_and_leads_nowhere_else():
    url = "file:///home/me/my%20blog.json?post=on-bread"
    view = article_view(article(url=url), {})
    assert (view.original, view.address) == ("", "my blog.json?post=on-bread")
    assert opening_address(url) == reader_link(url)
    assert opening_address("file:///home/me/a.md") == reader_link(
        "file:///home/me/a.md"
    )
    assert opening_address("file:///a.pdf") == "file?url=file%3A%2F%2F%2Fa.pdf"
    assert opening_address("file:///a.pdf?post=b.pdf").startswith("article?")
    assert opening_address("https://a.example/") == "https://a.example/"
    assert opening_address("javascript:alert(1)") == ""
