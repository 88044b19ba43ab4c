"""Mailboxes are parted where mails begin, and nowhere else."""

from __future__ import annotations

import mailbox
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.local.mail import scan
from indexer.local.mail.mbox import is_mbox, mail_in
from indexer.local.mail.message import parsed
from tests.torture.scale import rounds

POSTMARK = b"From MAILER-DAEMON Fri Apr 12 23:31:02 2024\n"
LINES = st.sampled_from(
    [b"", b"text", b"From here on it rains", b">From a quotation", b"From x@y.example Fri Apr 12 23:31:02 2024",
     b"Subject: no header", b"--boundary", b"From: nobody", b">>From deeper", "Größe".encode()]
)  # fmt: skip
BODIES = st.lists(LINES, max_size=8).map(b"\n".join)


def quoted(mail: bytes) -> bytes:
    return re.sub(rb"^(>*From )", rb">\1", mail, flags=re.MULTILINE)


def mails_in(path) -> list[bytes]:
    content, found = path.read_bytes(), []
    starts = []
    for start in range(0, len(content), scan.WINDOW):
        starts += scan.find_starts(path.as_uri(), start)
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        found.append(mail_in(content[start:end]))
    return found


@settings(max_examples=rounds(60, 1_000), deadline=None)
@given(
    st.lists(BODIES, min_size=1, max_size=5),
    st.sampled_from([37, 200, 1 << 20]),
    st.booleans(),
)
def test_every_mail_comes_back_as_it_was_sent(tmp_path_factory, bodies, window, crlf):
    path = tmp_path_factory.mktemp("box") / "box"
    mails = [b"Subject: %d\n\n%b\n" % (n, body) for n, body in enumerate(bodies)]
    content = b"".join(POSTMARK + quoted(mail) + b"\n" for mail in mails)
    if crlf:
        content = content.replace(b"\n", b"\r\n")
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "WINDOW", window)
        read = mails_in(path)
    assert [each.replace(b"\r\n", b"\n").removesuffix(b"\n") for each in read] == mails


def test_a_sentence_that_begins_so_parts_no_mail(tmp_path):
    """Mailboxes of some programs quote nothing."""
    path = tmp_path / "box"
    body = (
        b"\n\nFrom what I know\nNote: it was dry.\n\nFrom today 10:30 on\nit rains.\n"
    )
    path.write_bytes(POSTMARK + b"Subject: one\n" + body)
    assert len(mails_in(path)) == 1


def test_mailboxes_of_the_standard_library_are_read(tmp_path):
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        mail = mailbox.mboxMessage()
        mail["Subject"] = f"number {number}"
        mail.set_payload("From the beginning\n\nFrom then on it was quiet.\n")
        box.add(mail)
    box.close()
    read = [parsed(each) for each in mails_in(tmp_path / "box")]
    assert [mail["Subject"] for mail in read] == ["number 0", "number 1", "number 2"]
    assert all("\nFrom then on" in mail.get_payload() for mail in read)


@pytest.mark.parametrize(
    ("start", "is_one"),
    [
        (POSTMARK + b"Subject: x\n", True),
        (b"From - Tue May  7 18:20:00 2024\nX-Mozilla-Status: 0001\n", True),
        (b"From the diary of a baker\n\nIt rose.\n", False),
        (b"Subject: x\n\n", False),
        (b"", False),
    ],
)
def test_a_mailbox_is_told_by_its_first_lines(start, is_one):
    assert is_mbox(start) is is_one
