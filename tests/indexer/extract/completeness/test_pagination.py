"""The next page of an article, and what only looks like one."""

import pytest

from indexer.extract.completeness.pagination import next_page
from indexer.extract.dom import parse_html

HERE = "http://a.example/2020/long-walk"


@pytest.mark.parametrize(
    ("address", "html"),
    [
        (HERE, "<link rel=next href=/2020/long-walk/2>"),
        (HERE + "/", "<link rel=next href=/2020/long-walk/2/>"),
        (HERE, "<a rel=next href='?page=2'>next</a>"),
        (HERE + "?id=7", "<a rel=next href='?id=7&amp;page=2'>next</a>"),
        (HERE + ".html", "<a rel=next href=long-walk-2.html>next</a>"),
        (HERE + ".html", "<a rel=next href=long-walk_2.html>next</a>"),
        (HERE, "<link rel=next href=/2020/long-walk/page/2/>"),
        (
            "http://a.example/?p=12",
            "<div class=page-links>Pages: 1 <a href='/?p=12&page=2'>2</a></div>",
        ),
        (
            HERE,
            "<div class='page-links'><span>1</span> <a href=/multipage/2>2</a> <a href=/multipage/3>3</a></div>",
        ),
    ],
)
def test_the_next_page_is_found(address, html):
    found = next_page(parse_html(html), address)
    assert "2" in found
    assert found.startswith("http://a.example/")


@pytest.mark.parametrize(
    ("address", "html"),
    [
        (HERE, "<link rel=next href=/2020/another-walk>"),
        (HERE, "<a rel=next href=/2020/long-walk-home>next post</a>"),
        (HERE, "<link rel=next href=/2020/long-walk/3>"),
        (HERE, "<link rel=next href=http://b.example/2020/long-walk/2>"),
        (HERE, "<a href=/2020/long-walk/2>2</a>"),
        ("http://a.example/archives/000486.html", "<link rel=next href=000487.html>"),
        ("http://a.example/posts/1", "<link rel=next href=/posts/2>"),
        ("http://a.example/", "<link rel=next href=/page/2>"),
        (HERE, "<div class=pagination><a href=/page/2>2</a></div>"),
    ],
)
def test_the_next_post_is_no_next_page(address, html):
    assert next_page(parse_html(html), address) == ""


def test_later_pages_go_on_by_one():
    html = "<a rel=next href=/2020/long-walk/3>next</a>"
    found = next_page(parse_html(html), HERE + "/2", first=HERE, number=2)
    assert found == HERE + "/3"
    back = "<div class=page-links><a href=/2020/long-walk>1</a> <span>2</span></div>"
    assert next_page(parse_html(back), HERE + "/2", first=HERE, number=2) == ""


def test_a_saved_page_of_several_says_so():
    html = (
        "<div class=page-links>Pages: <span>1</span> <a href=/multipage/2>2</a></div>"
    )
    assert next_page(parse_html(html), "file:///home/ada/walk.html")
