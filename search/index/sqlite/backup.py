"""All databases of an index directory in one file, as of one moment: a plain tar
archive.

backup.json    first: the form, what is in it, and sha256 of each database
index.sqlite   and what the indexer keeps beside it; vector files aren't in it, they are made from the rows
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
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from search.errors import BlogsearchError, IndexMissing
from search.index.sqlite.directory_snapshot import (
    INDEX,
    DirectorySnapshot,
    open_to_copy,
)
from search.index.sqlite.manifest_store import read_manifest
from search.index.sqlite.rollback import sync_folder

FORM = 1  # of the backup file; raised when older programs couldn't read it
CARD = "backup.json"
LONGEST_CARD = 1 << 20  # bytes
CHUNK = 1 << 20
_NAME = re.compile(r"[a-z]+\.sqlite")


class BackupError(BlogsearchError):
    """A backup can't be made, or isn't one that can be restored."""


def write_backup(directory: Path, file: Path, *, overwrite: bool = False) -> int:
    """Write everything that a directory holds into a file, whoever reads or writes
    meanwhile; its size in bytes. The file has its name only when it is whole."""
    if not (directory / INDEX).is_file():
        raise IndexMissing(
            f"There is no index in {directory}. Make one with: blog-indexer add SOURCE"
        )
    if file.is_dir():
        raise BackupError(f"{file} is a folder; name a file.")
    if file.exists() and not overwrite:
        raise BackupError(f"{file} exists; name another file, or say --overwrite.")
    if not file.absolute().parent.is_dir():
        raise BackupError(f"There is no folder {file.absolute().parent}.")
    try:
        return _write(directory, file.absolute())
    except sqlite3.Error as error:
        raise BackupError(
            f"The index can't be read ({error}); see: blog-indexer doctor"
        ) from error
    except OSError as error:
        raise BackupError(
            f"The backup can't be written ({error.strerror or error})."
        ) from error


def _write(directory: Path, file: Path) -> int:
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as folder:
        copies = Path(folder)
        with DirectorySnapshot(directory) as moment:
            needed = 2 * sum(_size(moment.connection(name)) for name in moment.names)
            require_room(file.parent, needed)
            moment.copy(copies)
        card = _card(copies)
        partial = copies / "whole"
        with partial.open("wb") as out:
            with tarfile.open(
                fileobj=out, mode="w", format=tarfile.PAX_FORMAT
            ) as archive:
                text = json.dumps(card, indent=1).encode()
                about = tarfile.TarInfo(CARD)
                about.size, about.mode = len(text), 0o600
                archive.addfile(about, io.BytesIO(text))
                for name in card["files"]:
                    archive.add(copies / name, name)
            out.flush()
            os.fsync(out.fileno())
        partial.chmod(0o600)  # it holds what a person reads
        size = partial.stat().st_size
        partial.replace(file)
    sync_folder(file.parent)
    return size


def _size(db: sqlite3.Connection) -> int:
    """Bytes of a database."""
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    return int(pages) * int(db.execute("PRAGMA page_size").fetchone()[0])


def require_room(folder: Path, needed: int) -> None:
    """Raise BackupError where a folder has less than so many bytes free."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupError(
            f"{folder} has {free >> 20} MB free, and {(needed >> 20) + 1} MB are needed."
        )


def _card(copies: Path) -> dict[str, dict[str, str]]:
    with closing(open_to_copy(copies / INDEX)) as db:
        known = read_manifest(db)
    about = {
        "articles": str(known.articles if known else 0),
        "model": known.model if known else "",
        "updated": known.updated if known else "",
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    files = {path.name: _digest(path) for path in sorted(copies.glob("*.sqlite"))}
    return {"blogsearch": {"form": str(FORM)}, "about": about, "files": files}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(file: Path, folder: Path) -> dict[str, str]:
    """Take the databases out of a backup into a folder, each checked against its
    sha256; what the backup says of itself. Raises BackupError where it is none, damaged
    or of a newer program."""
    try:
        with tarfile.open(file, mode="r:") as archive:
            card = _read_card(archive, file)
            folder.mkdir(parents=True, exist_ok=True)
            for name, digest in card["files"].items():
                _take_out(archive, name, folder / name)
                if _digest(folder / name) != digest:
                    raise BackupError(
                        f"{file} is damaged: {name} in it is not what was written."
                    )
        return card["about"]
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise BackupError(f"{file} is no backup, or is damaged ({error}).") from error
    except OSError as error:
        raise BackupError(
            f"{file} can't be restored ({error.strerror or error})."
        ) from error


def _read_card(archive: tarfile.TarFile, file: Path) -> dict[str, dict[str, str]]:
    first = archive.next()
    found = archive.extractfile(first) if first and first.name == CARD else None
    if first is None or found is None or first.size > LONGEST_CARD:
        raise BackupError(f"{file} is no backup that Blogsearch made.")
    try:
        card = json.loads(found.read())
        form = int(card["blogsearch"]["form"])
        files, about = dict(card["files"]), dict(card["about"])
    except (ValueError, TypeError, KeyError) as error:
        raise BackupError(
            f"{file} is damaged: what it says of itself can't be read."
        ) from error
    if form > FORM:
        raise BackupError(
            f"A newer Blogsearch made {file}; update Blogsearch to restore it."
        )
    if INDEX not in files or not all(_NAME.fullmatch(name) for name in files):
        raise BackupError(f"{file} is damaged: it names what no backup holds.")
    return {"files": files, "about": about}


def _take_out(archive: tarfile.TarFile, name: str, target: Path) -> None:
    """Write one member to a file of our naming, whatever the archive says of owners,
    links or paths."""
    member = archive.getmember(name)
    found = archive.extractfile(member) if member.isreg() else None
    if found is None:
        raise BackupError(f"{name} in the backup is no file.")
    with target.open("wb") as out:
        shutil.copyfileobj(found, out, CHUNK)
        out.flush()
        os.fsync(out.fileno())
