"""Addresses as a crawl needs them: links resolved, sites compared, posts told apart from
the page they lie on.

The form of an address and its tracking parameters are those of search/text.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from search.text.urls import (
    LONGEST,
    canonical,
    host,
    identity,
    is_mail,
    normalized,
    tidied,
    without_www,
)

_COMPLETE = re.compile(r"https?://", re.IGNORECASE)
_PORT = re.compile(r":\d+$")
_UPWARDS = re.compile(r"(?:^|/|%2f)(?:\.|%2e){2}(?:/|%2f|$)", re.IGNORECASE)
# Fragments that lead within the page of one post: to its rest, its comments, one of
# them, its top.
_WITHIN_POST = re.compile(
    r"(?:more|read-?more|continue|jump|cut|comments?|respond|reply|replies|disqus_thread|trackbacks?|pings?"
    r"|top|content|main|c|isso|cmt)(?:[-_]?\d[\d-]*)?",
    re.IGNORECASE,
)


def same_site(one: str, other: str) -> bool:
    """Compare host and port, ``www.`` and the scheme set aside.

    Subdomains are different sites: on github.io or substack.com each belongs to someone
    else.
    """
    sites = {without_www(host(one)), without_www(host(other))}
    return len(sites) == 1 and "" not in sites


def same_host(one: str, other: str) -> bool:
    """Compare the names of the hosts alone, whatever the port and scheme."""
    names = {_PORT.sub("", host(one)), _PORT.sub("", host(other))}
    return len(names) == 1 and "" not in names


def lies_on(url: str, site: str) -> bool:
    """Say if an address is on a host or below it, ``www.`` set aside; on any port
    unless one is named."""
    name = without_www(host(url))
    # A site that was named without a port means all that runs on the host.
    if not _PORT.search(site):
        name = _PORT.sub("", name)
    return bool(site) and f".{name}".endswith(f".{site}")


def is_web_address(text: str) -> bool:
    """Say if the text is one complete http or https address."""
    return bool(host(text)) and not re.search(r"\s", text.strip())


def resolve(base: str, href: str) -> str | None:
    """Return the address a link on the page ``base`` leads to, fragment and parameters
    kept.

    None for a link to no other page: mailto:, javascript:, data: and the like, an empty
    link, a fragment alone, and anything that cannot be read as an address. Without a
    base only complete addresses resolve; a local file (``file:///…``) leads only to its
    own folder and those below it.
    """
    if len(href) > LONGEST:
        return None
    href = tidied(href)
    # It leads within the page, or nowhere.
    if href.startswith("#") or not href:
        return None
    try:
        if _COMPLETE.match(href):
            return normalized(href)
        joined = urljoin(tidied(base), href)
        if is_file(base):
            return _in_folder(base, joined)
        return normalized(joined)
    except ValueError:
        return None


def _in_folder(base: str, joined: str) -> str | None:
    # A page on disk must not lead to files elsewhere, such as /etc/passwd.
    folder = base.rpartition("/")[0] + "/"
    path = re.split(r"[?#]", joined, maxsplit=1)[0]
    if _UPWARDS.search(path) or not joined.startswith(folder):
        return None
    return joined


def is_file(url: str) -> bool:
    """Say if an address is one of a local file."""
    return url.startswith("file://")


def is_local(url: str) -> bool:
    """Say if an address is one of a local file or of a mail, which no server has."""
    return is_file(url) or is_mail(url)


def canonical_of(url: str) -> str:
    """Return the canonical form; the address of a local file or a mail is its own."""
    if is_local(url):
        return url
    return canonical(url)


def identity_of(url: str) -> str:
    """Return the key that all aliases of an address share (see ``identity``).

    The address of a local file or a mail is its own. An address with a fragment that ``canonical_of``
    would have dropped is that of one post on a page of several.
    """
    if is_local(url):
        return url
    return identity(url, section=True)


def post_fragment(url: str) -> str:
    """Return the fragment that may name one post of a page, "" where it leads to the
    page itself or within a post."""
    if is_local(url):
        return ""
    fragment = url.partition("#")[2]
    names_page = fragment.startswith(("!", "/"))
    if names_page or _WITHIN_POST.fullmatch(fragment):
        return ""
    return fragment


def shared_page(url: str) -> str:
    """Return the ledger's key for the page that holds a post among others; no article
    is listed under such a key."""
    return canonical(url) + "#"
