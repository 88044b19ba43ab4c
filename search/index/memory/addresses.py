"""Addresses as the index in memory compares them; it knows no article."""

from __future__ import annotations

from search.text.urls import AddressError, identity


def section_of(url: str) -> str:
    """Return the post that an address names within its page, "" where it is none."""
    return _identity(url, section=True)


def page_of(url: str) -> str:
    """Return the page of an address, "" where it is none."""
    return _identity(url, section=False)


def _identity(url: str, *, section: bool) -> str:
    try:
        return identity(url, section=section)
    except AddressError:
        return ""
