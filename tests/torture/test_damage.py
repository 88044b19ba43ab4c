"""A vector file that is not what was written: refused, derived from the rows without
the model, mended."""

from __future__ import annotations

import hashlib
import json
import os
import random
import sqlite3
from contextlib import closing

import faiss
import numpy as np
import pytest

from search.errors import IndexDamaged
from search.index.sqlite.checksums.rows import failed_checksums
from search.index.sqlite.home import SqliteIndex
from search.index.sqlite.vectors.base_file import read_base
from search.index.sqlite.writer import DATABASE, SqliteWriter
from search.types import Article, Block, Passage
from tests.fakes import HashEmbedder
from tests.torture.scale import rounds
from tests.torture.soundness import found_vectors, is_kept

PLACES = rounds(60, 2000)
# of these so many through a reader, and a tenth of them by the next writer as well
READ = rounds(6, 200)


class Silent(HashEmbedder):
    """A model that knows what it is and must not be asked for a vector."""

    def embed_passages(self, texts):
        raise AssertionError("the model was asked")

    encode_passages = embed_passages


@pytest.fixture
def index(tmp_path):
    directory = tmp_path / "index"
    with SqliteWriter(directory, HashEmbedder(), splitter=1) as writer:
        for number in range(6):
            text = f"Bread number{number} rises in a cold room while the baker sleeps"
            made = Article(
                f"https://a.example/{number}",
                f"Post {number}",
                blocks=(Block("paragraph", text),),
            )
            writer.add(
                [(made, [Passage(text), Passage(f"And number{number} is eaten")])]
            )
        writer.commit()
    return directory


def vector_file(directory):
    with SqliteIndex(directory).snapshot() as seen:
        return directory / seen.manifest.vectors


def harms(data: bytes, count: int):
    """(what, the file as it is now): bits and bytes flipped, the end or the middle
    gone, more at the end."""
    chance = random.Random(count)
    for number in range(count):
        place = chance.randrange(len(data))
        match number % 5:
            case 0 | 1:
                flipped = data[place] ^ (1 << chance.randrange(8))
                yield (
                    f"bit at {place}",
                    data[:place] + bytes([flipped]) + data[place + 1 :],
                )
            case 2:
                yield (
                    f"byte at {place}",
                    data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :],
                )
            case 3:
                yield f"cut at {place}", data[:place]
            case 4:
                yield (
                    f"gap at {place}",
                    data[:place] + data[place + chance.randint(1, 64) :] + b"\0" * 8,
                )


def assert_served(directory) -> None:
    """A reader has the vectors of the rows."""
    with SqliteIndex(directory).snapshot() as seen:
        ids, rows = seen.stored.all_vectors(64)
        assert np.array_equal(found_vectors(seen), ids)
        found, _ = seen.nearest(rows[3], 1)
        assert found.tolist() == [ids[3]]


def test_a_harmed_file_is_refused_derived_and_mended(index):
    path = vector_file(index)
    data = path.read_bytes()
    checksum = hashlib.sha256(data).hexdigest()
    for number, (what, harmed) in enumerate(harms(data, PLACES)):
        assert harmed != data
        path.write_bytes(harmed)
        with pytest.raises(IndexDamaged):
            read_base(path, checksum)
        if number % (PLACES // READ) == 0:
            assert_served(index)
        if number % (PLACES // READ * 10) == 0:
            SqliteWriter(index, Silent(), splitter=1).close()
            assert is_kept(index), what
            assert_served(index)
            path = vector_file(index)
            data = path.read_bytes()
            checksum = hashlib.sha256(data).hexdigest()
    SqliteWriter(index, Silent(), splitter=1).close()
    with closing(sqlite3.connect(index / DATABASE)) as db:
        assert failed_checksums(db) == []
    assert len(list(index.glob("vectors-*"))) <= 2


@pytest.mark.parametrize(
    "there", ["nothing", "a folder", "a pipe", "a link to nowhere", "an endless file"]
)
def test_something_else_in_its_place(index, there):
    path = vector_file(index)
    path.unlink()
    match there:
        case "a folder":
            path.mkdir()
        case "a pipe":
            os.mkfifo(path)
        case "a link to nowhere":
            path.symlink_to("nowhere")
        case "an endless file":
            path.symlink_to("/dev/zero")
    assert_served(index)
    with SqliteWriter(index, HashEmbedder(), splitter=1) as writer:
        assert is_kept(index)
        writer.forget("https://a.example/1")
        writer.commit()
    assert is_kept(index)
    assert_served(index)


def named(directory, name: str, checksum: str) -> None:
    """Let the manifest name another vector file."""
    with closing(sqlite3.connect(directory / DATABASE)) as db, db:
        (value,) = db.execute(
            "SELECT value FROM meta WHERE key = 'manifest'"
        ).fetchone()
        value = json.dumps(
            json.loads(value) | {"vectors": name, "vectors_sha256": checksum}
        )
        db.execute("UPDATE meta SET value = ? WHERE key = 'manifest'", (value,))


def foreign(ours: bytes) -> dict[str, bytes]:
    """Files that are none of ours, though their checksum be right."""
    vectors = np.random.default_rng(1).random((12, 64), dtype=np.float32)
    flat = faiss.IndexFlatIP(64)
    flat.add(vectors)
    of_faiss = faiss.serialize_index(flat).tobytes()
    header, codes = ours[:512], ours[512:]
    scan = header.replace(b'"kind": "flat",', b'"kind": "scan",').ljust(512)
    ids, other = codes[: 8 * 12], faiss.IndexScalarQuantizer(64, 0, 1)
    other.train(vectors)
    other.add(vectors)

    def said(old: bytes, new: bytes) -> bytes:
        assert old in header
        return header.replace(old, new).ljust(512)[:512] + codes

    return {
        "faiss": of_faiss,
        "flat of FAISS": scan + ids + of_faiss,
        "other codes": scan + ids + faiss.serialize_index(other).tobytes(),
        "rubbish": scan + ids + b"IxSQ" + b"\xff" * 2000,
        "narrow": said(b'"dimension": 64', b'"dimension": 32'),
        "few": said(b'"count": 12', b'"count": 3'),
        "huge": said(b'"count": 12', b'"count": 99999999999'),
        "no header": b"BLOGVEC1" + b"{}".ljust(504) + codes,
        "short": ours[:100],
    }


@pytest.mark.parametrize(
    "kind",
    [
        "faiss",
        "flat of FAISS",
        "other codes",
        "rubbish",
        "narrow",
        "few",
        "huge",
        "no header",
        "short",
    ],
)
def test_a_file_of_another_kind_is_never_searched(index, kind):
    data = foreign(vector_file(index).read_bytes())[kind]
    (index / "vectors-1-other.faiss").write_bytes(data)
    named(index, "vectors-1-other.faiss", hashlib.sha256(data).hexdigest())
    assert_served(index)


def test_a_file_of_another_folder_is_never_read(index, tmp_path):
    path = vector_file(index)
    data = path.read_bytes()
    path.rename(tmp_path / "outside.faiss")
    named(index, "../outside.faiss", hashlib.sha256(data).hexdigest())
    assert_served(index)
    SqliteWriter(index, Silent(), splitter=1).close()
    assert vector_file(index).parent == index
    assert (tmp_path / "outside.faiss").is_file()


def test_an_index_that_is_whole_is_left_as_it_is(index):
    before = {path.name: path.read_bytes() for path in index.iterdir()}
    SqliteWriter(index, Silent(), splitter=1).close()
    assert {path.name: path.read_bytes() for path in index.iterdir()} == before


def test_a_stored_vector_of_the_wrong_size_is_told(index):
    vector_file(index).unlink()
    with closing(sqlite3.connect(index / DATABASE)) as db, db:
        db.execute("UPDATE passages SET vector = x'00' WHERE id = 1")
    with pytest.raises(IndexDamaged, match="doctor"), SqliteIndex(index).snapshot():
        pass
