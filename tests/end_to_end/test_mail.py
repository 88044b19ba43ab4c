"""Mailboxes in the index: found, updated at no cost, each mail once, gone when it is
deleted."""

from __future__ import annotations

import mailbox
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from indexer.crawl.forget import recall
from indexer.ledger.ledger import Ledger
from tests.runs import Runs, results

DATA = Path(__file__).parents[1] / "data" / "mail"
PUMICE = "https://kitchengarden.substack.com/p/pumice-against-slugs"
TIDES = "mid:tides.9@estuary.example"
CHAIN = "mid:loire.44@velo.example"
KETTLE = "mid:kettle.7@brew.example"


@pytest.fixture
def runs(tmp_path, workers):
    return Runs(tmp_path / "index", workers)


def maildir(path: Path) -> mailbox.Maildir:
    """A Maildir with the three newsletters, some folders, and what is no article."""
    made = mailbox.Maildir(path)
    with closing(mailbox.mbox(DATA / "newsletters.mbox")) as box:
        newsletters = [mailbox.MaildirMessage(mail) for mail in box]
    for mail in newsletters:
        mail.set_subdir("cur")
        made.add(mail)
    draft = mailbox.MaildirMessage("Message-ID: <d@a>\n\nSecret draft.\n")
    draft.set_flags("D")
    made.add(draft)
    made.add_folder("Trash").add("Message-ID: <t@a>\n\nThrown away.\n")
    made.add_folder("Spam").add("Message-ID: <s@a>\n\nBuy now.\n")
    lists = made.add_folder("Lists")
    lists.add((DATA / "kettle.eml").read_bytes())
    lists.add(newsletters[1])  # the same mail as in the inbox
    return made


def key_of(box: mailbox.Maildir, address: str) -> str:
    """The mail of this address in a folder."""
    wanted = f"<{address.removeprefix('mid:')}>"
    return next(key for key, mail in box.items() if mail["Message-ID"] == wanted)


def test_a_mailbox_is_found_and_costs_nothing_again(runs, tmp_path):
    box = tmp_path / "newsletters.mbox"
    shutil.copy(DATA / "newsletters.mbox", box)
    report = runs.add(str(box))
    assert results(report) == dict.fromkeys([PUMICE, TIDES, CHAIN], "article")
    assert [source.kind for source, _ in report.sources] == ["mail"]
    held = runs.articles()
    assert held[TIDES].site == "Estuary Walks"
    assert (held[CHAIN].language, held[TIDES].language) == ("fr", "en")
    before = runs.files()
    assert runs.update().embedded == 0
    assert runs.files() == before


def test_a_new_mail_is_read_and_a_deleted_one_leaves(runs, tmp_path):
    path = tmp_path / "box"
    shutil.copy(DATA / "newsletters.mbox", path)
    runs.add(str(path))
    with path.open("ab") as file:
        kettle = (DATA / "kettle.eml").read_bytes().replace(b"\r\n", b"\n")
        file.write(b"From sam@brew.example Tue May  7 18:20:00 2024\n" + kettle + b"\n")
    runs.later(hours=1)
    report = runs.update()
    assert {one.url: one.result for one in report.outcomes if one.tried}[KETTLE] == (
        "article"
    )
    assert set(runs.articles()) == {PUMICE, TIDES, CHAIN, KETTLE}
    box = mailbox.mbox(path)
    box.remove(1)
    box.flush()
    box.close()
    runs.later(hours=1)
    report = runs.update()
    assert set(runs.articles()) == {PUMICE, CHAIN, KETTLE}
    assert report.embedded == 0  # those behind it only moved
    path.unlink()
    runs.later(hours=1)
    report = runs.update()
    assert "isn't there" in report.sources[0][1]
    assert len(runs.articles()) == 3


def test_a_maildir_gives_each_mail_once(runs, tmp_path):
    made = maildir(tmp_path / "Mail")
    report = runs.add(str(tmp_path / "Mail"))
    assert set(results(report)) == {PUMICE, TIDES, CHAIN, KETTLE}
    before = runs.files()
    runs.update()
    assert runs.files() == before
    # A mail that is read moves to another name, and stays what it is.
    key = key_of(made, TIDES)
    mail = made[key]
    mail.set_flags("S")
    made[key] = mail
    runs.later(hours=1)
    assert runs.update().embedded == 0
    # Of two copies one may go; with the other the mail goes.
    made.remove(key)
    runs.later(hours=1)
    runs.update()
    assert TIDES in runs.articles()
    lists = made.get_folder("Lists")
    lists.remove(key_of(lists, TIDES))
    runs.later(hours=1)
    runs.update()
    assert set(runs.articles()) == {PUMICE, CHAIN, KETTLE}


def test_a_folder_of_mails_and_one_mail_are_told_by_their_form(runs, tmp_path):
    folder = tmp_path / "saved"
    folder.mkdir()
    shutil.copy(DATA / "kettle.eml", folder)
    assert runs.add(str(folder)).sources[0][0].kind == "mail"
    one = tmp_path / "one.eml"
    shutil.copy(DATA / "kettle.eml", one)
    report = runs.add(str(one))
    assert report.sources[0][0].kind == "mail"
    # It is the same mail.
    assert set(runs.articles()) == {KETTLE}


def test_a_saved_page_is_no_mail(runs):
    page = DATA.parent / "disk" / "page.mhtml"
    assert runs.add(str(page)).sources[0][0].kind == "archive"


def test_hostile_mails_cost_themselves_only(runs, tmp_path):
    folder = tmp_path / "mails"
    folder.mkdir()
    shutil.copy(DATA / "kettle.eml", folder)
    head = b"Message-ID: <%d@a>\nFrom: a@a.example\nSubject: x\n"
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
        for n in range(3_000)
    )
    (folder / "deep.eml").write_bytes(head % 1 + deep)
    (folder / "wide.eml").write_bytes(head % 2 + b"X: " + b"(" * 300_000 + b"\n\nText.\n")  # fmt: skip
    html = b"Content-Type: text/html\n\n" + b"<table><tr><td>" * 30_000
    (folder / "html.eml").write_bytes(head % 3 + html + b"Deep")
    wrong = b'Content-Type: text/plain; charset="\xff\xfe"\nContent-Transfer-Encoding: base64\n\n%%%%\n'
    (folder / "wrong.eml").write_bytes(head % 4 + wrong)
    runs.add(str(folder))
    assert KETTLE in runs.articles()


def test_a_forgotten_mail_comes_back_when_it_is_asked_for(runs, tmp_path):
    box = tmp_path / "newsletters.mbox"
    shutil.copy(DATA / "newsletters.mbox", box)
    runs.add(str(box))
    ledger = Ledger(runs.directory)
    recall(ledger, TIDES)
    ledger.close()
    runs.update()
    assert TIDES in runs.articles()
