"""The one table of tracking parameters: those of an address that choose nothing that is
shown."""

from __future__ import annotations

import re

# From the documentation of the services that add them: Google, Matomo, Meta,
# Microsoft, Mailchimp, HubSpot, Marketo, Adobe, AT Internet …
PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "matomo_")
_NAMES = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh
    mc_cid mc_eid _hsenc _hsmi __hstc __hssc mkt_tok vero_id vero_conv oly_anon_id
    oly_enc_id rb_clickid s_cid srsltid wickedid _openstat ref_src ref_url cmpid ncid
    int_campaign _ga _gl xtor trk
"""
NAMES = frozenset(_NAMES.split())
# These names may also choose what is shown (a git ref, a data source): they are dropped
# only with a value that names where a reader came from.
AMBIGUOUS_NAMES = frozenset({"ref", "source", "src", "via", "from"})
_REFERRERS = re.compile(
    r"(?:rss|feed|atom|twitter|x|facebook|linkedin|mastodon|reddit|hn|hackernews|hacker_news|email|e-mail|mail"
    r"|newsletter|producthunt|ph|social|share|friends_link|medium|substack|instagram|youtube|home-?page"
    r"|rss-+[\w-]*|[\w.-]+\.(?:com|org|net|io|news))",
    re.IGNORECASE,
)


def without_tracking(query: str) -> str:
    """Return the query of an address without its tracking parameters, the others in
    their order."""
    parameters = query.split("&")
    return "&".join(part for part in parameters if not _is_tracking(part))


def _is_tracking(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = name.lower().removeprefix("amp;")  # "&amp;" escaped once too often
    if name in AMBIGUOUS_NAMES:
        return _REFERRERS.fullmatch(value) is not None
    return name in NAMES or name.startswith(PREFIXES)
