"""The mails that are no article: drafts, what was thrown away, what machines answer, what
is encrypted."""

from __future__ import annotations

import re
from email.message import Message

from indexer.local.mail.content import Section
from indexer.local.mail.headers import raw
from indexer.records import LeftOut

# Folders of mail programs in their languages; some put the server's name before it, and a
# dot between.
_DRAFTS = re.compile(
    r"drafts?|outbox|unsent messages|templates|entwürfe|vorlagen|postausgang|brouillons"
    r"|borradores|rascunhos|bozze|concepten",
    re.IGNORECASE,
)
_THROWN = re.compile(
    r"trash|deleted(?: (?:items|messages))?|bin|spam|junk(?: ?e-?mail)?|bulk mail"
    r"|papierkorb|gelöschte (?:elemente|objekte)|corbeille|éléments supprimés|indésirables?"
    r"|courrier indésirable|papelera|elementos eliminados|correo no deseado|lixeira|cestino"
    r"|posta eliminata|posta indesiderata|prullenbak|verwijderde items|ongewenste e-mail",
    re.IGNORECASE,
)
_ENCRYPTED_TEXT = "-----BEGIN PGP MESSAGE-----"
_ENCRYPTED_TYPES = frozenset(
    ["multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"]
)
_REPORTS = frozenset(["multipart/report"])
_EXPUNGED = 0x0008  # of X-Mozilla-Status: deleted, and not yet taken out of the file


def reason_of_folder(name: str) -> LeftOut:
    """Return the reason for which a folder's mails are none, by its name; "" for
    others."""
    for part in (name, *re.split(r"[./\\]", name)):
        if _DRAFTS.fullmatch(part.strip()):
            return "draft"
        if _THROWN.fullmatch(part.strip()):
            return "deleted"
    return ""


def reason_of_flags(name: str) -> LeftOut:
    """Return the reason that the flags in a Maildir's file name give, "" for none."""
    _, _, flags = name.rpartition(":2,")
    if flags == name:
        return ""
    if "D" in flags:
        return "draft"
    return "deleted" if "T" in flags else ""


def reason_of(mail: Message) -> LeftOut:
    """Return the reason for which a mail is no article by its headers, "" for none."""
    labels = {
        label.strip().strip('"') for label in raw(mail, "X-Gmail-Labels").split(",")
    }
    for label in sorted(labels):
        if reason := reason_of_folder(label):
            return reason
    if raw(mail, "X-Mozilla-Draft-Info"):
        return "draft"
    # Flags of the mailbox programs of Unix; T is a draft there.
    flags = raw(mail, "X-Status") + raw(mail, "Status")
    if "T" in flags:
        return "draft"
    if "D" in flags or _is_expunged(mail):
        return "deleted"
    if _is_automatic(mail):
        return "automatic"
    return "encrypted" if mail.get_content_type() in _ENCRYPTED_TYPES else ""


def is_encrypted(sections: tuple[Section, ...]) -> bool:
    """Say if the text of a mail is one that only its reader's key opens."""
    return any(_ENCRYPTED_TEXT in section.plain[:2_000] for section in sections)


def _is_expunged(mail: Message) -> bool:
    try:
        return bool(int(raw(mail, "X-Mozilla-Status") or "0", 16) & _EXPUNGED)
    except ValueError:
        return False


def _is_automatic(mail: Message) -> bool:
    """Say if it reports a delivery or answers by itself; a newsletter may say that it was
    made by a machine."""
    signs = (
        mail.get_content_type() in _REPORTS,
        raw(mail, "Auto-Submitted").lower().startswith("auto-replied"),
        raw(mail, "Precedence").lower() == "auto_reply",
        bool(raw(mail, "X-Autoreply") or raw(mail, "X-Autorespond")),
        bool(raw(mail, "X-Failed-Recipients")),
        raw(mail, "From").lower().find("mailer-daemon@") >= 0,
    )
    return any(signs)
