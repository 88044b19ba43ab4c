"""Every command, page and answer over every damage: one sentence, code 3 and 503, and
never a word of it that is not so."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from contextlib import nullcontext

import pytest

import search.__main__ as asking
from indexer.cli import commands as cli
from indexer.cli import maintenance_commands, session
from search.engine import Engine
from search.index.open import open_index
from tests.fakes import HashEmbedder
from tests.runs import Inline
from tests.sites import text
from tests.stocked import answers
from tests.torture.damages import DAMAGES
from tests.torture.scale import FULL
from web import create_app
from web.settings import Settings

MODEL = HashEmbedder()
ROUNDS = 6  # of each damage in the long form
# In the short form: of each kind one, of which no other error tells.
SHORT = ("blocks of another shape", "passages without their article")
QUESTION = "bread in a cold room"
PATHS = (
    "/?q=bread",
    "/api/search?q=bread+in+a+cold+room&limit=50",
    "/",
    "/coverage",
    "/?site=blog",
    "/article?url={}",
    "/api/related?url={}",
)


@pytest.fixture(scope="module")
def laid(tmp_path_factory):
    """A folder of posts, an index of it, and that at an earlier time."""
    place = tmp_path_factory.mktemp("laid")
    with pytest.MonkeyPatch.context() as patched:
        patch(patched)
        write(place / "blog", range(16), "first")
        add = ["--index", str(place / "index"), "add", str(place / "blog")]
        assert cli.main(add) == 0
        shutil.copytree(place / "index", place / "older")
        write(place / "blog", range(14, 20), "second")
        assert cli.main([*add[:2], "update"]) == 0
        write(place / "blog", range(18, 22), "third")
    return place


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    patch(monkeypatch)


def patch(patched) -> None:
    """Let the commands have a model of hashes, and no processes."""
    patched.setattr(session, "open_embedder", lambda *_, **__: MODEL)
    patched.setattr(maintenance_commands, "open_embedder", lambda *_, **__: MODEL)
    patched.setattr(session, "Workers", lambda: nullcontext(Inline()))
    patched.setattr(
        asking, "_engine", lambda place: Engine(open_index(place), embedder=MODEL)
    )


def write(blog, numbers, edition: str) -> None:
    blog.mkdir(exist_ok=True)
    for number in numbers:
        parts = "\n\n".join(text(number * 10 + part) for part in range(5))
        (blog / f"{number}.md").write_text(
            f"---\ntitle: Post {number}\ndate: 2020-01-{number % 28 + 1:02}\n---\n\n"
            f"{edition} {parts}\n\n## More\n\n{text(number * 10 + 7)}\n"
        )


def looked_at(index, url: str) -> dict[str, int]:
    """The status of each page over an index, that of /healthz last."""
    app = create_app(Settings(log="off"), Engine(open_index(index), embedder=MODEL))
    client = app.test_client()
    found = {}
    for path in (*PATHS, "/healthz"):
        answer = client.get(path.format(url))
        assert "Traceback" not in answer.text
        found[path] = answer.status_code
    return found


def assert_told(main, argv, capsys, note) -> int:
    """The exit code of a command, which has ended with one sentence or with none."""
    capsys.readouterr()
    code = main(argv)
    said = capsys.readouterr().err
    assert code in (0, 3), (note, said)
    assert "Traceback" not in said, note
    return code


@pytest.mark.parametrize("name", DAMAGES if FULL else SHORT)
def test_no_damage_is_anything_but_damage(laid, tmp_path, capsys, caplog, name):
    url, said_before = (laid / "blog" / "3.md").as_uri(), answers(laid / "index", MODEL)
    told: Counter[str] = Counter()
    for number in range(ROUNDS if FULL else 1):
        index = tmp_path / str(number)
        shutil.copytree(laid / "index", index)
        DAMAGES[name](index, random.Random(f"{name} {number}"), laid / "older")
        option = ["--index", str(index)]
        note = (name, number)
        told["asked"] += (
            assert_told(asking.main, [QUESTION, *option], capsys, note) // 3
        )
        for command in (["status"], ["sources"], ["coverage"], ["show", url]):
            code = assert_told(cli.main, [*option, *command], capsys, note)
            told[command[0]] += code // 3
        file = str(tmp_path / f"{number}.tar")
        assert_told(cli.main, [*option, "backup", file], capsys, note)
        found = looked_at(index, url)
        *pages, health = found.values()
        assert set(found.values()) <= {200, 404, 503}, (note, found)
        # Seen once, it is what whoever watches over the server is told.
        assert health == (503 if 503 in pages else 200), (note, found)
        told["pages"] += pages.count(503)
        code = cli.main([*option, "doctor"])
        assert code in (1, 3, 0), note
        if code == 0:
            assert answers(index, MODEL) == said_before, note
        changed = assert_told(cli.main, [*option, "update"], capsys, note)
        told["update"] += changed // 3
        if code == 0:
            assert changed == 0, note
        elif changed == 3:
            # Nothing is built on it, and nothing of it is called sound.
            assert cli.main([*option, "doctor"]) in (1, 3), note
        shutil.rmtree(index)
    assert "Traceback" not in caplog.text
    print(f"{name}: {dict(told)}")
