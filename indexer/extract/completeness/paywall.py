"""The signs by which a page says that it shows only the beginning of an article.

Read from the whole tree, before anything is taken out of it: the box that says so is
boilerplate.
"""

from __future__ import annotations

import re
from typing import Any

from indexer.extract.body.theme_names import words_in_name
from indexer.extract.dom import Element
from indexer.extract.structured_data import dicts_in, json_ld_nodes

# What isAccessibleForFree may say: a word, or schema.org's own.
_FALSE = frozenset(["false", "http://schema.org/false", "https://schema.org/false"])
# Characters up to which a box may be one that asks for money or a login.
_LONGEST_BOX = 1500
# Words in names of the boxes that publishing software sets before the rest: Substack,
# Ghost, Memberful, MemberPress, Paid Memberships Pro, Steady, Leaky Paywall.
_NAMES = frozenset(["paywall", "paywalled", "regwall", "gatewall"])
_WHOLE_NAMES = frozenset(
    [
        "gh-post-upgrade-cta",
        "mepr-unauthorized-message",
        "pmpro_content_message",
        "leaky_paywall_message",
        "steady-paywall-container",
        "restricted-content-message",
        "premium-content-logged-out",
        "wp-block-premium-content-logged-out-view",
    ]
)
# Words that turn such a name round.
_NEGATING = frozenset(["no", "not", "without", "has", "is", "free", "off", "hide"])
# Says so in words, in the languages of the blogs at hand; whole sentences, as a post
# may write about subscriptions.
_SAYS_SO = re.compile(
    r"""this\s+(?:post|article|story|content|page)\s+is\s+(?:only\s+)?(?:for|available\s+to|reserved\s+for)\s+(?:paid|paying|our)?\s*(?:subscribers|members)|
    keep\s+reading\s+with\s+a\s+\d+-day\s+free\s+trial|
    (?:subscribe|sign\s+up|log\s*in|sign\s+in|register|upgrade|become\s+a\s+(?:member|subscriber))\s+(?:now\s+)?to\s+(?:continue\s+reading|keep\s+reading|read\s+(?:the\s+(?:full|rest)|more|on)|unlock\s+(?:the|this))|
    to\s+(?:continue|keep)\s+reading,?\s+(?:please\s+)?(?:subscribe|sign\s+up|log\s*in|sign\s+in|register)|
    you(?:'|’)?ve\s+reached\s+(?:the\s+end\s+of\s+this\s+free|your\s+limit)|
    (?:dieser\s+(?:artikel|beitrag)\s+ist\s+nur\s+für\s+abonnenten|jetzt\s+(?:abonnieren|anmelden)\s+und\s+weiterlesen)|
    (?:cet\s+article|la\s+suite)\s+est\s+réservée?\s+aux\s+abonnés|
    (?:contenido|artículo)\s+(?:exclusivo|reservado)\s+para\s+(?:suscriptores|socios)""",
    re.I | re.X,
)


def is_cut_by_paywall(root: Element) -> bool:
    """Tell whether a page asks for money or a login before it shows the rest.

    Sizes must be measured.
    """
    if any(map(_is_not_free, json_ld_nodes(root))):
        return True
    return any(map(_is_wall, root.elements()))


def _is_not_free(node: dict[str, Any]) -> bool:
    """Tell whether JSON-LD says so: schema.org's isAccessibleForFree."""
    said = [node.get("isAccessibleForFree")]
    parts = node.get("hasPart")
    if isinstance(parts, dict):
        parts = [parts]
    if isinstance(parts, list):
        said += [part.get("isAccessibleForFree") for part in dicts_in(parts)]
    return any(str(value).strip().lower() in _FALSE for value in said)


def _is_wall(element: Element) -> bool:
    if element.get("itemprop") == "isAccessibleForFree":
        return (element.get("content") or element.text).strip().lower() in _FALSE
    if not 0 < element.size <= _LONGEST_BOX or "hidden" in element.attrs:
        return False
    if any(map(_names_wall, element.names)):
        return True
    return _SAYS_SO.search(" ".join(element.own_texts)) is not None


def _names_wall(name: str) -> bool:
    if name.lower() in _WHOLE_NAMES:
        return True
    words = words_in_name(name)
    return not _NAMES.isdisjoint(words) and _NEGATING.isdisjoint(words)
