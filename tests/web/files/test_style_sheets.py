"""The hashes of a page's style sheets are the same however it is cut into pieces."""

from __future__ import annotations

import io
import re
from base64 import b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

import web.files.style_sheets
from web.files.style_sheets import MOST_SHEETS, sheet_hashes

PARTS = st.lists(
    st.sampled_from(
        [b"<style>", b"<STYLE media='x'>", b"</style>", b"</Style >", b"\r\n", b"\r", b"\n", b"<p>", b"a{}",
         b"<styles>", b"<style", b"</sty", b"<", b"\xff"]
    ),
    max_size=25,
).map(b"".join)  # fmt: skip


def whole(page: bytes) -> list[str]:
    """The hashes as one expression over the whole page finds them."""
    pattern = re.compile(rb"<style\b[^<>]*>(.*?)</style", re.IGNORECASE | re.DOTALL)
    sheets = dict.fromkeys(
        sheet.replace(b"\r\n", b"\n") for sheet in pattern.findall(page)
    )
    return [
        f"'sha256-{b64encode(sha256(sheet).digest()).decode()}'" for sheet in sheets
    ]


class Dripping(io.BytesIO):
    """A page that comes in pieces of a few bytes."""

    most = 3

    def read(self, size=-1):
        return super().read(self.most)


@given(PARTS, st.integers(1, 9))
def test_pieces_change_nothing(page, most):
    dripping = Dripping(page)
    dripping.most = most
    assert sheet_hashes(dripping) == whole(page)[:MOST_SHEETS]


def test_the_policy_stays_short():
    page = b"".join(b"<style>p{top:%d}</style>" % n for n in range(99))
    assert sheet_hashes(io.BytesIO(page)) == whole(page)[:MOST_SHEETS]


@pytest.mark.parametrize("hostile", [b"<style ", b"<", b"</style", b"<style>\r"])
def test_a_hostile_page_costs_its_length(hostile, monkeypatch):
    """What waits to be looked at again stays short: no page is looked at twice over."""
    longest = 0

    def unfinished(rest, real=web.files.style_sheets._unfinished):
        nonlocal longest
        left = real(rest)
        longest = max(longest, len(left))
        return left

    monkeypatch.setattr(web.files.style_sheets, "_unfinished", unfinished)
    sheet_hashes(io.BytesIO(hostile * (2_000_000 // len(hostile))))
    assert longest <= web.files.style_sheets.LONGEST_TAG
