"""Logins are read from what only their owner can read, and given out for their own host
alone."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.fetch.http.logins import Login, Logins, LoginsError, read_logins
from indexer.fetch.http.ssrf import parse_address

SECRET = "s3cr3t-Wort"
LINES = f"""
# subscriptions
blog.example cookie session={SECRET}; theme=dark
paid.example:8443 basic ann:{SECRET} with spaces
Bücher.example bearer {SECRET}
127.0.0.1:8000 bearer {SECRET}
[::1]:8000 bearer {SECRET}
"""


def written(folder, text, mode=0o600, name="logins"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def headers(logins: Logins, url: str, *, private: bool = False) -> dict[str, str]:
    return logins.headers_for(parse_address(url), allow_private=private)


@pytest.fixture
def logins(tmp_path):
    written(tmp_path, LINES)
    return read_logins(tmp_path, {})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://blog.example/a", {"Cookie": f"session={SECRET}; theme=dark"}),
        ("https://BLOG.example:443/", {"Cookie": f"session={SECRET}; theme=dark"}),
        ("https://xn--bcher-kva.example/", {"Authorization": f"Bearer {SECRET}"}),
        ("https://paid.example:8443/", {"Authorization": "Basic YW5uOnMzY3IzdC1Xb3J0IHdpdGggc3BhY2Vz"}),
        ("https://paid.example/", {}),
        ("https://blog.example:8443/", {}),
        ("https://www.blog.example/", {}),
        ("https://example/", {}),
        ("https://blog.example.evil.example/", {}),
        ("http://blog.example/", {}),
        ("http://127.0.0.1:8000/", {}),
    ],
)  # fmt: skip
def test_a_login_is_for_its_own_host_and_port_over_https(logins, url, expected):
    assert headers(logins, url) == expected


def test_plain_http_is_for_one_s_own_machine_where_it_is_allowed(logins):
    assert headers(logins, "http://127.0.0.1:8000/", private=True)
    assert headers(logins, "http://[::1]:8000/", private=True)
    assert not headers(logins, "http://127.0.0.1:9000/", private=True)
    assert not headers(logins, "http://blog.example/", private=True)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    written(tmp_path, LINES, mode)
    with pytest.raises(LoginsError, match="chmod 600") as caught:
        read_logins(tmp_path, {})
    assert SECRET not in str(caught.value)


def test_the_environment_names_a_file_or_has_the_lines(tmp_path):
    other = written(tmp_path, f"paid.example bearer {SECRET}", name="elsewhere")
    written(tmp_path, LINES)
    named = read_logins(tmp_path, {"BLOGSEARCH_LOGINS": str(other)})
    assert headers(named, "https://paid.example/")
    assert not headers(named, "https://blog.example/")
    spelled = f"blog.example cookie a={SECRET}\npaid.example bearer {SECRET}"
    found = read_logins(tmp_path, {"BLOGSEARCH_LOGINS": spelled})
    assert headers(found, "https://blog.example/") == {"Cookie": f"a={SECRET}"}
    with pytest.raises(LoginsError, match="isn't there"):
        read_logins(tmp_path, {"BLOGSEARCH_LOGINS": str(tmp_path / "none")})
    assert not headers(read_logins(tmp_path / "none", {}), "https://blog.example/")


@pytest.mark.parametrize(
    "line",
    [
        f"blog.example {SECRET}",
        f"blog.example token {SECRET}",
        "blog.example cookie",
        f"https://blog.example cookie a={SECRET}",
        f"blog.example/feed cookie a={SECRET}",
        f"ann@blog.example basic a:{SECRET}",
        f"blog.example cookie {SECRET}",
        f"blog.example cookie a={SECRET}\x7f",
        f"blog.example cookie ä={SECRET}",
        f"blog.example basic {SECRET}",
        f"blog.example bearer {SECRET} more",
        f"blog.example bearer {SECRET}\nBLOG.example cookie a={SECRET}",
    ],
)
def test_what_cannot_be_read_is_named_by_its_line_alone(tmp_path, line):
    written(tmp_path, f"# mine\n{line}\n")
    with pytest.raises(LoginsError, match=r"line \d") as caught:
        read_logins(tmp_path, {})
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_folder_and_bytes_are_refused(tmp_path):
    (tmp_path / "logins").mkdir(mode=0o700)
    with pytest.raises(LoginsError, match="can't be read: Is a directory"):
        read_logins(tmp_path, {})
    path = tmp_path / "bytes"
    path.write_bytes(b"blog.example cookie a=\xff\xfe" + SECRET.encode())
    path.chmod(0o600)
    with pytest.raises(LoginsError, match="UTF-8") as caught:
        read_logins(tmp_path, {"BLOGSEARCH_LOGINS": str(path)})
    assert caught.value.__cause__ is None


@given(st.text(min_size=8).filter(lambda text: "Login" not in text))
def test_no_text_of_an_object_has_the_secret(secret):
    login = Login("blog.example", None, "cookie", f"a={secret}")
    logins = Logins([login])
    assert f"a={secret}" not in f"{login!r} {login} {logins!r} {logins}"


def test_a_login_is_a_value_that_stays_equal():
    login = Login("blog.example", None, "basic", f"a:{SECRET}")
    assert pickle.loads(pickle.dumps(login)) == login  # noqa: S301
