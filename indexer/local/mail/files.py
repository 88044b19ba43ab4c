"""The files that mails lie in: an mbox, the folders of a Maildir, .eml files.

Opens regular files only, and follows no links.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from indexer.extract.page import ExtractError
from indexer.fetch.local_files import opened_regular, path_of
from indexer.local.mail.mbox import is_mbox, mail_in
from indexer.local.mail.message import LARGEST
from indexer.local.mail.refused import reason_of_flags, reason_of_folder
from indexer.records import LeftOut

_START = 4_096  # bytes that tell what a file is
_DEEPEST = 30  # folders within folders
_MAIL_ENDINGS = frozenset([".eml"])
# Thunderbird's mailboxes have no ending, Apple's lie in folders named *.mbox.
_BOX_ENDINGS = frozenset(["", ".mbox", ".mbx"])
# Files that mail programs keep beside them.
_BESIDE = (".msf", ".dat", ".plist", ".lock", ".cache", ".index", ".log")
_NOT_ENTERED = ("tmp", ".git", "node_modules")
_MOST_LOOKED_AT = 10_000  # files, to tell what a folder is
# A mail by its own headers, for files of any name; a page that a browser saved has some
# of them too.
_MAIL_HEADERS = (rb"^message-id:", rb"^from:", rb"^(?:date|received):")
_SAVED_PAGE = re.compile(rb"^snapshot-content-location:|^from: <saved by", re.I | re.M)


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file of one mail, or of many (``is_box``), with a stamp that changes when it
    does. ``left_out`` is the reason for which its mails are no articles, "" for none."""

    url: str
    size: int
    stamp: str
    is_box: bool = False
    left_out: LeftOut = ""


@dataclass(slots=True)
class MailFiles:
    """The files, sorted by address, and the folders that could not be entered: the
    reasons by their addresses, which have a slash at their end. ``others`` counts files
    that are no mails."""

    files: list[MailFile] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
    others: int = 0


def is_mail(path: Path) -> bool:
    """Say if a file or folder holds mails by its form."""
    if not path.is_dir():
        return _form(path) != ""
    if _is_maildir(path):
        return True
    found = find_mails(path, most=_MOST_LOOKED_AT)
    # Among posts a mail or two are something that lies there.
    return len(found.files) > found.others


def find_mails(path: Path, *, most: int | None = None) -> MailFiles:
    """Find the files of mails at a path: it, or those below it, hidden folders too.

    ``most``: stop after so many files.
    """
    found = MailFiles()
    if not path.is_dir():
        facts = path.stat()
        # A person who names a file wants it read, whatever it is called.
        found.files = [_mail_file(path, facts, _form(path), "")]
        return found
    for entry, reason in _entries(path, found.unread):
        try:
            facts = entry.stat(follow_symlinks=False)
        except OSError:
            continue  # it went while the folder was read
        inside = Path(entry.path)
        form = _form(inside)
        if form == "box":
            reason = reason or reason_of_folder(inside.stem)
        if form:
            found.files.append(_mail_file(inside, facts, form, reason))
        elif not _says_nothing(entry.name, facts):
            found.others += 1
        if most is not None and len(found.files) + found.others >= most:
            break
    found.files.sort(key=lambda file: file.url)
    return found


def read_mail(file: str) -> bytes:
    """Return the beginning of a mail, up to ``LARGEST`` bytes: a whole file, or the
    part of a mailbox that the address names as ``?start-length``.

    Raises ExtractError where it can't be read any more.
    """
    path, _, part = file.partition("?")
    start, _, length = part.partition("-")
    try:
        if not part:
            return read_span(path, 0, LARGEST)
        return mail_in(read_span(path, int(start), min(int(length), LARGEST)))
    except OSError as error:
        raise ExtractError(f"The file can't be read: {error.strerror}.") from error


def read_span(url: str, start: int, length: int) -> bytes:
    """Return some bytes of a file; raises OSError."""
    with opened_regular(path_of(url)) as file:
        file.seek(start)
        return file.read(length)


def _mail_file(
    path: Path, facts: os.stat_result, form: str, reason: LeftOut
) -> MailFile:
    stamp = f"{facts.st_mtime_ns}-{facts.st_size}"
    left_out = reason or reason_of_flags(path.name)
    return MailFile(path.as_uri(), facts.st_size, stamp, form == "box", left_out)


def _says_nothing(name: str, facts: os.stat_result) -> bool:
    """Say if a file is one that mail programs keep beside mails."""
    signs = (name.startswith("."), name.lower().endswith(_BESIDE), not facts.st_size)
    return any(signs)


def _form(path: Path) -> Literal["", "mail", "box"]:
    """Tell what a file holds."""
    ending = path.suffix.lower()
    in_maildir = path.parent.name in ("cur", "new") and _is_maildir(path.parent.parent)
    if in_maildir:
        return "mail"
    if ending not in _MAIL_ENDINGS | _BOX_ENDINGS:
        return ""
    try:
        with opened_regular(path) as file:
            start = file.read(_START)
    except OSError:
        return ""
    if is_mbox(start):
        return "box"
    return "mail" if _is_one_mail(start) else ""


def _is_one_mail(start: bytes) -> bool:
    head = start.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    if _SAVED_PAGE.search(head):
        return False
    found = [re.search(mark, head, re.I | re.M) for mark in _MAIL_HEADERS]
    return sum(each is not None for each in found) > 1


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _is_followed(entry: os.DirEntry[str]) -> bool:
    is_file = entry.is_file(follow_symlinks=False)
    return is_file or entry.is_dir(follow_symlinks=False)


def _entries(
    folder: Path, unread: dict[str, str]
) -> Iterator[tuple[os.DirEntry[str], LeftOut]]:
    """Yield the regular files below a folder, each with the reason that the folders
    around it give."""
    waiting: list[tuple[str, int, LeftOut]] = [(str(folder), 0, "")]
    while waiting:
        place, depth, reason = waiting.pop()
        try:
            with os.scandir(place) as listed:
                entries = list(filter(_is_followed, listed))
        except OSError as error:
            address = f"{Path(place).as_uri()}/"
            unread[address] = error.strerror or "it can't be read"
            continue
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                yield entry, reason
            # A mail that is being delivered lies in "tmp".
            elif entry.name not in _NOT_ENTERED and depth < _DEEPEST:
                inner = reason or reason_of_folder(entry.name)
                waiting.append((entry.path, depth + 1, inner))
