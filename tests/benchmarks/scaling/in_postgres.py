"""An index copied into a PostgreSQL database: how long each part took, how large it is.

It asks no question of the index.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg

from search.index.copying import copy_index
from search.ports import Index

LOOK_EVERY = 0.5  # seconds, at what the server builds
SAID_EVERY = 10_000  # articles

# By the tables and indexes that they are, partitions together.
PARTS = {
    "passages": "passages: text, vector",
    "passages_by_vector": "HNSW over vectors",
    "passage_words": "words: tsvector, counts",
    "passages_by_words": "GIN over words",
    "tokens": "token bits",
    "articles": "articles",
}
THE_REST = "the rest: other indexes, terms, spelling, near-duplicates"
BUILT = {"passages": "building HNSW, s", "passage_words": "building GIN, s"}

_SIZES = """
SELECT coalesce(pg_partition_root(c.oid), c.oid)::regclass::text, sum(pg_table_size(c.oid))::bigint
FROM pg_class c WHERE c.relnamespace = 'blogsearch'::regnamespace AND c.relkind IN ('r', 'i')
GROUP BY 1
"""
_BUILDING = """
SELECT DISTINCT coalesce(pg_partition_root(relid), relid)::regclass::text
FROM pg_stat_progress_create_index WHERE datname = current_database()
"""


def copied(source: Index, target: Index, address: str) -> dict[str, float]:
    """Copy an index into the database at an address and return the seconds of it."""
    began = time.perf_counter()
    with _watched(address) as building:
        last = copy_timed(source, target)
    seconds = time.perf_counter() - began
    # What is built in less time than between two looks was not seen.
    parts = {f"– {BUILT[table]}": building[table] for table in BUILT if building[table]}
    return {"copying, s": seconds, "– its articles, s": last} | parts


def copy_timed(source: Index, target: Index) -> float:
    """Copy an index and return the seconds until its last article was written."""
    began = time.perf_counter()
    last, said = 0.0, 0

    def note(done: int, total: int) -> None:
        nonlocal last, said
        last = time.perf_counter() - began
        if done - said >= SAID_EVERY:
            said = done
            print(f"  {done:,} of {total:,} articles, {last:,.0f} s", flush=True)

    copy_index(source, target, note=note)
    return last


def sizes(address: str) -> dict[str, float]:
    """Return the megabytes of an index's schema by part."""
    with closing(psycopg.connect(address)) as connection:
        connection.execute("SET search_path = blogsearch, public")
        rows = connection.execute(_SIZES).fetchall()
    found: Counter[str] = Counter()
    for name, size in rows:
        found[PARTS.get(name, THE_REST)] += size
    parts = {f"– {name}": found[name] / 1e6 for name in [*PARTS.values(), THE_REST]}
    return {"disk": sum(found.values()) / 1e6} | parts


@contextmanager
def _watched(address: str) -> Iterator[defaultdict[str, float]]:
    """Add up for the block how long indexes of which tables were being built."""
    seconds: defaultdict[str, float] = defaultdict(float)
    ended = threading.Event()

    def watch() -> None:
        with closing(psycopg.connect(address, autocommit=True)) as connection:
            connection.execute("SET search_path = blogsearch, public")
            seen = time.perf_counter()
            while not ended.wait(LOOK_EVERY):
                rows = connection.execute(_BUILDING).fetchall()
                now = time.perf_counter()
                for (table,) in rows:
                    seconds[table] += now - seen
                seen = now

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seconds
    finally:
        ended.set()
        watcher.join()
