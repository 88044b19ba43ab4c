"""Encodings, guessed as a browser would guess them."""

from __future__ import annotations

import pytest
import webencodings
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.text.encoding import decode
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
    assert decode(body, "iso-8859-1") == TEXT
    assert decode(b'<?xml version="1.0" encoding="ISO-8859-1"?>' + body).endswith(TEXT)
    assert decode(b"<meta charset=us-ascii>" + body).endswith(TEXT)


def test_declared_encodings():
    assert decode("Это".encode("koi8-r"), "KOI8-R") == "Это"
    assert decode('<meta charset="gb2312">你救赎的人'.encode("gb18030")).endswith(
        "你救赎的人"
    )
    assert decode("日本語".encode("shift_jis"), "Shift_JIS") == "日本語"


def test_utf_8_is_believed_before_what_is_declared():
    assert decode(TEXT.encode(), "iso-8859-1") == TEXT


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
    assert decode(b"caf\xe9 \\u0041", label) == "café \\u0041"


# Text of each encoding of https://encoding.spec.whatwg.org/#names-and-labels, and the
# codec that wrote it.
SAMPLES = {
    "big5": ("中文文章學習編程", "big5hkscs"),
    "euc-jp": ("日本語の文章", "euc_jp"),
    "euc-kr": ("한국어 문장 펲", "cp949"),
    "gb18030": ("中文文章€𠀀", "gb18030"),
    "gbk": ("中文文章㐂", "gb18030"),
    "ibm866": ("русский ─ текст", "cp866"),
    "iso-2022-jp": ("日本語の文章", "iso2022_jp"),
    "iso-8859-2": ("Zażółć gęślą jaźń", "iso8859-2"),
    "iso-8859-3": ("ĉiuĵaŭde", "iso8859-3"),
    "iso-8859-4": ("ķīļūž", "iso8859-4"),
    "iso-8859-5": ("русский текст", "iso8859-5"),
    "iso-8859-6": ("نص عربي", "iso8859-6"),
    "iso-8859-7": ("ελληνικά", "iso8859-7"),
    "iso-8859-8": ("טקסט", "iso8859-8"),
    "iso-8859-8-i": ("טקסט", "iso8859-8"),
    "iso-8859-10": ("ķīļūž", "iso8859-10"),
    "iso-8859-13": ("ķīļūž “", "iso8859-13"),
    "iso-8859-14": ("ŵŷḃ", "iso8859-14"),
    "iso-8859-15": ("5 € œuvre", "iso8859-15"),
    "iso-8859-16": ("funcționează", "iso8859-16"),
    "koi8-r": ("русский ─ текст", "koi8-r"),
    "koi8-u": ("українська їжа", "koi8-u"),
    "macintosh": ("naïve “so” – café", "mac-roman"),
    "shift_jis": ("日本語の文章①", "cp932"),
    "utf-8": ("Größe “naïve” 中文", "utf-8"),
    "windows-874": ("ภาษาไทย “", "cp874"),
    "windows-1250": ("Zażółć „gęślą” jaźń", "cp1250"),
    "windows-1251": ("русский «текст» – №", "cp1251"),
    "windows-1252": ("Größe “naïve” – 5 €", "cp1252"),
    "windows-1253": ("ελληνικά – ΄", "cp1253"),
    "windows-1254": ("Türkçe “İstanbul’da” ğ", "cp1254"),
    "windows-1255": ("טקסט – ₪", "cp1255"),
    "windows-1256": ("نص عربي – گ", "cp1256"),
    "windows-1257": ("ķīļūž – “", "cp1257"),
    "windows-1258": ("Việt – ơ".replace("ệ", "ê"), "cp1258"),
    "x-mac-cyrillic": ("русский «текст»", "mac-cyrillic"),
    "x-user-defined": (TEXT, "cp1252"),
    # a page that can be searched for its declaration is not in UTF-16
    "utf-16be": (TEXT, "cp1252"),
    "utf-16le": (TEXT, "cp1252"),
    # what browsers refuse to read is guessed
    "replacement": (TEXT, "cp1252"),
}


@pytest.mark.parametrize("label", sorted(webencodings.LABELS))
def test_every_label_that_browsers_know(label):
    text, codec = SAMPLES[webencodings.LABELS[label]]
    assert decode(text.encode(codec), f" {label.upper()}") == text
    page = f'<html><meta content="text/html; charset={label}">{text}'
    assert decode(page.encode(codec)) == page
    feed = f"<?xml version='1.0' encoding='{label}'?><rss>{text}</rss>"
    assert decode(feed.encode(codec)) == feed


def test_all_labels_are_tried():
    assert len(webencodings.LABELS) == 228
    assert set(webencodings.LABELS.values()) == set(SAMPLES)


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("Это текст на русском языке о том, как мы ездили в горы.", "cp1251"),
        ("Это текст на русском языке о том, как мы ездили в горы.", "koi8-r"),
        ("Zażółć gęślą jaźń. W Szczebrzeszynie chrząszcz brzmi w trzcinie, tłukąc się. " * 3, "cp1250"),
        ("Dün arama motorunun nasıl çalıştığı ve insanları anlamanın önemli olduğu. " * 3, "cp1254"),
        ("日本語の文章を書くときはひらがなとカタカナと漢字を使います。", "cp932"),
        ("日本語の文章を書くときはひらがなとカタカナと漢字を使います。", "euc_jp"),
        ("日本語の文章", "iso2022_jp"),
        ("我们今天去公园散步，天气很好，春天来了，万物复苏。", "gbk"),
        ("한국어 문장을 작성할 때는 한글을 사용합니다.", "cp949"),
        ("Αυτό είναι ένα κείμενο στα ελληνικά για τη μηχανική μάθηση", "iso8859-7"),
        # of a text with few letters beyond ASCII nothing can be guessed
        ("“It’s a naïve façade,” he said – and Dalí’s café at Cadaqués: 5 €." * 5, "cp1252"),
        ("Gestern habe ich darüber geschrieben, wie schön große Bäume blühen. " * 5, "cp1252"),
    ],
)  # fmt: skip
def test_what_declares_nothing_is_guessed(text, codec):
    page = f'<html class="no-js"><body class="post"><p>{text}</p></body></html>'
    assert decode(page.encode(codec)) == page


@pytest.mark.parametrize("charset", ["", "iso-8859-1", "gb2312", "windows-1251", "x"])
@pytest.mark.parametrize("meta", ["", "shift_jis", "koi8-r", "utf-8", "utf-16"])
def test_a_page_in_utf_8_is_read_so_whatever_it_is_called(charset, meta):
    page = f'<meta charset="{meta}"><p>{TEXT}</p>'
    assert decode(page.encode(), charset) == page


def test_a_declaration_in_a_comment_declares_nothing():
    page = f'<!-- <meta charset="koi8-r"> --><meta charset="cp1252">{TEXT}'
    assert decode(page.encode("cp1252")) == page


def test_the_header_is_believed_before_the_document():
    text = "Болото и камыш"
    page = f'<meta charset="koi8-r">{text}'.encode("cp1251")
    assert decode(page, "windows-1251").endswith(text)


def test_wrong_bytes_are_windows_1252_and_no_controls_come_out():
    assert decode("naïve ".encode() + b"caf\xe9\x81", "utf-8") == "naïve café\x81"
    assert decode(b"a\x00b\x0bc\r\nd\re\x7f") == "abc\nd\ne"


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.binary(max_size=200), st.text(max_size=12))
def test_any_bytes_are_some_text(body, declared):
    assert isinstance(decode(body, declared), str)


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=80))
def test_utf_8_comes_back(text):
    assert decode(text.encode()) == text.removeprefix("\ufeff")
