"""Files of bookmarks as browsers and services write them: every bookmark a link."""

from __future__ import annotations

import json
from datetime import date

import pytest

from indexer.sources.detect import detect
from indexer.sources.link_lines import LinkEntry
from indexer.sources.link_pages import parse_link_page

MAY_7 = date(2019, 5, 7)  # 1557216000
NETSCAPE = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<H1>Bookmarks</H1>\n"


def read(text: str, name: str = "export.html") -> tuple[LinkEntry, ...]:
    body, url = text.encode(), f"file:///home/me/{name}"
    assert detect(body, url=url) == "linkpage"
    return parse_link_page(body, url).entries


def test_a_browsers_file_with_folders_in_folders():
    entries = read(
        NETSCAPE
        + """<DL><p>
    <DT><H3 ADD_DATE="1557216000" PERSONAL_TOOLBAR_FOLDER="true">Bookmarks bar</H3>
    <DL><p>
        <DT><A HREF="https://a.example/1" ADD_DATE="1557216000" ICON="data:image/png;base64,AA">On weirs &amp; mills</A>
        <DT><H3>Deep</H3>
        <DL><p>
            <DT><A HREF="https://a.example/2" ADD_DATE="1557216000000000">Two</A>
            <DT><A HREF="javascript:alert(1)">Run</A>
            <DT><A HREF="place:sort=8&maxResults=10">Most visited</A>
        </DL><p>
        <DT><A HREF="https://a.example/3">Three</A>
    </DL><p>
    <DT><A HREF="https://a.example/4">Four</A>
</DL><p>"""
    )
    assert [(each.url[-1], each.section, each.noted) for each in entries] == [
        ("1", "Bookmarks bar", MAY_7),
        ("2", "Bookmarks bar › Deep", MAY_7),
        ("3", "Bookmarks bar", None),
        ("4", "", None),
    ]
    assert entries[0].anchor_text == entries[0].note == "On weirs & mills"


def test_safari_writes_lists_without_dates():
    entries = read(
        """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<HTML><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8"><Title>Bookmarks</Title><H1>Bookmarks</H1>
<DT><H3 FOLDED>Favorites</H3><DL><p><DT><A HREF="https://a.example/1">One</A></DL><p>
<DT><H3 FOLDED id="com.apple.ReadingList">Reading List</H3><DL><p><DT><A HREF="https://a.example/2">Two</A></DL><p>
</HTML>"""
    )
    assert [each.section for each in entries] == ["Favorites", "Reading List"]


LINK = '<DT><A HREF="https://a.example/1" ADD_DATE="1557216000" {}>On weirs</A>\n<DD>{}'


@pytest.mark.parametrize(
    "line",
    [
        LINK.format('PRIVATE="0" TOREAD="1" TAGS="water,mills"', "Worth it."),
        LINK.format('LAST_MODIFIED="1657216000" TAGS="water, mills"', "Worth it.</DD>"),
        LINK.format('TAGS="water,mills"', "[linkding-notes]Worth it.[/linkding-notes]"),
    ],
)
def test_tags_and_descriptions(line):
    (first, second) = read(
        f'{NETSCAPE}<DL><p>\n{line}\n<DT><A HREF="https://a.example/2">Two</A>\n</DL><p>'
    )
    assert first.note == "On weirs: Worth it. (water, mills)"
    assert (first.noted, first.anchor_text) == (MAY_7, "On weirs")
    assert second.note == "Two"


@pytest.mark.parametrize(
    "page",
    [
        '<!DOCTYPE html><html><head><title>Pocket Export</title></head><body><h1>Unread</h1><ul>'
        '<li><a href="https://a.example/1" time_added="1557216000" tags="water">On weirs</a></li></ul>'
        '<h1>Read Archive</h1><ul><li><a href="https://a.example/2" time_added="1557216000" tags="">Two</a></li>',
        '<!DOCTYPE html><html><head><title>Instapaper: Export</title></head><body><h1>Unread</h1><ol>'
        '<li><a href="https://a.example/1">On weirs</a></ol><h1>Read Archive</h1><ol>'
        '<li><a href="https://a.example/2">Two</a></ol></body></html>',
    ],
)  # fmt: skip
def test_lists_to_read_later(page):
    entries = read(page)
    assert [(each.url[-1], each.section) for each in entries] == [
        ("1", "Unread"),
        ("2", "Read Archive"),
    ]


@pytest.mark.parametrize(
    "table",
    [
        "title,url,time_added,tags,status\nOn weirs,https://a.example/1,1557216000,water|mills,unread\n",
        "URL,Title,Selection,Folder,Timestamp,Tags\n"
        'https://a.example/1,On weirs,,unread,1557216000,"[""water"",""mills""]"\n',
        "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n"
        '9,On weirs,,,https://a.example/1,unread,"water, mills",2019-05-07T08:00:00.000Z,,,false\n',
        "url;title;folder;added;tags\nhttps://a.example/1;On weirs;unread;2019-05-07;water,mills\n",
    ],
)
def test_tables(table):
    (entry,) = read("\ufeff" + table, "export.csv")
    assert (entry.url, entry.anchor_text) == ("https://a.example/1", "On weirs")
    assert (entry.section, entry.noted) == ("unread", MAY_7)
    assert entry.note == "On weirs (water, mills)"


def test_lists_and_trees_in_json():
    pinboard = [
        {
            "href": "https://a.example/1",
            "description": "On weirs",
            "extended": "Worth it.",
            "time": "2019-05-07T08:00:00Z",
            "shared": "yes",
            "tags": "water mills",
        }
    ]
    (entry,) = read(json.dumps(pinboard), "pinboard.json")
    assert entry.note == "On weirs: Worth it. (water, mills)"
    assert entry.noted == MAY_7
    weirs = {"name": "On weirs", "url": "https://a.example/1"}
    bar = {"name": "Bar", "children": [weirs | {"date_added": "13201689600000000"}]}
    (entry,) = read(
        json.dumps({"checksum": "0", "roots": {"bookmark_bar": bar}}), "Bookmarks"
    )
    assert (entry.section, entry.noted, entry.note) == ("Bar", MAY_7, "On weirs")
    firefox = {"title": "", "children": [{"title": "menu", "children": [
        {"title": "On weirs", "uri": "https://a.example/1", "dateAdded": 1557216000000000}]}]}  # fmt: skip
    (entry,) = read(json.dumps(firefox), "bookmarks-2019.json")
    assert (entry.section, entry.noted) == ("menu", MAY_7)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("# A table\n\nurl,title\nare names\n", "a.md"),
        ("link,price\nnone,3\n", "a.csv"),
        ("url\nhttps://a.example/1\n", "a.csv"),
        ('{"url": "https://a.example/1", "shared": 1, "unread": true', "a.json"),
        ("<p>An article about <code>ADD_DATE=</code> and links.</p>" * 5, "a.html"),
    ],
)
def test_what_is_no_file_of_bookmarks(text, name):
    assert detect(text.encode(), url=f"file:///home/me/{name}") != "linkpage"


def test_org_mode():
    text = """#+TITLE: Weirs I like
#+STARTUP: overview
* Rivers                                                  :water:
:PROPERTIES:
:ID: 0a1b
:END:
** TODO [2019-05-07 Tue]
- [[https://a.example/1][On weirs]] :: the best drawing
- [[https://a.example/2_(b)]] and [[file:other.org][a note]]
- [[https://a.example/3][Three]]
"""
    page = parse_link_page(text.encode(), "file:///home/me/links.org")
    assert page.title == "Weirs I like"
    first, second, third = page.entries
    assert (first.url, first.anchor_text) == ("https://a.example/1", "On weirs")
    assert first.note == "On weirs :: the best drawing"
    assert (first.section, first.noted) == ("Rivers › 2019-05-07", MAY_7)
    assert second.url in ("https://a.example/2_(b)", "https://a.example/2_%28b%29")
    assert "0a1b" not in third.note
    assert detect(text.encode(), url="file:///home/me/links.org") == "linkpage"


def test_badges_of_a_list_are_no_links():
    text = """# Awesome weirs [![Awesome](https://awesome.re/badge.svg)](https://awesome.re)

[![Build](https://img.shields.io/travis/x/y.svg)](https://travis-ci.org/x/y) [![CI](https://github.com/x/y/actions/workflows/ci.yml/badge.svg)](https://github.com/x/y/actions)

## Rivers
- [On weirs](https://a.example/1) - The best drawing.
- [![A weir](https://a.example/weir.jpg)](https://a.example/2) - A linked picture.
- [Badge of honour](https://a.example/badge) - No picture.
"""
    entries = parse_link_page(text.encode(), "https://a.example/README.md").entries
    assert [each.url[-1] for each in entries] == ["1", "2", "e"]


def test_logseqs_lines_of_properties_are_no_text():
    text = """title:: Weirs I like
tags:: water

- ## Rivers
  collapsed:: true
  id:: 6203-aa
\t- [On weirs](https://a.example/1) the best drawing
\t  id:: 6203-bb
\t- [Two](https://a.example/2)
\t- [Three](https://a.example/3)
"""
    page = parse_link_page(text.encode(), "file:///home/me/links.md")
    assert page.title == "Weirs I like"
    assert page.entries[0].note == "On weirs the best drawing"
