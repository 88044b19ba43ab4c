"""The schema of an index's database, as numbered migrations, and how one is opened.

Rows are read and written elsewhere.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from search.errors import BlogsearchError, IndexDamaged, IndexMismatch, IndexMissing
from search.index.sqlite.connection import (
    ReadConnection,
    connect,
    connect_to_read,
    explain,
)

EMPTY = "The index is still empty. Fill it with: blog-indexer add SOURCE"
APPLICATION_ID = 0x424C4F47  # "BLOG": tells our file from any other SQLite file

# One entry a version, applied in order, in the transaction that also raises
# user_version.
MIGRATIONS: tuple[str, ...] = (
    """
    -- The manifest is one JSON value, so that it changes in the same transaction as the rows.
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

    CREATE TABLE articles (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        url TEXT NOT NULL UNIQUE,
        host TEXT NOT NULL,            -- of url, lower case, for site:
        title TEXT NOT NULL,
        site TEXT NOT NULL,            -- the site's name, '' where it says none
        author TEXT NOT NULL,
        published TEXT,                -- ISO date, NULL where unknown
        dated TEXT,                    -- published, else the newest note's date: for filters and order
        language TEXT NOT NULL,
        evidence TEXT NOT NULL CHECK (evidence IN ('article', 'summary', 'link')),
        blocks TEXT NOT NULL,          -- JSON: [[kind, text, level, anchor(, number)], …]
        notes TEXT NOT NULL            -- JSON: [[text, anchor_text, section, noted, page, position], …]
    ) STRICT;
    CREATE INDEX articles_by_date ON articles (dated);

    -- AUTOINCREMENT: an id is never used twice, so a vector file of an older generation can't
    -- point at another passage.
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        article INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        text TEXT NOT NULL,
        heading TEXT NOT NULL,         -- JSON: the path, outermost first
        anchor TEXT NOT NULL,
        fragment TEXT NOT NULL,
        is_note INTEGER NOT NULL,
        embedding_key TEXT NOT NULL,   -- sha256 of the text that was embedded
        vector BLOB NOT NULL,          -- of unit length: search/index/stored_vectors.py
        UNIQUE (article, position)
    ) STRICT;
    CREATE INDEX passages_by_key ON passages (embedding_key);

    -- Contentless: the text is held once, in passages. porter: "training" finds "train";
    -- '_' belongs to words, so that as_strided is one.
    CREATE VIRTUAL TABLE passages_fts USING fts5 (
        title, heading, note, text,
        content = '', tokenize = "porter unicode61 remove_diacritics 2 tokenchars '_'"
    );
    """,
    """
    -- 1 where the page asks that none of its text be shown beside a result.
    ALTER TABLE articles ADD COLUMN nosnippet INTEGER NOT NULL DEFAULT 0;
    """,
    """
    -- For lang: and for the languages that a question's words are looked for in. From here on
    -- passages_fts has the shape that search/index/sqlite/fulltext.py gives it.
    CREATE INDEX articles_by_language ON articles (language);
    """,
    """
    -- One row an article whose text was compared with the others; without a row it is yet to be.
    CREATE TABLE texts (
        article INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,      -- of the signature that the bands are of
        same_as INTEGER                -- the article that stands for this text, NULL where it has no copy
    ) STRICT;
    CREATE INDEX texts_by_same_as ON texts (same_as) WHERE same_as IS NOT NULL;

    -- A locality-sensitive hash: texts that share a band are worth comparing.
    CREATE TABLE bands (
        band INTEGER NOT NULL,
        article INTEGER NOT NULL REFERENCES texts (article) ON DELETE CASCADE,
        PRIMARY KEY (band, article)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX bands_by_article ON bands (article);

    -- Pairs that were compared and found to be one text.
    CREATE TABLE copies (
        article INTEGER NOT NULL REFERENCES texts (article) ON DELETE CASCADE,
        other INTEGER NOT NULL REFERENCES texts (article) ON DELETE CASCADE,
        PRIMARY KEY (article, other)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX copies_by_other ON copies (other);

    CREATE TRIGGER text_changed AFTER UPDATE OF title, blocks ON articles
    WHEN old.title IS NOT new.title OR old.blocks IS NOT new.blocks
    BEGIN
        DELETE FROM texts WHERE article = old.id;
    END;
    """,
    """
    -- Links that lead nowhere any more, and the copy in a web archive that a link page names.
    ALTER TABLE articles ADD COLUMN dead_since TEXT;              -- ISO date
    ALTER TABLE articles ADD COLUMN archived TEXT NOT NULL DEFAULT '';
    """,
    """
    -- For each passage the vectors of its sentences: float16, little-endian, unit length, one after another.
    -- What an older program stored has no row here until it is rebuilt.
    CREATE TABLE sentences (
        passage INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
        vectors BLOB NOT NULL
    ) STRICT;
    """,
    """
    -- For each article sha256 of what was stored of it (search/index/sqlite/checksums/rows.py); without a row not yet.
    CREATE TABLE digests (
        article INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
        said TEXT NOT NULL,            -- of its row in articles
        passages TEXT NOT NULL         -- of its rows in passages and in tokens
    ) STRICT;
    """,
    """
    -- For each passage the vectors of its tokens, in place of those of its sentences: search/index/sqlite/token_store.py.
    -- What an older program stored has no row here until it is rebuilt.
    DROP TABLE sentences;
    DELETE FROM digests;
    CREATE TABLE tokens (
        passage INTEGER PRIMARY KEY REFERENCES passages (id) ON DELETE CASCADE,
        counts BLOB NOT NULL,          -- uint16, little-endian: of the context, then of each sentence
        bits BLOB NOT NULL             -- the signs of the coordinates, a row of bytes for each token
    ) STRICT;
    """,
    """
    -- Passages that were deleted since the base file of the vectors was written, which still has them:
    -- search/index/sqlite/vectors/.
    CREATE TABLE departed (
        number INTEGER PRIMARY KEY,    -- ascending, so that a reader takes up what is new
        passage INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER passage_departed AFTER DELETE ON passages
    BEGIN
        INSERT INTO departed (passage) VALUES (old.id);
    END;
    """,
    """
    -- Checksums of what is derived of an article, and of each segment of the full text: checksums.py, segments.py.
    ALTER TABLE digests ADD COLUMN words TEXT NOT NULL DEFAULT '';     -- of its rows in passages_fts_docsize
    ALTER TABLE digests ADD COLUMN copies TEXT NOT NULL DEFAULT '';    -- of its rows in texts, bands and copies
    CREATE TABLE segments (
        source TEXT NOT NULL,          -- the table of the full text
        segment INTEGER NOT NULL,      -- 0 for what is of none
        checksum BLOB NOT NULL,        -- sha256
        PRIMARY KEY (source, segment)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- What articles are filtered by, away from their texts: search/index/sqlite/scopes/labels.py reads all of it.
    CREATE INDEX articles_by_labels ON articles (site, host, author, dated, language, evidence);
    """,
    """
    -- Names, each a JSON list of texts: an article's own, and those that its sources are in.
    ALTER TABLE articles ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE articles ADD COLUMN collections TEXT NOT NULL DEFAULT '[]';
    DROP INDEX articles_by_labels;
    CREATE INDEX articles_by_labels
        ON articles (site, host, author, dated, language, evidence, tags, collections);
    """,
)

WITH_TAGS = 12  # the version that brought tags and collections
READABLE = 6  # the oldest version in which all is that a question needs


def names_columns(connection: sqlite3.Connection) -> str:
    """Return the columns ``tags`` and ``collections`` of articles in SQL: of an older
    version, which a reader can't bring up to date, empty ones."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version < WITH_TAGS:
        return "'[]' AS tags, '[]' AS collections"
    return "tags, collections"


def open_database(path: Path) -> sqlite3.Connection:
    """Open an index's database for writing, in autocommit mode; raises IndexDamaged
    where it is none."""
    try:
        db = connect(path)
    except sqlite3.Error as error:
        raise explain(error, path) from error
    try:
        check(db)  # before anything is written to what may be another program's
        db.execute("PRAGMA journal_mode = WAL")  # readers go on during a commit
        db.execute("PRAGMA foreign_keys = ON")
    except sqlite3.DatabaseError as error:
        db.close()
        raise explain(error, path) from error
    except BlogsearchError:
        db.close()
        raise
    db.row_factory = sqlite3.Row
    return db


def open_database_to_read(path: Path) -> ReadConnection:
    """Open it for reading only, also where nobody may write; raises IndexDamaged and
    StorageFailed."""
    try:
        opened = connect_to_read(path)
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    opened.connection.row_factory = sqlite3.Row
    return opened


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database to the newest version, in one transaction, so that nobody ever
    sees one in between; raises IndexMismatch where a newer program wrote it.

    The connection must be in autocommit mode (``isolation_level=None``).
    """
    version = check(connection)
    if version == len(MIGRATIONS):
        return
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE; {' '.join(MIGRATIONS[version:])} PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {len(MIGRATIONS)}; COMMIT;"
        )
    except sqlite3.DatabaseError as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:  # a full disk, say
            raise
        raise IndexDamaged(
            f"The index can't be brought up to date ({error}); see what is wrong with: blog-indexer doctor"
        ) from error


def require_current(connection: sqlite3.Connection) -> None:
    """For readers, who can't migrate: raises IndexMismatch where a version wrote the
    database that has not all that they need, and IndexMissing where nothing was written
    yet."""
    version = check(connection)
    if version == 0:
        raise IndexMissing(EMPTY)
    if version < READABLE:
        raise IndexMismatch(
            "An older Blogsearch made this index; bring it up to date with: blog-indexer update"
        )


def check(connection: sqlite3.Connection) -> int:
    """The version of the schema, 0 for an empty file; raises where the file is not ours
    to use."""
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = int(connection.execute("PRAGMA application_id").fetchone()[0])
        tables = int(
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        )
    except UnicodeDecodeError as error:  # SQLite quotes a damaged name in what it says
        raise IndexDamaged(
            "The index is damaged; see what is wrong with: blog-indexer doctor"
        ) from error
    except sqlite3.DatabaseError as error:
        raise explain(error, "The index") from error
    if tables and application != APPLICATION_ID:
        raise IndexDamaged(
            "This database was not made by Blogsearch; choose another --index folder."
        )
    if version > len(MIGRATIONS):
        raise IndexMismatch(
            "A newer Blogsearch made this index; update Blogsearch to use it."
        )
    return version
