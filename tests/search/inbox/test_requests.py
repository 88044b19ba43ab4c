"""The inbox: what is put in is read again as it was, in order, whoever else is at it."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.inbox import requests
from search.inbox.requests import Inbox, InboxFull, Request

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
REQUESTS = st.builds(
    Request,
    st.sampled_from(["save", "follow"]),
    TEXTS,
    title=TEXTS,
    note=TEXTS,
    tags=st.lists(TEXTS).map(tuple),
    html=TEXTS,
    saved=TEXTS,
)


@given(st.lists(REQUESTS, max_size=5))
def test_what_is_put_in_comes_out_in_order(left):
    with tempfile.TemporaryDirectory() as folder:
        inbox = Inbox(Path(folder))
        for request in left:
            inbox.put(request)
        assert len(inbox) == len(left)
        found = list(inbox.letters())
        assert [letter.request for letter in found] == left
        for letter in found:
            letter.take_out()
            letter.take_out()  # another run was quicker
        assert list(inbox.letters()) == []


def test_an_inbox_that_is_not_there_is_empty(tmp_path):
    inbox = Inbox(tmp_path / "nowhere")
    assert (len(inbox), list(inbox.letters()), inbox.addresses()) == (0, [], [])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "{", '{"kind": "save", "url": 1, "tags": []}',
             '{"kind": "drop", "url": "x", "tags": []}', '{"kind": "save", "url": "x", "tags": [1]}',
             '{"kind": "save", "url": "x", "tags": [], "more": ""}'],
)  # fmt: skip
def test_what_is_no_request_is_set_aside_and_stays(tmp_path, text):
    inbox = Inbox(tmp_path)
    inbox.put(Request("save", "https://blog.example/"))
    odd = tmp_path / "inbox" / "0.json"
    odd.write_text(text)
    assert inbox.addresses() == ["https://blog.example/"]
    assert odd.with_name("0.json.unreadable").read_text() == text
    assert len(inbox) == 1


def test_a_half_written_file_is_no_request_and_goes_in_time(tmp_path):
    inbox = Inbox(tmp_path)
    inbox.put(Request("save", "https://blog.example/a"))
    half = tmp_path / "inbox" / "1.json.abc.new"
    half.write_text("{")
    inbox.put(Request("save", "https://blog.example/b"))
    assert half.exists()
    assert len(inbox.addresses()) == 2
    old = time.time() - requests.LEFT_AFTER - 1
    os.utime(half, (old, old))
    inbox.put(Request("save", "https://blog.example/c"))
    assert not half.exists()


def test_an_inbox_has_an_end(tmp_path, monkeypatch):
    inbox = Inbox(tmp_path)
    monkeypatch.setattr(requests, "MOST_BYTES", 1000)
    with pytest.raises(InboxFull):
        inbox.put(Request("save", "https://blog.example/", html="x" * 1000))
    inbox.put(Request("save", "https://blog.example/"))
    monkeypatch.setattr(requests, "MOST_WAITING", 1)
    with pytest.raises(InboxFull, match="blog-indexer update"):
        inbox.put(Request("save", "https://blog.example/"))
    assert len(inbox) == 1
