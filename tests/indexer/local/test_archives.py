"""WordPress and Ghost exports and saved pages: what is public in them, as text, under
its own address."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.extract.page import ExtractError
from indexer.local.export_items import ExportError
from indexer.local.exports import read_export
from indexer.local.stored_text import read_local_article
from indexer.local.wpautop import wordpress_html
from indexer.records import Item
from indexer.sources.detect import detect
from tests.torture.scale import rounds

DATA = Path(__file__).parents[2] / "data" / "disk"
KEYS = st.sampled_from(["root", "children", "type", "text", "sections", "cards"])
NONSENSE = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
    ),
    max_leaves=8,
)
WORDPRESS = (DATA / "wordpress.xml").read_text("utf-8")

BILLION = '<!DOCTYPE rss [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'


def items(name: str) -> dict[str, Item]:
    """The articles of one of the files, by address."""
    path = DATA / name
    return {
        item.url: item for item in read_export(path.read_bytes(), path.as_uri()).items
    }


def texts(item: Item) -> list[str]:
    return [block.text for block in read_local_article(item).blocks]


def shown(html: str) -> list[tuple[str, str]]:
    item = Item(url="https://a.example/1", content=wordpress_html(html))
    return [(block.kind, block.text) for block in read_local_article(item).blocks]


@pytest.mark.parametrize(
    "name", ["wordpress.xml", "ghost.json", "singlefile.html", "page.mhtml"]
)
def test_archives_are_told_from_feeds_and_pages(name):
    path = DATA / name
    assert detect(path.read_bytes(), url=path.as_uri()) == "archive"


def test_a_page_that_was_saved_from_the_web_is_an_archive_only_on_disk():
    assert (
        detect((DATA / "singlefile.html").read_bytes(), url="https://a.example/x")
        == "page"
    )


# --- WordPress ---


def test_only_what_wordpress_shows_to_everybody_is_read():
    path = DATA / "wordpress.xml"
    archive = read_export(path.read_bytes(), path.as_uri())
    assert (archive.title, archive.home) == ("Moss & Lichen", "https://moss.example")
    assert [
        (item.url, item.title, item.author, item.published) for item in archive.items
    ] == [
        (
            "https://moss.example/2016/03/no-roots/",
            "Why moss needs no roots",
            "Tove Aas",
            "2016-03-06",
        ),
        ("https://moss.example/2021/01/blocks/", "Blocks", "Tove Aas", "2021-01-02"),
        ("https://moss.example/about-moss/", "About the moss", "", "2015-01-01"),
    ]


def test_a_classic_post_has_its_paragraphs_and_no_shortcodes():
    path = DATA / "wordpress.xml"
    roots, blocks, _ = read_export(path.read_bytes(), path.as_uri()).items
    assert texts(roots) == [
        "Moss drinks through its leaves.\nA second line of the same paragraph.",
        "Moss on a roof",
        'if x < 2:\n\n    print("wet")',
        "What it eats",
        "Light, as others do [sic].",
        "And rain. It is patient.",
    ]
    assert texts(blocks) == ["Lichen is two beings.", "a = [1]\n\nb = [2]"]
    assert read_local_article(roots).whole


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ("One.\n\nTwo.", [("paragraph", "One."), ("paragraph", "Two.")]),
        ("<ul>\n<li>One</li>\n<li>Two</li>\n</ul>", [("item", "One"), ("item", "Two")]),
        (
            "See [1] and [this](https://a.example).",
            [("paragraph", "See [1] and [this](https://a.example).")],
        ),
        (
            "Use [[gallery ids='1']] here.",
            [("paragraph", "Use [gallery ids='1'] here.")],
        ),
        ("[embed]https://a.example/v[/embed]", [("paragraph", "https://a.example/v")]),
        ("[code]\n[gallery]\n<b>\n[/code]", [("code", "[gallery]\n<b>")]),
        ('[pullquote author="x"]Said.[/pullquote]', [("paragraph", "Said.")]),
        ("<pre>a\n\nb</pre>", [("code", "a\n\nb")]),
        ("[youtube https://y.example/w?v=1] After.", [("paragraph", "After.")]),
    ],
)
def test_paragraphs_and_shortcodes(stored, expected):
    assert shown(stored) == expected


@given(st.text(alphabet="ab \n[]/<>p=\"'!-\x02\x03", max_size=80))
def test_any_text_becomes_html(stored):
    assert isinstance(wordpress_html(stored), str)


@given(
    st.lists(
        st.text(alphabet="abc ", min_size=1).filter(str.strip), min_size=1, max_size=6
    )
)
def test_no_word_of_a_plain_post_is_lost(paragraphs):
    words = " ".join(text for _, text in shown("\n\n".join(paragraphs))).split()
    assert words == " ".join(paragraphs).split()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (WORDPRESS[: len(WORDPRESS) // 2], "broken at line"),
        (BILLION + WORDPRESS.replace("Blocks", "&b;"), "entities"),
    ],
)
def test_a_broken_or_hostile_export_is_refused_in_a_sentence(text, says):
    with pytest.raises(ExportError, match=says):
        read_export(text.encode(), "file:///x/export.xml")


def test_a_post_without_an_address_has_that_of_the_file():
    text = WORDPRESS.replace("https://moss.example/2021/01/blocks/", "")
    urls = [
        item.url for item in read_export(text.encode(), "file:///x/export.xml").items
    ]
    assert "file:///x/export.xml?post=8" in urls


# --- Ghost ---


def test_only_what_ghost_published_is_read():
    path = DATA / "ghost.json"
    found = read_export(path.read_bytes(), path.as_uri()).items
    own = path.as_uri()
    assert [item.url for item in found] == [
        "https://sails.example/heel/", f"{own}?post=post-2", f"{own}?post=post-3", f"{own}?post=post-6",
    ]  # fmt: skip
    assert (found[0].title, found[0].author, found[0].published) == (
        "Why boats heel",
        "Rui",
        "2020-01-01",
    )
    assert texts(found[0]) == ["Wind pushes high, water low.", "More"]


def test_where_ghosts_html_is_missing_its_other_forms_are_read_and_that_is_told():
    _, lexical, mobiledoc, page = read_export(
        (DATA / "ghost.json").read_bytes(), "file:///g.json"
    ).items
    assert texts(lexical) == ["Sails", "A sail <is> a wing", "hoist()", "jib"]
    assert texts(mobiledoc) == ["Reefs", "Reef early.", "reef()", "twice"]
    assert "lexical" in lexical.remark
    assert "mobiledoc" in mobiledoc.remark
    assert not page.remark


@pytest.mark.parametrize("form", ["lexical", "mobiledoc"])
@settings(max_examples=rounds(30, 1000))
@given(value=NONSENSE)
def test_nonsense_in_a_post_costs_only_that_post(form, value):
    post = {"slug": "a", "status": "published", "title": "A", form: json.dumps(value)}
    (item,) = read_export(
        json.dumps({"db": [{"data": {"posts": [post]}}]}).encode(), "file:///g.json"
    ).items
    assert item.title == "A"


def test_a_broken_ghost_export_is_refused_in_a_sentence():
    with pytest.raises(ExportError, match="broken"):
        read_export(b'{"db": [{"data": {"posts": [', "file:///g.json")


# --- Saved pages ---


def test_a_saved_page_is_the_article_at_the_address_it_was_saved_from():
    (single,) = items("singlefile.html").values()
    assert single.url == "https://kites.example/2018/bridle"
    reading = read_local_article(single)
    assert reading.page.title == "The bridle of a kite"
    assert reading.page.published.isoformat() == "2018-07-08"
    assert (
        not reading.page.noindex
    )  # it is said to search engines, not to the one who saved it
    assert len(reading.blocks) == 2
    (mhtml,) = items("page.mhtml").values()
    assert mhtml.url == "https://kites.example/2019/tails"
    assert texts(mhtml)[0].startswith("A tail—long and light—keeps")


def test_mhtml_in_base64_and_another_charset(tmp_path):
    path = tmp_path / "a.mht"
    body = "PGh0bWw+PGJvZHk+PGFydGljbGU+PHA+RORtbWVydW5nIGltIFdhbGQuPC9wPjwvYXJ0aWNsZT48L2JvZHk+PC9odG1sPg=="
    path.write_text(
        "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\n"
        "Content-Type: text/html; charset=latin-1\nContent-Transfer-Encoding: base64\n"
        f"Content-Location: file:///etc/passwd\n\n{body}\n--b--\n"
    )
    (item,) = read_export(path.read_bytes(), path.as_uri()).items
    assert item.url == path.as_uri()  # it was saved from no address on the web
    assert texts(item) == ["Dämmerung im Wald."]


def test_a_saved_page_without_a_page_is_told(tmp_path):
    path = tmp_path / "a.mhtml"
    path.write_text(
        "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\n\nx\n--b--\n"
    )
    (item,) = read_export(path.read_bytes(), path.as_uri()).items
    with pytest.raises(ExtractError, match="without a page"):
        read_local_article(item)
