"""Requests that nobody honest sends: headers with values of every wrong kind, targets,
and framings in which another request hides."""

from __future__ import annotations

from itertools import product

# Of a log: a line of its own, colours, a title, a line that is written over.
FORGING = "ERROR forged: 0wned"
ESCAPES = b"\x9b31m\xc2\x9b31m\xe2\x80\xae\xe2\x80\xa8ERROR forged: 0wned\xff"

ADDRESSES = [b"http://[", b"http://[::1", b"http://]", b"http://a:99999999", b"//", b"http://\xe2\x80\xae[",
             b"a@b:c@d",
             b"javascript:alert(1)", b"http://[v1.x]", b"null", b"x" * 9000, b"http://localhost\\@evil",
             b"\xed\xa0\x80"]  # fmt: skip
DATES = [b"Thu, 99 Foo 99999 99:99:99 GMT", b"Thu, 01 Jan 0000 00:00:00 GMT", b"9" * 5000,
         b"Thu, 01 Jan 1970 00:00:00 +9999",
         b"Sun, 06 Nov 1994 08:49:37 -99999999", b"1", b",", b"Mon, 31 Feb 2025 25:61:61 GMT"]  # fmt: skip
TAGS = [
    b'"',
    b'W/"',
    b"*",
    b'"' * 99,
    b",,,",
    b'W/"\xff"',
    b'"a" "b"',
    b'"a',
    b"9" * 5000,
]
LISTS = [b"q", b";q=", b"a;q=9e999", b"*/*;q=nan", b"a/b;c=\"", b";;;", b",,,", b"en;q=-1", b"*/*;q=" + b"9" * 5000,
         b"a/b;charset=\"\\", b"text/html;q=0.1" * 500, b"/"]  # fmt: skip
WHOM = [b"", b",", b"1.2.3.4,", b"[", b"[::1", b"::1%", b"1.2.3.4:99999", b'"', b'", 1.2.3.4', b"x" * 9000,
        b"1" * 5000,
        b"for=\"[::1", b"for=_hidden;by=", b"for"]  # fmt: skip
TYPES = [b"multipart/form-data", b"multipart/form-data; boundary=", b"multipart/form-data; boundary=\xff",
         b"application/json; charset=nothing", b"a" * 9000, b"text/plain; charset*=utf-8''%", b"; =",
         b"x*0*=1; y*9999999999=2"]  # fmt: skip

HEADERS: dict[bytes, list[bytes]] = {
    b"Origin": ADDRESSES,
    b"Referer": ADDRESSES,
    b"Host": ADDRESSES,
    b"X-Forwarded-Host": ADDRESSES,
    b"X-Forwarded-Proto": [*ADDRESSES, b"gopher", b"https,", b"1:", b"ht\xe9p"],
    b"X-Forwarded-Port": [b"99999999", b"-1", b"x", b"\xff"],
    b"X-Forwarded-Prefix": ADDRESSES,
    b"X-Forwarded-For": WHOM,
    b"X-Real-IP": WHOM,
    b"Forwarded": WHOM,
    b"If-None-Match": TAGS,
    b"If-Match": TAGS,
    b"If-Range": [*TAGS, *DATES],
    b"If-Modified-Since": DATES,
    b"If-Unmodified-Since": DATES,
    b"Date": DATES,
    b"Range": [b"bytes=", b"bytes=9-1", b"bytes=-", b"bytes=-0", b"bytes=" + b"0-1," * 999, b"bytes=\xb2-3",
    b"bytes=9" + b"9" * 5000 + b"-",
               b"lines=1-2", b"bytes=--1", b"bytes=1-2-3", b"bytes=0-0,-1"],
    b"Accept": LISTS,
    b"Accept-Language": LISTS,
    b"Accept-Encoding": LISTS,
    b"Accept-Charset": LISTS,
    b"Content-Type": TYPES,
    b"Content-Encoding": [b"gzip", b"br", b"\xff"],
    b"Content-Length": [b"-1", b"+1", b"0x1", b"1, 1", b"1 1", b"9" * 5000, b"\xb2", b"", b"1.0", b"1e1", b"0"],
    b"Cookie": [b"=", b";;;", b"a=\"\\", b"a=\\777", b"\xff=\xff", b"a=b" * 3000, b"session=\"\\400\""],
    b"Authorization": [b"Basic", b"Basic \xff", b"Basic =====", b"Digest a=\"", b"Basic " + b"A" * 9000, b"Bearer"],
    b"Cache-Control": [b"max-age=x", b"max-age=" + b"9" * 5000, b"=,="],
    b"Connection": [b"keep-alive, close", b"\xff", b"upgrade", b"Host, Origin"],
    b"Upgrade": [b"websocket", b"h2c", b"\xff"],
    b"Expect": [b"100-continue", b"200-ok", b"\xff"],
    b"TE": [b"trailers", b";q=\xff"],
    b"Sec-Fetch-Site": [b"cross-site", b"\xff", b"none, cross-site"],
    b"User-Agent": [b"\xff" * 99, b"x" * 9000],
    b"X-HTTP-Method-Override": [b"DELETE", b"\xff"],
    b"Pragma": [b"\xff"],
}  # fmt: skip
PAIRS = [
    (name, value)
    for name, values in HEADERS.items()
    for value in [*values, ESCAPES, b""]
]
METHODS = [b"GET", b"HEAD", b"OPTIONS", b"POST", b"PUT", b"DELETE", b"PATCH", b"TRACE", b"BREW"]  # fmt: skip
PATHS = [b"/", b"/?q=gradient", b"/related?url=x", b"/article?url=x", b"/coverage", b"/api/search?q=gradient",
         b"/api/suggest?q=gradient", b"/api/related?url=x", b"/api/similar?text=gradient", b"/healthz",
         b"/openapi.json",
         b"/opensearch.xml", b"/file?url=file:///x", b"/static/page.css",
         b"/nothing%0a" + FORGING.replace(" ", "%20").encode(),
         b"/%00%1b%5b31m?q=%00%1b%0d%0a", b"/\xff\xfe%ff?\xff=\xff&q=%ff%fe", b"/" + b"%0a" * 3000,
         b"/api/search?q=%0aERROR%20forged:%200wned",
         b"/static/%2e%2e/%2e%2e/__init__.py", b"/article?url=http://[", b"/file?url=http://[", b"/file?url=file://[",
         b"/related?url=http://[%0a",
         b"//evil.example/%2f..", b"/api//search?q=x", b"/?q=%ed%a0%80", b"/?page=9&q=x&site=%0a"]  # fmt: skip
EVERY = [
    (method, path, pair) for (method, path), pair in product(product(METHODS, PATHS), PAIRS)
]  # fmt: skip


def request(method: bytes, path: bytes, pair: tuple[bytes, bytes]) -> bytes:
    """One request with one strange header, after which the connection ends."""
    name, value = pair
    # 1.0 ends the connection by itself.
    version = b"1.0" if name == b"Connection" else b"1.1"
    lines = [b"%s %s HTTP/%s" % (method, path, version), b"%s: %s" % (name, value)]
    if name != b"Host":
        lines.append(b"Host: localhost")
    if name != b"Connection":
        lines.append(b"Connection: close")
    return b"\r\n".join([*lines, b"", b""])


def some(count: int) -> list[tuple[bytes, bytes, tuple[bytes, bytes]]]:
    """So many of all combinations: each header and value, each method and address."""
    ways = list(product(METHODS, PATHS))
    most = max(count, len(PAIRS), len(ways))
    # The lengths of the two lists share no divisor that matters: the pairs drift.
    return [(*ways[n % len(ways)], PAIRS[n % len(PAIRS)]) for n in range(most)]


HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
_POST = b"POST /api/search HTTP/1.1\r\nHost: localhost\r\n"
# Bytes that may be read as one request or as two: after the first answer the connection
# has to end, whatever hides in them.
FRAMINGS: dict[str, bytes] = {
    "coding and length": _POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX" + HIDDEN,
    "length and coding": _POST + b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": _POST + b"Content-Length: 0\r\nContent-Length: 4\r\n\r\nabcd" + HIDDEN,
    "two equal lengths": _POST + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd" + HIDDEN,
    "a list of lengths": _POST + b"Content-Length: 4, 4\r\n\r\nabcd" + HIDDEN,
    "a signed length": _POST + b"Content-Length: +4\r\n\r\nabcd" + HIDDEN,
    "an unknown coding": _POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two codings": _POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked twice": _POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "an empty coding": _POST + b"Transfer-Encoding:\r\n\r\n" + HIDDEN,
    "a comma of codings": _POST + b"Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a coding after a control": _POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a coding before NEL": _POST + b"Transfer-Encoding: chunked\x85\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a coding in quotes": _POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n' + HIDDEN,
    "a coding in 1.0": _POST.replace(b"1.1", b"1.0")
    + b"Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "space before the colon": _POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a folded coding": _POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a folded header": _POST + b"X-A: b\r\n Content-Length: 50\r\n\r\n" + HIDDEN,
    "space before the first header": b"GET / HTTP/1.1\r\n Host: evil\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "a bare LF in a header": _POST + b"X-A: b\nContent-Length: 50\r\n\r\n" + HIDDEN,
    "bare LFs": b"GET / HTTP/1.1\nHost: localhost\n\n" + HIDDEN,
    "a bare LF at the start": b"\nGET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "a bare CR": _POST + b"X-A: b\rContent-Length: 50\r\n\r\n" + HIDDEN,
    "a NUL in a name": _POST + b"Content\x00-Length: 50\r\n\r\n" + HIDDEN,
    "a header without a name": _POST + b": 5\r\n\r\n" + HIDDEN,
    "two hosts": b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "a host and a user": b"GET http://localhost@evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "version 1.2": b"GET / HTTP/1.2\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n" + HIDDEN,
    "version 2.0": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + HIDDEN,
    "version 0.9": b"GET /\r\nConnection: keep-alive\r\n\r\n" + HIDDEN,
    "a space after the version": b"GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n" + HIDDEN,
    "two spaces": b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "a tab": b"GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "a control in the target": b"GET /\x1b[31m HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "a NUL in the target": b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "no slash": b"GET api/search?q=x HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "a way through": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "a star of GET": b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n" + HIDDEN,
    "a length too long": _POST + b"Content-Length: 99999999\r\n\r\n" + HIDDEN,
    "a chunk of a size below zero": _POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + HIDDEN,
    "a chunk of a hex prefix": _POST + b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + HIDDEN,
    "a chunk without its end": _POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nab0\r\n\r\n" + HIDDEN,
    "a long chunk size": _POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 70_000 + b"\r\n" + HIDDEN,
    "a bad chunk extension": _POST + b"Transfer-Encoding: chunked\r\n\r\n0;\x00\r\n\r\n" + HIDDEN,
}  # fmt: skip
# What HTTP allows and we answer, but with a body, behind which nothing is read.
WITH_BODY: dict[str, bytes] = {
    "a length": _POST + b"Content-Length: 4\r\n\r\nabcd" + HIDDEN,
    "a GET's": b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nabcd" + HIDDEN,
    "a coding": _POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n" + HIDDEN,
    "an extension": _POST + b'Transfer-Encoding: Chunked\r\n\r\n4;a="b;\\"";c\r\nabcd\r\n0\r\nX: y\r\n\r\n' + HIDDEN,
    "a bare LF in a chunk's size": _POST + b"Transfer-Encoding: chunked\r\n\r\n1\n\r\na\r\n0\r\n\r\n" + HIDDEN,
    "a bare LF in a chunk's extension": _POST + b"Transfer-Encoding: chunked\r\n\r\n1;a\n\r\na\r\n0\r\n\r\n" + HIDDEN,
    "empty lines before a chunk": _POST + b"Transfer-Encoding: chunked\r\n\r\n\r\n\r\n1\r\na\r\n0\r\n\r\n" + HIDDEN,
}  # fmt: skip
