"""Mails as articles: who, when and under which address, and the text without what
newsletters put around it."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.local.mail.content import sections_of
from indexer.local.mail.headers import decoded
from indexer.local.mail.html_text import blocks_of_html
from indexer.local.mail.message import ScannedMail, parsed, scan_mail
from indexer.local.mail.redirects import target_of, with_plain_addresses
from indexer.local.mail.scan import find_starts, scan_stored
from indexer.local.stored_text import read_local_article
from tests.torture.scale import rounds

DATA = Path(__file__).parents[3] / "data" / "mail"
BOX = DATA / "newsletters.mbox"
TODAY = date(2026, 3, 1)
MAILGUN = zlib.compress(b"h=1&l=https%3A%2F%2Fa.example%2Fb&r=2")
SUBSTACK = b'{"e":"https://soil.example/pumice?utm_source=x"}'


def scanned() -> list[ScannedMail]:
    starts = find_starts(BOX.as_uri(), 0)
    ends = [*starts[1:], BOX.stat().st_size]
    parts = [
        (f"{BOX.as_uri()}?{start}-{end - start}", "")
        for start, end in zip(starts, ends, strict=True)
    ]
    return scan_stored(parts, TODAY)


def text_of(mail: ScannedMail) -> list[tuple[str, str]]:
    assert mail.item
    return [(block.kind, block.text) for block in read_local_article(mail.item).blocks]


def mail(text: str = "Some words.", **headers: str) -> bytes:
    made = EmailMessage()
    made["Message-ID"] = "<1@a.example>"
    made["From"] = "Ann <ann@a.example>"
    for name, value in headers.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return bytes(made)


def scan(content: bytes) -> ScannedMail:
    return scan_mail("file:///box", content, TODAY)


def shown(html: str) -> list[str]:
    return [block.text for block in blocks_of_html(html)]


def test_each_mail_says_who_wrote_what_when_and_where():
    found = [one.item for one in scanned()]
    assert [
        (item.url, item.title, item.author, item.site, item.published)
        for item in found
        if item
    ] == [
        (
            "https://kitchengarden.substack.com/p/pumice-against-slugs",
            "Pumice against slugs",
            "Mara Lindqvist",
            "The Kitchen Garden",
            "2024-04-13",  # in UTC
        ),
        (
            "mid:tides.9@estuary.example",
            "Tide tables – wrong on the ninth",
            "Joris van den Berg",
            "Estuary Walks",
            "2024-04-03",
        ),
        (
            "mid:loire.44@velo.example",
            "Une chaîne propre roule plus longtemps",
            "Atelier Vélo",
            "Atelier Vélo",
            "2024-05-06",
        ),
    ]


def test_a_newsletter_is_its_text_alone():
    blocks = text_of(scanned()[0])
    assert [kind for kind, _ in blocks] == [
        "paragraph",
        "paragraph",
        "heading",
        "table",
        "item",
        "item",
    ]
    assert blocks[0][1].startswith("Last year the slugs")
    assert blocks[3][1].startswith("Material | Price per sack\nPumice")


def test_plain_text_flows_and_keeps_its_quotations():
    blocks = text_of(scanned()[1])
    assert blocks[0][1].endswith("than they thought.")
    assert blocks[1] == (
        "quote",
        "Is the footbridge open again? I would bring the children.",
    )
    note = (
        "From the harbour office comes one more note: the buoy at the bar is lit again."
    )
    assert ("paragraph", note) in blocks
    assert blocks[-1] == ("paragraph", "More at https://harbour.example.org/notes and")


def test_a_text_that_only_says_that_there_is_html_gives_way():
    blocks = text_of(scanned()[2])
    assert len(blocks) == 2
    assert blocks[0][1].startswith("Une chaîne sale use les pignons")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.example/b?utm_source=mail&id=3", "https://a.example/b?id=3"),
        ("https://eur02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Fb&data=1", "https://a.example/b"),
        ("https://www.google.com/url?q=https://a.example/b&sa=D", "https://a.example/b"),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__a.example_b&d=x", "https://a.example/b"),
        ("https://urldefense.com/v3/__https://a.example/b__;!!x", "https://a.example/b"),
        ("https://x.r.us-east-1.awstrack.me/L0/https:%2F%2Fa.example%2Fb/1/01/x", "https://a.example/b"),
        ("https://click.convertkit-mail2.com/a1/b2/" + base64.urlsafe_b64encode(b"https://a.example/b").decode(), "https://a.example/b"),
        ("https://substack.com/redirect/2/" + base64.urlsafe_b64encode(SUBSTACK).decode() + ".sig", "https://soil.example/pumice"),
        ("https://email.mg.a.example/c/" + base64.urlsafe_b64encode(MAILGUN).decode(), "https://a.example/b"),
        ("https://u1.ct.sendgrid.net/ls/click?upn=u001.abc", ""),
        ("https://x.us1.list-manage.com/track/click?u=1&id=2", ""),
        ("https://email.mg.a.example/c/eJnotzlibatall", ""),
        ("mailto:ann@a.example", ""),
    ],
)  # fmt: skip
def test_detours_are_undone_without_a_request(url, target):
    assert target_of(url) == target


def test_addresses_in_a_text_lose_what_counts_clicks():
    text = (
        "Read it (https://x.list-manage.com/track/click?u=1) or at "
        "https://a.example/b?utm_source=m. Home: https://a.example."
    )
    assert with_plain_addresses(text) == (
        "Read it  or at https://a.example/b. Home: https://a.example."
    )


@pytest.mark.parametrize(
    "html",
    [
        '<p>{}</p><p>To leave, <a href="https://a.example/u">unsubscribe here</a>.</p><p>Ann, 12 Quay Street</p>',
        '<p><a href="https://x.example/v">View this email in your browser</a></p><p>{}</p>',
        '<div style="display:none;max-height:0px">Preview &zwnj;&nbsp;&zwnj;&nbsp;</div><p>{}</p>',
        '<p>&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;</p><p>{}</p>',
        '<p>{}</p><p>You are receiving this by your wish. <a href="https://a.example/p">Manage your preferences</a></p>',
        '<p>{}</p><p>Sie erhalten diese Nachricht auf Wunsch. <a href="x">Newsletter abbestellen</a></p>',
        '<table><tr><td><img src="https://a.example/open.gif" width=1 height=1></td></tr><tr><td>{}</td></tr></table>',
    ],
)  # fmt: skip
def test_what_stands_around_a_newsletter_is_left_out(html):
    text = "The tide tables for the estuary were printed wrong this month, and nobody saw it for a week."
    assert shown(html.format(text)) == [text]


def test_a_paragraph_about_leaving_lists_stays():
    text = "Most people never unsubscribe from a list that they stopped reading years ago, which is a pity."
    assert shown(f"<p>{text}</p><p>Another day.</p>") == [text, "Another day."]


def test_what_is_written_in_brackets_stays():
    html = (
        "<p>Call <code>line.split()</code> [] (https://x.list-manage.com/a) once.</p>"
    )
    assert shown(html) == ["Call line.split() []  once.".replace("  ", " ")]


def test_buttons_say_nothing():
    html = '<p>Words. <a href="x">Read more</a></p><p><a href="x">Share on Facebook</a></p>'
    assert shown(html) == ["Words."]


def test_tables_that_lay_out_are_boxes():
    layout = "<table><tr><td>Left</td><td>Right</td></tr></table>"
    data = "<table><tr><th>Size</th><th>Price</th></tr><tr><td>3</td><td>9</td></tr></table>"
    assert shown(layout + data) == ["Left", "Right", "Size | Price\n3 | 9"]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto-Submitted": "auto-replied"}, "automatic"),
        ({"From": "Mail Delivery System <MAILER-DAEMON@a.example>"}, "automatic"),
        ({"X-Gmail-Labels": "Spam,Unread"}, "deleted"),
        ({"X-Gmail-Labels": "Drafts"}, "draft"),
        ({"X-Mozilla-Status": "0009"}, "deleted"),
        ({"X-Status": "T"}, "draft"),
        ({"Auto-Submitted": "auto-generated"}, ""),
        ({"X-Gmail-Labels": "Inbox,Newsletters", "X-Mozilla-Status": "0001"}, ""),
    ],
)
def test_some_mails_are_no_articles(headers, reason):
    assert scan(mail(**headers)).left_out == reason


def test_reports_and_encrypted_mails_are_left_out():
    made = b"Message-ID: <1@a>\nContent-Type: %s\n\n--b\nContent-Type: text/plain\n\nWords.\n--b--\n"
    report = made % b'multipart/report; report-type=delivery-status; boundary="b"'
    sealed = (
        made
        % b'multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"'
    )
    assert scan(report).left_out == "automatic"
    assert scan(sealed).left_out == "encrypted"
    smime = made % b"application/pkcs7-mime; smime-type=enveloped-data"
    assert scan(smime).left_out == "encrypted"
    inline = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
    assert scan(mail(inline)).left_out == "encrypted"
    assert scan(b"Message-ID: <1@a>\nFrom: a@a\n\n \n").left_out == "empty"


def test_flags_of_a_program_make_no_other_mail():
    first, second = (mail(**{"X-Mozilla-Status": flag}) for flag in ("0000", "0001"))
    assert first != second
    assert scan(first).version == scan(second).version


def test_a_tag_goes_only_where_it_names_the_list():
    tagged = {"Subject": "[tides] Re: [draft] Low water", "List-Id": "<tides.a.example>"}  # fmt: skip
    assert scan(mail(**tagged)).item.title == "Re: [draft] Low water"
    answer = tagged | {"In-Reply-To": "<0@a.example>"}
    assert scan(mail(**answer)).item.title == "[draft] Low water"


@pytest.mark.parametrize(
    ("headers", "link", "address"),
    [
        ({"Archived-At": "<https://lists.example/arch/msg/QX7/>"}, "", "https://lists.example/arch/msg/QX7/"),
        ({"Subject": "Low water"}, "https://www.a.example/2024/low-water?utm_campaign=1", "https://www.a.example/2024/low-water"),
        ({"Subject": "Low water"}, "https://a.example/view/8d7f6a", "mid:1@a.example"),
        ({"Subject": "Low water"}, "https://else.example/low-water", "mid:1@a.example"),
        ({"Subject": "Low water"}, "https://a.example/low-water?token=8d7f", "mid:1@a.example"),
        ({}, "https://us1.campaign-archive.com/?u=a1&id=b2&e=c3", "https://us1.campaign-archive.com/?u=a1&id=b2"),
        ({}, "https://buttondown.com/ann/archive/low-water/", "https://buttondown.com/ann/archive/low-water/"),
    ],
)  # fmt: skip
def test_a_page_on_the_web_is_the_address_where_it_is_certain(headers, link, address):
    made = parsed(mail(**headers))
    del made["Content-Type"]
    made["Content-Type"] = "text/html"
    made.set_payload(f'<p>Words.</p><a href="{link}">View in your browser</a>')
    assert scan(made.as_bytes()).item.url == address


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?= aus =?iso-8859-1?b?S/ZsbiE=?=", "Grüße aus Köln!"),
        ("=?utf-8?B?w6Q=?=\n =?utf-8?B?w7Y=?=", "äö"),
        ("=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "€"),  # parted within a character
        ("=?no-such-charset?q?a=20b?=", "a b"),
        ("plain", "plain"),
    ],
)  # fmt: skip
def test_headers_are_decoded_leniently(header, text):
    assert decoded(header) == text


@pytest.mark.parametrize(
    ("headers", "site"),
    [
        ({"List-Id": "Estuary Walks <walks.estuary.example>"}, "Estuary Walks"),
        ({"List-Id": "<walks.estuary.example>"}, "Ann"),
        # Many write on it: none of them is the site.
        ({"List-Id": "<ntb.lists.example>", "List-Post": "<mailto:ntb@lists.example>"}, "ntb.lists.example"),
        # Mailchimp's have numbers in the name's place.
        ({"List-Id": "b00ccdbb39a8456492b99ae9emc list <b00ccdbb39a8.1621274.list-id.mcsv.net>"}, "Ann"),
        ({}, "Ann"),
        ({"From": "ann@a.example"}, "a.example"),
    ],
)  # fmt: skip
def test_the_site_is_the_list_else_the_sender(headers, site):
    assert scan(mail(**headers)).item.site == site


def test_raw_bytes_in_headers_are_read():
    content = "Message-ID: <1@a>\nFrom: Zoë <z@a>\nSubject: Größe\n\nWords.\n".encode()
    item = scan(content).item
    assert (item.title, item.author) == ("Größe", "Zoë")


@settings(max_examples=rounds(80, 2_000), deadline=None)
@given(st.binary(max_size=300), st.integers(0, 3_000), st.integers(0, 200))
def test_no_mail_breaks_the_reading(noise, place, cut):
    content = BOX.read_bytes()
    hostile = content[: place % len(content)] + noise + content[place + cut :]
    found = scan(hostile)
    for section in sections_of(parsed(hostile)):
        blocks_of_html(section.html)
    assert found.item or found.left_out


def test_an_address_in_packed_data_is_bounded():
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000)).decode()
    assert target_of(f"https://m.example/c/{bomb}") == ""
    deep = base64.urlsafe_b64encode(json.dumps({"e": "https://a.example"}).encode())
    assert target_of(f"https://m.example/{deep.decode()}") == "https://a.example/"
