"""The links of a page: the base they start from, and their place in the tree."""

from indexer.extract.dom import parse_html
from indexer.extract.links import base_address, links_in

HOME = "https://blog.example/"


def test_relative_links_start_from_the_first_base():
    root = parse_html("<base><base href=/en/><base href=/de/><a href=post>Post</a>")
    assert base_address(root, HOME) == "https://blog.example/en/"
    assert [link.url for link in links_in(root, HOME)] == [
        "https://blog.example/en/post"
    ]


def test_links_of_menus_are_aside_and_those_of_an_entrys_head_are_not():
    root = parse_html(
        "<nav><a href=/menu>Menu</a></nav><header><a href=/head>Head</a></header>"
        "<article><header><a href=/entry>Entry</a></header></article>"
    )
    assert [(link.url, link.aside) for link in links_in(root, HOME)] == [
        ("https://blog.example/menu", True),
        ("https://blog.example/head", True),
        ("https://blog.example/entry", False),
    ]


def test_entries_of_one_list_have_one_place():
    root = parse_html(
        '<ul><li class="post-1"><a class="t-1" href=/1>One</a>'
        '<li class="post-2"><a class="t-2" href=/2>Two</a></ul><p><a href=/3>Three</a>'
    )
    one, two, three = links_in(root, HOME)
    assert one.place == two.place
    assert three.place != one.place
