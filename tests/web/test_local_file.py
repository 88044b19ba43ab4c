"""Local files in the index can be opened from the page; nothing else on the machine
can."""

from __future__ import annotations

from dataclasses import replace

import pytest

from web.security import followable


@pytest.fixture
def post(tmp_path, engine):
    path = tmp_path / "my post.html"
    path.write_text("<h1 id=top>Mine</h1><script>alert(1)</script>", encoding="utf-8")
    engine.hits[0] = replace(engine.hits[0], url=path.as_uri())
    return path


def test_a_file_of_the_index_opens_where_scripts_are_dead(client, post):
    assert (
        followable(f"{post.as_uri()}#top")
        == f"file?url=file%3A%2F%2F{str(post.as_uri())[7:].replace('/', '%2F').replace('%20', '%2520')}#top"
    )
    answer = client.get("/" + followable(post.as_uri()))
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert "Mine" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;")
    assert "script-src" not in policy
    assert "default-src 'none'" in policy


def test_a_file_that_is_no_page_opens_as_text(client, engine, tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("<b>not markup</b>", encoding="utf-8")
    engine.hits[0] = replace(engine.hits[0], url=path.as_uri())
    assert client.get(f"/file?url={path.as_uri()}").mimetype == "text/plain"


def test_a_pdf_file_opens_in_the_browsers_viewer(client, engine, tmp_path):
    path = tmp_path / "paper é.pdf"
    path.write_bytes(b"%PDF-1.7")
    engine.hits[0] = replace(engine.hits[0], url=path.as_uri())
    answer = client.get("/file", query_string={"url": path.as_uri()})
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert (
        "sandbox" not in answer.headers["Content-Security-Policy"]
    )  # viewers don't open in one


@pytest.mark.parametrize(
    "url",
    ["", "file:///etc/passwd", "http://127.0.0.1/", "/etc/passwd", "file://etc/passwd"],
)
def test_no_other_file_opens(client, post, url):
    answer = client.get("/file", query_string={"url": url})
    assert answer.status_code == 404
    assert "root:" not in answer.text


def test_no_way_leads_out_of_the_index(client, post):
    for url in (
        f"{post.parent.as_uri()}/../{post.parent.name}/my%20post.html",
        f"{post.as_uri()}/../../etc/passwd",
    ):
        assert client.get("/file", query_string={"url": url}).status_code == 404
