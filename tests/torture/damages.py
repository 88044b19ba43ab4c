"""Ways to damage an index of which SQLite need not notice anything.

Each takes the folder, a source of chance, and the folder's own state at an earlier time.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from indexer.ledger.ledger import DATABASE as LEDGER
from search.index.sqlite.writer import DATABASE
from tests.stocked import PAGE

Damage = Callable[[Path, random.Random, Path], None]


def pages_of(path: Path) -> list[bytes]:
    """The pages of a file."""
    data = path.read_bytes()
    return [data[at : at + PAGE] for at in range(0, len(data), PAGE)]


def exchanged(name: str) -> Damage:
    """Two pages in each other's place; the first holds the file's own description."""

    def damage(index: Path, chance: random.Random, _older: Path) -> None:
        pages = pages_of(index / name)
        one, other = chance.sample(range(1, len(pages)), 2)
        pages[one], pages[other] = pages[other], pages[one]
        (index / name).write_bytes(b"".join(pages))

    return damage


def copied(name: str) -> Damage:
    """A page over another."""

    def damage(index: Path, chance: random.Random, _older: Path) -> None:
        pages = pages_of(index / name)
        one, other = chance.sample(range(1, len(pages)), 2)
        pages[one] = pages[other]
        (index / name).write_bytes(b"".join(pages))

    return damage


def aged(name: str) -> Damage:
    """Some pages as they were at an earlier time."""

    def damage(index: Path, chance: random.Random, older: Path) -> None:
        pages, before = pages_of(index / name), pages_of(older / name)
        differ = [n for n, page in enumerate(before) if n and page != pages[n]]
        for number in chance.sample(differ, min(2, len(differ))):
            pages[number] = before[number]
        (index / name).write_bytes(b"".join(pages))

    return damage


def of_another_table(index: Path, chance: random.Random, _older: Path) -> None:
    """The root pages of two tables in each other's place."""
    roots = "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND rootpage > 1"
    with closing(sqlite3.connect(index / DATABASE)) as db:
        one, other = chance.sample([row[0] for row in db.execute(roots)], 2)
    pages = pages_of(index / DATABASE)
    pages[one - 1], pages[other - 1] = pages[other - 1], pages[one - 1]
    (index / DATABASE).write_bytes(b"".join(pages))


def schema_misleads(index: Path, chance: random.Random, _older: Path) -> None:
    """The table of tables names each other's roots."""
    with closing(sqlite3.connect(index / DATABASE)) as db:
        db.execute("PRAGMA writable_schema = ON")
        rows = db.execute(
            "SELECT name, rootpage FROM sqlite_schema WHERE type = 'table' AND rootpage > 1"
        )
        (one, first), (other, second) = chance.sample(rows.fetchall(), 2)
        change = "UPDATE sqlite_schema SET rootpage = ? WHERE name = ?"
        db.execute(change, (second, one))
        db.execute(change, (first, other))
        db.commit()


def free_pages_lead_into_tables(
    index: Path, chance: random.Random, _older: Path
) -> None:
    """The list of free pages begins at a page that is in use."""
    data = bytearray((index / DATABASE).read_bytes())
    used = chance.randrange(2, len(data) // PAGE)
    data[32:40] = used.to_bytes(4, "big") + (1).to_bytes(4, "big")
    (index / DATABASE).write_bytes(data)


def log_out_of_order(index: Path, chance: random.Random, older: Path) -> None:
    """Two frames of the write-ahead log in each other's place."""
    target = index / DATABASE
    with closing(sqlite3.connect(target)) as db:
        with closing(sqlite3.connect(target)) as other:
            db.execute("BEGIN")
            db.execute("SELECT count(*) FROM articles").fetchone()
            other.execute("VACUUM")
        log = target.with_name(f"{DATABASE}-wal").read_bytes()
    size = PAGE + 24
    frames = [log[at : at + size] for at in range(32, len(log), size)]
    one, other_one = chance.sample(range(len(frames)), 2)
    frames[one], frames[other_one] = frames[other_one], frames[one]
    target.with_name(f"{DATABASE}-wal").write_bytes(log[:32] + b"".join(frames))
    target.with_name(f"{DATABASE}-shm").unlink(missing_ok=True)


def changed(*statements: str, name: str = DATABASE) -> Damage:
    """Rows that no program of ours writes; ``{n}`` is the number of an article."""

    def damage(index: Path, chance: random.Random, _older: Path) -> None:
        number = chance.randrange(1, 12)
        with closing(sqlite3.connect(index / name)) as db:
            db.execute("PRAGMA ignore_check_constraints = ON")
            for statement in statements:
                db.execute(statement.replace("{n}", str(number)))
            db.commit()

    return damage


def against_the_rules(table: str, statement: str) -> Damage:
    """Rows that break the rules of their table, as on a page that was written over."""

    def damage(index: Path, chance: random.Random, _older: Path) -> None:
        change = "UPDATE sqlite_schema SET sql = ? WHERE name = ?"
        with closing(sqlite3.connect(index / DATABASE)) as db:
            db.execute("PRAGMA writable_schema = ON")
            (kept,) = db.execute(
                "SELECT sql FROM sqlite_schema WHERE name = ?", (table,)
            ).fetchone()
            lax = kept.replace("NOT NULL", "").replace("STRICT", "")
            db.execute(change, (lax, table))
            db.commit()
        with closing(sqlite3.connect(index / DATABASE)) as db:
            db.execute(statement.replace("{n}", str(chance.randrange(1, 12))))
            db.commit()
            db.execute("PRAGMA writable_schema = ON")
            db.execute(change, (kept, table))
            db.commit()

    return damage


DAMAGES: dict[str, Damage] = {
    "pages exchanged": exchanged(DATABASE),
    "a page over another": copied(DATABASE),
    "pages of an earlier state": aged(DATABASE),
    "roots of tables exchanged": of_another_table,
    "the schema names other roots": schema_misleads,
    "free pages lead into tables": free_pages_lead_into_tables,
    "frames of the log exchanged": log_out_of_order,
    "pages of the ledger exchanged": exchanged(LEDGER),
    "a page of the ledger over another": copied(LEDGER),
    "ledger pages of an earlier state": aged(LEDGER),
    "titles that are NULL": against_the_rules(
        "articles", "UPDATE articles SET title = NULL"
    ),
    "an address that is NULL": against_the_rules(
        "articles", "UPDATE articles SET url = NULL WHERE id = {n}"
    ),
    "texts that are none": against_the_rules(
        "passages", "UPDATE passages SET text = x'00ff' WHERE article = {n}"
    ),
    "sites that are numbers": against_the_rules(
        "articles", "UPDATE articles SET site = x'00', host = 7"
    ),
    "blocks of another shape": changed(
        "UPDATE articles SET blocks = '{\"a\": 1}' WHERE id = {n}"
    ),
    "blocks that are a number": changed("UPDATE articles SET blocks = '7'"),
    "headings that are numbers": changed("UPDATE passages SET heading = '[1, null]'"),
    "notes of another shape": changed("UPDATE articles SET notes = '[[1], 2]'"),
    "a date that is none": changed("UPDATE articles SET published = 'soon'"),
    "a year that is none": changed("UPDATE articles SET dated = 'soon'"),
    "vectors too short": changed(
        "UPDATE passages SET vector = x'0011' WHERE article = {n}"
    ),
    "vectors of half the length": changed(
        "UPDATE passages SET vector = substr(vector, 1, length(vector) / 2)"
    ),
    "tokens that fit nothing": changed("UPDATE tokens SET bits = x'001122'"),
    "counts that fit no token": changed("UPDATE tokens SET counts = x'ffffffff00'"),
    "passages without their article": changed("DELETE FROM articles WHERE id = {n}"),
    "an article without its passages": changed(
        "DELETE FROM passages WHERE article = {n}"
    ),
    "passages of another article": changed(
        "UPDATE passages SET position = position + 100, article = {n} + 1 WHERE article = {n}"
    ),
    "representatives that are not there": changed("UPDATE texts SET same_as = 9999"),
    "a manifest of another shape": changed(
        "UPDATE meta SET value = '[1]' WHERE key = 'manifest'"
    ),
    "a manifest of other types": changed(
        "UPDATE meta SET value = json_set(value, '$.dimension', '64', '$.model', 5) WHERE key = 'manifest'"
    ),
    "a coverage report of other types": changed(
        'UPDATE meta SET value = \'{"sources": [{"source": 5, "kind": null, "found": {}, "not_whole": []}]}\''
        " WHERE key = 'coverage'"
    ),
    "a source of another shape": changed(
        "UPDATE sources SET value = '[]'", name=LEDGER
    ),
    "a source of other types": changed(
        "UPDATE sources SET value = json_set(value, '$.title', 5, '$.validators', 7, '$.leads', 8)",
        name=LEDGER,
    ),
    "items of other types": changed(
        "UPDATE items SET value = json_set(value, '$.title', 5, '$.notes', json('[[1]]'), '$.published', 7)",
        name=LEDGER,
    ),
    "pages of other types": changed(
        "UPDATE pages SET value = json_set(value, '$.due', 'soon', '$.attempts', 'x', '$.validators', 4)",
        name=LEDGER,
    ),
    "a robots.txt of another shape": changed(
        "INSERT INTO robots VALUES ('https://a.example/robots.txt', '[1]')", name=LEDGER
    ),
    "holds that are no time": changed(
        "INSERT INTO holds VALUES ('a.example', 'soon')", name=LEDGER
    ),
    "a search for older posts of another shape": changed(
        "INSERT OR REPLACE INTO discoveries SELECT url, '[4]' FROM sources", name=LEDGER
    ),
    "files of another shape": changed("UPDATE files SET value = '4'", name=LEDGER),
}
