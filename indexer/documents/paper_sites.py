"""The addresses of papers: arXiv, ACL Anthology, CVF, NeurIPS, OpenReview, PMLR.

Each paper has a page about it, which is its own address, and documents with its text.
Fetches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

# https://info.arxiv.org/help/arxiv_identifier.html: since 2007, and before.
_ARXIV = re.compile(
    r"/(?:abs|pdf|html|format|ps|src|e-print)/(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?/?"
)
# arXiv registers a DOI for each paper.
_DOI = re.compile(r"/10\.48550/arxiv\.(\d{4}\.\d{4,5})/?", re.IGNORECASE)
# https://aclanthology.org/info/ids/: since 2020, and before.
_ACL = re.compile(
    r"(?:/papers/\w/\w+)?/((?:\d{4}\.[\w-]+\.\d+)|(?:[A-Z]\d{2}-\d{4}))(?:v\d)?(?:\.pdf)?/?"
)
# /content/CVPR2024/html/…_paper.html and …/papers/…_paper.pdf; before 2021 the part in
# the middle is missing, or has another form.
_CVF = re.compile(r"(/content[\w/-]*?)/(?:html|papers)/([^/]+)\.(?:html|pdf)")
_PMLR = re.compile(r"/(v\d+)/([\w-]+?)(?:/\2)?(?:\.html|\.pdf)")

# Since 2020; older addresses lead there.
_NEURIPS = re.compile(
    r"(/(?:paper_files/)?paper/\d{4})/(?:hash|file)/([0-9a-f]{32})-(?:Abstract|Paper)(-[\w-]+)?\.(?:html|pdf)"
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper's own address, that of the page about it, and those of its documents,
    that which reads best first."""

    own: str
    documents: tuple[str, ...]


def paper_of(url: str) -> Paper | None:
    """Return the paper that an address leads to, in whatever form; None for others."""
    parts = urlsplit(url)
    read = _SITES.get((parts.hostname or "").removeprefix("www."))
    return read(parts) if read else None


def _on_arxiv(parts: SplitResult) -> Paper | None:
    return _arxiv_paper(_ARXIV.fullmatch(parts.path))


def _on_doi(parts: SplitResult) -> Paper | None:
    return _arxiv_paper(_DOI.fullmatch(unquote(parts.path)))


def _arxiv_paper(number: re.Match[str] | None) -> Paper | None:
    """Take all versions and forms of a paper as one."""
    if number is None:
        return None
    site = "https://arxiv.org"
    documents = (f"{site}/html/{number[1]}", f"{site}/pdf/{number[1]}")
    return Paper(f"{site}/abs/{number[1]}", documents)


def _on_acl(parts: SplitResult) -> Paper | None:
    number = _ACL.fullmatch(parts.path)
    if number is None:
        return None
    address = f"https://aclanthology.org/{number[1]}"
    return Paper(f"{address}/", (f"{address}.pdf",))


def _on_cvf(parts: SplitResult) -> Paper | None:
    name = _CVF.fullmatch(parts.path)
    if name is None:
        return None
    site = f"https://openaccess.thecvf.com{name[1]}"
    return Paper(f"{site}/html/{name[2]}.html", (f"{site}/papers/{name[2]}.pdf",))


def _on_neurips(parts: SplitResult) -> Paper | None:
    name = _NEURIPS.fullmatch(parts.path)
    if name is None:
        return None
    volume, number, kind = name.groups(default="")
    site = f"https://{parts.hostname}{volume}"
    document = f"{site}/file/{number}-Paper{kind}.pdf"
    return Paper(f"{site}/hash/{number}-Abstract{kind}.html", (document,))


def _on_openreview(parts: SplitResult) -> Paper | None:
    number = parse_qs(parts.query).get("id", [""])[0]
    if parts.path not in ("/forum", "/pdf") or not re.fullmatch(r"[\w-]+", number):
        return None
    site = "https://openreview.net"
    return Paper(f"{site}/forum?id={number}", (f"{site}/pdf?id={number}",))


def _on_pmlr(parts: SplitResult) -> Paper | None:
    name = _PMLR.fullmatch(parts.path)
    if name is None:
        return None
    address = f"https://proceedings.mlr.press/{name[1]}/{name[2]}"
    # Volumes up to about the 70th have no folder of the paper's name.
    documents = (f"{address}/{name[2]}.pdf", f"{address}.pdf")
    return Paper(f"{address}.html", documents)


_SITES: dict[str, Callable[[SplitResult], Paper | None]] = {
    "arxiv.org": _on_arxiv,
    "export.arxiv.org": _on_arxiv,
    "ar5iv.org": _on_arxiv,
    "ar5iv.labs.arxiv.org": _on_arxiv,
    "doi.org": _on_doi,
    "aclanthology.org": _on_acl,
    "aclweb.org": lambda parts: _on_acl(
        parts._replace(path=parts.path.removeprefix("/anthology"))
    ),
    "openaccess.thecvf.com": _on_cvf,
    "papers.nips.cc": _on_neurips,
    "papers.neurips.cc": _on_neurips,
    "proceedings.neurips.cc": _on_neurips,
    "openreview.net": _on_openreview,
    "proceedings.mlr.press": _on_pmlr,
}
