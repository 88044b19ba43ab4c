"""PDF files as articles: reading order, headings, pages as anchors; hostile files
refused in a sentence."""

from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from indexer.crawl.assemble import assemble
from indexer.documents import pdf as reader
from indexer.documents.dispatch import kind_of, read_document
from indexer.documents.read_page import read
from indexer.extract.page import ExtractError
from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.records import FetchError, Item, SourceRecord
from indexer.split.split import split
from search.types import Block
from tests.fakes import HashEmbedder
from tests.pdfs import column, pdf
from tests.servers import Served, scripted

URL = "https://a.example/ash.pdf"
HEADERS = (("Content-Type", "application/pdf"),)
ONE = [
    (180, 740, 18, "Glazes of"),
    (180, 718, 18, "Nothing but Ash"),
    (250, 690, 12, "Ines Halvorsen"),
    (72, 650, 10, "**1 Introduction"),
    *column(
        ["Wood ash melts at a temperature that any well-built", "kiln will reach before the morn-",
         "ing, and it runs. The glaze is well-",
         "built where it is thick."], y=630),
    (82, 582, 10, "A second paragraph begins with an indent of ten"),
    (72, 570, 10, "points and goes on over the end of this col-"),
    (320, 650, 10, "umn into the next one, where it finds its end."),
    (320, 620, 10, "\u2022 first, the cones"),
    (320, 608, 10, "\u2022 then, the colour of the fire which is seen"),
    (330, 596, 10, "through the spy hole"),
    (300, 40, 9, "1"),
]  # fmt: skip


FIRST = (
    "Wood ash melts at a temperature that any well-built kiln will reach before the morning, and it runs. "
    "The glaze is well-built where it is thick."
)
SECOND = (
    "A second paragraph begins with an indent of ten points and goes on over the end of this column into "
    "the next one, where it finds its end."
)
GLAZES = ["celadon", "tenmoku", "shino", "chun", "oribe", "nuka", "raku"]


def rest(n: int) -> list:
    body = [
        f"This is the page of {GLAZES[n]} and it says so in its",
        f"first lines, then {GLAZES[n]} ends.",
    ]
    return [(72, 760, 9, f"{n}  Ash glazes"), *column(body), (300, 40, 9, str(n))]


PAPER = pdf([ONE, *(rest(n) for n in range(2, 7))])


def found(body: bytes, content_type: str = "application/pdf"):
    made = read_document(body, URL, content_type=content_type)
    assert made is not None
    return made


@pytest.mark.parametrize(
    "content_type", ["application/pdf", "application/octet-stream", ""]
)
def test_a_paper_is_read_by_its_columns(content_type):
    made = found(PAPER, content_type)
    assert (made.title, made.url) == ("Glazes of Nothing but Ash", URL)
    assert [(b.kind, b.text) for b in made.blocks if b.anchor == "page=1"] == [
        ("heading", "Ines Halvorsen"),
        ("heading", "1 Introduction"),
        ("paragraph", FIRST),
        ("paragraph", SECOND),
        ("item", "first, the cones"),
        ("item", "then, the colour of the fire which is seen through the spy hole"),
    ]  # fmt: skip


def test_running_heads_and_page_numbers_are_left_out():
    text = "This is the page of {0} and it says so in its first lines, then {0} ends."
    later = [block for block in found(PAPER).blocks if block.anchor != "page=1"]
    assert later == [
        Block("paragraph", text.format(GLAZES[n]), anchor=f"page={n}")
        for n in range(2, 7)
    ]


def test_heads_that_change_are_known_by_their_place():
    pages = [
        [(72, 760, 10, f"On {g}"), *column([f"All of {g} fills", f"a page, {g} says."])]
        for g in GLAZES
    ]
    assert [block.text for block in found(pdf(pages)).blocks] == [
        f"All of {g} fills a page, {g} says." for g in GLAZES
    ]


def test_titles_of_slides_stay():
    pages = [
        [(72, 760, 20, f"On {g}"), *column([f"All of {g} fills", f"a page, {g} says."])]
        for g in GLAZES
    ]
    assert [b.text for b in found(pdf(pages)).blocks if b.kind == "heading"] == [
        f"On {g}" for g in GLAZES[1:]
    ]


def test_a_hyphen_stays_where_the_word_has_it_elsewhere():
    lines = [
        "The glaze is well-",
        "built, and a well-built kiln is warm in the mor-",
        "ning.",
    ]
    made = found(pdf([column(lines)]))
    assert (
        made.blocks[0].text
        == "The glaze is well-built, and a well-built kiln is warm in the morning."
    )


def test_a_table_of_contents_is_left_out():
    lines = [
        "1 Ash . . . . . . . . . . 3",
        "2 Clay ........... 12",
        "Ash glazes run. They melt.",
    ]
    assert [block.text for block in found(pdf([column(lines)])).blocks] == [
        "Ash glazes run. They melt."
    ]


def test_its_own_title_is_believed_unless_a_program_wrote_it():
    assert found(pdf([ONE], title="Ash", author="I. Halvorsen")).title == "Ash"
    assert (
        found(pdf([ONE], title="Ash", author="I. Halvorsen")).author == "I. Halvorsen"
    )
    assert (
        found(pdf([ONE], title="Microsoft Word - ash.doc")).title
        == "Glazes of Nothing but Ash"
    )
    assert found(pdf([rest(2)])).title == "ash"


def test_passages_open_their_page_and_have_no_text_fragment():
    reading = read(PAPER, URL, content_type="application/pdf")
    article = assemble(
        URL, [(Item(URL), SourceRecord("https://b.example/", "linkpage"))], reading
    )
    model = HashEmbedder()
    passages = split(
        article, count_tokens=model.count_tokens, window=model.window, target=30
    )
    anchors = [passage.anchor for passage in passages]
    assert anchors[0] == "page=1"
    assert anchors[-1] == "page=6"
    assert "page=4" in anchors
    assert {passage.fragment for passage in passages} == {""}
    assert article.evidence == "article"


def encrypted(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(PAPER)))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


LOOP = PAPER.replace(b"/Kids [", b"/Kids [2 0 R ")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (encrypted("secret"), "an encrypted PDF that asks for a password"),
        (pdf([[], [], []], scan=True), "without text: its pages are pictures"),
        (pdf([]), "without text"),
        (PAPER[:200], "a broken PDF|without text"),
        (b"%PDF-1.7\n" + b"\x00\xff" * 5000, "a broken PDF|without text"),
        (b"%PDF-", "a broken PDF"),
        (b"no such thing", "a broken PDF"),
    ],
)
def test_what_gives_no_text_is_refused_in_a_sentence(body, sentence):
    with pytest.raises(ExtractError, match=sentence):
        found(body)


def test_a_password_that_only_forbids_printing_hinders_nobody():
    assert found(encrypted("")).title == "Glazes of Nothing but Ash"


@pytest.mark.parametrize(
    "body", [LOOP, PAPER[: len(PAPER) * 3 // 4], PAPER.replace(b"endstream", b"")]
)
def test_a_damaged_file_gives_what_is_left_or_a_sentence(body):
    try:
        assert "Wood ash melts" in "".join(block.text for block in found(body).blocks)
    except ExtractError as error:
        assert "PDF" in str(error)  # noqa: PT017  either is right


def test_of_thousands_of_pages_the_first_are_read_and_that_is_said(monkeypatch):
    monkeypatch.setattr(reader, "PAGES", 20)
    made = found(
        pdf([column([f"On page {n} there are words."]) for n in range(1, 5001)])
    )
    assert made.blocks[-1].text == "[Blogsearch has read the first 20 of 5,000 pages.]"
    assert made.blocks[-2] == Block(
        "paragraph", "On page 20 there are words.", anchor="page=20"
    )


def test_a_slow_file_is_read_as_far_as_time_allows(monkeypatch):
    monkeypatch.setattr(reader, "SECONDS", -1.0)
    with pytest.raises(ExtractError, match="takes too long"):
        found(PAPER)


def test_a_broken_page_does_not_spoil_the_others():
    good, bad = column(["Wood ash melts and runs."]), [(72, 71, 10, "Never.")]
    odd = pdf([good, bad, good]).replace(b"1 72 71 Tm", b"1 72 %b Tm" % (b"9" * 400))
    assert [block.anchor for block in found(odd).blocks if "ash" in block.text] == [
        "page=1",
        "page=3",
    ]


def test_a_file_of_which_no_page_can_be_read_is_called_broken():
    odd = pdf([[(72, 71, 10, "Never.")]]).replace(
        b"1 72 71 Tm", b"1 72 %b Tm" % (b"9" * 400)
    )
    with pytest.raises(ExtractError, match="none of its pages can be read"):
        found(odd)


def test_a_login_page_in_its_place_is_no_pdf():
    assert kind_of(b"<!DOCTYPE html><p>Sign in", URL, content_type="text/html") is None
    assert (
        kind_of(b"<!DOCTYPE html><p>Sign in", URL, content_type="application/pdf")
        is None
    )


def test_only_for_articles_the_fetcher_takes_pdf_files():
    with (
        scripted({"/ash.pdf": Served(PAPER, headers=HEADERS)}) as site,
        HttpFetcher(Limits(tries=1)) as web,
    ):
        url = f"{site.base}/ash.pdf"
        assert web.fetch(url, article=True, allow_private=True).body == PAPER
        with pytest.raises(FetchError, match="This is no page but application/pdf"):
            web.fetch(url, allow_private=True)
