"""Saving: by a program with the token, by the page's own form, and by nobody else."""

from __future__ import annotations

import io
import json
import logging

import pytest

from search.inbox.requests import MOST_WAITING, Inbox, Request
from search.inbox.run_status import Line, RunStatus, write_status
from search.inbox.token import make_token, revoke_token
from search.index.server_address import ServerAddress
from tests.web.canned_engine import HOSTILE, CannedEngine
from web import create_app
from web.rate_limit import WRONG_TOKENS
from web.saving import sent
from web.saving.runner import Runner
from web.settings import Settings, SettingsError, from_environment

POST = "https://blog.example/post"
OWN = {"Origin": "http://localhost"}


@pytest.fixture(autouse=True)
def started(monkeypatch):
    """The runs that were asked for; none is started."""
    asked = []
    monkeypatch.setattr(Runner, "start", lambda runner: asked.append(runner))
    return asked


@pytest.fixture
def token(tmp_path):
    return {"Authorization": f"Bearer {make_token(tmp_path)}"}


@pytest.fixture
def inbox(tmp_path):
    return Inbox(tmp_path)


def client_of(tmp_path, **told):
    settings = Settings(**({"index": tmp_path} | told))
    return create_app(settings, CannedEngine()).test_client()


def only(inbox) -> Request:
    (letter,) = inbox.letters()
    return letter.request


@pytest.mark.parametrize("form", ["json", "form", "file"])
def test_a_program_with_the_token_saves_a_page(client, token, inbox, started, form):
    fields = {"url": POST, "note": "Keep\x00 it", "tags": "#bread, ovens,bread,"}
    html = "<p>Überall</p>"
    match form:
        case "json":
            fields |= {"tags": ["bread", " ovens"], "html": html, "odd": 1}
            answer = client.post("/api/save", json=fields, headers=token)
        case "form":
            fields["html"] = html
            answer = client.post("/api/save", data=fields, headers=token)
        case "file":
            # As SingleFile does, which takes 200 and 201 alone for success.
            fields["html"] = (io.BytesIO(html.encode()), "SingleFile.html")
            more = {"Origin": "moz-extension://abc", "Accept": "multipart/form-data"}
            answer = client.post("/api/save", data=fields, headers=token | more)
    assert answer.status_code == (201 if form == "file" else 202)
    assert answer.json == {
        "saved": POST,
        "tags": ["bread", "ovens"],
        "look_at": "http://localhost/article?url=https://blog.example/post",
    }
    assert answer.headers["Location"] == answer.json["look_at"]
    kept = only(inbox)
    assert (kept.kind, kept.url, kept.tags) == ("save", POST, ("bread", "ovens"))
    assert (kept.html, kept.note) == (html, "Keep  it")
    assert len(started) == 1


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        (None, 401, "wrong-token"),
        ("Bearer", 401, "wrong-token"),
        ("Bearer wrong", 401, "wrong-token"),
        ("Basic {}", 401, "wrong-token"),
        ("bearer {}", 202, ""),
    ],
)
def test_without_the_token_nothing_is_saved(client, token, inbox, header, status, code):
    right = token["Authorization"].removeprefix("Bearer ")
    headers = {"Authorization": header.format(right)} if header else {}
    answer = client.post("/api/save", json={"url": POST}, headers=headers)
    assert answer.status_code == status
    assert len(inbox) == (status == 202)
    if status == 401:
        assert answer.json["error"]["code"] == code
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_saving_by_programs_is_off_until_there_is_a_token(client, tmp_path):
    assert client.post("/api/save", json={"url": POST}).status_code == 403
    header = {"Authorization": f"Bearer {make_token(tmp_path)}"}
    send = {"path": "/api/save", "json": {"url": POST}, "headers": header}
    assert client.post(**send).status_code == 202
    revoke_token(tmp_path)
    answer = client.post(**send)
    assert answer.json["error"]["code"] == "saving-off"
    assert "blog-indexer token" in answer.json["error"]["message"]


def test_who_tries_many_tokens_has_to_wait(client, token, inbox):
    for _ in range(WRONG_TOKENS):
        assert client.post("/api/save", json={"url": POST}).status_code == 401
    answer = client.post("/api/save", json={"url": POST}, headers=token)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/api/search?q=gradient").status_code == 200


def test_right_tokens_are_not_slowed_down(client, token, inbox):
    for _ in range(WRONG_TOKENS + 2):
        answer = client.post("/api/save", json={"url": POST}, headers=token)
        assert answer.status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b"[]",
        b"1",
        b'{"url": 5}',
        b'{"url": ""}',
        b'{"url": "ftp://blog.example/"}',
        b'{"url": "file:///etc/passwd"}',
        b'{"url": "javascript:alert(1)"}',
        b'{"url": "https://user:word@blog.example/"}',
        b'{"url": "https://"}',
        b'{"url": "https://blog.example/", "tags": {"a": 1}}',
        b'{"url": "https://blog.example/", "tags": [1]}',
        b'{"url": "https://blog.example/", "html": []}',
        b'{"url": "https://blog.example/", "note": ["a"]}',
        b'{"url": "https://blog.example/", "note": "%s"}' % (b"x" * 5_000),
        b'{"url": "https://blog.example/", "tags": "%s"}' % (b"x," * 3_000).replace(b"x", b"x" * 101),
        b'{"url": "https://blog.example/%s"}' % (b"x" * 9_000),
    ],
)  # fmt: skip
def test_what_cannot_be_saved_is_said_as_json(client, token, inbox, body):
    answer = client.post(
        "/api/save", data=body, content_type="application/json", headers=token
    )
    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "bad-request"
    assert len(answer.json["error"]["message"]) > 10
    assert len(inbox) == 0


def test_a_page_that_is_too_large_is_refused(client, token, inbox, monkeypatch):
    monkeypatch.setattr(sent, "LARGEST_HTML", 1000)
    for more in (
        {"json": {"url": POST, "html": "x" * 1001}},
        {"data": {"url": POST, "html": (io.BytesIO(b"x" * 1001), "a.html")}},
    ):
        answer = client.post("/api/save", headers=token, **more)
        assert answer.status_code == 413
    assert len(inbox) == 0


def test_a_full_inbox_and_one_that_cannot_be_written_are_said(
    client, token, inbox, tmp_path, monkeypatch
):
    monkeypatch.setattr("search.inbox.requests.MOST_WAITING", 1)
    send = {"path": "/api/save", "json": {"url": POST}, "headers": token}
    assert client.post(**send).status_code == 202
    answer = client.post(**send)
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "inbox-full")
    assert "blog-indexer update --index" in answer.json["error"]["message"]
    only(inbox)
    next(inbox.letters()).take_out()
    (tmp_path / "inbox").rmdir()
    (tmp_path / "inbox").write_text("in the way")
    answer = client.post(**send)
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "inbox-closed")
    assert str(tmp_path) not in answer.text
    assert MOST_WAITING > 1


def test_a_machine_without_the_ledger_says_so(tmp_path, token):
    settings = Settings(index=ServerAddress("postgresql:///blogs"), ledger=tmp_path)
    client = create_app(settings, CannedEngine()).test_client()
    answer = client.post("/api/save", json={"url": POST}, headers=token)
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "no-ledger")
    assert client.get("/add").status_code == 503
    (tmp_path / "ledger.sqlite").touch()
    answer = client.post("/api/save", json={"url": POST}, headers=token)
    assert answer.status_code == 202


def test_the_form_saves_and_follows(client, inbox, started):
    form = {"url": POST, "note": "Keep it", "tags": "a, b", "title": "Bread"}
    answer = client.post("/add", data=form, headers=OWN)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/add?done=save#run"
    kept = only(inbox)
    assert (kept.kind, kept.title, kept.tags) == ("save", "Bread", ("a", "b"))
    next(inbox.letters()).take_out()
    client.post("/add", data=form | {"kind": "follow"}, headers=OWN)
    assert only(inbox).kind == "follow"
    assert len(started) == 2


def test_a_wrong_form_comes_back_as_it_was_typed(client, inbox):
    form = {"url": "nonsense", "note": "a <long> note", "kind": "follow"}
    answer = client.post("/add", data=form, headers=OWN)
    assert answer.status_code == 400
    assert "a &lt;long&gt; note" in answer.text
    assert 'value="follow" checked' in answer.text
    assert 'role="alert"' in answer.text
    assert len(inbox) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://named.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("origins", [set(), {"https://named.example"}, {"*"}])
def test_a_page_of_another_site_cannot_send_the_form(tmp_path, inbox, headers, origins):
    client = client_of(tmp_path, origins=frozenset(origins))
    answer = client.post("/add", data={"url": POST}, headers=headers)
    assert answer.status_code == 403
    assert len(inbox) == 0


@pytest.mark.parametrize("headers", [OWN, {"Sec-Fetch-Site": "same-origin"}], ids=str)
def test_its_own_page_can(client, inbox, headers):
    assert client.post("/add", data={"url": POST}, headers=headers).status_code == 303


def test_a_bookmarklet_of_any_page_opens_the_form_filled(client, inbox):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}  # fmt: skip
    asked = {"url": POST, "title": "Bread", "note": HOSTILE}
    answer = client.get("/add", query_string=asked, headers=link)
    assert answer.status_code == 200
    assert f'value="{POST}"' in answer.text
    assert "<script>document" not in answer.text
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert len(inbox) == 0


@pytest.mark.parametrize(
    ("told", "is_open"),
    [
        ({}, True),
        ({"write": False}, False),
        ({"proxies": 1}, False),
        ({"host": "0.0.0.0"}, False),
        ({"proxies": 1, "write": True}, True),
        ({"host": "::", "write": True, "allowed_hosts": frozenset({"localhost"})}, True),
    ],
)  # fmt: skip
def test_the_page_is_open_to_its_user_and_to_others_where_that_is_wanted(
    tmp_path, inbox, told, is_open
):
    client = client_of(tmp_path, **told)
    write_status(tmp_path, RunStatus("x", ended="x", new=(Line(POST, "secret title"),)))
    for path in ("/add", "/add/run"):
        answer = client.get(path)
        assert answer.status_code == (200 if is_open else 403)
        assert ("secret title" in answer.text) == is_open
    answer = client.post("/add", data={"url": POST}, headers=OWN)
    assert answer.status_code == (303 if is_open else 403)
    assert len(inbox) == is_open
    assert ('href="/add"' in client.get("/coverage").text) == is_open


def test_a_server_without_a_name_is_not_opened_for_writing(tmp_path):
    with pytest.raises(SettingsError, match="BLOGSEARCH_ALLOWED_HOSTS"):
        Settings(host="0.0.0.0", write=True)
    assert from_environment({"BLOGSEARCH_WRITE": "1"}).may_write
    assert not from_environment({"BLOGSEARCH_WRITE": "0"}).may_write
    with pytest.raises(SettingsError, match="BLOGSEARCH_WRITE must be 1 or 0"):
        from_environment({"BLOGSEARCH_WRITE": "yes"})


@pytest.mark.parametrize(("path", "allow"), [("/api/save", "OPTIONS, POST")])
def test_other_methods_are_refused(client, path, allow):
    for method in ("GET", "PUT", "DELETE"):
        answer = client.open(path, method=method)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == allow
    assert client.put("/add").status_code == 405
    assert client.post("/api/search").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_the_page_shows_the_last_run(client, tmp_path, inbox):
    assert "None so far." in client.get("/add").text
    inbox.put(Request("save", "https://blog.example/waits"))
    write_status(
        tmp_path,
        RunStatus(
            "2026-11-30T06:00:00+00:00",
            ended="2026-11-30T06:02:00+00:00",
            seconds=125.0,
            unchanged=1234,
            new=(Line(POST, HOSTILE), Line("javascript:alert(1)", "odd")),
            more_new=4,
            sources=(Line("https://gone.example/", "Gone", "It is gone (410)."),),
            troubles=(Line("https://blog.example/x", text="It has trouble (500)."),),
        ),
    )
    shown = client.get("/add/run").text
    for part in (
        "2026-11-30, 06:02 UTC, after 2 min: 6 new or changed, 1,234 unchanged",
        "https://blog.example/waits",
        "It is gone (410).",
        "It has trouble (500).",
        "and 4 more",
    ):
        assert part in shown
    assert "<script>" not in shown
    assert 'href="javascript' not in shown


def test_a_run_that_was_killed_is_called_so(client, tmp_path):
    write_status(tmp_path, RunStatus("2026-11-30T06:00:00+00:00", phase="articles"))
    assert "ended from outside" in client.get("/add/run").text


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"started": 5}', "{" * 9000])
def test_a_state_that_cannot_be_read_is_none(client, tmp_path, text):
    (tmp_path / "last_run.json").write_text(text)
    assert "None so far." in client.get("/add").text


def test_neither_token_nor_note_is_logged(tmp_path, token, caplog, inbox):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("blogsearch.access").propagate = True
    client = client_of(tmp_path, log="full")
    body = {"url": POST, "note": "secretnote"}
    wrong = {"Authorization": "Bearer wrongsecret"}
    client.post("/api/save", json=body, headers=token).close()
    client.post("/api/save", json=body, headers=wrong).close()
    client.post("/add", data=body, headers=OWN).close()
    assert [json.loads(one.message)["status"] for one in caplog.records] == [202, 401, 303]  # fmt: skip
    for secret in (token["Authorization"][7:], "wrongsecret", "secretnote"):
        assert secret not in caplog.text


def test_a_bookmark_waits_in_a_file_for_its_user_alone(client, token, tmp_path):
    client.post("/api/save", json={"url": POST}, headers=token)
    (file,) = (tmp_path / "inbox").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_the_description_tells_of_every_answer(tmp_path, client, token):
    described = client.get("/openapi.json").json
    answers = described["paths"]["/api/save"]["post"]["responses"]
    codes = {
        status: schema["allOf"][1]["properties"]["error"]["properties"]["code"]["enum"]
        for status, answer in answers.items()
        if "$ref" not in answer
        and "allOf" in (schema := answer["content"]["application/json"]["schema"])
    }
    assert {status: sorted(each) for status, each in codes.items()} == {
        "400": ["bad-request", "unknown-host"],
        "401": ["wrong-token"],
        "403": ["saving-off"],
        "413": ["too-long"],
        "503": ["inbox-closed", "inbox-full", "no-ledger"],
    }
    given = described["components"]["schemas"]["ToSave"]["properties"]
    for name, most in sent.LONGEST.items():
        assert given[name]["maxLength"] == most
    assert list(given) == list(sent.FIELDS)
