"""Moves that HTML states."""

from __future__ import annotations

import pytest

from indexer.text.stated_moves import stated_move

URL = "https://old.example/a/post.html"
NEW = "https://new.example/post/"


def refresh(content: str) -> bytes:
    return f'<html><head><meta http-equiv="refresh" content="{content}"></head></html>'.encode()


@pytest.mark.parametrize(
    ("content", "target"),
    [
        (f"0; url={NEW}", NEW),
        (f"0;URL='{NEW}'", NEW),
        (f"0;url=&quot;{NEW}&quot;", NEW),
        (f"0,{NEW}", NEW),
        (f"1.0 ; Url = {NEW}", NEW),
        ("0; url=/b/", "https://old.example/b/"),
        ("0; url=../b.html?x=1&amp;y=2", "https://old.example/b.html?x=1&y=2"),
        (f"8; url={NEW}", NEW),
        ("300", ""),
        ("0; url=post.html#top", ""),
        ("0; url=javascript:alert(1)", ""),
        (f"900; url={NEW}", ""),
        (f"soon; url={NEW}", ""),
        ("", ""),
    ],
)
def test_where_a_refresh_leads(content, target):
    assert stated_move(refresh(content), URL) == target


@pytest.mark.parametrize(
    "page",
    [
        f"<META content='0;URL={NEW}' HTTP-EQUIV=Refresh>",
        f"<!doctype html><title>x</title><noscript>No scripts</noscript><meta http-equiv=refresh content='0; {NEW}'/>",
    ],
)
def test_however_it_is_written(page):
    assert stated_move(page.encode(), URL) == NEW
    assert stated_move(page.encode("utf-16"), URL) == NEW


@pytest.mark.parametrize(
    "around",
    ["<!-- {} -->", "<noscript>{}</noscript>", "<script>var a = '{}'</script>"],
)
def test_what_no_reader_is_led_by(around):
    meta = f'<meta http-equiv="refresh" content="0; url={NEW}">'
    assert stated_move(around.format(meta).encode(), URL) == ""


def test_a_page_with_a_text_of_its_own_that_leads_on_later_stays():
    text = "<p>" + "The weir was built of oak and stone. " * 40 + "</p>"
    assert stated_move(refresh(f"20; url={NEW}") + text.encode(), URL) == ""
    assert stated_move(refresh(f"0; url={NEW}") + text.encode(), URL) == NEW
