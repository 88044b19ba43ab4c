"""Standing questions from the command line: what a run notes as new, once, and digests."""

import json
from contextlib import closing
from pathlib import Path

import feedparser
import html5lib
import pytest

import search.engine
from indexer.cli import noting, session
from search.errors import QueryError
from search.index.open import open_index
from tests.fakes import HashEmbedder

HOSTILE = "<script>alert(1)</script> *[bold]* & `code`"


@pytest.fixture(autouse=True)
def quick(quick_commands, monkeypatch):
    monkeypatch.setattr(search.engine, "open_embedder", lambda name: HashEmbedder())
    monkeypatch.delenv("BLOGSEARCH_INDEX", raising=False)


@pytest.fixture
def blog(tmp_path):
    """A folder of posts: blog(name, words) writes one."""
    folder = tmp_path / "blog"
    folder.mkdir()

    def write(name, *texts, title=""):
        body = "\n\n".join(texts) or f"The {name} of this post is a word of its own."
        text = f"---\ntitle: {json.dumps(title or name.title())}\ndate: 2026-01-02\n---\n\n{body}\n"
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        return folder / f"{name}.md"

    write("bread", "Bread rises in a cold room over night.", "Salt comes later.")
    write("water", "Water is weighed before the flour is.")
    return write


@pytest.fixture
def watching(run, blog, tmp_path):
    """An index of the blog's first posts that has a standing question."""
    assert run("add", str(tmp_path / "blog"))[0] == 0
    code, out, err = run("watch", "add", '"cold room"')
    assert (code, out) == (0, "")
    assert "cold-room is watched from now on." in err
    assert "not new: 1 article." in err
    return run


def noted(tmp_path):
    """The titles of what is noted for each question, newest first."""
    with closing(open_index(tmp_path / "index")) as index, index.snapshot() as snapshot:
        found = {}
        for one in snapshot.standing().questions:
            held = snapshot.articles([noted.article for noted in one.noted])
            found[one.name] = [
                held[entry.article].title
                for entry in one.noted
                if entry.article in held
            ]
        return found


def test_a_run_notes_what_is_new_once_and_says_so(watching, blog, tmp_path):
    assert "New for" not in watching("update")[2]
    blog("rye", "A cold room suits rye too.")
    blog("oven", "The oven is hot.")
    code, _, err = watching("update")
    assert code == 0
    assert "New for cold-room: 1 article; see: blog-indexer digest --index" in err
    assert noted(tmp_path) == {"cold-room": ["Rye"]}
    # An article that is edited is not new, whether it answered before or not.
    blog("rye", "A cold room suits rye too, and wheat.")
    blog("oven", "The oven stands in a cold room.")
    assert "New for" not in watching("update")[2]
    assert "New for" not in watching("rebuild")[2]
    assert "New for" not in watching("update")[2]
    assert noted(tmp_path) == {"cold-room": ["Rye"]}


def test_what_was_there_when_a_question_was_added_is_not_new(watching, blog, tmp_path):
    watching("watch", "add", '"flour is"', "--name", "flour")
    watching("watch", "add", "site:b.example salt", "--name", "nothing")
    blog("malt", "Malt: the flour is brown in a cold room.")
    watching("update")
    assert noted(tmp_path) == {"cold-room": ["Malt"], "flour": ["Malt"], "nothing": []}


def test_an_article_that_leaves_is_not_noted_and_not_new_when_it_comes_back(
    watching, blog, tmp_path
):
    path = blog("rye", "A cold room suits rye too.")
    watching("update")
    text = path.read_text()
    path.unlink()
    watching("update")
    assert noted(tmp_path) == {"cold-room": []}
    assert "  0 new  " in watching("watch", "list")[1]
    assert watching("digest")[:2] == (0, "")
    path.write_text(text)
    assert "New for" not in watching("update")[2]


def test_the_copy_of_a_text_is_not_new(watching, blog, tmp_path):
    same = (f"Sentence {n} of a long post about one cold room." for n in range(30))
    texts = list(same)
    blog("first", *texts, title="Cold rooms")
    watching("update")
    blog("second", *texts, title="Cold rooms")
    watching("update")
    assert noted(tmp_path) == {"cold-room": ["Cold rooms"]}


def test_a_run_killed_before_it_noted_is_made_up_for(
    watching, blog, tmp_path, monkeypatch
):
    class Killed(BaseException):
        """What no handler catches."""

    def killed(*_):
        raise Killed

    blog("rye", "A cold room suits rye too.")
    for place, name in ((session, "note_news"), (noting, "_noted")):
        with monkeypatch.context() as patch:
            patch.setattr(place, name, killed)
            with pytest.raises(Killed):
                watching("update")
    assert noted(tmp_path) == {"cold-room": []}
    # Nothing has changed since, and yet there is something to note.
    assert "New for cold-room: 1 article" in watching("update")[2]
    assert "New for" not in watching("update")[2]
    assert noted(tmp_path) == {"cold-room": ["Rye"]}


def test_a_question_that_fails_stops_neither_the_run_nor_the_others(
    watching, blog, tmp_path, monkeypatch
):
    watching("watch", "add", "rye")
    answering = search.engine.Engine.answering

    def failing(self, question, arrived=None):
        if question == "rye":
            raise QueryError("too-slow", "It takes too long.")
        return answering(self, question, arrived)

    blog("rye", "A cold room suits rye too.")
    with monkeypatch.context() as patch:
        patch.setattr(search.engine.Engine, "answering", failing)
        code, _, err = watching("update")
    assert code == 0
    assert "The standing question rye could not be asked" in err
    assert "New for cold-room: 1 article" in err
    # The next run makes up for it.
    assert "New for rye: 1 article" in watching("update")[2]
    assert noted(tmp_path) == {"cold-room": ["Rye"], "rye": ["Rye"]}


def test_a_run_without_news_asks_nothing(watching, blog, monkeypatch):
    def asked(*_, **__):
        raise AssertionError

    monkeypatch.setattr(search.engine.Engine, "answering", asked)
    assert watching("update")[0] == 0
    blog("bread", "Bread rises in a cold room, and is edited.")
    assert watching("update")[0] == 0


def test_names_are_told_in_sentences(watching):
    for words, said in (
        (("add", '"cold room"'), "There is a standing question cold-room already."),
        (("add", "q", "--name", "A b"), "'A b' is no name"),
        (("add", "???"), ""),
        (("add", "after:nonsense x"), ""),
        (("remove", "rye"), "There is no standing question rye."),
    ):
        code, out, err = watching("watch", *words)
        assert (code, out) == (2, "")
        assert said in err
    assert watching("watch", "list")[1] == 'cold-room    0 new  "cold room"\n'
    assert watching("watch", "remove", "cold-room")[0] == 0
    code, out, err = watching("watch", "list")
    assert (code, out) == (0, "")
    assert "blog-indexer watch add" in err


def test_without_an_index_nothing_is_made(run, tmp_path):
    for words in (("watch", "add", "x"), ("watch", "list"), ("digest",)):
        code, out, err = run(*words)
        assert (code, out) == (3, "")
        assert "blog-indexer add --index" in err
    assert not (tmp_path / "index").exists()


def test_a_digest_prints_what_is_new_since_the_last_one(watching, blog):
    assert watching("digest")[:2] == (0, "")
    blog("rye", "A cold room suits rye too.", title=HOSTILE)
    watching("update")
    code, out, _ = watching("digest")
    assert code == 0
    assert '## "cold room"' in out
    assert "\n> A cold room suits rye too.\n" in out
    assert "\\<script\\>alert(1)" in out
    assert watching("digest") == (0, "", "")
    # Asked for a time, it is printed as often as one likes.
    assert watching("digest", "--since", "7d")[1] == out
    assert watching("digest", "--since", "2026-01-01")[1] == out
    assert watching("digest", "--since", "2999-01-01") == (0, "", "")
    blog("oats", "Oats in a cold room.")
    watching("update")
    assert "Oats" in watching("digest")[1]


def test_a_mail_without_a_page_on_the_web_has_no_link_in_a_digest(watching, tmp_path):
    (tmp_path / "letter.eml").write_text(
        "From: Ann <ann@letters.example>\nSubject: The cellar\n"
        "Date: Sat, 05 Sep 2026 10:00:00 +0000\nMessage-ID: <a1@letters.example>\n"
        "List-Id: Letter <letter.letters.example>\n\nRye needs a cold room.\n"
    )
    assert watching("add", str(tmp_path / "letter.eml"))[0] == 0
    assert "\n### The cellar\n" in watching("digest")[1]
    said = watching("digest", "--since", "7d", "--format", "html")[1]
    assert "<h3>The cellar</h3>" in said


def test_a_digest_that_could_not_be_printed_is_not_lost(watching, blog, monkeypatch):
    blog("rye", "A cold room suits rye too.")
    watching("update")

    def full(text):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("indexer.cli.watch_commands.say", full)
        assert watching("digest")[0] == 3
    assert "Rye" in watching("digest")[1]


def test_a_digest_in_html_is_text_and_links_alone(watching, blog):
    blog("rye", f"A cold room suits rye too. {HOSTILE}", title=HOSTILE)
    watching("update")
    out = watching("digest", "--format", "html")[1]
    tree = html5lib.parse(out, namespaceHTMLElements=False)
    tags = {one.tag for one in tree.iter() if isinstance(one.tag, str)}
    assert tags <= {"html", "head", "meta", "title", "body", "h1", "h2", "h3", "a",
                    "p", "b", "blockquote", "pre"}  # fmt: skip
    assert tree.find(".//h3/a").text == HOSTILE
    assert tree.find(".//h3/a").get("href").startswith("file:///")
    assert "A cold room suits rye too." in tree.find(".//blockquote/p").text


def test_a_digest_in_atom_has_each_article_once(watching, blog):
    watching("watch", "add", "rye")
    blog("rye", "A cold room suits rye too.", title=HOSTILE)
    watching("update")
    found = feedparser.parse(watching("digest", "--format", "atom")[1].encode())
    assert not found.bozo
    (entry,) = found.entries
    assert Path(entry.id).name == "rye.md"
    assert "<blockquote" in entry.content[0].value


def test_a_copy_and_a_restored_backup_have_the_questions(watching, blog, tmp_path, run):
    blog("rye", "A cold room suits rye too.")
    watching("update")
    watching("digest")
    blog("oats", "Oats in a cold room.")
    watching("update")
    other, backup = str(tmp_path / "other"), str(tmp_path / "backup.tar")
    assert watching("copy", "--from", str(tmp_path / "index"), "--to", other)[0] == 0
    # The last option counts: run names another index first.
    assert "Oats" in watching("digest", "--index", other)[1]
    assert watching("backup", backup)[0] == 0
    assert watching("restore", backup, "--index", str(tmp_path / "third"))[0] == 0
    third = watching("digest", "--index", str(tmp_path / "third"))[1]
    assert "Oats" in third
    assert "Rye" not in third
    for index in (other, str(tmp_path / "third")):
        assert "New for" not in watching("update", "--index", index)[2]
    blog("malt", "Malt in a cold room.")
    assert "New for cold-room: 1" in watching("update", "--index", other)[2]
