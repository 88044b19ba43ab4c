"""The tables of the ledger in SQL, one entry a version.

Opens and runs nothing: schema.py does.
"""

from __future__ import annotations

SCHEMA = """
-- What the user pointed at.
CREATE TABLE sources (
    url TEXT PRIMARY KEY,          -- where it is read from; file:// for a local file
    value TEXT NOT NULL            -- JSON of SourceRecord
) STRICT;
-- What the sources list: one row for each article or link of each source.
CREATE TABLE items (
    source TEXT NOT NULL REFERENCES sources (url) ON DELETE CASCADE,
    url TEXT NOT NULL,             -- canonical
    hash TEXT NOT NULL,            -- of value: tells whether the source changed it
    value TEXT NOT NULL,           -- JSON of Item
    PRIMARY KEY (source, url)
) STRICT;
CREATE INDEX items_by_url ON items (url);
-- How each address fared.
CREATE TABLE pages (
    url TEXT PRIMARY KEY,          -- canonical, as the sources list it
    article TEXT NOT NULL,         -- the address under which the index holds it, '' where it doesn't
    value TEXT NOT NULL            -- JSON of PageRecord
) STRICT;
CREATE INDEX pages_by_article ON pages (article);
"""
# Since version 2.
SCHEMA_OF_DISCOVERY = """
-- How far the search for a source's older posts has come.
CREATE TABLE discoveries (
    source TEXT PRIMARY KEY,
    value TEXT NOT NULL            -- JSON; backfill's affair
) STRICT;
-- Where pages lead on their own site, so that posts named only by other posts are found without
-- fetching these again.
CREATE TABLE links (
    page TEXT PRIMARY KEY,         -- canonical
    value TEXT NOT NULL            -- JSON; backfill's affair
) STRICT;
"""

# Since version 3.
SCHEMA_OF_ROBOTS = """
-- Each robots.txt as last fetched, so that it is asked for conditionally.
CREATE TABLE robots (
    url TEXT PRIMARY KEY,
    value TEXT NOT NULL            -- JSON of RobotsCopy
) STRICT;
"""

# Since version 4.
SCHEMA_OF_FOLDERS = """
-- The files of folders as they were when they were last looked at.
CREATE TABLE files (
    source TEXT NOT NULL REFERENCES sources (url) ON DELETE CASCADE,
    file TEXT NOT NULL,            -- file://…
    value TEXT NOT NULL,           -- JSON of FileRecord
    PRIMARY KEY (source, file)
) STRICT;
"""
# Since version 5.
SCHEMA_OF_FORGETTING = """
-- Hosts that the user wants nothing of, nor of those below them.
CREATE TABLE forgotten_sites (host TEXT PRIMARY KEY) STRICT;
"""
# Since version 6.
SCHEMA_OF_HOLDS = """
-- Hosts, or domains with all their hosts, that asked to be left alone for a while (Retry-After).
CREATE TABLE holds (
    key TEXT PRIMARY KEY,          -- blog.example.org, *.example.org, or http://127.0.0.1:8000
    until TEXT NOT NULL            -- ISO 8601 in UTC
) STRICT;
"""
# Since version 7: reasons are codes. What no code is known of stays as it was written,
# as the detail of "other". A damaged row is left alone: the doctor names it.
CODES_FOR_SENTENCES = """
CREATE TEMP TABLE codes (sentence TEXT PRIMARY KEY, code TEXT NOT NULL);
INSERT INTO codes VALUES
    ('', ''),
    ('the page holds no whole article', 'not-whole'),
    ('a page of the site, no post; add its address to have it searched', 'site-page'),
    ('forgotten on request', 'forgotten'),
    ('its site is forgotten on request', 'forgotten-site'),
    ('it is empty', 'empty'),
    ('it is a draft', 'draft'),
    ('by its name it is no post', 'named-otherwise'),
    ('it is a list of posts', 'list'),
    ('it is not among the site''s posts', 'not-collected'),
    ('it is a page of the site, not a post', 'site-page'),
    ('another file of the folder has its address', 'same-address');
UPDATE pages SET value = json_set(
    value,
    '$.reason', coalesce((SELECT code FROM codes WHERE sentence = value ->> 'reason'), 'other'),
    '$.detail', iif(value ->> 'reason' IN (SELECT sentence FROM codes), '', value ->> 'reason')
) WHERE iif(json_valid(value), value ->> 'reason', NULL) IS NOT NULL;
UPDATE files SET value = json_set(
    value,
    '$.left_out', coalesce(
        (SELECT code FROM codes WHERE sentence = value ->> 'left_out'),
        iif(value ->> 'left_out' LIKE 'it is dated %', 'future', 'other')
    )
) WHERE iif(json_valid(value), value ->> 'left_out', NULL) IS NOT NULL;
DROP TABLE codes;
"""
# Since version 8. A ledger of an earlier one may have let go of texts that its file, or
# the index's, has in its freed pages still: one more row has both written anew.
SCHEMA_OF_ERASING = """
-- What has left index and ledger and is to be erased from their files.
CREATE TABLE erasing (
    value TEXT NOT NULL,           -- JSON of Erasing
    settled INTEGER NOT NULL       -- 1 where it has left both
) STRICT;
INSERT INTO erasing SELECT '{}', 1 WHERE EXISTS (SELECT 1 FROM sources);
"""
# Since version 9: what a run looks up is found without reading all rows.
SCHEMA_OF_IDENTITIES = """
-- What all aliases of an address share (identity_of), '' where there is no address.
ALTER TABLE items ADD COLUMN identity TEXT NOT NULL DEFAULT '';    -- of url
ALTER TABLE pages ADD COLUMN identity TEXT NOT NULL DEFAULT '';    -- of article
CREATE INDEX items_by_identity ON items (identity);
CREATE INDEX pages_by_identity ON pages (identity) WHERE identity != '';
-- The few that are not good, or lead to no article; '' of a damaged row, which the doctor
-- names.
CREATE INDEX pages_by_state ON pages (iif(json_valid(value), value ->> 'state', ''))
    WHERE iif(json_valid(value), value ->> 'state', '') != 'good' OR article = '';
CREATE INDEX pages_by_due ON pages (iif(json_valid(value), value ->> 'due', ''))
    WHERE iif(json_valid(value), value ->> 'due', '') != '';
-- The index as it was when both were last committed: one row.
CREATE TABLE index_seen (
    checksum TEXT NOT NULL         -- of its manifest
) STRICT;
-- Identities of which a listing or a record has changed since they were found to be up to
-- date. The next run plans them one by one; all others stay as they are until they are due.
CREATE TABLE unsettled (identity TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- Sources of which the same has changed since they were counted for the coverage report.
CREATE TABLE uncounted (source TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TRIGGER item_listed AFTER INSERT ON items BEGIN
    INSERT INTO unsettled VALUES (new.identity) ON CONFLICT DO NOTHING;
    INSERT INTO uncounted VALUES (new.source) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER item_changed AFTER UPDATE OF hash, value ON items BEGIN
    INSERT INTO unsettled VALUES (new.identity) ON CONFLICT DO NOTHING;
    INSERT INTO uncounted VALUES (new.source) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER item_moved AFTER UPDATE OF source ON items BEGIN
    INSERT INTO uncounted VALUES (new.source) ON CONFLICT DO NOTHING;
END;
-- Nothing is kept of what no source lists any more.
CREATE TRIGGER item_left AFTER DELETE ON items BEGIN
    DELETE FROM unsettled WHERE identity = old.identity;
    INSERT INTO unsettled SELECT identity FROM items WHERE identity = old.identity LIMIT 1;
    INSERT INTO uncounted SELECT url FROM sources WHERE url = old.source ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER page_noted AFTER INSERT ON pages BEGIN
    INSERT INTO unsettled SELECT identity FROM items WHERE url = new.url ON CONFLICT DO NOTHING;
    INSERT INTO uncounted SELECT source FROM items WHERE url = new.url ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER page_changed AFTER UPDATE ON pages BEGIN
    INSERT INTO unsettled SELECT identity FROM items WHERE url = new.url ON CONFLICT DO NOTHING;
    INSERT INTO uncounted SELECT source FROM items WHERE url = new.url ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER page_dropped AFTER DELETE ON pages BEGIN
    INSERT INTO unsettled SELECT identity FROM items WHERE url = old.url ON CONFLICT DO NOTHING;
    INSERT INTO uncounted SELECT source FROM items WHERE url = old.url ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER source_added AFTER INSERT ON sources BEGIN
    INSERT INTO uncounted VALUES (new.url) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER source_changed AFTER UPDATE ON sources BEGIN
    INSERT INTO uncounted VALUES (new.url) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER source_dropped AFTER DELETE ON sources BEGIN
    DELETE FROM uncounted WHERE source = old.url;
END;
CREATE TRIGGER search_noted AFTER INSERT ON discoveries BEGIN
    INSERT INTO uncounted VALUES (new.source) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER search_changed AFTER UPDATE ON discoveries BEGIN
    INSERT INTO uncounted VALUES (new.source) ON CONFLICT DO NOTHING;
END;
"""
# The rows that an older version stored.
IDENTITIES_OF_ROWS = """
UPDATE items SET identity = identity_of(url);
UPDATE pages SET identity = identity_of(article) WHERE article != '';
"""
# Since version 11 they leave out empty path segments.
FIRST_WITH_IDENTITIES = 11
NEW_IDENTITIES = ""
# Since version 10. Of papers on arXiv only the abstract was read: it counts as not whole,
# and the paper is asked for when its page would have been. Nothing is due before.
ABSTRACTS_ARE_NOT_WHOLE = """
UPDATE pages SET value = json_set(
    value, '$.state', 'partial', '$.reason', 'not-whole', '$.attempts', 1,
    '$.detail', 'only the abstract was read so far'
) WHERE article LIKE 'https://arxiv.org/abs/%' AND iif(json_valid(value), value ->> 'state', '') = 'good';
"""
# Since version 12. Moves that pages state were not followed before: the small pages (4 kB,
# indexer/fetch/stated_moves.py) that gave no text are asked for without a condition
# when they are due, as such a page hardly ever changes.
MOVES_AND_REPEATS = """
UPDATE pages SET value = json_set(value, '$.validators', json('{}'))
WHERE iif(
    json_valid(value),
    value ->> 'size' BETWEEN 1 AND 4096 AND coalesce(value ->> 'moved', '') = ''
        AND (value ->> 'state' = 'partial' OR article = ''),
    0
);
-- What stands on many pages of a site, and so is no post's own text: hashes of blocks.
CREATE TABLE repeats (
    site TEXT NOT NULL,            -- host and port
    hash TEXT NOT NULL,            -- indexer/crawl/site_repeats.py
    PRIMARY KEY (site, hash)
) STRICT, WITHOUT ROWID;
"""
# Since version 13. Tags were not read before: what lies on this disk is read again, so
# that they are known; its articles stay as they are. Feeds tell theirs as they change.
TAGS_OF_FILES = """
UPDATE files SET value = json_set(value, '$.stamp', '') WHERE json_valid(value);
UPDATE sources SET value = json_set(value, '$.body_hash', '', '$.validators', json('{}'))
WHERE url LIKE 'file:%' AND json_valid(value);
"""
MIGRATIONS = (  # one a version
    SCHEMA,
    SCHEMA_OF_DISCOVERY,
    SCHEMA_OF_ROBOTS,
    SCHEMA_OF_FOLDERS,
    SCHEMA_OF_FORGETTING,
    SCHEMA_OF_HOLDS,
    CODES_FOR_SENTENCES,
    SCHEMA_OF_ERASING,
    SCHEMA_OF_IDENTITIES,
    ABSTRACTS_ARE_NOT_WHOLE,
    NEW_IDENTITIES,
    MOVES_AND_REPEATS,
    TAGS_OF_FILES,
)
