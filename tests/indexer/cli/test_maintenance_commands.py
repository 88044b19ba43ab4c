"""backup, restore, rollback: nothing is replaced before all is checked; index and
ledger go together."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from indexer.cli import commands as cli
from indexer.cli import maintenance_commands
from indexer.ledger.ledger import Ledger
from indexer.maintenance.doctor import examine_all
from indexer.records import SourceRecord
from search.index.open import open_index
from search.index.sqlite import backup as backups
from search.index.sqlite import rollback
from search.index.sqlite.undo import record
from search.index.sqlite.writer import DATABASE, SqliteWriter
from tests.fakes import HashEmbedder
from tests.stocked import answers, held, stock


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """An index after two runs."""
    directory = tmp_path_factory.mktemp("twice") / "index"
    stock(directory, 4)
    stock(directory, 3, first=4)
    return directory


@pytest.fixture
def index(twice, tmp_path):
    shutil.copytree(twice, tmp_path / "index")
    return tmp_path / "index"


@pytest.fixture
def run(index, capsys, monkeypatch):
    monkeypatch.setattr(
        maintenance_commands,
        "open_embedder",
        lambda name, *, offline=False: HashEmbedder(),
    )

    def run_it(*arguments: object, index=index):
        code = cli.main(["--index", str(index), *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run_it


def pages(directory) -> set[str]:
    ledger = Ledger(directory)
    try:
        return {page.url for page in ledger.pages()}
    finally:
        ledger.close()


def is_well(directory) -> bool:
    return examine_all(directory, HashEmbedder()).findings == []


def test_a_backup_is_restored_elsewhere_with_the_same_answers(
    run, index, twice, tmp_path
):
    code, _, err = run("backup", tmp_path / "b.tar")
    assert code == 0
    assert "MB. Put it back with: blog-indexer restore" in err
    elsewhere = tmp_path / "elsewhere"
    assert run("restore", tmp_path / "b.tar", index=elsewhere)[0] == 0
    assert held(elsewhere) == held(twice)
    assert answers(elsewhere, HashEmbedder()) == answers(twice, HashEmbedder())
    assert pages(elsewhere) == pages(twice)
    assert is_well(elsewhere)
    assert list(elsewhere.glob("*.faiss"))


def test_a_backup_is_one_that_common_tools_open(run, tmp_path):
    run("backup", tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as archive:
        assert archive.getnames() == ["backup.json", "index.sqlite", "ledger.sqlite"]
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_file_that_is_there_is_overwritten_only_on_request(run, tmp_path):
    (tmp_path / "b.tar").write_text("mine")
    code, _, err = run("backup", tmp_path / "b.tar")
    assert (code, (tmp_path / "b.tar").read_text()) == (3, "mine")
    assert "exists; name another file, or say --overwrite" in err
    assert run("backup", tmp_path / "b.tar", "--overwrite")[0] == 0
    assert run("restore", tmp_path / "b.tar")[0] == 0


def test_where_no_backup_can_be_written_is_said(run, tmp_path, monkeypatch):
    assert "is a folder" in run("backup", tmp_path)[2]
    assert "There is no folder" in run("backup", tmp_path / "no" / "b.tar")[2]
    assert (
        "There is no index"
        in run("backup", tmp_path / "b.tar", index=tmp_path / "no")[2]
    )
    assert "can't be used" in run("backup", "/proc/b.tar")[2]
    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 0)
    )
    code, _, err = run("backup", tmp_path / "b.tar")
    assert code == 3
    assert "0 MB free" in err
    assert not (tmp_path / "b.tar").exists()


def test_a_backup_is_of_one_moment_while_another_writes(tmp_path):
    """Ledger and index are committed one after the other; no backup lies between."""
    directory = tmp_path / "index"
    model = stock(directory, 2)
    done = threading.Event()

    def write() -> None:
        for number in range(2, 40, 2):
            stock(directory, 2, first=number, model=model)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = []
    while not done.is_set():
        target = tmp_path / f"b{len(seen)}"
        try:
            backups.write_backup(directory, target)
        except (
            backups.BackupError
        ):  # after twenty tries in which the writer was at it each time
            continue
        backups.unpack(target, tmp_path / f"u{len(seen)}")
        with closing(sqlite3.connect(tmp_path / f"u{len(seen)}" / DATABASE)) as db:
            urls = {row[0] for row in db.execute("SELECT url FROM articles")}
            whole = db.execute(
                "SELECT value ->> 'articles' FROM meta WHERE key = 'manifest'"
            ).fetchone()[0]
        assert len(urls) == whole
        assert pages(tmp_path / f"u{len(seen)}") in (urls, urls - {f"https://a.example/{n}" for n in
                                                                (len(urls) - 1, len(urls) - 2)})  # fmt: skip
        seen.append(len(urls))
    writer.join()
    assert len(seen) > 1


def spoil(path, how: str) -> None:
    data = bytearray(path.read_bytes())
    if how == "cut":
        del data[len(data) // 2 :]
    elif how == "flipped":
        data[len(data) // 2] ^= 1
    elif how == "text":
        data = bytearray(b"dear diary, " * 1000)
    elif how == "empty":
        data = bytearray()
    path.write_bytes(data)


def forge(path, card: dict, **members: bytes) -> None:
    with tarfile.open(path, "w") as archive:
        for name, data in {"backup.json": json.dumps(card).encode(), **members}.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))


@pytest.mark.parametrize(
    "how", ["cut", "flipped", "text", "empty", "newer form", "other names", "no file"]
)
def test_what_is_no_whole_backup_changes_nothing(run, index, twice, tmp_path, how):
    file = tmp_path / "b.tar"
    run("backup", file)
    if how == "newer form":
        forge(
            file,
            {"blogsearch": {"form": "2"}, "about": {}, "files": {"index.sqlite": ""}},
        )
    elif how == "other names":
        forge(
            file,
            {
                "blogsearch": {"form": "1"},
                "about": {},
                "files": {"index.sqlite": "", "../x.sqlite": ""},
            },
        )
    elif how == "no file":
        file.unlink()
    else:
        spoil(file, how)
    code, _, err = run("restore", file)
    assert code == 3
    assert err.count("\n") == 1
    assert held(index) == held(twice)
    assert not list(index.glob("*.new")) + list(index.glob("restore"))
    assert is_well(index)


def test_a_backup_of_a_newer_index_or_a_sick_one_is_refused(
    run, index, tmp_path, twice
):
    for statement, said in (
        ("PRAGMA user_version = 99", "A newer Blogsearch made this index"),
        ("UPDATE articles SET title = 'x' WHERE id = 1", "Nothing was changed"),
    ):
        sick = tmp_path / said[:9]
        shutil.copytree(twice, sick)
        with closing(sqlite3.connect(sick / DATABASE)) as db:
            db.execute("CREATE TABLE later (x)") if "99" in statement else None
            db.execute(statement)
            db.commit()
        backups.write_backup(sick, tmp_path / f"{said[:9]}.tar")
        code, _, err = run("restore", tmp_path / f"{said[:9]}.tar")
        assert code == 3
        assert said in err
        assert held(index) == held(twice)


def test_a_damaged_index_takes_no_sound_backups_place(run, index, tmp_path):
    file = tmp_path / "b.tar"
    run("backup", file)
    sound = file.read_bytes()
    with closing(sqlite3.connect(index / DATABASE)) as db:
        db.execute("UPDATE articles SET title = 'x' WHERE id = 1")
        db.commit()
    code, _, err = run("backup", file, "--overwrite")
    assert code == 3
    assert "See what is wrong with: blog-indexer doctor" in err
    assert file.read_bytes() == sound


def test_restore_waits_for_no_writer(run, index, tmp_path):
    run("backup", tmp_path / "b.tar")
    with SqliteWriter(index, HashEmbedder(), splitter=1):
        assert run("restore", tmp_path / "b.tar")[0] == 75
        assert run("rollback")[0] == 75
        assert run("doctor")[0] == 0  # reads only
        assert run("backup", tmp_path / "c.tar")[0] == 0


def test_a_served_index_takes_up_what_was_restored(run, index, tmp_path, twice):
    before = held(twice)
    run("backup", tmp_path / "b.tar")
    reader = open_index(index)
    with reader.snapshot() as open_before:
        stock(index, 2, first=7)
        assert len(open_before.urls()) == 7
        assert run("restore", tmp_path / "b.tar")[0] == 0
        assert len(open_before.urls()) == 7  # what is open stays as it is
    with reader.snapshot() as after:
        assert len(after.urls()) == after.manifest.articles == 7
        assert len(after.vectors) == after.manifest.passages
    reader.close()
    assert held(index) == before
    assert run("rollback")[0] == 0
    assert len(held(index)) == 9  # a wrong restore is undone


def test_rollback_goes_back_a_run_with_the_ledger_and_again_forward(run, index):
    assert (len(held(index)), len(pages(index))) == (7, 7)
    code, _, err = run("rollback")
    assert code == 0
    assert "4 articles" in err
    assert (len(held(index)), len(pages(index))) == (4, 4)
    assert is_well(index)
    assert run("rollback")[0] == 0
    assert (len(held(index)), len(pages(index))) == (7, 7)
    assert is_well(index)


def test_a_run_that_changes_nothing_is_no_generation(run, index):
    with SqliteWriter(index, HashEmbedder(), splitter=1) as writer:
        writer.commit()
    assert run("rollback")[0] == 0
    assert len(held(index)) == 4


def test_a_source_added_by_the_last_run_goes_with_it(run, index):
    with SqliteWriter(index, HashEmbedder(), splitter=1) as writer:
        ledger = Ledger(index)
        ledger.put_source(SourceRecord("https://wrong.example/feed", "feed"))
        writer.forget("https://a.example/1")
        writer.commit()
        ledger.close()
    assert run("rollback")[0] == 0
    ledger = Ledger(index)
    assert [source.url for source in ledger.sources()] == ["https://a.example/feed"]
    ledger.close()
    assert "https://a.example/1" in held(index)


def test_without_a_state_before_rollback_says_so(run, tmp_path):
    stock(tmp_path / "once", 2)
    code, _, err = run("rollback", index=tmp_path / "once")
    assert code == 3
    assert "There is no state to go back to" in err
    assert run("rollback", index=tmp_path / "none")[0] == 3


def damages(data: bytearray) -> Iterator[bytes]:
    """Head, image, table and tail, one bit of each."""
    for place in (3, len(data) // 2, len(data) - 30, len(data) - 5):
        yield data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]


def test_a_damaged_state_before_is_not_gone_back_to(run, index, twice):
    (path,) = (index / "previous").glob(f"{DATABASE}.undo-*")
    data = bytearray(path.read_bytes())
    for damaged in (*damages(data), data[: len(data) // 2], data[:9]):
        path.write_bytes(damaged)
        code, _, err = run("rollback")
        assert code == 3
        assert "The state before is damaged" in err
        assert held(index) == held(twice)


def test_a_disk_without_room_for_the_state_before_is_no_reason_not_to_commit(
    index, monkeypatch, caplog
):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record, "write_segment", full)
    stock(index, 1, first=7)
    assert len(held(index)) == 8
    assert not (
        index / "previous"
    ).exists()  # an older one would be taken for the one before
    assert "can't be kept for a rollback" in caplog.text


@pytest.mark.parametrize(
    "crash", ["before the name", "after the name", "between the two"]
)
def test_a_restore_that_is_killed_is_undone_or_completed(
    run, index, tmp_path, monkeypatch, crash
):
    old, new = held(index), tmp_path / "b.tar"
    stock(tmp_path / "other", 2, first=50)
    backups.write_backup(tmp_path / "other", new)

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    whole = rollback.overwrite_database
    done = []

    def die_at_the_second(live, source):
        if done:
            raise Killed
        done.append(whole(live, source))

    place = {
        "before the name": "swap_folder",
        "after the name": "finish_restore",
        "between the two": "overwrite_database",
    }[crash]
    calls = {
        "finish_restore": lambda directory: (
            die() if (directory / "restore").exists() else None
        )
    }
    monkeypatch.setattr(
        rollback,
        place,
        calls.get(place, die if place == "swap_folder" else die_at_the_second),
    )
    with pytest.raises(Killed):
        run("restore", new)
    monkeypatch.undo()
    with SqliteWriter(index, HashEmbedder(), splitter=1):
        pass
    wanted = old if crash == "before the name" else held(tmp_path / "other")
    assert held(index) == wanted
    assert pages(index) == set(wanted)
