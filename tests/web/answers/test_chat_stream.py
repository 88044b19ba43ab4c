from __future__ import annotations

import json
import socket
import ssl
import threading

import pytest
import trustme

from tests.web.answers.model_fake import DONE, Reply, event, fake_model, piece, said
from web.answers import chat_stream
from web.answers.chat_stream import ChatStream, ModelFailed

ASKED = [{"role": "user", "content": "Why is rye sticky?"}]
SECRET = "sk-hunter2hunter2"


# What `transformers serve` 5.23 sent, but for the time and the model's name; it ends with
# neither [DONE] nor a text.
TRANSFORMERS = (
    b'data: {"id":"26","choices":[{"delta":{"role":"assistant"},"index":0}],"object":"chat.completion.chunk"}\n\n'
    b'data: {"id":"26","choices":[{"delta":{"content":"Rye"},"index":0}],"object":"chat.completion.chunk"}\n\n'
    b'data: {"id":"26","choices":[{"delta":{"content":" [1]."},"index":0}],"object":"chat.completion.chunk"}\n\n'
    b'data: {"id":"26","choices":[{"delta":{},"index":0,"finish_reason":"stop"}],"object":"chat.completion.chunk",'
    b'"usage":{"completion_tokens":17,"prompt_tokens":3,"total_tokens":20}}\n\n'
)


def pieces(model, **told):
    """The pieces that came, and the code of what went wrong, "" for nothing."""
    found = []
    stream = ChatStream(model.server(**told), ASKED)
    try:
        found += filter(None, stream)
    except ModelFailed as failed:
        return found, failed.code
    finally:
        stream.close()
    return found, "cut" if stream.is_cut else ""


def test_it_asks_as_the_protocol_says_and_gives_the_pieces(model):
    model.says("Rye ", "is sticky ", "[1].")
    assert pieces(model, key=SECRET) == (["Rye ", "is sticky ", "[1]."], "")
    [(headers, body)] = model.asked
    assert headers["path"] == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert headers["Content-Type"] == "application/json"
    assert body == {
        "model": "little-one", "messages": ASKED, "stream": True, "temperature": 0,
    }  # fmt: skip


def test_without_a_key_none_is_sent(model):
    model.says("Rye.")
    pieces(model)
    assert "Authorization" not in model.asked[0][0]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # Signs and lines may be torn anywhere, lines may end with CR LF, events have names.
        ((b"".join(said("Süße ", "梯度"))[:40], b"".join(said("Süße ", "梯度"))[40:]), (["Süße ", "梯度"], "")),
        ((b"".join(said("a")).replace(b"\n", b"\r\n"),), (["a"], "")),
        ((b": hello\n\nevent: x\n", piece("a"), event({"choices": []}), event({"usage": 1}), DONE), (["a"], "")),
        ((piece(None), piece(""), piece("a"), DONE), (["a"], "")),
        ((piece("a"), piece("", "stop")), (["a"], "")),  # some servers say no [DONE]
        ((TRANSFORMERS,), (["Rye", " [1]."], "")),
        (said("a", finish="length"), (["a"], "cut")),
        ((b'data:{"choices":[{"delta":{"content":"a"}}]}\n\n', DONE), (["a"], "")),
        ((piece("a"),), (["a"], "broken-off")),
        ((piece("a"), piece("b")[:30]), (["a"], "broken-off")),
        ((), ([], "garbled")),
        ((b"<html>hello</html>\n",), ([], "garbled")),
        ((json.dumps({"choices": [{"message": {"content": "a"}}]}).encode(),), ([], "garbled")),
        ((piece("a"), b"data: {half\n\n"), (["a"], "garbled")),
        ((b"data: 7\n\n",), ([], "garbled")),
        ((b"data: " + b"[" * 50_000 + b"\n\n",), ([], "garbled")),
        ((event({"choices": [7]}),), ([], "garbled")),
        ((event({"choices": {"0": 1}}),), ([], "garbled")),
        ((event({"choices": [{"delta": {"content": ["a"]}}]}),), ([], "garbled")),
        ((b"data: " + b"x" * 70_000 + b"\n\n",), ([], "garbled")),
        ((piece("a"), event({"error": {"message": SECRET}})), (["a"], "failed")),
    ],
)  # fmt: skip
def test_what_comes_is_read_or_named(model, parts, expected):
    model.replies = [Reply(parts)]
    assert pieces(model) == expected


def test_a_transfer_that_is_torn_is_broken_off(model):
    model.replies = [Reply((piece("a"),), is_whole=False)]
    assert pieces(model) == (["a"], "broken-off")


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "refused"), (401, "key-refused"), (403, "key-refused"), (404, "unknown-model"),
     (429, "overloaded"), (500, "failed"), (503, "overloaded"), (302, "failed"), (204, "failed")],
)  # fmt: skip
def test_an_error_status_is_a_sentence_and_nothing_of_it_is_repeated(
    model, caplog, status, code
):
    body = event({"error": {"message": f"no {SECRET}"}})
    elsewhere = ("Location", f"{model.address}/elsewhere")
    model.replies = [Reply((body,), status, (elsewhere,))]
    stream = ChatStream(model.server(key=SECRET), ASKED)
    with pytest.raises(ModelFailed) as caught:
        list(stream)
    assert caught.value.code == code
    assert SECRET not in f"{caught.value}{caplog.text}"
    # A redirection is not followed: the key is for this server.
    assert {headers["path"] for headers, _ in model.asked} == {"/v1/chat/completions"}


def test_a_model_that_takes_no_temperature_is_asked_without(model):
    model.replies = [Reply((event({"error": "temperature"}),), 400), Reply(said("a"))]
    assert pieces(model) == (["a"], "")
    assert [body.get("temperature") for _, body in model.asked] == [0, None]


def test_a_server_that_is_not_there_is_named(model):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        model.address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        assert pieces(model) == ([], "unreachable")
    model.address = "https://127.0.0.1:1/v1"
    assert pieces(model) == ([], "unreachable")


def test_a_server_that_hangs_up_at_once_broke_off(model):
    with socket.create_server(("127.0.0.1", 0)) as server:
        model.address = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        thread = threading.Thread(target=lambda: server.accept()[0].close())
        thread.start()
        assert pieces(model) == ([], "broken-off")
        thread.join()


def test_a_name_that_leads_out_of_the_network_gets_no_key(model, monkeypatch):
    model.says("Rye.")
    monkeypatch.setattr(chat_stream, "is_own", lambda address: address != "127.0.0.1")
    assert pieces(model, key=SECRET) == ([], "not-own")
    assert model.asked == []
    assert pieces(model) == (["Rye."], "")


def test_more_than_is_plausible_is_not_read(model, monkeypatch):
    monkeypatch.setattr(chat_stream, "MOST_BYTES", 50_000)
    model.replies = [Reply((*[piece("so on, ")] * 1000, DONE))]
    found, code = pieces(model)
    assert code == "garbled"
    assert 0 < len(found) < 500


def test_a_slow_model_has_its_time_and_no_more(model, monkeypatch):
    monkeypatch.setattr(chat_stream, "LOOK_EVERY", 0.02)
    go_on = threading.Event()
    model.replies = [Reply((piece("a"), go_on, *said("b")))]
    stream = iter(ChatStream(model.server(), ASKED))
    assert next(filter(None, stream)) == "a"
    assert next(stream) == ""  # it is still at it
    go_on.set()
    assert list(filter(None, stream)) == ["b"]

    never = threading.Event()
    model.replies = [Reply((piece("a"), never))]
    with pytest.raises(ModelFailed, match="too long"):
        list(ChatStream(model.server(), ASKED, patience=0.2))


def test_who_leaves_ends_the_request(model, monkeypatch):
    monkeypatch.setattr(chat_stream, "LOOK_EVERY", 0.02)
    never = threading.Event()
    model.replies = [Reply((piece("a"), never))]
    stream = ChatStream(model.server(), ASKED)
    assert next(filter(None, iter(stream))) == "a"
    stream.close()
    assert model.gone.wait(10)
    stream.close()


def test_a_server_with_tls_is_asked_if_its_certificate_is_trusted(
    tmp_path, monkeypatch
):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with fake_model(context) as model:
        model.says("Rye.")
        assert pieces(model, key=SECRET) == ([], "untrusted")
        assert model.asked == []
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        assert pieces(model, key=SECRET) == (["Rye."], "")
        assert model.asked[0][0]["Authorization"] == f"Bearer {SECRET}"
        model.replies = [Reply((piece("a"), threading.Event()))]
        stream = ChatStream(model.server(), ASKED)
        assert next(filter(None, iter(stream))) == "a"
        stream.close()
        assert model.gone.wait(10)
