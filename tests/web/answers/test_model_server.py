from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.__main__ import main
from web.answers.model_server import ModelServer, ModelServerError, is_own, model_server
from web.settings import from_environment

SECRET = "sk-hunter2hunter2"
LLM = "BLOGSEARCH_LLM"
LOCAL = {LLM: "http://127.0.0.1:11434/v1/", f"{LLM}_MODEL": "llama3.2"}


def test_without_an_address_there_is_none():
    assert model_server({}) is None
    assert model_server({LLM: " ", f"{LLM}_MODEL": "x", f"{LLM}_KEY": SECRET}) is None


def test_the_settings_hold_it():
    told = from_environment(LOCAL).llm
    assert told == ModelServer("http://127.0.0.1:11434/v1", "llama3.2")


def test_a_key_comes_from_the_environment_or_a_file_of_ones_own(tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o600)
    by_file = model_server({**LOCAL, f"{LLM}_KEY_FILE": str(file)})
    assert by_file == model_server({**LOCAL, f"{LLM}_KEY": SECRET})
    assert by_file.key == SECRET
    assert SECRET not in repr(by_file)
    assert SECRET not in repr(from_environment({**LOCAL, f"{LLM}_KEY": SECRET}))
    for mode in (0o640, 0o604, 0o644):
        file.chmod(mode)
        with pytest.raises(ModelServerError, match="chmod 600"):
            model_server({**LOCAL, f"{LLM}_KEY_FILE": str(file)})


@pytest.mark.parametrize(
    ("told", "match"),
    [
        ({LLM: "127.0.0.1:11434"}, "http://127.0.0.1:11434/v1"),
        ({LLM: "ftp://127.0.0.1/v1"}, "address"),
        ({LLM: "http://"}, "address"),
        ({LLM: f"https://me:{SECRET}@llm.example/v1"}, "no password"),
        ({LLM: f"https://llm.example/v1?key={SECRET}"}, "no password"),
        ({LLM: "http://[::1"}, "address"),
        ({LLM: "http://127.0.0.1:99999/v1"}, "address"),
        ({LLM: "http://bücher.example/v1"}, "address"),
        ({LLM: "http://127.0.0.1/a b"}, "address"),
        ({f"{LLM}_MODEL": ""}, "BLOGSEARCH_LLM_MODEL"),
        ({f"{LLM}_MODEL": "a\nb"}, "BLOGSEARCH_LLM_MODEL"),
        ({f"{LLM}_MODEL": "m" * 201}, "BLOGSEARCH_LLM_MODEL"),
        ({f"{LLM}_KEY": f"{SECRET}\r\nX: y"}, "one word"),
        ({f"{LLM}_KEY": f"{SECRET} {SECRET}"}, "one word"),
        ({f"{LLM}_KEY": f"{SECRET}ü"}, "one word"),
        ({f"{LLM}_KEY": SECRET * 300}, "one word"),
        ({f"{LLM}_KEY": SECRET, f"{LLM}_KEY_FILE": "/etc/hostname"}, "not both"),
        ({f"{LLM}_KEY_FILE": "/nowhere/key"}, "/nowhere/key: No such file"),
        ({f"{LLM}_KEY_FILE": "/"}, "Is a directory"),
        ({LLM: "http://llm.example/v1", f"{LLM}_KEY": SECRET}, "https://"),
        ({LLM: "http://8.8.8.8/v1", f"{LLM}_KEY": SECRET}, "https://"),
        ({LLM: "http://[::ffff:8.8.8.8]/v1", f"{LLM}_KEY": SECRET}, "https://"),
    ],
)
def test_a_wrong_setting_is_a_sentence_without_the_key(told, match):
    with pytest.raises(ModelServerError, match=match) as caught:
        model_server({**LOCAL, **told})
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_server_does_not_start_with_a_wrong_setting(monkeypatch, capsys):
    told = {**LOCAL, LLM: "http://llm.example/v1", f"{LLM}_KEY": SECRET}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert main(["--port", "0"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("blog-web: The key of BLOGSEARCH_LLM would cross the net")
    assert SECRET not in err


def test_an_empty_file_holds_no_key(tmp_path):
    file = tmp_path / "key"
    file.touch(0o600)
    with pytest.raises(ModelServerError, match="no key"):
        model_server({**LOCAL, f"{LLM}_KEY_FILE": str(file)})


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/v1", "http://[::1]:1/v1", "http://localhost:1/v1", "http://192.168.1.9/v1",
     "http://ollama:11434/v1", "http://box.local/v1", "http://llm.home.arpa/v1", "https://llm.example/v1",
     "http://100.101.102.103/v1"],
)  # fmt: skip
def test_a_key_may_go_to_ones_own_network_and_anywhere_by_https(address):
    assert model_server({**LOCAL, LLM: address, f"{LLM}_KEY": SECRET}).key == SECRET


def test_without_a_key_any_server_will_do():
    assert model_server({**LOCAL, LLM: "http://llm.example/v1"}).key == ""


@pytest.mark.parametrize(
    ("address", "expected"),
    [("127.0.0.1", True), ("10.1.2.3", True), ("fe80::1%eth0", True), ("fd00::1", True), ("8.8.8.8", False),
     ("2001:4860:4860::8888", False), ("::ffff:8.8.8.8", False), ("::ffff:10.0.0.1", True)],
)  # fmt: skip
def test_addresses_of_ones_own_network_are_known(address, expected):
    assert is_own(address) is expected


@given(
    st.dictionaries(
        st.sampled_from([LLM, f"{LLM}_MODEL", f"{LLM}_KEY", f"{LLM}_KEY_FILE"]),
        st.text("aZ1 /:.@?#[]\x00\nü~")
        | st.sampled_from([*LOCAL.values(), "http://", "https://a]b"]),
    )
)
def test_any_environment_gives_a_model_or_a_sentence(env):
    try:
        model_server(env)
    except ModelServerError as error:
        assert str(error)[-1] in ".0y:" or "chmod" in str(error)  # noqa: PT017  # both outcomes are right


@pytest.mark.parametrize(
    ("name", "shown"),
    [("llama3.2:3b", "llama3.2:3b"), ("/home/me/models/tiny.gguf", "tiny.gguf"), ("owner/model", "model"),
     ("/", "/")],
)  # fmt: skip
def test_readers_learn_no_folder(name, shown):
    assert ModelServer("http://127.0.0.1:1/v1", name).shown_name == shown
