"""A backup: all databases of an index directory in one file, a plain tar archive.

backup.json    first: the form, what is in it, and sha256 of each database
index.sqlite   and what the indexer keeps beside it

Vector files aren't in it; they are made from the rows.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from search.errors import BlogsearchError, IndexMissing
from search.index.sqlite.connection import explain, is_file, is_of_machine
from search.index.sqlite.directory_snapshot import INDEX, DirectorySnapshot
from search.index.sqlite.readable import readable_manifest
from search.index.sqlite.undo.folders import sync_folder
from search.index.work_folder import work_folder

FORM = 1  # of the backup file; raised when older programs couldn't read it
CARD = "backup.json"
LONGEST_CARD = 1 << 20  # bytes
CHUNK = 1 << 20  # bytes that are copied at a time
COPIES_PREFIX = ".blogsearch-backup-"  # of the folder's name that a backup is made in
COPIES = 2  # of all databases, while a backup is written: the databases and the archive
# Names that a backup may have us write: nothing with a path in it.
_NAME = re.compile(r"[a-z]+\.sqlite")


class BackupError(BlogsearchError):
    """A backup can't be made, or isn't one that can be restored."""


class BackupCard(NamedTuple):
    """The backup's own words: ``files`` is sha256 by name; ``about`` is for people."""

    files: dict[str, str]
    about: dict[str, str]


def write_backup(directory: Path, file: Path, *, overwrite: bool = False) -> int:
    """Write everything that a directory holds into a file; returns its size in bytes.

    Others may read or write meanwhile. The file has its name only when it is whole.
    Raises BackupError, IndexMissing and StorageFailed.
    """
    if not is_file(directory / INDEX):
        raise IndexMissing(
            f"There is no index in {directory}. Make one with: blog-indexer add SOURCE"
        )
    if file.is_dir():
        raise BackupError(f"{file} is a folder; name a file.")
    if file.exists() and not overwrite:
        raise BackupError(f"{file} exists; name another file, or say --overwrite.")
    folder = file.absolute().parent
    if not folder.is_dir():
        raise BackupError(f"There is no folder {folder}.")
    try:
        # In the same folder: the file gets its name by a rename, which can't go across
        # file systems.
        with work_folder(COPIES_PREFIX, folder, noted_in=directory) as copies:
            return _write(directory, copies, file.absolute())
    except sqlite3.Error as error:
        if is_of_machine(error):
            raise explain(error, folder) from error
        raise BackupError(
            f"The index can't be read ({error}); see: blog-indexer doctor"
        ) from error
    except OSError as error:
        raise explain(error, folder) from error


def _write(directory: Path, copies: Path, file: Path) -> int:
    with DirectorySnapshot(directory) as snapshot:
        # A disk that fills up midway is another's trouble as well.
        require_room(file.parent, COPIES * snapshot.size())
        snapshot.copy(copies)
    card = _describe(copies)
    partial = copies / "whole"
    with partial.open("wb") as out:
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            _add_card(archive, card)
            for name in card.files:
                archive.add(copies / name, name)
        # On the disk before it has its name, or a power cut leaves an empty file.
        out.flush()
        os.fsync(out.fileno())
    partial.chmod(0o600)  # it holds what a person reads
    size = partial.stat().st_size
    partial.replace(file)
    sync_folder(file.parent)
    return size


def _add_card(archive: tarfile.TarFile, card: BackupCard) -> None:
    record = {
        "blogsearch": {"form": str(FORM)},
        "about": card.about,
        "files": card.files,
    }
    text = json.dumps(record, indent=1).encode()
    # Made by hand, as its text is in no file.
    member = tarfile.TarInfo(CARD)
    member.size, member.mode = len(text), 0o600
    archive.addfile(member, io.BytesIO(text))


def require_room(folder: Path, needed: int) -> None:
    """Raise BackupError where a folder has less than so many bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(
            f"{folder} has {free >> 20} MB free, and {(needed >> 20) + 1} MB are needed."
        )


def _describe(copies: Path) -> BackupCard:
    about = {"articles": "0", "model": "", "updated": ""}
    if known := readable_manifest(copies / INDEX):
        about = {
            "articles": str(known.articles),
            "model": known.model,
            "updated": known.updated,
        }
    about["made"] = datetime.now(UTC).isoformat(timespec="seconds")
    files = {path.name: _sha256(path) for path in sorted(copies.glob("*.sqlite"))}
    return BackupCard(files, about)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(file: Path, folder: Path) -> dict[str, str]:
    """Take the databases out of a backup into a folder, each checked against its
    sha256.

    Returns what the backup says of itself. Raises BackupError where it is none, damaged
    or of a newer program, and StorageFailed.
    """
    try:
        # "r:" is a plain archive: what is compressed could grow without limit.
        with tarfile.open(file, mode="r:") as archive:
            card = _read_card(archive, file)
            folder.mkdir(parents=True, exist_ok=True)
            for name, checksum in card.files.items():
                _take_out(archive, name, folder / name)
                if _sha256(folder / name) != checksum:
                    raise BackupError(
                        f"{file} is damaged: {name} in it is not what was written."
                    )
        return card.about
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise BackupError(f"{file} is no backup, or is damaged ({error}).") from error
    except OSError as error:
        raise explain(error, folder) from error


def _read_card(archive: tarfile.TarFile, file: Path) -> BackupCard:
    # It is written first, so that nothing else has to be read to refuse a file.
    first = archive.next()
    if first is None or first.name != CARD or first.size > LONGEST_CARD:
        raise BackupError(f"{file} is no backup that Blogsearch made.")
    found = archive.extractfile(first)
    try:
        record = json.loads(found.read() if found else b"")
        form = int(record["blogsearch"]["form"])
        card = BackupCard(dict(record["files"]), dict(record["about"]))
    except (ValueError, TypeError, KeyError) as error:
        raise BackupError(
            f"{file} is damaged: what it says of itself can't be read."
        ) from error
    if form > FORM:
        raise BackupError(
            f"A newer Blogsearch made {file}; update Blogsearch to restore it."
        )
    if INDEX not in card.files or not all(map(_NAME.fullmatch, card.files)):
        raise BackupError(f"{file} is damaged: it names what no backup holds.")
    return card


def _take_out(archive: tarfile.TarFile, name: str, target: Path) -> None:
    """Write one member to a file of our naming, whatever the archive says of owners,
    links or paths."""
    member = archive.getmember(name)
    found = None
    if member.isreg():
        found = archive.extractfile(member)
    if found is None:
        raise BackupError(f"{name} in the backup is no file.")
    with target.open("wb") as out:
        shutil.copyfileobj(found, out, CHUNK)
        out.flush()
        os.fsync(out.fileno())
