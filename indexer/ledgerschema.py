"""The SQLite schema of the ledger, one entry a version."""

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
-- Each robots.txt as it was last had, so that it is asked for conditionally.
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
MIGRATIONS = (  # one a version
    SCHEMA,
    SCHEMA_OF_DISCOVERY,
    SCHEMA_OF_ROBOTS,
    SCHEMA_OF_FOLDERS,
    SCHEMA_OF_FORGETTING,
    SCHEMA_OF_HOLDS,
)
