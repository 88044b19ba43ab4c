"""Sources that need a login, by the commands: read with it, and the secret is nowhere
that it was not written by its owner."""

from __future__ import annotations

import base64
import io
import logging

import pytest

from tests.servers import Served, scripted

SECRET = "s3cr3t-Wort"
FEED = """<rss version="2.0"><channel><title>Paid letters</title><link>{base}/</link>
<item><title>Rye</title><link>{base}/rye</link><pubDate>Mon, 06 May 2024 08:00:00 GMT</pubDate></item>
</channel></rss>"""
WORDS = " ".join(["The whole loaf of rye is for those who pay for the letters."] * 30)


@pytest.fixture
def site():
    with scripted() as script:
        paid = Served(f"<html><body><article><p>{WORDS}</p></article></body></html>".encode())  # fmt: skip
        closed = Served(b"no", 401)
        open_to = {
            "/feed": Served(FEED.format(base=script.base).encode(), 200, (("Content-Type", "text/xml"),)),
            "/rye": paid,
        }  # fmt: skip

        def take(path, headers):
            script.asked.append((path, headers))
            said = f"{headers['Cookie']} {headers['Authorization']}"
            if path not in open_to:
                return Served(b"none", 404)
            return open_to[path] if any(key in said for key in script.keys) else closed

        script.keys = forms(SECRET)
        script.take = take
        yield script


def forms(secret: str) -> list[str]:
    """All forms in which a secret is sent."""
    packed = base64.b64encode(f"ann:{secret}".encode()).decode()
    return [secret, packed]


@pytest.mark.parametrize("line", ["cookie session={}", "basic ann:{}", "bearer {}"])
def test_a_source_is_read_with_its_login_and_the_secret_stays_where_it_is(
    quick_commands, run, site, tmp_path, monkeypatch, line
):
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    logging.getLogger().addHandler(handler)
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)
    index = tmp_path / "index"
    index.mkdir(mode=0o700)
    logins = index / "logins"
    logins.write_text(f"127.0.0.1:{site.port} {line.format(SECRET)}\n")
    logins.chmod(0o600)
    said = []

    def command(*arguments, code=0):
        ended, out, err = run(*arguments)
        said.append(out + err)
        assert ended == code, out + err
        return out + err

    url = f"{site.base}/feed"
    command("add", url, "--allow-private", "--feed-only")
    assert "whole loaf" in command("show", f"{site.base}/rye")
    command("update")
    site.keys = ["renewed"]
    command("update", code=3)
    assert "is not accepted" in said[-1]
    for name in ("sources", "status", "coverage"):
        assert command(name)
    command("sources", "--opml")
    command("coverage", "--json")
    command("doctor")
    backup = tmp_path / "backup.tar"
    command("backup", str(backup))
    logging.getLogger().removeHandler(handler)
    files = [path for path in index.rglob("*") if path.is_file() and path != logins]
    assert files
    for secret in forms(SECRET):
        assert secret not in "".join(said)
        assert secret not in logged.getvalue()
        for path in (*files, backup):
            assert secret.encode() not in path.read_bytes(), path.name


def test_what_was_refused_is_asked_for_again_when_the_source_is_added_again(
    quick_commands, run, tmp_path
):
    with scripted() as site:
        feed = FEED.format(base=site.base).encode()
        site.pages = {"/feed": Served(feed), "/rye": Served(b"no", 401)}
        url = f"{site.base}/feed"
        run("add", url, "--allow-private", "--feed-only")
        html = f"<html><body><article><p>{WORDS}</p></article></body></html>"
        site.pages["/rye"] = Served(html.encode())
        run("add", url, "--allow-private", "--feed-only")
        assert site.paths.count("/rye") == 1  # it is not its time
        logins = tmp_path / "index" / "logins"
        logins.touch(mode=0o600)
        logins.write_text(f"127.0.0.1:{site.port} cookie session={SECRET}\n")
        run("add", url, "--allow-private", "--feed-only")
        assert site.paths.count("/rye") == 2
        assert "whole loaf" in run("show", f"{site.base}/rye")[1]


def test_a_file_that_others_can_read_stops_what_asks_servers(
    quick_commands, run, site, tmp_path
):
    (tmp_path / "index").mkdir()
    logins = tmp_path / "index" / "logins"
    logins.write_text(f"127.0.0.1:{site.port} cookie session={SECRET}\n")
    logins.chmod(0o644)
    code, _, err = run("add", f"{site.base}/feed", "--allow-private")
    assert (code, site.asked) == (3, [])
    assert f"chmod 600 {logins}" in err
    assert SECRET not in err


def test_a_source_without_its_login_is_told_of_one(quick_commands, run, site):
    code, _, err = run("add", f"{site.base}/feed", "--allow-private")
    assert code == 3
    assert "asks for a password" in err
    assert "docs/logins.md" in err
