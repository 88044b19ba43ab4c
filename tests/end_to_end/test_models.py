"""A model that can't be had or must not be loaded ends each program with exit code 3
and one sentence, and no name that an index brings is looked up."""

from __future__ import annotations

import shutil
import signal
from contextlib import suppress

import pytest

from indexer.cli.commands import main as indexer
from search.__main__ import main as search
from search.embedding.embedder import open_embedder
from search.errors import ModelError
from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.hubs import be_at_home
from tests.models import transformer_model
from tests.search.embedding.hostile_models import HOSTILE, PICKLES
from tests.torture.scale import rounds
from tests.watching import watching
from web.__main__ import main as web

NAMES = (
    "owner/model",
    "sentence-transformers/all-mpnet-base-v2",
    "short",
    "https://models.example/evil",
    "file:///etc",
    "hf://owner/model",
    "//models.example/evil",
    "../nowhere",
    "models/none",
    "/nowhere/model",
    "work/place",
    "--help",
    "owner/model\n\x1b[31mmore",
    "x" * 5000,
)
# The others are told when a text is read that shows it.
UNLOADABLE = sorted(HOSTILE.keys() - {"no numbers", "fewer words than tokens"})


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    return transformer_model(tmp_path_factory.mktemp("models") / "sound", ["bread"])


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A working directory with a folder that a name might mean; nothing was fetched."""
    be_at_home(monkeypatch, tmp_path / "home")
    monkeypatch.delenv("BLOGSEARCH_INDEX", raising=False)
    (tmp_path / "work" / "place").mkdir(parents=True)
    (tmp_path / "post.md").write_text("# Bread\n\nYeast makes gas in the dough.\n")
    monkeypatch.chdir(tmp_path)
    handlers = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    handlers[signal.SIGHUP] = signal.getsignal(signal.SIGHUP)
    yield tmp_path
    for one, handler in handlers.items():
        signal.signal(one, handler)


def index_of(model: str, place) -> str:
    """An index that says it was made with this model, with its weights where they can
    be read."""
    folder = place / "index"
    said = HashEmbedder(model, dimension=32)
    with suppress(ModelError):
        said.fingerprint = open_embedder(model).fingerprint
    with SqliteWriter(folder, said, splitter=1) as index:
        article = Article(
            "https://a.example/", "A", blocks=(Block("paragraph", "bread"),)
        )
        index.add([(article, [Passage("bread")])])
        index.commit()
    return str(folder)


def refused(program, *arguments: str, capsys) -> str:
    """Run a program that has to end with exit code 3, and return its one sentence."""
    with watching() as seen:
        assert program(list(arguments)) == 3
    # A server listens, and waitress reads its default address.
    assert not set(seen.looked_up) - {"127.0.0.1", "0.0.0.0"}
    assert seen.connected == seen.unpickled == []
    assert [path for path in seen.opened if path.endswith(PICKLES)] == []
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1, said
    assert said.rstrip("\n").isprintable()
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("name", NAMES)
def test_a_model_that_an_index_names_is_looked_for_on_this_machine_only(
    place, capsys, name
):
    index = index_of(name, place)
    for program, arguments in (
        (search, ["why bread rises"]),
        (indexer, ["rebuild"]),
        (indexer, ["update"]),
        (indexer, ["add", "post.md"]),
        (indexer, ["evaluate", "--pairs", "1"]),
        (web, ["--port", "0"]),
    ):
        refused(program, *arguments, "--index", index, capsys=capsys)


@pytest.mark.parametrize("name", UNLOADABLE[:: rounds(18, 1)])
def test_a_hostile_folder_ends_each_program_with_a_sentence(place, capsys, sound, name):
    model = place / "model"
    shutil.copytree(sound, model)
    HOSTILE[name](model, place / "mark")
    index = index_of(str(model), place)
    new = str(place / "new")
    for program, arguments in (
        (search, ["why bread rises", "--index", index]),
        (indexer, ["rebuild", "--index", index]),
        (indexer, ["rebuild", "--index", index, "--model", "model"]),
        (indexer, ["add", "post.md", "--index", new, "--model", "model"]),
        (web, ["--port", "0", "--index", index]),
    ):
        refused(program, *arguments, capsys=capsys)
    assert not (place / "mark").exists()
    # Nothing was begun with a model that can't be used.
    assert not (place / "new").exists()


def test_nothing_is_fetched_only_to_be_refused(place, capsys):
    index = index_of("hash", place)
    said = refused(
        indexer, "update", "--index", index, "--model", "owner/model", capsys=capsys
    )
    assert "rebuild --index" in said
