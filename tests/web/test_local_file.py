"""Local files that are one article of the index can be opened from the page; nothing
else on the machine can."""

from __future__ import annotations

import errno
import json
import os
import socket
import time
from dataclasses import replace
from urllib.parse import quote

import html5lib
import pytest

import web.files.opening
import web.files.response
from tests.web.server.test_listener import get, running
from web.files.opening import PIECE, OpenedFile
from web.security import followable, followable_on_web

BIG = 24 << 20  # bytes: more than the system's buffers of a connection hold


@pytest.fixture
def held(tmp_path, engine):
    """Puts a file into the index, and returns its path."""

    def put(name, content=b"", **fields):
        path = tmp_path.resolve() / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        engine.hits[0] = replace(engine.hits[0], url=path.as_uri(), **fields)
        return path

    return put


@pytest.fixture
def post(held):
    return held("my post.html", b"<h1 id=top>Mine</h1><script>alert(1)</script>")


@pytest.fixture
def ask(client):
    def asked(url, method="GET"):
        return client.open(
            "/file", method=method, query_string={"url": url}, buffered=True
        )

    return asked


def reason(answer):
    assert answer.status_code == 404
    page = html5lib.parse(answer.text, namespaceHTMLElements=False)
    assert page.find(".//h1").text == "This file cannot be opened"
    return page.find(".//p[@class='reason']").text


def test_a_file_of_the_index_opens_where_scripts_are_dead(client, post):
    assert (
        followable(f"{post.as_uri()}#top")
        == f"file?url=file%3A%2F%2F{str(post.as_uri())[7:].replace('/', '%2F').replace('%20', '%2520')}#top"
    )
    answer = client.get("/" + followable(post.as_uri()), buffered=True)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert "Mine" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;")
    assert "script-src" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    "name",
    ["notes.md", "a.MARKDOWN", "b.txt", "c.rst", "d.org", "e.ipynb", "saved.mhtml"],
)
def test_a_file_that_is_no_page_opens_as_text(ask, held, name):
    answer = ask(held(name, b"<b>not markup</b>").as_uri())
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_pdf_file_opens_in_the_browsers_viewer(ask, held):
    answer = ask(held("paper é.pdf", b"%PDF-1.7").as_uri())
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert (
        "sandbox" not in answer.headers["Content-Security-Policy"]
    )  # viewers don't open in one


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 3 * PIECE])
def test_it_is_handed_over_whole(ask, held, content):
    url = held("a.md", content).as_uri()
    answer = ask(url)
    assert answer.data == content
    assert answer.content_length == len(content)
    head = ask(url, "HEAD")
    assert (head.data, head.content_length) == (b"", len(content))


@pytest.mark.parametrize(
    "url",
    ["", "file:///etc/passwd", "http://127.0.0.1/", "/etc/passwd", "file://etc/passwd",
     "file:///", "file://", "FILE:///etc/passwd", "file:///etc/%70asswd", "file:///proc/self/environ"],
)  # fmt: skip
def test_no_other_file_opens(ask, post, url):
    answer = ask(url)
    assert "one article" in reason(answer)
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "spelt",
    ["{folder}/../{name}/my%20post.html", "{url}/../../etc/passwd", "{folder}/./my%20post.html",
     "{folder}//my%20post.html",
     "{folder}/%2e/my%20post.html", "{folder}/%2e%2e/{name}/my%20post.html", "{url}%00", "{url}%00.md", "{url}#top",
     "{url}?", "{url}?post=a", "{folder}/MY%20POST.HTML", "{folder}/my post.html", "{folder}/my%2520post.html",
     "file://localhost{path}", "file://evil.example{path}", "file:{path}", "file:////{path}", "{path}",
     " {url}", "{url}\n",
     "{folder}/%6dy%20post.html", "{url}/"],
)  # fmt: skip
def test_only_the_very_address_opens_it(ask, post, spelt):
    """Two files that differ by case are one on some systems: what counts is the name
    that the index holds."""
    (post.parent / "MY POST.HTML").write_bytes(b"another")
    url = spelt.format(
        folder=post.parent.as_uri(),
        name=post.parent.name,
        url=post.as_uri(),
        path=post.as_uri()[7:],
    )
    assert "one article" in reason(ask(url))
    assert ask(post.as_uri()).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["export.json", "export.xml", "export.wxr", "export.zip", "feed.atom", "mail.mbox", "config.yaml", "site.toml",
     "index.sqlite", "ledger.sqlite", "data.csv", ".env", "id_rsa", "x.md.json", "noending", "md", ".md"],
)  # fmt: skip
def test_what_is_no_article_by_its_kind_is_not_handed_over(ask, client, held, name):
    """Not even where an index holds it under that very address."""
    url = held(name, b"secret").as_uri()
    assert "one article" in reason(ask(url))
    assert followable(url) == ""
    # What is stored of it is read here.
    assert client.get("/article", query_string={"url": url}).status_code == 200


@pytest.mark.parametrize("slug", ["a", "x.pdf", "x.html#y.md", "a/b.md", "", "%2e.md"])
@pytest.mark.parametrize("name", ["ghost.json", "posts.html", "posts.md", "all.pdf"])
def test_no_export_is_handed_over_for_one_of_its_posts(
    ask, client, engine, held, name, slug
):
    path = held(name, b"drafts and password hashes")
    url = f"{path.as_uri()}?post={slug}"
    engine.hits[0] = replace(engine.hits[0], url=url)
    for asked in (url, path.as_uri()):
        assert "one article" in reason(ask(asked))
    assert followable(url) == ""
    assert client.get("/article", query_string={"url": url}).status_code == 200


@pytest.mark.parametrize("evidence", ["summary", "link"])
def test_what_the_index_has_no_whole_text_of_is_not_handed_over(ask, held, evidence):
    url = held("named.md", b"secret", evidence=evidence).as_uri()
    assert "one article" in reason(ask(url))


def test_a_link_page_on_disk_is_named_and_not_handed_over(ask, client, engine, post):
    links = post.with_name("links.md")
    links.write_bytes(b"my links")
    note = replace(engine.hits[7].note, page=links.as_uri())
    engine.hits[7] = replace(engine.hits[7], note=note)
    assert "one article" in reason(ask(links.as_uri()))
    page = client.get("/?q=gradient").text
    assert "links.md" in page
    assert quote(links.as_uri(), safe="") not in page
    assert followable_on_web(links.as_uri()) == ""
    assert followable_on_web("https://a.example/") == "https://a.example/"


@pytest.mark.parametrize("place", ["post", "folder", "folder above"])
def test_a_link_in_the_place_of_a_post_or_a_folder_is_not_followed(
    ask, held, tmp_path, place
):
    top = tmp_path.resolve()
    url = held("blog/post.md", b"mine").as_uri()
    secret = top / "secret" / "post.md"
    secret.parent.mkdir()
    secret.write_bytes(b"secret")
    assert ask(url).data == b"mine"
    at, to = {
        "post": (top / "blog/post.md", secret),
        "folder": (top / "blog", secret.parent),
        "folder above": (top, top.with_name("moved")),
    }[place]
    at.rename(at.with_name("moved"))
    at.symlink_to(to)
    answer = ask(url)
    assert "symbolic link" in reason(answer)
    assert "secret" not in answer.text


def test_a_hard_link_is_a_file_like_any_other(ask, post, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"other")
    post.unlink()
    post.hardlink_to(other)
    assert ask(post.as_uri()).data == b"other"


@pytest.mark.parametrize("what", ["pipe", "folder", "socket"])
def test_what_is_no_regular_file_is_not_opened(ask, post, what):
    post.unlink()
    if what == "pipe":
        os.mkfifo(post)
    elif what == "folder":
        post.mkdir()
    else:
        with socket.socket(socket.AF_UNIX) as at:
            at.bind(str(post))
    assert "Something else stands" in reason(ask(post.as_uri()))


def test_a_file_that_is_gone_or_may_not_be_read_is_said_to_be(ask, post, monkeypatch):
    post.unlink()
    assert "gone" in reason(ask(post.as_uri()))

    def refused(*_, **__):
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(web.files.response, "open_regular", refused)
    assert "may not be read" in reason(ask(post.as_uri()))


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_where_no_more_files_can_be_opened_it_is_asked_again(
    ask, post, monkeypatch, number
):
    def full(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(web.files.response, "open_regular", full)
    answer = ask(post.as_uri())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize("name", ["post.html", "post.md", "post.pdf"])
def test_a_file_that_grew_to_ten_gigabytes_is_not_opened(ask, held, name):
    path = held(name, b"mine")
    with path.open("ab") as file:
        file.truncate(10 << 30)  # holes take no room
    assert "larger than 200 MB" in reason(ask(path.as_uri()))


def test_a_page_that_is_cut_while_it_is_looked_at_is_said_to_be_gone(
    ask, post, monkeypatch
):
    def cut(self, size=-1):
        raise OSError(errno.EIO, "cut")

    monkeypatch.setattr(OpenedFile, "read", cut)
    assert "gone" in reason(ask(post.as_uri()))


def test_names_may_be_of_any_bytes(ask, engine, tmp_path):
    path = os.fsencode(tmp_path.resolve()) + b"/\xff caf\xe9?#.md"
    with open(path, "wb") as file:
        file.write(b"old")
    url = f"file://{quote(path)}"
    engine.hits[0] = replace(engine.hits[0], url=url)
    assert ask(url).data == b"old"
    long = f"{tmp_path.as_uri()}/{'x' * 5000}.md"
    engine.hits[0] = replace(engine.hits[0], url=long)
    assert "gone" in reason(ask(long))


def test_slow_readers_hold_neither_memory_nor_threads(engine, held, monkeypatch):
    """Sixteen clients ask for a large file and take nothing; the server has eight
    threads. A file is read in small pieces, when a client takes them."""
    url = held("big.md").as_uri()
    with open(held("big.md"), "wb") as file:
        file.truncate(BIG)
    pieces = []
    real_read = OpenedFile.read

    def read(self, size=-1):
        piece = real_read(self, size)
        pieces.append(len(piece))
        return piece

    monkeypatch.setattr(OpenedFile, "read", read)
    path = f"/file?url={quote(url, safe='')}"
    with running(engine) as (_, at, _):
        slow = [socket.create_connection(at, timeout=20) for _ in range(16)]
        for sock in slow:
            sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert sock.recv(12) == b"HTTP/1.1 200"
        assert get(at, "/healthz").startswith(b"HTTP/1.1 200")
        # Only what the system's buffers took has been read of 400 MB.
        assert sum(pieces) < 16 * BIG / 2
        assert max(pieces) <= PIECE
        for sock in slow:
            sock.close()
        assert get(at, path).endswith(bytes(1000))


def test_requests_behind_one_whose_answer_is_not_taken_hold_no_thread(engine, held):
    path = held("big.md")
    with path.open("wb") as file:
        file.truncate(BIG)
    asked = f"/file?url={quote(path.as_uri(), safe='')}"
    with running(engine) as (_, at, _):
        slow = [socket.create_connection(at, timeout=20) for _ in range(16)]
        for sock in slow:
            sock.sendall(
                3 * f"GET {asked} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
            )
            assert sock.recv(12) == b"HTTP/1.1 200"
        assert get(at, "/healthz").startswith(b"HTTP/1.1 200")
        for sock in slow:
            sock.close()


def test_a_file_that_is_cut_while_it_is_sent_ends_its_connection(engine, held):
    """An answer that can't be completed must not keep the server busy for ever."""
    path = held("big.md")
    with path.open("wb") as file:
        file.truncate(BIG)
    with (
        running(engine) as (_, at, _),
        socket.create_connection(at, timeout=20) as sock,
    ):
        asked = f"/file?url={quote(path.as_uri(), safe='')}"
        sock.sendall(f"GET {asked} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert sock.recv(12) == b"HTTP/1.1 200"
        with path.open("r+b") as file:
            file.truncate(1000)
        taken = 0
        while part := sock.recv(1 << 20):
            taken += len(part)
        assert taken < BIG
        assert get(at, "/healthz").startswith(b"HTTP/1.1 200")


def test_no_file_stays_open_behind_an_answer(engine, post):
    path = f"/file?url={quote(post.as_uri(), safe='')}"
    with running(engine) as (_, at, _):
        get(at, path)
        before = len(os.listdir("/dev/fd"))
        for _ in range(5):
            assert get(at, path).endswith(b"</script>")
        with socket.create_connection(at, timeout=20) as sock:
            asked = (
                f"HEAD {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            sock.sendall(asked.encode())
            while sock.recv(65536):
                pass
        for _ in range(200):  # each closes behind the last byte
            if len(os.listdir("/dev/fd")) <= before:
                break
            time.sleep(0.05)
        assert len(os.listdir("/dev/fd")) <= before


def test_the_log_has_the_bytes_of_a_file(engine, held, caplog):
    path = f"/file?url={quote(held('a.md', b'x' * 12_345).as_uri(), safe='')}"
    caplog.set_level("INFO", "blogsearch.access")
    with running(engine) as (_, at, _):
        get(at, path)
    records = [one for one in caplog.records if one.name == "blogsearch.access"]
    (line,) = (json.loads(one.message) for one in records)
    assert (line["status"], line["bytes"], line["path"]) == (200, 12_345, "/file")
