"""Encodings, guessed as a browser would guess them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.encoding import declared_charset, decode
from tests.torture.scale import rounds

TEXT = "Größe “naïve” – 5 €"


@pytest.mark.parametrize(
    "mark_and_codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"]
)
def test_what_the_bytes_themselves_tell(mark_and_codec):
    assert decode(TEXT.encode(mark_and_codec)) == TEXT


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(codec):
    assert decode(f"<html>{TEXT}</html>".encode(codec)) == f"<html>{TEXT}</html>"


def test_latin_1_is_windows_1252_as_in_browsers():
    body = TEXT.encode("cp1252")
    assert decode(body, declared="iso-8859-1") == TEXT
    assert decode(b'<?xml version="1.0" encoding="ISO-8859-1"?>' + body).endswith(TEXT)
    assert decode(b"<meta charset=us-ascii>" + body).endswith(TEXT)


def test_declared_encodings():
    assert decode("Это".encode("koi8-r"), declared="KOI8-R") == "Это"
    assert decode('<meta charset="gb2312">你救赎的人'.encode("gb18030")).endswith(
        "你救赎的人"
    )
    assert decode("日本語".encode("shift_jis"), declared="Shift_JIS") == "日本語"


def test_utf_8_is_believed_before_what_is_declared():
    assert decode(TEXT.encode(), declared="iso-8859-1") == TEXT


@pytest.mark.parametrize(
    "label",
    [
        "rot13",
        "zlib",
        "unicode_escape",
        "punycode",
        "no-such",
        "idna",
        "\x00",
        "utf-16",
    ],
)
def test_labels_that_no_page_has(label):
    assert decode(b"caf\xe9 \\u0041", declared=label) == "café \\u0041"


def test_the_charset_of_a_header():
    assert declared_charset('text/html; charset="UTF-8"') == "UTF-8"
    assert declared_charset("text/html") == ""


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.binary(max_size=200), st.text(max_size=12))
def test_any_bytes_are_some_text(body, declared):
    assert isinstance(decode(body, declared=declared), str)


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=80))
def test_utf_8_comes_back(text):
    assert decode(text.encode()) == text.removeprefix("\ufeff")
