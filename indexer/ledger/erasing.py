"""The erasing that is still to be done: noted before anything leaves index or ledger, so
that whoever finds the note after a crash goes on.

Has addresses only, never a text.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace

from indexer.ledger.rows import item_hash, item_of, page_of, readable, to_row
from indexer.records import Item, PageRecord
from search.index.sqlite.erasing.compaction import shorten_log
from search.index.stored_records import all_texts


@dataclass(frozen=True, slots=True)
class Erasing:
    """The addresses of what is to be in no file any more.

    ``articles`` left the index, or lost a part of their text; ``pages`` is all that the
    ledger keeps of addresses; ``sources`` are followed no more, ``sites`` are forgotten.
    """

    articles: tuple[str, ...] = ()
    pages: tuple[PageRecord, ...] = ()
    sources: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


def quiet(item: Item) -> Item:
    """Return an item without its source's words: address, file, and notes of others."""
    if item.notes:
        # The words of who links to it are not those of the page.
        return replace(item, content="", author="")
    return Item(item.url, file=item.file, software=item.software)


def silent(item: Item) -> Item:
    """Return an item of which nothing but the address is left, and the file there."""
    return Item(item.url, file=item.file, software=item.software)


class ErasingRows:
    """The part of the ledger that lets go of words, and remembers to erase them."""

    _db: sqlite3.Connection

    def transaction(self) -> AbstractContextManager[None]:
        """Do all writes inside, or none of them."""
        raise NotImplementedError

    # The note

    def note_erasing(self, erasing: Erasing) -> None:
        """Note what is to be erased, durable when this returns."""
        with self.transaction():
            self._db.execute(
                "INSERT INTO erasing VALUES (?, 0)",
                (json.dumps(asdict(erasing), ensure_ascii=False),),
            )

    def settle_erasing(self) -> None:
        """Note that all of it has left index and ledger; the caller's transaction is
        that in which it leaves the ledger."""
        self._db.execute("UPDATE erasing SET settled = 1 WHERE NOT settled")

    def erasing(self, *, settled: bool) -> list[Erasing]:
        """Return what is noted and has, or has not, left index and ledger."""
        rows = self._db.execute(
            "SELECT value FROM erasing WHERE settled = ? ORDER BY rowid", (settled,)
        )
        return [erasing_of(value) for (value,) in rows]

    def is_erasing(self) -> bool:
        """Tell if anything is still to be erased."""
        found = self._db.execute("SELECT EXISTS (SELECT 1 FROM erasing)").fetchone()
        return bool(found[0])

    def strike_erasing(self) -> None:
        """Strike the note, with the addresses in it."""
        # They are overwritten: those of a source that was removed are in no other row.
        self._db.execute("PRAGMA secure_delete = ON")
        with self.transaction():
            self._db.execute("DELETE FROM erasing")
        shorten_log(self._db)

    # Words

    def has_words(self, page: PageRecord) -> bool:
        """Tell if sources say more of an address than may stay."""
        return any(new != old for _, old, new in self._shortened(page))

    def drop_words(self, page: PageRecord) -> None:
        """Keep of an address only what keeps it away, or known as gone."""
        for source, old, new in self._shortened(page):
            # With its hash a gone page is not asked for again each time its feed
            # changes; the hash of a forgotten one's words would tell of them.
            changed = {"value": to_row(new)}
            if page.state == "forgotten":
                changed["hash"] = item_hash(new)
            if old != new:
                self._update_item(source, page.url, changed)
        if page.state == "forgotten":
            self._db.execute("DELETE FROM links WHERE page = ?", (page.url,))
        self._drop_waiting(page.url)

    def drop_words_left(self) -> None:
        """Do so for every address that is forgotten or gone, as older programs did
        not."""
        rows = self._db.execute(
            "SELECT url, value ->> 'state' FROM pages WHERE article = ''"
            " AND value ->> 'state' IN ('forgotten', 'gone')"
        )
        for url, state in rows.fetchall():
            self.drop_words(PageRecord(url, state))

    def without_words(self, items: Iterable[Item]) -> list[tuple[Item, str]]:
        """Return items as they are to be stored, with their hashes: of addresses that
        are forgotten or gone, no more than may stay."""
        found = list(items)
        rows = self._db.execute(
            "SELECT url, value ->> 'state' FROM pages"
            " WHERE url IN (SELECT value FROM json_each(?)) AND article = ''"
            " AND value ->> 'state' IN ('forgotten', 'gone')",
            (json.dumps([item.url for item in found]),),
        )
        states = dict(rows.fetchall())
        stored = []
        for item in found:
            state = states.get(item.url)
            if state == "forgotten":
                item = silent(item)
            kept = quiet(item) if state == "gone" else item
            stored.append((kept, item_hash(item)))
        return stored

    def read_again(self, url: str) -> None:
        """Have the sources that list an address tell all of it again."""
        self._db.execute(
            "UPDATE sources SET value = json_set(value, '$.body_hash', '',"
            " '$.validators', json('{}')) WHERE"
            " url IN (SELECT source FROM items WHERE url = ?)",
            (url,),
        )
        self._db.execute("DELETE FROM files WHERE value ->> 'url' = ?", (url,))

    def _shortened(self, page: PageRecord) -> list[tuple[str, Item, Item]]:
        """Return source, item and what may stay of it, of all that list an address."""
        shorten = silent if page.state == "forgotten" else quiet
        rows = self._db.execute(
            "SELECT source, value FROM items WHERE url = ?", (page.url,)
        )
        items = [(source, item_of(value)) for source, value in rows]
        return [(source, item, shorten(item)) for source, item in items]

    def _update_item(self, source: str, url: str, changed: dict[str, str]) -> None:
        columns = ", ".join(f"{name} = ?" for name in changed)
        self._db.execute(
            f"UPDATE items SET {columns} WHERE source = ? AND url = ?",  # noqa: S608  # fixed names
            (*changed.values(), source, url),
        )

    def _drop_waiting(self, url: str) -> None:
        """Let no search for older posts find an address again, nor know its title."""
        # JSON escapes no character that an address may have.
        rows = self._db.execute(
            "SELECT source, value FROM discoveries WHERE instr(value, ?)", (url,)
        )
        for source, value in rows.fetchall():
            search = json.loads(value)
            waiting = search.get("waiting", [])
            search["waiting"] = [post for post in waiting if post["url"] != url]
            self._db.execute(
                "UPDATE discoveries SET value = ? WHERE source = ?",
                (json.dumps(search, ensure_ascii=False), source),
            )


def erasing_of(row: str) -> Erasing:
    """Read a note from its JSON; raises IndexDamaged."""
    with readable():
        fields = json.loads(row)
        pages = tuple(map(_page, fields.pop("pages", ())))
        lists = {name: _texts(values) for name, values in fields.items()}
        return Erasing(pages=pages, **lists)


def _page(fields: dict[str, object]) -> PageRecord:
    return page_of(json.dumps(fields))


def _texts(values: list[str]) -> tuple[str, ...]:
    # A text would be taken for as many addresses as it has letters.
    if not isinstance(values, list) or not all_texts(*values):
        raise TypeError("not the form that is written")
    return tuple(values)
