"""The address at which a mail can be read on the web, where the mail names it and there
is no doubt.

Asks for nothing: what only a request could tell is no address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email.message import Message
from urllib.parse import parse_qs, urlsplit

from indexer.local.mail.content import Section
from indexer.local.mail.footers import VIEWING, mark_of
from indexer.local.mail.headers import list_of, raw, sender
from indexer.local.mail.html_text import addresses_in
from indexer.local.mail.redirects import target_of
from search.text.urls import host, without_www

# Where services keep the issues of their newsletters, one at an address of its own.
_ARCHIVES = re.compile(
    r"https://(?:mailchi\.mp/[\w-]+/[\w-]+|buttondown\.(?:com|email)/[\w.-]+/archive/[\w-]+/?"
    r"|[\w-]+\.substack\.com/p/[\w-]+|[\w.-]+\.beehiiv\.com/p/[\w-]+|[\w-]+\.ghost\.io/[\w-]+/?)"
)
_CAMPAIGN = re.compile(r"https?://[\w.-]+\.campaign-archive\d*\.com/")
_SUBSTACK = re.compile(r"https://open\.substack\.com/pub/([\w-]+)/p/([\w-]+)")
# The last part of a post's address: words, none of them a code.
_SLUG = re.compile(r"[a-z]{1,20}(?:-[a-z]{1,20}|-\d{1,4}){1,20}")
_LEAST_WORD = 4  # letters of a word that title and address share
_ANGLED = re.compile(r"<(https?://[^<>\s]+)>")


def web_address_of(mail: Message, subject: str, sections: Sequence[Section]) -> str:
    """Return the address of a mail's own page on the web, "" where none is certain."""
    # The archive of a list names each mail's place in it (RFC 5064).
    archived = _ANGLED.search(raw(mail, "Archived-At"))
    if archived:
        return target_of(archived[1])
    sites = _sites_of(mail)
    for url in _named(sections):
        target = _certain(url, subject, sites)
        if target:
            return target
    return ""


def _named(sections: Sequence[Section]) -> Iterator[str]:
    """Yield the addresses of the links that lead to the mail in a browser."""
    for section in sections:
        for text, url in addresses_in(section.html):
            if mark_of(text, url) == VIEWING or _SUBSTACK.match(url):
                yield url


def _certain(url: str, subject: str, sites: frozenset[str]) -> str:
    """Return the address that a link leads to, if it is that of one post."""
    target = target_of(url)
    of_substack = _SUBSTACK.match(target)
    if of_substack:
        return f"https://{of_substack[1]}.substack.com/p/{of_substack[2]}"
    if _CAMPAIGN.match(target):
        return _campaign(target)
    plain = target.partition("?")[0]
    if _ARCHIVES.fullmatch(plain):
        return plain
    # On the newsletter's own site an address in words of the title is the post's.
    slug = urlsplit(target).path.rstrip("/").rpartition("/")[2]
    is_own = without_www(host(target)) in sites and "?" not in target
    if is_own and _SLUG.fullmatch(slug) and _shares_word(slug, subject):
        return target
    return ""


def _campaign(url: str) -> str:
    """Return the address of a Mailchimp campaign without what names its reader."""
    asked = parse_qs(urlsplit(url).query)
    if "u" not in asked or "id" not in asked:
        return ""
    return f"https://{host(url)}/?u={asked['u'][0]}&id={asked['id'][0]}"


def _shares_word(slug: str, subject: str) -> bool:
    said = set(re.findall(r"\w+", subject.lower()))
    return any(len(word) >= _LEAST_WORD and word in said for word in slug.split("-"))


def _sites_of(mail: Message) -> frozenset[str]:
    """Return the hosts that the newsletter says are its own."""
    _, list_id = list_of(mail)
    _, address = sender(mail)
    domain = address.rpartition("@")[2]
    # A mail may come from a host of its own, such as mail.blog.example.
    _, _, above = domain.partition(".")
    named = [list_id, domain]
    if above.count(".") >= 1:
        named.append(above)
    for header in ("List-URL", "List-Archive", "List-Post"):
        found = _ANGLED.search(raw(mail, header))
        if found:
            named.append(host(found[1]))
    return frozenset(map(without_www, filter(None, named)))
