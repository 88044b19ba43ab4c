"""Nothing that comes from a feed, a page or a question is ever markup, a script or a
way to one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html.entities import html5
from typing import get_args
from urllib.parse import quote
from xml.etree import ElementTree as ET

import html5lib
import pytest

from search.coverage_report import Coverage, NotWhole
from search.errors import ModelError
from search.types import Block, BlockKind, Facets, HitPassage, IndexStatus, Note
from tests.web.canned_engine import CannedEngine, hit
from web import create_app
from web.security import followable
from web.settings import Settings

CALL = "alert(1)"  # what runs if anything does; in a browser a dialog opens
MARKUP = [
    f"<script>{CALL}</script>",
    f"</script><script>{CALL}</script>",
    f"<img src=x onerror={CALL}>",
    f"<svg/onload={CALL}>",
    f'"><svg/onload={CALL}>',
    f"' onmouseover={CALL} autofocus onfocus={CALL} x='",
    f'" onmouseover="{CALL}" autofocus onfocus="{CALL}',
    f"`onmouseover={CALL}",
    f"--><img src=x onerror={CALL}>",
    f"]]><img src=x onerror={CALL}>",
    f"</title><img src=x onerror={CALL}>",
    f"</textarea><iframe srcdoc='<img src=x onerror={CALL}>'>",
    f"</option></select><img src=x onerror={CALL}>",
    "</style><style>@import '//evil.example'</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example>",
    "<form action=//evil.example><button>",
    f"<details open ontoggle={CALL}>",
    f"<math><mi//xlink:href='data:x,<script>{CALL}</script>'>",
    f"<a href=javascript:{CALL}>x</a>",
    f"&lt;script&gt;{CALL}&lt;/script&gt;",
    f"&#60;img src=x onerror={CALL}&#62;",
    f"%3Cscript%3E{CALL}%3C/script%3E",
    "{{7*7}}{%print 7*7%}{#",
    f"\u2028{CALL}\u2029",
    f"\ufeff<script>{CALL}</script>",
    f"<scr\u0000ipt>{CALL}</script>",
    f"\u202e<b>{CALL}",
    f"＜script＞{CALL}＜/script＞",
    "<plaintext>",
    f"<noscript><p title='</noscript><img src=x onerror={CALL}>'>",
    "<x id=q name=q>",
    "<!--",
    "<![CDATA[",
    "<?xml?>",
]
ADDRESSES = [
    f"javascript:{CALL}",
    f"JaVaScRiPt:{CALL}",
    f" javascript:{CALL}",
    f"\x01javascript:{CALL}",
    f"java\nscript:{CALL}",
    f"java\tscript:{CALL}",
    f"java&#10;script:{CALL}",
    f"javascript&colon;{CALL}",
    f"&#106;avascript:{CALL}",
    f"javascript://blog.example/%0a{CALL}",
    "vbscript:msgbox(1)",
    f"data:text/html,<script>{CALL}</script>",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "blob:https://x/1",
    "view-source:http://x/",
    "about:blank",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example\\x",
    "http:evil.example",
    "http:\\\\evil.example",
    "http:///evil.example",
    "https://bank.example@evil.example/",
    "https://bank.example:pw@evil.example/",
    "https://bank.example\\@evil.example/",
    "https://bank.example%40@evil.example/",
    "http://[::1",
    "http://ex ample/",
    "http://a\r\nSet-Cookie: x/",
    "https://a.example/\u202egpj.exe",
    "intent://x#Intent;end",
    "ws://evil.example/",
    "ftp://evil.example/",
    "mailto:a@b",
    "jar:http://x!/",
    "feed:javascript:alert(1)",
]
HONEST = 'https://blog.example/a"b\'<c>&d=1?x=<y>#"z'  # odd, and a link: it has to lead nowhere else
VOID = {
    "script",
    "img",
    "svg",
    "iframe",
    "base",
    "form",
    "math",
    "style",
    "object",
    "embed",
    "plaintext",
    "textarea",
    "noscript",
}
OWN_SCRIPTS = 2  # the theme before the first paint, and the page
PAGES = [
    "/",
    "/?q=gradient&limit=100",
    "/?q=gradient&sort=newest",
    "/?q=unsure+gradient",
    "/?q=gradeint",
    "/coverage",
]


def hostile_hit(number, text, url):
    other = f"{url}#{number}"
    note = Note(text, text, text, date(2024, 1, 1), url, 1)
    passages = (
        HitPassage(
            f"gradient {text}\n\n    {text};\n    {text}()", text, other, (), 0.9
        ),
        HitPassage(text, text, url, (), 0.5),
    )
    return hit(
        number, f"gradient {text}", "", url=url, site=text, author=text, note=note, passages=passages,
        also_at=(url, other), dead_since=date(2024, 1, 1), archived=url, evidence="link",
    )  # fmt: skip


class HostileEngine(CannedEngine):
    """Every field of all that it gives is hostile, each text with an address, each
    address with a text."""

    def __init__(self):
        super().__init__()
        pairs = [(text, HONEST) for text in MARKUP] + [
            (MARKUP[n % 9], url) for n, url in enumerate(ADDRESSES)
        ]
        self.hits = [hostile_hit(n, *pair) for n, pair in enumerate(pairs)]

    def search(self, question, **told):
        answer = super().search(question, **{**told, "limit": 100})
        names = tuple((text, 3) for text in MARKUP)
        facets = Facets(((2020, 1), (2021, 2)), names, names, names)
        mended = f"gradient {MARKUP[0]}" if answer.corrected else None
        return replace(answer, facets=facets, corrected=mended)

    def related(self, url, *, limit=10):
        return replace(super().related(url, limit=100), title=MARKUP[4])

    def article(self, url):
        found = replace(super().article(url), title=MARKUP[4])
        if url != HONEST:
            return found
        kinds = get_args(BlockKind)
        texts = [*MARKUP, *(f"$\\text{{{text}}}$ and $${text}$$" for text in MARKUP)]
        blocks = tuple(
            Block(kind, text, level=1 + number % 6, anchor=text)
            for number, text in enumerate(texts)
            for kind in kinds
        )
        return replace(found, blocks=blocks)

    def status(self):
        return IndexStatus(
            3,
            3,
            tuple((text, 3) for text in MARKUP),
            (2020, 2021),
            MARKUP[4],
            MARKUP[4],
        )

    def coverage(self):
        return tuple(
            Coverage(url, "feed", text, error=text, known=1, missing=1, found=((text, 1),),
                     not_whole=(NotWhole(url, text, "nothing", text),))
            for text, url in [*((text, HONEST) for text in MARKUP), *((MARKUP[0], url) for url in ADDRESSES)]
        )  # fmt: skip


@pytest.fixture(scope="module")
def hostile():
    return create_app(Settings(log="off"), HostileEngine()).test_client()


@pytest.fixture(scope="module")
def plain():
    return create_app(Settings(log="off"), CannedEngine()).test_client()


def addresses(tree):
    return [
        e.get(name)
        for e in tree.iter()
        for name in ("href", "src", "action")
        if e.get(name) is not None
    ]


def assert_dead(text, *, scripts=OWN_SCRIPTS):
    """Re-parsed as a browser would, the page holds only what our templates wrote."""
    tree = html5lib.parse(text, namespaceHTMLElements=False)
    counts = [e.tag for e in tree.iter() if e.tag in VOID]
    is_page = bool(scripts)
    assert sorted(counts) == ["form"] * is_page + ["script"] * scripts
    for element in tree.iter():
        assert isinstance(element.tag, str) or element.tag.__name__ == "Comment", (
            element
        )
        names = [str(name) for name in element.attrib]
        assert not [
            n
            for n in names
            if n.startswith("on")
            or n in ("style", "srcdoc", "formaction", "background")
        ]
    assert not [e for e in tree.iter() if not isinstance(e.tag, str)]  # comments
    # Of the reader page one more each: its own style sheet, and noindex.
    assert len(list(tree.iter("meta"))) in ({5, 6} if is_page else {0})
    links = list(tree.iter("link"))
    feeds = [link for link in links if link.get("rel") == "alternate"]
    # Results have two, of this very server.
    assert len(feeds) in ({0, 2} if is_page else {0})
    assert all(link.get("href").startswith("/search.") for link in feeds)
    assert len(links) - len(feeds) in ({7, 8} if is_page else {0})
    for address in addresses(tree):
        assert re.match(
            r"(https?://[\w.-]+(:\d+)?/|/|#|file\?|article\?|related\?|\?)", address
        ), address
        assert not re.match(r"/[/\\]", address), address
        assert "evil.example" not in address.partition("?")[0]
        assert not re.search(r"[\x00-\x20\\]", address), address
    return tree


@pytest.mark.parametrize(
    "path",
    [
        *PAGES,
        f"/related?url={quote(HONEST, safe='')}",
        *(
            f"/article?q=gradient&start=0&end=999&url={quote(url, safe='')}"
            for url in [HONEST, *ADDRESSES]
        ),
    ],
)
def test_no_page_comes_to_life_by_what_is_indexed(hostile, path):
    response = hostile.get(path)
    assert response.status_code == 200
    assert_dead(response.text)


def test_what_is_shown_is_what_was_written(hostile):
    tree = html5lib.parse(hostile.get("/?q=gradient").text, namespaceHTMLElements=False)
    titles = [
        " ".join("".join(h.itertext()).split()) for h in tree.iterfind(".//article//h2")
    ]
    written = [
        " ".join(f"gradient {text}".replace("\0", "").split()) for text in MARKUP
    ]
    assert titles[: len(MARKUP)] == written
    links = {a.get("href") for a in tree.iterfind(".//article//h2/a")}
    assert {link.rpartition("#")[0] for link in links} == {HONEST}


@pytest.mark.parametrize("text", [*MARKUP, *ADDRESSES])
def test_no_page_comes_to_life_by_what_is_asked(plain, text):
    asked = quote(text, safe="")
    for path in (
        f"/?q={asked}&site={asked}&year={asked}",
        f"/?q=zzz&author={asked}&site={asked}",
        f"/?q=gradient+{asked}&author={asked}&sort={asked}",
        f"/related?url={asked}",
        f"/article?url={asked}",
        f"/article?url=http://127.0.0.1:1/posts/0/&q={asked}&site={asked}&start={asked}",
        f"/{asked}",
        f"/file?url={asked}",
    ):
        assert_dead(plain.get(path).text)
    # a search that was mended, and narrowed
    exact = plain.get(f"/?q=gradeint+{asked}&site={asked}&lang=en")
    assert_dead(exact.text)


@pytest.mark.parametrize("url", ADDRESSES)
def test_an_address_that_leads_elsewhere_than_it_says_is_no_link(url):
    assert followable(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://blog.example/a?b=c&d=e#f",
        "http://xn--bcher-kva.example:8080/ä/",
        HONEST,
    ],
)
def test_an_ordinary_address_is_one(url):
    assert followable(url) == url


def test_an_error_says_nothing_that_could_live(hostile):
    class Failing(HostileEngine):
        def search(self, question, **told):
            raise ModelError(f"/home/me/{MARKUP[0]}")

    client = create_app(Settings(log="off"), Failing()).test_client()
    response = client.get("/?q=gradient")
    assert response.status_code == 503
    assert_dead(response.text)
    assert "/home/me" not in response.text


@pytest.mark.parametrize(
    "path",
    [
        "/api/search?q=gradient&limit=100",
        "/api/similar?text=gradient",
        f"/api/related?url={quote(HONEST, safe='')}",
        "/healthz",
        "/openapi.json",
        f"/api/search?limit={quote(MARKUP[0])}",
        f"/api/{quote(MARKUP[0])}",
    ],
)
def test_json_is_nothing_to_a_parser_of_html_or_scripts(hostile, path):
    response = hostile.get(path)
    assert response.content_type == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search("[<>&\u2028\u2029]", response.text)
    assert_dead(response.text, scripts=0)
    assert json.loads(response.text) == response.get_json()


def test_json_gives_the_texts_as_they_are(hostile):
    found = hostile.get("/api/search?q=gradient&limit=100").get_json()["results"]
    assert [one["author"] for one in found][: len(MARKUP)] == MARKUP
    assert [one["url"] for one in found][len(MARKUP) :] == ADDRESSES


@pytest.mark.parametrize("host", ["localhost", "a.example:81", "xn--bcher-kva.example"])
def test_the_description_for_browsers_holds_no_more_than_its_host(host):
    client = create_app(
        Settings(log="off", allowed_hosts=frozenset({"*"})), HostileEngine()
    ).test_client()
    root = ET.fromstring(client.get("/opensearch.xml", headers={"Host": host}).text)  # noqa: S314
    addresses = [
        e.get("template") or e.text
        for e in root
        if "://" in (e.get("template") or e.text or "")
    ]
    assert all(address.startswith(f"http://{host}/") for address in addresses)
    for name in ("<script>", 'a"b', "a'b", "a&b", "a b"):
        assert client.get("/opensearch.xml", headers={"Host": name}).status_code == 400


def test_a_local_page_keeps_its_sheets_by_their_hashes_and_nothing_else(
    client, engine, tmp_path
):
    page = tmp_path / "page.html"
    page.write_bytes(
        b"<style>p {\r\n color: red }</style><STYLE media=all>b{}</STYLE><p style='color:blue' onclick=x>"
    )
    engine.hits[0] = replace(engine.hits[0], url=page.as_uri())
    policy = client.get(
        "/file", query_string={"url": page.as_uri()}, buffered=True
    ).headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.count("sha256-") == 2
    page.write_text("<p>none</p>", encoding="utf-8")
    policy = client.get(
        "/file", query_string={"url": page.as_uri()}, buffered=True
    ).headers["Content-Security-Policy"]
    assert "style-src 'none'" in policy


def test_all_that_html_calls_by_a_name_is_written_as_it_is(plain):
    """Every named entity of HTML 5 in a question comes back in the box as it was
    typed."""
    for start in (0, 700, 1500, 2000):
        text = "".join(f"&{name}" for name in [*html5][start : start + 120])
        tree = html5lib.parse(
            plain.get("/", query_string={"q": text}).text, namespaceHTMLElements=False
        )
        assert tree.find(".//input[@name='q']").get("value") == text
