"""The schema of an index in a PostgreSQL database, as numbered migrations.

Rows are read and written elsewhere. Names are without their schema: a connection's
search_path has the index's first.
"""

from __future__ import annotations

INDEX = "blogsearch"  # the schema of the index
NEXT = "blogsearch_next"  # that in which a rebuild makes the one to take its place

EMPTY = "The index is still empty. Fill it with: blog-indexer add SOURCE"
COPYING = (
    "An index is being copied into this database. Ask again when that is done; a copy that"
    " was stopped goes on by the same command, blog-indexer copy, again."
)

OLDER = (
    "An older Blogsearch made this index; bring it up to date with: blog-indexer update"
)

# One entry a version, applied in order, in one transaction that also raises the version
# in meta. {dimension} is the model's, {partitions} the number of parts by site.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);

    -- One row, which a transaction locks before it changes what concerns all articles.
    CREATE TABLE state (
        is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
        generation bigint NOT NULL DEFAULT 0,
        articles bigint NOT NULL DEFAULT 0,
        passages bigint NOT NULL DEFAULT 0,
        words bigint NOT NULL DEFAULT 0,           -- the lengths of all passages, for BM25
        uncalibrated bigint NOT NULL DEFAULT 0,    -- passages that came or went since
        updated text NOT NULL DEFAULT '',          -- ISO 8601 in UTC
        manifest text NOT NULL                     -- JSON: the rest of search/manifest.py
    );

    -- Who writes: each has a ledger of its own, and the articles that it put last.
    CREATE TABLE indexers (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE,
        generation bigint NOT NULL DEFAULT 0       -- its own commits
    );

    CREATE TABLE sites (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        host text NOT NULL UNIQUE                  -- lower case
    );

    -- The names by which people know where an article is from, as they are and as site: and
    -- author: compare them (search/text/folding.py).
    CREATE TABLE bylines (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        host text NOT NULL,
        site text NOT NULL,                        -- the site's name, '' where it says none
        author text NOT NULL,
        site_folded text NOT NULL,
        author_folded text NOT NULL,
        squashed text NOT NULL                     -- site, host, author: letters and digits, a space between
    );
    -- Of hashes, as a page may name authors by the thousand, and a B-tree takes 2,700 bytes.
    CREATE INDEX bylines_by_names
        ON bylines (host, hashtextextended(site, 0), hashtextextended(author, 0));

    CREATE TABLE articles (
        id bigint NOT NULL,
        site integer NOT NULL,
        indexer integer NOT NULL,
        url text COLLATE "C" NOT NULL,
        byline integer NOT NULL,
        title text NOT NULL,
        published text COLLATE "C",                -- ISO date, NULL where unknown
        dated text COLLATE "C" NOT NULL,           -- published, else the newest note's date, else ''
        language text COLLATE "C" NOT NULL,
        evidence text COLLATE "C" NOT NULL,
        blocks text NOT NULL,                      -- JSON, as search/index/stored_blocks.py has it
        notes text NOT NULL,
        nosnippet boolean NOT NULL,
        dead_since text,
        archived text NOT NULL,
        passages integer NOT NULL,                 -- how many it has
        PRIMARY KEY (id, site)
    ) PARTITION BY HASH (site);
    CREATE SEQUENCE article_ids;
    -- An address is there once: who writes to a host holds its lock. It may be too long for a B-tree.
    CREATE INDEX articles_by_url ON articles USING hash (url);
    CREATE INDEX articles_by_byline ON articles (byline);
    CREATE INDEX articles_by_date ON articles (dated, id);
    CREATE INDEX articles_by_language ON articles (language);
    CREATE INDEX articles_by_indexer ON articles (indexer);

    CREATE TABLE passages (
        id bigint NOT NULL,
        site integer NOT NULL,
        article bigint NOT NULL,
        position integer NOT NULL,
        text text NOT NULL,
        heading text NOT NULL,                     -- JSON: the path, outermost first
        anchor text NOT NULL,
        fragment text NOT NULL,
        is_note boolean NOT NULL,
        embedding_key bytea NOT NULL,              -- sha256 of the text that was embedded
        vector halfvec({dimension}) NOT NULL,      -- rounded: step * level is the stored one
        step real NOT NULL,                        -- of search/index/stored_vectors.py
        PRIMARY KEY (id, site)
    ) PARTITION BY HASH (site);
    -- An id is never used twice.
    CREATE SEQUENCE passage_ids;
    CREATE INDEX passages_by_article ON passages (article, position);
    CREATE INDEX passages_by_key ON passages USING hash (embedding_key);

    -- The words of each passage, apart from its text, which lexical questions don't read.
    CREATE TABLE passage_words (
        id bigint NOT NULL,
        site integer NOT NULL,
        article bigint NOT NULL,
        length integer NOT NULL,                   -- in words
        words tsvector NOT NULL,                   -- A title, B heading, C text or note, D other forms
        frequencies bytea NOT NULL,                -- search/index/postgres/lexemes.py
        PRIMARY KEY (id, site)
    ) PARTITION BY HASH (site);
    ALTER TABLE passage_words ALTER COLUMN frequencies SET STORAGE EXTERNAL;
    CREATE INDEX words_by_article ON passage_words (article);

    -- The signs of tokens look like chance: compressing them takes time and saves nothing.
    CREATE TABLE tokens (
        passage bigint NOT NULL,
        site integer NOT NULL,
        counts bytea NOT NULL,                     -- uint16, little-endian: of the context, then of each sentence
        bits bytea NOT NULL,                       -- a row of bytes for each token
        PRIMARY KEY (passage, site)
    ) PARTITION BY HASH (site);
    ALTER TABLE tokens ALTER COLUMN bits SET STORAGE EXTERNAL;

    -- Document frequencies: the passages that contain a token.
    CREATE TABLE terms (token text COLLATE "C" PRIMARY KEY, passages bigint NOT NULL);

    -- The words of articles as they are written, for spelling.
    CREATE TABLE vocabulary (
        language text COLLATE "C" NOT NULL,
        word text COLLATE "C" NOT NULL,
        beginning text COLLATE "C" NOT NULL,       -- its first two letters, folded
        length integer NOT NULL,                   -- letters, folded
        articles bigint NOT NULL,
        PRIMARY KEY (word, language)
    );
    CREATE INDEX vocabulary_by_beginning ON vocabulary (beginning, length);
    CREATE TABLE languages (language text COLLATE "C" PRIMARY KEY, articles bigint NOT NULL);

    -- Near-duplicates, as in search/index/sqlite/schema.py.
    CREATE TABLE texts (
        article bigint PRIMARY KEY,
        same_as bigint                             -- the article that stands for this text, NULL without a copy
    );
    CREATE INDEX texts_by_same_as ON texts (same_as) WHERE same_as IS NOT NULL;
    CREATE TABLE bands (band bigint NOT NULL, article bigint NOT NULL, PRIMARY KEY (band, article));
    CREATE INDEX bands_by_article ON bands (article);
    CREATE TABLE copies (article bigint NOT NULL, other bigint NOT NULL, PRIMARY KEY (article, other));
    CREATE INDEX copies_by_other ON copies (other);

    -- A row a source, which belongs to the indexer that follows it.
    CREATE TABLE coverage (
        indexer integer NOT NULL,
        place integer NOT NULL,                    -- oldest source first
        report text NOT NULL,                      -- JSON of search/coverage_report.py
        PRIMARY KEY (indexer, place)
    );
    """,
    """
    -- Names as they are, and as tag: and collection: compare them (search/text/tags.py).
    ALTER TABLE articles ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
    ALTER TABLE articles ADD COLUMN collections text[] NOT NULL DEFAULT '{}';
    ALTER TABLE articles ADD COLUMN tags_folded text[] NOT NULL DEFAULT '{}';
    ALTER TABLE articles ADD COLUMN collections_folded text[] NOT NULL DEFAULT '{}';
    ALTER TABLE articles ALTER COLUMN tags SET STATISTICS 0;
    ALTER TABLE articles ALTER COLUMN tags_folded SET STATISTICS 0;
    CREATE INDEX articles_by_tag ON articles USING gin (tags_folded);
    CREATE INDEX articles_by_collection ON articles USING gin (collections_folded);
    """,
)

PARTITIONED = ("articles", "passages", "passage_words", "tokens")

# Made when there are rows: while many are copied in they would cost more than all else.
# 16 neighbours and a beam of 64 are pgvector's own; docs/scale.md has the recall.
LARGE_INDEXES = """
CREATE INDEX IF NOT EXISTS passages_by_vector ON passages
    USING hnsw (vector halfvec_ip_ops) WITH (m = 16, ef_construction = 64);
CREATE INDEX IF NOT EXISTS passages_by_words ON passage_words USING gin (words);
"""

# What an article says isn't to be read in the planner's statistics.
NO_STATISTICS = {
    "articles": ("title", "blocks", "notes", "tags", "tags_folded"),
    "passages": ("text", "heading", "anchor", "fragment", "vector", "embedding_key"),
    "passage_words": ("frequencies",),
    "tokens": ("counts", "bits"),
}
