"""The SQLite room: articles, their passages with vectors, and the full text over
them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from urllib.parse import urlsplit

import numpy as np

from search.index.sqlite import addresses
from search.index.sqlite import coverage_store as coverage
from search.index.sqlite.duplicate_store import Copies, copies_of
from search.index.sqlite.fulltext import FullText, Written
from search.index.sqlite.token_store import Tokens
from search.ports import Ids, Vectors
from search.results.facets import Particulars, particulars
from search.types import Article, Block, Coverage, Evidence, Filters, Note, Passage

SHORTEST_PART = 4  # characters of a site's name that are enough to guess it by


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage, its article's number, its place there and the key of the text that was
    embedded."""

    article: int
    passage: Passage
    embedding_key: str
    position: int


def squashed(text: str | None) -> str:
    """A name without case, spaces and punctuation."""
    return "".join(c for c in (text or "").casefold() if c.isalnum())


class Passages:
    """What is stored, over one SQLite connection; transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.fulltext = FullText(connection)
        self.tokens = Tokens(connection)

    def counts(self) -> tuple[int, int]:
        """How many articles and passages there are."""
        row = self._db.execute(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM passages)"
        ).fetchone()
        return int(row[0]), int(row[1])

    def put(
        self,
        article: Article,
        passages: Sequence[Passage],
        keys: Sequence[str],
        vectors: Vectors,
    ) -> tuple[list[int], list[int]]:
        """Store an article in place of what its address held: (ids removed, ids
        added)."""
        removed = self._drop_passages(article.url)
        number = self._put_article(article)
        added: list[int] = []
        written: list[Written] = []
        for position, (passage, key, vector) in enumerate(
            zip(passages, keys, vectors, strict=True)
        ):
            heading = json.dumps(passage.heading, ensure_ascii=False)
            cursor = self._db.execute(
                "INSERT INTO passages (article, position, text, heading, anchor, fragment, is_note,"
                " embedding_key, vector) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (number, position, passage.text, heading, passage.anchor, passage.fragment,
                 passage.is_note, key, np.asarray(vector, "<f4").tobytes()),
            )  # fmt: skip
            added.append(int(cursor.lastrowid or 0))
            written.append(
                Written(
                    article.title,
                    heading,
                    passage.text,
                    passage.is_note,
                    article.language,
                )
            )
        self.fulltext.put(number, zip(added, written, strict=True))
        return removed, added

    def forget(self, url: str) -> list[int]:
        """Remove an article with its passages; the ids of those."""
        removed = self._drop_passages(url)
        self._db.execute("DELETE FROM articles WHERE url = ?", (url,))
        return removed

    def vectors_by_key(self, keys: Iterable[str]) -> dict[str, Vectors]:
        """The stored vectors of those texts that were embedded before."""
        found: dict[str, Vectors] = {}
        for key in set(keys):
            row = self._db.execute(
                "SELECT vector FROM passages WHERE embedding_key = ? LIMIT 1", (key,)
            ).fetchone()
            if row is not None:
                found[key] = np.frombuffer(row[0], "<f4")
        return found

    def vectors(self, ids: Sequence[int]) -> dict[int, Vectors]:
        """The stored vectors of those passages by id."""
        rows = self._db.execute(
            f"SELECT id, vector FROM passages WHERE id IN ({_marks(ids)})",  # noqa: S608  # only question marks
            list(ids),
        )
        return {row[0]: np.frombuffer(row[1], "<f4") for row in rows}

    def vectors_of(self, numbers: Sequence[int]) -> dict[int, tuple[Ids, Vectors]]:
        """Of those articles that have passages the ids, shape (n,), and vectors, shape
        (n, dimension), in reading order."""
        rows = self._db.execute(
            f"SELECT article, id, vector FROM passages WHERE article IN ({_marks(numbers)})"  # noqa: S608  # as above
            " ORDER BY article, position",
            list(numbers),
        )
        return {
            number: (
                np.array(ids, np.int64),
                np.stack([np.frombuffer(vector, "<f4") for vector in vectors]),
            )
            for number, group in groupby(rows, key=itemgetter(0))
            for _, ids, vectors in [zip(*group, strict=True)]
        }

    def all_vectors(self, dimension: int) -> tuple[Ids, Vectors]:
        """Every passage's id and vector: shapes (n,) and (n, dimension)."""
        rows = self._db.execute(
            "SELECT id, vector FROM passages ORDER BY id"
        ).fetchall()
        ids = np.array([row[0] for row in rows], np.int64)
        flat = np.frombuffer(b"".join(row[1] for row in rows), "<f4")
        return ids, flat.reshape(len(rows), dimension)

    def article(self, url: str) -> Article | None:
        """The article at this address, as it was stored."""
        row = self._db.execute(
            "SELECT * FROM articles WHERE url = ?", (url,)
        ).fetchone()
        return _article(row) if row else None

    def holds(self, url: str) -> bool:
        """Whether this is the address of an article, or of a link page that an
        article's note is from."""
        found = self._db.execute(
            "SELECT 1 FROM articles WHERE url = ?1 UNION ALL SELECT 1 FROM articles, json_each(notes) AS note"
            " WHERE notes != '[]' AND json_extract(note.value, '$[4]') = ?1 LIMIT 1",
            (url,),
        )
        return found.fetchone() is not None

    def heads(self, numbers: Sequence[int]) -> dict[int, Article]:
        """Those articles by their numbers, without their blocks, which a result doesn't
        show."""
        rows = self._db.execute(
            "SELECT id, url, title, site, author, published, language, evidence, '[]' AS blocks, notes,"  # noqa: S608
            " nosnippet, dead_since, archived"
            f" FROM articles WHERE id IN ({_marks(numbers)})",
            list(numbers),
        )
        return {row["id"]: _article(row) for row in rows}

    def particulars(self, numbers: Sequence[int]) -> dict[int, Particulars]:
        """What those articles are counted and ordered by."""
        return particulars(self._db, numbers)

    def number_of(self, url: str) -> int | None:
        """The number of the article at this address, however it is spelt, None where
        there is none."""
        return addresses.find(self._db, url)

    def urls(self) -> list[str]:
        """The addresses of all articles, oldest entry first."""
        return [
            row[0] for row in self._db.execute("SELECT url FROM articles ORDER BY id")
        ]

    def of_article(self, url: str) -> list[StoredPassage]:
        """An article's passages in reading order."""
        rows = self._db.execute(
            "SELECT p.* FROM passages p JOIN articles a ON a.id = p.article WHERE a.url = ?"
            " ORDER BY position",
            (url,),
        )
        return [_stored(row) for row in rows]

    def passages(self, ids: Sequence[int]) -> dict[int, StoredPassage]:
        """Those passages by id."""
        rows = self._db.execute(
            f"SELECT * FROM passages WHERE id IN ({_marks(ids)})",  # noqa: S608  # only question marks
            [int(i) for i in ids],
        )
        return {row["id"]: _stored(row) for row in rows}

    def articles_of(self, ids: Sequence[int]) -> dict[int, int]:
        """The article's number of each of these passages."""
        rows = self._db.execute(
            f"SELECT id, article FROM passages WHERE id IN ({_marks(ids)})",  # noqa: S608  # as above
            [int(i) for i in ids],
        )
        return {row[0]: row[1] for row in rows}

    def titled(self, count: int) -> list[tuple[str, list[int]]]:
        """Titles of about so many articles, evenly spread over the index, each with its
        passages' ids."""
        step = max(1, self.counts()[0] // count)
        rows = self._db.execute(
            "SELECT a.title, json_group_array(p.id) FROM articles a JOIN passages p ON p.article = a.id"
            " WHERE a.id % ? = 0 AND a.title != '' GROUP BY a.id",
            (step,),
        )
        return [(title, json.loads(ids)) for title, ids in rows]

    def sample(self, count: int, dimension: int) -> tuple[Ids, Vectors]:
        """About so many vectors, evenly spread over the index, and the articles they
        are of."""
        step = max(1, self.counts()[1] // count)
        rows = self._db.execute(
            "SELECT article, vector FROM passages WHERE id % ? = 0", (step,)
        ).fetchall()
        flat = np.frombuffer(b"".join(row[1] for row in rows), "<f4")
        return np.array([row[0] for row in rows], np.int64), flat.reshape(
            len(rows), dimension
        )

    def allowed(
        self, filters: Filters, required: Sequence[str], excluded: Sequence[str]
    ) -> Ids | None:
        """The passages that filters and operators leave, None where they leave all.

        ``required`` and ``excluded`` are FTS5 expressions; an excluded word bars the
        whole article, a required phrase has to stand in the passage itself.
        """
        conditions, values = self._conditions(filters)
        for match in required:
            conditions.append(
                "p.id IN (SELECT rowid FROM passages_fts WHERE passages_fts MATCH ?)"
            )
            values.append(match)
        for match in excluded:
            conditions.append(
                "a.id NOT IN (SELECT article FROM passages WHERE id IN"
                " (SELECT rowid FROM passages_fts WHERE passages_fts MATCH ?))"
            )
            values.append(match)
        if not conditions:
            return None
        rows = self._db.execute(
            "SELECT p.id FROM passages p JOIN articles a ON a.id = p.article"  # noqa: S608  # fixed texts
            f" WHERE {' AND '.join(conditions)}",
            values,
        )
        return np.array([row[0] for row in rows], np.int64)

    def evidences(self) -> dict[str, Evidence]:
        """On which evidence each address is held."""
        return dict(self._db.execute("SELECT url, evidence FROM articles").fetchall())

    def evidence_counts(self) -> dict[str, int]:
        """How many articles are held on which evidence."""
        return dict(
            self._db.execute(
                "SELECT evidence, count(*) FROM articles GROUP BY evidence"
            ).fetchall()
        )

    def copies(self, numbers: Sequence[int]) -> dict[int, Copies]:
        """Those of these articles whose text is held under other addresses as well."""
        return copies_of(self._db, numbers)

    def coverage(self) -> tuple[Coverage, ...]:
        """The books of the sources, as the indexer wrote them down last."""
        return coverage.read(self._db)

    def sites(self) -> tuple[str, ...]:
        """The names of the sites, most articles first; hosts where a site has no
        name."""
        rows = self._db.execute(
            "SELECT iif(site = '', host, site) AS name FROM articles GROUP BY name"
            " HAVING name != '' ORDER BY count(*) DESC, name"
        )
        return tuple(row[0] for row in rows)

    def languages(self) -> tuple[str, ...]:
        """The codes of the languages that articles are written in, "" among them where
        unknown."""
        return tuple(
            row[0] for row in self._db.execute("SELECT DISTINCT language FROM articles")
        )

    def years(self) -> tuple[int, ...]:
        """The years that articles are from, newest first."""
        rows = self._db.execute(
            "SELECT DISTINCT substr(dated, 1, 4) FROM articles WHERE dated IS NOT NULL"
        )
        return tuple(sorted((int(row[0]) for row in rows), reverse=True))

    def _conditions(self, filters: Filters) -> tuple[list[str], list[object]]:
        conditions: list[str] = []
        values: list[object] = []
        if filters.site:
            condition, wanted = self._site_condition(filters.site)
            conditions.append(condition)
            values += wanted
        if filters.author:
            conditions.append("instr(fold(a.author), ?) > 0")
            values.append(filters.author.casefold())
        if filters.language:
            conditions.append("a.language = ?")
            values.append(filters.language)
        if filters.after:
            conditions.append("a.dated >= ?")
            values.append(filters.after.isoformat())
        if filters.before:
            conditions.append("a.dated <= ?")
            values.append(filters.before.isoformat())
        return conditions, values

    def _site_condition(self, site: str) -> tuple[str, list[object]]:
        """Host (or a domain above it) or site name; where there is no such site, a
        forgiving reading.

        People type a site as they remember it: site:ruder.io, site:lilianweng. Its
        first part is then looked for in the names of sites, hosts and authors, spaces
        and punctuation aside.
        """
        wanted = site.casefold().removeprefix("www.")
        strict = "(substr('.' || a.host, -length(?)) = ? OR fold(a.site) = ?)"  # LIKE would read % and _
        values: list[object] = [f".{wanted}", f".{wanted}", wanted]
        known = self._db.execute(
            f"SELECT 1 FROM articles a WHERE {strict} LIMIT 1",  # noqa: S608
            values,
        )
        part = squashed(wanted.split(".")[0])
        if known.fetchone() or len(part) < SHORTEST_PART:
            return strict, values
        return (
            "instr(squashed(a.site) || ' ' || squashed(a.host) || ' ' || squashed(a.author), ?) > 0",
            [part],
        )

    def _put_article(self, article: Article) -> int:
        published = article.published.isoformat() if article.published else None
        noted = max(
            (n.noted.isoformat() for n in article.notes if n.noted), default=None
        )
        row = (
            (urlsplit(article.url).hostname or "").lower(), article.title, article.site, article.author,
            published, published or noted, article.language, article.evidence,
            _dump([(b.kind, b.text, b.level, b.anchor) for b in article.blocks]),
            _dump([(n.text, n.anchor_text, n.section, n.noted and n.noted.isoformat(), n.page, n.position)
                   for n in article.notes]),
            article.nosnippet, article.dead_since and article.dead_since.isoformat(), article.archived,
        )  # fmt: skip
        number = self._db.execute(
            "INSERT INTO articles (url, host, title, site, author, published, dated, language, evidence,"
            " blocks, notes, nosnippet, dead_since, archived)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (url) DO UPDATE SET"
            " host = excluded.host, title = excluded.title, site = excluded.site, author = excluded.author,"
            " published = excluded.published, dated = excluded.dated, language = excluded.language,"
            " evidence = excluded.evidence, blocks = excluded.blocks, notes = excluded.notes,"
            " nosnippet = excluded.nosnippet, dead_since = excluded.dead_since, archived = excluded.archived"
            " RETURNING id",
            (article.url, *row),
        ).fetchone()
        self._db.execute(
            "DELETE FROM digests WHERE article = ?", (number[0],)
        )  # taken anew at the commit
        return int(number[0])

    def _drop_passages(self, url: str) -> list[int]:
        rows = self._db.execute(
            "SELECT p.article, p.id, a.title, p.heading, p.text, p.is_note, a.language FROM passages p"
            " JOIN articles a ON a.id = p.article WHERE a.url = ?",
            (url,),
        ).fetchall()
        if rows:
            self.fulltext.drop(
                rows[0][0], ((row[1], Written(*row[2:])) for row in rows)
            )
            self._db.execute("DELETE FROM passages WHERE article = ?", (rows[0][0],))
        return [int(row[1]) for row in rows]


def _article(row: sqlite3.Row) -> Article:
    return Article(
        url=row["url"],
        title=row["title"],
        site=row["site"],
        author=row["author"],
        published=date.fromisoformat(row["published"]) if row["published"] else None,
        language=row["language"],
        evidence=row["evidence"],
        blocks=tuple(Block(*values) for values in json.loads(row["blocks"])),
        notes=tuple(
            Note(
                text,
                anchor,
                section,
                date.fromisoformat(noted) if noted else None,
                page,
                position,
            )
            for text, anchor, section, noted, page, position in json.loads(row["notes"])
        ),
        nosnippet=bool(row["nosnippet"]),
        dead_since=date.fromisoformat(row["dead_since"]) if row["dead_since"] else None,
        archived=row["archived"],
    )


def _stored(row: sqlite3.Row) -> StoredPassage:
    heading = tuple(json.loads(row["heading"]))
    passage = Passage(
        row["text"], heading, row["anchor"], row["fragment"], bool(row["is_note"])
    )
    return StoredPassage(row["article"], passage, row["embedding_key"], row["position"])


def _dump(values: object) -> str:
    return json.dumps(values, ensure_ascii=False)


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
