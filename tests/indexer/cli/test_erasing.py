"""What is forgotten, removed or gone is in no byte of any file of the index, nor comes
back by a rollback, an update or a backup."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import tempfile
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.cli import commands as cli
from indexer.cli import session
from indexer.crawl import unit_of_work
from indexer.ledger import erasing as ledger_erasing
from indexer.maintenance import erase
from indexer.maintenance.doctor import examine_all
from search.index.open import open_index
from search.index.sqlite.erasing import index_state
from search.index.sqlite.undo.record import make_whole
from search.index.sqlite.writer import SqliteWriter
from search.ports import DEFAULT_MODEL
from tests.fakes import HashEmbedder
from tests.sites import page, serving, text
from tests.traces import made_up, traces

WORDS = made_up()
TITLE, AUTHOR, HEADING, NOTE, TAG, SUMMARY, *TEXT = WORDS


@pytest.fixture(autouse=True)
def quick(monkeypatch, workers):
    be_quick(monkeypatch, workers)


def be_quick(patch: pytest.MonkeyPatch, workers) -> None:
    patch.setattr(session, "Workers", lambda: nullcontext(workers))
    patch.setattr(session, "open_embedder", HashEmbedder)
    patch.delenv("BLOGSEARCH_INDEX", raising=False)


@pytest.fixture
def index():
    # In memory where files can be: each commit waits for its disk elsewhere.
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder) / "index"


@pytest.fixture
def run(index, capsys):
    def run_it(*arguments: object):
        code = command(index, *arguments)
        out, err = capsys.readouterr()
        return code, out + err

    return run_it


def command(index, *arguments) -> int:
    return cli.main(["--index", str(index), "--delay", "0", *map(str, arguments)])


def feed(site, *, reworded: str = "") -> None:
    """A feed of three posts, the first with all that may be told of one."""
    entries = "".join(
        f"<item><title>Post {number}</title><link>{site.url(f'/{number}')}</link></item>"
        for number in (2, 3)
    )
    site.put(
        "/feed.xml",
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        f"<title>The Blog</title><link>{site.base}/</link><description>x</description>{entries}"
        f"<item><title>On {TITLE}</title><link>{site.url('/1')}</link><dc:creator>{AUTHOR}</dc:creator>"
        f"<category>{TAG}</category><description>&lt;p&gt;{SUMMARY} {reworded} {TEXT[0]}&lt;/p&gt;</description>"
        "</item></channel></rss>",
        kind="application/rss+xml",
    )


@pytest.fixture(scope="module")
def links():
    """Another host, with a link page about the first one."""
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def site():
    with serving() as running:
        yield running


def lay_out(site, links) -> None:
    for number in (2, 3):
        site.post(f"/{number}", f"Post {number}", text(number))
    body = f"<h2>{HEADING}</h2><p>{text(1)} {' '.join(TEXT)}</p>"
    site.put("/1", page(f"On {TITLE}", body))
    feed(site)
    others = [f"- [number {n}]({site.url(f'/{n}')}) is a good one" for n in (2, 3)]
    told = f"- [the first]({site.url('/1')}) {NOTE} is good"
    lines = [told, *others, "- [own](/own) is mine", "- [more](/more) is, too"]
    listed = "\n".join(lines)
    links.put("/til.md", f"# 2024-03-01\n\n{listed}\n", kind="text/markdown")


@pytest.fixture(scope="module")
def base(site, links, workers, tmp_path_factory):
    """An index of the three posts, noted by a link page, with a state before.

    That is noted as pages, and all pages have changed.
    """
    made = tmp_path_factory.mktemp("base") / "index"
    lay_out(site, links)
    with pytest.MonkeyPatch.context() as patch:
        be_quick(patch, workers)
        for url in (site.url("/feed.xml"), links.url("/til.md")):
            assert command(made, "add", "--allow-private", "--feed-only", url) == 0
        assert command(made, "rebuild") == 0
    return made


@pytest.fixture
def filled(base, index, site, links):
    lay_out(site, links)
    shutil.copytree(base, index)
    return site


def held(index) -> list[str]:
    with open_index(index).snapshot() as snapshot:
        assert len(snapshot.vectors) == snapshot.manifest.passages
        urls = [url for url in snapshot.urls() if url[-1] in "123"]
    return sorted(url.rpartition("/")[2] for url in urls)


def is_well(index) -> bool:
    return not examine_all(index, HashEmbedder(DEFAULT_MODEL)).findings


def later(monkeypatch, days: int) -> None:
    """Let the schedule think that so many days have passed."""
    from indexer.crawl import pipeline

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromtimestamp(
                datetime.now(UTC).timestamp() + days * 86400, tz
            )

    monkeypatch.setattr(pipeline, "datetime", Clock)


def test_the_words_are_there_before(filled, index):
    found = traces(index, WORDS)
    assert set(found["index.sqlite"]) == set(WORDS) - {SUMMARY}
    assert {TITLE, AUTHOR, NOTE, SUMMARY} <= set(found["ledger.sqlite"])
    assert "previous/index.sqlite.undo-000001" in found


def test_a_forgotten_article_is_in_no_file(filled, index, run, tmp_path):
    code, said = run("forget", filled.url("/1"))
    assert code == 0
    assert "Backups made before still hold it" in said
    assert traces(index, WORDS) == {}
    assert is_well(index)
    assert len(list(index.glob("*.faiss"))) == 1
    assert run("rollback")[0] == 0
    assert traces(index, WORDS) == {}
    assert held(index) == ["2", "3"]
    assert is_well(index)
    assert run("backup", tmp_path / "out" / "b.tar")[0] == 3  # no such folder
    (tmp_path / "out").mkdir()
    assert run("backup", tmp_path / "out" / "b.tar")[0] == 0
    assert traces(tmp_path / "out", WORDS) == {}


def test_it_is_in_no_copy_of_the_state_before_as_older_programs_made_it(
    filled, index, run
):
    make_whole(index)
    assert traces(index, WORDS)["previous/index.sqlite"]
    run("forget", filled.url("/1"))
    assert traces(index, WORDS) == {}


def test_an_update_writes_no_word_of_it_back(filled, index, run):
    run("forget", filled.url("/1"))
    for reworded in ("again", "and again"):
        feed(filled, reworded=reworded)
        assert run("update", "--allow-private")[0] == 0
        assert traces(index, WORDS) == {}
    assert held(index) == ["2", "3"]


def test_adding_it_brings_all_of_it_back(filled, index, run):
    run("forget", filled.url("/1"))
    assert run("add", "--allow-private", filled.url("/1"))[0] == 0
    assert run("update", "--allow-private")[0] == 0
    assert set(WORDS) == set(traces(index, WORDS)["index.sqlite"]) | {SUMMARY}
    with open_index(index).snapshot() as snapshot:
        article = snapshot.article(filled.url("/1"))
        assert NOTE in article.notes[0].text
        assert article.author == AUTHOR
    # Now it is a source as well, which may have a title.
    run("forget", filled.url("/1"))
    assert traces(index, WORDS) == {}


@pytest.mark.parametrize("also_noted", [True, False])
def test_what_is_forgotten_with_its_site_is_in_no_file(
    filled, links, index, run, also_noted
):
    if not also_noted:
        run("remove", links.url("/til.md"))
    assert run("forget", "--site", filled.base)[0] == 0
    assert traces(index, WORDS) == {}
    assert held(index) == []


def test_a_removed_source_is_in_no_file(filled, links, index, run):
    assert run("remove", filled.url("/feed.xml"), links.url("/til.md"))[0] == 0
    assert traces(index, [*WORDS, "feed.xml"]) == {}
    assert run("rollback")[0] == 0
    assert traces(index, [*WORDS, "feed.xml"]) == {}


def test_a_removed_link_page_leaves_the_articles_without_its_notes(
    filled, links, index, run
):
    assert run("remove", links.url("/til.md"))[0] == 0
    assert traces(index, [NOTE]) == {}
    assert held(index) == ["1", "2", "3"]
    # The state before has these articles still, and not the notes.
    assert run("rollback")[0] == 0
    assert held(index) == ["1", "2", "3"]
    assert traces(index, [NOTE]) == {}
    assert is_well(index)


def test_a_page_that_is_gone_is_in_no_file(filled, links, index, run, monkeypatch):
    assert run("remove", links.url("/til.md"))[0] == 0
    filled.put("/1", b"", status=410)
    later(monkeypatch, 9)
    run("update", "--allow-private")
    assert held(index) == ["2", "3"]
    assert traces(index, WORDS) == {}
    assert run("rollback")[0] == 0
    assert traces(index, WORDS) == {}
    filled.asked()
    feed(filled, reworded="again")
    run("update", "--allow-private")
    assert traces(index, WORDS) == {}


def test_a_page_that_is_gone_leaves_the_notes_of_others(
    filled, index, run, monkeypatch
):
    filled.put("/1", b"", status=410)
    later(monkeypatch, 9)
    run("update", "--allow-private")
    # Its title names the link; what the link page says is not the page's own.
    assert set().union(*traces(index, WORDS).values()) <= {NOTE}
    assert traces(index, [NOTE])
    for days in (40, 140):
        feed(filled, reworded=f"after {days}")
        later(monkeypatch, days)
        run("update", "--allow-private")
        assert set().union(*traces(index, WORDS).values()) == {NOTE}


def test_a_page_that_is_gone_by_404_is_in_no_file(
    filled, links, index, run, monkeypatch
):
    assert run("remove", links.url("/til.md"))[0] == 0
    filled.put("/1", b"", status=404)
    later(monkeypatch, 9)
    run("update", "--allow-private")
    assert held(index) == ["1", "2", "3"]
    later(monkeypatch, 90)
    run("update", "--allow-private")
    assert held(index) == ["2", "3"]
    assert traces(index, WORDS) == {}


def test_what_a_folder_has_no_more_comes_back_by_a_rollback_alone(index, run, tmp_path):
    blog = tmp_path / "blog"
    blog.mkdir()
    (blog / "1.md").write_text(f"# On {TITLE}\n\n{text(1)} {' '.join(TEXT)}\n")
    (blog / "2.md").write_text(f"# Two\n\n{text(2)}\n")
    run("add", blog)
    (blog / "1.md").unlink()
    assert run("update")[0] == 0
    assert {name.partition("/")[0] for name in traces(index, WORDS)} == {"previous"}
    assert run("rollback")[0] == 0
    assert traces(index, WORDS)["index.sqlite"]


class Killed(BaseException):
    pass


def kill(patch: pytest.MonkeyPatch, owner, name: str, good: int = 0) -> None:
    """End a run where it calls this, after so many calls that go well."""
    usual = getattr(owner, name)
    calls = []

    def die(*args, **kwargs):
        if len(calls) == good:
            raise Killed
        calls.append(name)
        return usual(*args, **kwargs)

    patch.setattr(owner, name, die)


PLACES = [  # module, name, calls that go well
    (unit_of_work.Erasing, "__init__", 0),
    (SqliteWriter, "commit", 0),
    (SqliteWriter, "_publish", 0),
    (SqliteWriter, "_continue_from", 0),
    (unit_of_work.UnitOfWork, "_write_ledger", 0),
    (session, "erase", 0),
    (erase, "_erase_from_state_before", 0),
    (erase, "_erase_from_ledger_before", 0),
    (erase, "compact_unread", 0),
    (index_state, "compact_unread", 0),
    (erase, "erase_from_index", 0),
    (index_state, "compact", 0),
    (ledger_erasing.ErasingRows, "settle_erasing", 0),
    (ledger_erasing.ErasingRows, "settle_erasing", 1),
    (erase, "_unlink_copies", 0),
    (ledger_erasing.ErasingRows, "strike_erasing", 0),
    (ledger_erasing.ErasingRows, "strike_erasing", 1),
]


@pytest.mark.parametrize("place", range(len(PLACES)))
def test_a_forgetting_that_is_killed_is_completed_by_the_next_run(
    filled, index, run, place, monkeypatch, tmp_path
):
    with monkeypatch.context() as patched:
        kill(patched, *PLACES[place])
        with pytest.raises(Killed):
            run("forget", filled.url("/1"))
    if "1" in held(index) and not erase.is_pending(index):
        return  # it was killed before it began
    following = [("update", "--allow-private"), ("remove", filled.url("/feed.xml")), ("rollback",),
                 ("backup", tmp_path / "b.tar")][place % 4]  # fmt: skip
    assert run(*following)[0] == 0
    assert traces(index, WORDS) == {}
    assert "1" not in held(index)
    assert is_well(index)


def test_the_state_before_may_have_it_under_another_address(
    filled, index, run, monkeypatch
):
    body = filled.pages["/1"].body
    for name in ("/old", "/new"):
        own = f"<link rel=canonical href='{filled.url(name)}'></head>"
        for path in ("/1", name):
            filled.put(path, body.replace(b"</head>", own.encode()))
        feed(filled, reworded=f"now {name}")
        run("update", "--allow-private")
        with open_index(index).snapshot() as snapshot:
            assert filled.url(name) in snapshot.urls()
    publish = SqliteWriter._publish
    kill(monkeypatch, SqliteWriter, "_publish")  # before it kept another state
    with pytest.raises(Killed):
        run("forget", filled.url("/new"))
    monkeypatch.setattr(SqliteWriter, "_publish", publish)
    assert run("rollback")[0] == 0
    assert traces(index, WORDS) == {}


# What the ledger's version 9 added.
WITHOUT_IDENTITIES = """
DROP TRIGGER item_listed; DROP TRIGGER item_changed; DROP TRIGGER item_moved; DROP TRIGGER item_left;
DROP TRIGGER page_noted; DROP TRIGGER page_changed; DROP TRIGGER page_dropped;
DROP TRIGGER source_added; DROP TRIGGER source_changed; DROP TRIGGER source_dropped;
DROP TRIGGER search_noted; DROP TRIGGER search_changed;
DROP TABLE unsettled; DROP TABLE uncounted; DROP INDEX pages_by_due;
DROP INDEX items_by_identity; DROP INDEX pages_by_identity; DROP INDEX pages_by_state;
ALTER TABLE items DROP COLUMN identity; ALTER TABLE pages DROP COLUMN identity;
DROP TABLE index_seen;
"""


def test_an_index_of_an_older_program_is_cleaned_by_the_next_run(
    filled, index, run, monkeypatch
):
    with monkeypatch.context() as patched:
        # As it was: nothing noted, nothing erased, the item left as it is.
        patched.setattr(erase, "is_pending", lambda _: False)
        patched.setattr(ledger_erasing.ErasingRows, "drop_words", lambda *_: None)
        run("forget", filled.url("/1"))
    with closing(sqlite3.connect(index / "ledger.sqlite")) as db:
        db.executescript(WITHOUT_IDENTITIES)
        db.executescript(
            "DROP TABLE erasing; DROP TABLE repeats; PRAGMA user_version = 7"
        )
    assert len(traces(index, WORDS)) >= 3
    assert run("update", "--allow-private")[0] == 0
    assert traces(index, WORDS) == {}


def test_a_damaged_index_is_rebuilt_before_what_is_noted_is_erased(filled, index, run):
    with closing(sqlite3.connect(index / "ledger.sqlite")) as ledger:
        ledger.execute("INSERT INTO erasing VALUES ('{}', 1)")
        ledger.commit()
    with closing(sqlite3.connect(index / "index.sqlite")) as db:
        db.execute("UPDATE articles SET author = 'Nobody' WHERE id = 1")
        db.commit()
    code, said = run("update")
    assert (code, "is damaged" in said) == (3, True)
    assert run("rebuild")[0] == 0
    assert not erase.is_pending(index)
    assert run("update")[0] == 0


def test_a_reader_keeps_its_state_and_the_next_run_erases_it(
    filled, index, run, monkeypatch
):
    monkeypatch.setattr("search.index.sqlite.erasing.compaction.PATIENCE", 0)
    with open_index(index).snapshot() as reading:
        code, said = run("forget", filled.url("/1"))
        assert code == 0
        assert "the next run that writes erases it" in said
        assert reading.article(filled.url("/1")) is not None
    assert traces(index, WORDS)
    run("update", "--allow-private")
    assert traces(index, WORDS) == {}


def test_copies_and_what_a_killed_run_left_are_erased_too(filled, index, run):
    shutil.copyfile(
        index / "index.sqlite", index / "index.sqlite.damaged-20260101T000000"
    )
    shutil.copyfile(index / "index.sqlite", index / "index.sqlite.partial")
    make_whole(index)
    shutil.copytree(index / "previous", index / "restore.new")
    run("forget", filled.url("/1"))
    assert traces(index, WORDS) == {}


def test_a_damaged_state_before_is_removed(filled, index, run, monkeypatch, caplog):
    with monkeypatch.context() as patched:
        patched.setattr(session, "erase", lambda _: None)
        run("forget", filled.url("/1"))
    make_whole(index)
    path = index / "previous" / "index.sqlite"
    path.write_bytes(path.read_bytes()[:9000] + b"x" * 30_000 + TEXT[3].encode())
    assert run("update", "--allow-private")[0] == 0
    assert traces(index, WORDS) == {}
    assert "is damaged" in caplog.text
    assert held(index) == ["2", "3"]


def test_a_disk_too_full_to_erase_is_not_said_to_have_left_all_as_it_was(
    filled, index, run, monkeypatch
):
    def compact(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(erase, "_erase", compact)
        code, said = run("forget", filled.url("/1"))
    assert code == 3
    assert "is forgotten and will not be fetched again" in said
    assert "What left the index is still in its files (The disk is full" in said
    assert "unharmed" not in said
    assert run("update", "--allow-private")[0] == 0
    assert traces(index, WORDS) == {}
