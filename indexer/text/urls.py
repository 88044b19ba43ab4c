"""Web addresses: one spelling for each, what to follow, what belongs to the same site.
Pure.

Spelling follows RFC 3986, section 6.2.2, and where it is silent the WHATWG URL
standard, as that is how browsers read what people write in links. Only http and https
are addresses here.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from urllib.parse import urljoin

import idna

from search.errors import BlogsearchError

_DEFAULT_PORTS = {"http": 80, "https": 443}
# characters; what servers are asked to take at least (RFC 9110, section 4.1)
LONGEST = 8_000
_LONGEST_HOST = 253  # characters, RFC 1035
_SPLIT = re.compile(
    r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL
)
_HOST = re.compile(
    r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*"
)
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})|%")
_UNRESERVED = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
)
_PATH_ILLEGAL = re.compile(r"""[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]""")
_QUERY_ILLEGAL = re.compile(r"""[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%\[\]|]""")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DROPPED = str.maketrans("", "", "\t\r\n")
_STRIPPED = "".join(map(chr, range(0x21))) + "\u00a0\u200b\ufeff"

_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "matomo_")
_TRACKING = (
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh mc_cid mc_eid "
    "_hsenc _hsmi __hstc __hssc mkt_tok vero_id vero_conv oly_anon_id oly_enc_id rb_clickid s_cid "
    "srsltid wickedid _openstat ref_src ref_url cmpid ncid int_campaign _ga _gl xtor trk"
)
_TRACKING_NAMES = frozenset(_TRACKING.split())
# "ref" and "source" may choose what is shown (a git ref, a data source): dropped only
# with these values.
_AMBIGUOUS_NAMES = frozenset({"ref", "source", "src", "via", "from"})
_TRACKING_VALUES = re.compile(
    r"(?:rss|feed|atom|twitter|x|facebook|linkedin|mastodon|reddit|hn|hackernews|hacker_news|email|e-mail|mail"
    r"|newsletter|producthunt|ph|social|share|friends_link|medium|substack|instagram|youtube|home-?page"
    r"|rss-+[\w-]*|[\w.-]+\.(?:com|org|net|io|news))",
    re.IGNORECASE,
)
# A page that scripts fill may be named by its fragment alone: #!/2019/a-post, #/a-post.
# No id begins so.
_ROUTE = re.compile(r"[!/].*\w")
_INDEX_FILE = re.compile(r"/index\.(?:html?|php)$")


# Where a link leads within the page of one post: to its rest, its comments, one of
# them, its top.
_WITHIN_POST = re.compile(
    r"(?:more|read-?more|continue|jump|cut|comments?|respond|reply|replies|disqus_thread|trackbacks?|pings?"
    r"|top|content|main|c|isso|cmt)(?:[-_]?\d[\d-]*)?",
    re.IGNORECASE,
)


class AddressError(BlogsearchError, ValueError):
    """This text is no address on the web."""


@dataclass(frozen=True, slots=True)
class _Address:
    scheme: str
    user: str
    host: str
    port: str
    path: str
    query: str
    fragment: str

    def __str__(self) -> str:
        user = f"{self.user}@" if self.user else ""
        query = f"?{self.query}" if self.query else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{self.scheme}://{user}{self.site}{self.path}{query}{fragment}"

    @property
    def site(self) -> str:
        return f"{self.host}:{self.port}" if self.port else self.host


def canonical(url: str, *, section: bool = False) -> str:
    """The one spelling of this address, still an address that can be fetched.
    Idempotent.

    Scheme and host in lower case, IDN as punycode, no default port, no fragment (but
    ``#!/…`` and ``#/…``, which name pages), no tracking parameters (the others in their
    order), dot segments resolved, percent-encoding normalised. ``section``: the
    fragment stays, as it tells one post of a page from the others. A path's case, its
    trailing slash and ``/index.html`` stay: servers may tell them apart. Raises
    AddressError (a ValueError) for what is no http or https address.
    """
    address = _parse(url)
    kept = address.fragment if section or _ROUTE.match(address.fragment) else ""
    return str(replace(address, query=_without_tracking(address.query), fragment=kept))


def identity(url: str, *, section: bool = False) -> str:
    """A looser key, equal for addresses that as good as surely show the same article.

    The canonical address without scheme, user, ``www.``, ``/index.html`` and trailing
    slashes. Not an address: only for comparing. Raises AddressError like ``canonical``.
    """
    address = _parse(canonical(url, section=section))
    path = _INDEX_FILE.sub("", address.path).rstrip("/")
    return str(
        replace(address, scheme="", user="", host=_bare(address.host), path=path)
    ).removeprefix("://")


def host(url: str) -> str:
    """The host in lower case, with its port where that is not the default; "" for no
    web address."""
    try:
        return _parse(url).site
    except AddressError:
        return ""


def same_site(one: str, other: str) -> bool:
    """Whether both lie on one host and port, ``www.`` and the scheme set aside.

    Subdomains are different sites: on github.io or substack.com each belongs to someone
    else.
    """
    site = _bare(host(one))
    return bool(site) and site == _bare(host(other))


def lies_on(url: str, site: str) -> bool:
    """Whether an address lies on a host or below it, ``www.`` set aside; on any port
    unless one is named."""
    name = _bare(host(url))
    name = name if re.search(r":\d+$", site) else re.sub(r":\d+$", "", name)
    return bool(site) and (name == site or name.endswith(f".{site}"))


def is_web_address(text: str) -> bool:
    """Whether the text is one complete http or https address."""
    return bool(host(text)) and not re.search(r"\s", text.strip())


def resolve(base: str, href: str) -> str | None:
    """The address that a link on the page ``base`` leads to, fragment and parameters
    kept.

    None for what leads to no other page: mailto:, javascript:, data: and the like, an
    empty link, a fragment alone, and anything that cannot be read as an address.
    Without a base only complete addresses resolve; a local file (``file:///…``) leads
    only to its own folder and those below it.
    """
    if len(href) > LONGEST:
        return None
    href = _tidied(href)
    if not href or href.startswith("#"):
        return None
    try:
        if _SPLIT.match(href):
            return str(_parse(href))
        joined = urljoin(_tidied(base), href)
        return (
            _in_folder(base, joined)
            if base.startswith("file:///")
            else str(_parse(joined))
        )
    except ValueError:
        return None


def is_file(url: str) -> bool:
    """Whether an address is one of a local file."""
    return url.startswith("file://")


def canonical_of(url: str) -> str:
    """The identity of an address; a local file's is its own."""
    return url if is_file(url) else canonical(url)


def identity_of(url: str) -> str:
    """Equal for all spellings of one address (see ``urls.identity``); a local file's is
    its own, and one with a fragment that ``canonical_of`` would have dropped is that of
    a post on a page of several."""
    return url if is_file(url) else identity(url, section=True)


def post_fragment(url: str) -> str:
    """The fragment that may name one post of a page, "" where it leads to the page or
    within a post."""
    fragment = "" if is_file(url) else url.partition("#")[2]
    return (
        ""
        if _WITHIN_POST.fullmatch(fragment) or fragment[:1] in ("!", "/")
        else fragment
    )


def shared_page(url: str) -> str:
    """Under what the ledger remembers the page that holds a post with others: no
    article is listed so."""
    return canonical(url) + "#"


def _in_folder(base: str, joined: str) -> str | None:
    folder = base.rpartition("/")[0] + "/"
    path = re.split(r"[?#]", joined, maxsplit=1)[0]
    inside = joined.startswith(folder) and not re.search(
        r"(?:^|/|%2f)(?:\.|%2e){2}(?:/|%2f|$)", path, re.IGNORECASE
    )
    return joined if inside else None


def _bare(site: str) -> str:
    return site.removeprefix("www.")


def _tidied(url: str) -> str:
    """As browsers begin: edges stripped, line breaks and tabs taken out, backslashes
    are slashes."""
    url = _SURROGATE.sub("\ufffd", url.strip(_STRIPPED)).translate(_DROPPED)
    head = re.split(r"[?#]", url, maxsplit=1)[0]
    return head.replace("\\", "/") + url[len(head) :]


def _parse(url: str) -> _Address:
    """The address in its normal parts; raises AddressError."""
    if len(url) > LONGEST:
        raise _too_long(url)
    match = _SPLIT.fullmatch(_tidied(url))
    if match is None:
        raise AddressError(
            f"{_shown(url)} is not a web address: it must begin with http:// or https://."
        )
    scheme, authority, path, query, fragment = match.groups(default="")
    scheme = scheme.lower()
    user, _, rest = authority.rpartition("@")
    name, port = _host_and_port(rest, url)
    address = _Address(
        scheme=scheme,
        user="" if user in ("", ":") else _encoded(user, _PATH_ILLEGAL),
        host=name,
        port="" if port in ("", str(_DEFAULT_PORTS[scheme])) else port,
        path=_without_dots(_encoded(path, _PATH_ILLEGAL)),
        query=_encoded(query, _QUERY_ILLEGAL),
        fragment=_encoded(fragment, _QUERY_ILLEGAL),
    )
    if len(str(address)) > LONGEST:  # encoded it may be nine times as long
        raise _too_long(url)
    return address


def _too_long(url: str) -> AddressError:
    return AddressError(
        f"{_shown(url)} is not a web address: it has more than {LONGEST:,} characters."
    )


def _host_and_port(text: str, url: str) -> tuple[str, str]:
    match = re.fullmatch(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{0,5}))?", text)
    if match is None:
        raise AddressError(
            f"{_shown(url)} is not a web address: its host cannot be read."
        )
    port = match[2].lstrip("0") or "0" if match[2] else ""
    if port and not 0 < int(port) < 65536:
        raise AddressError(
            f"{_shown(url)} is not a web address: there is no port {port}."
        )
    return _host_name(match[1], url), port


def _host_name(name: str, url: str) -> str:
    """Lower case, punycode, IPv6 in its short form."""
    try:
        if name.startswith("["):
            return f"[{ipaddress.IPv6Address(name[1:-1].partition('%')[0]).compressed}]"
        name = _percent_decoded(name)
        # longer hosts do not exist, and idna takes its time over them
        if not name.isascii() and len(name) <= _LONGEST_HOST:
            name = idna.encode(name, uts46=True).decode("ascii")
    except ValueError as error:  # both libraries' errors are ValueErrors
        raise AddressError(
            f"{_shown(url)} is not a web address: its host cannot be read."
        ) from error
    name = name.lower().removesuffix(".")
    if len(name) > _LONGEST_HOST or not _HOST.fullmatch(name):
        raise AddressError(
            f"{_shown(url)} is not a web address: its host cannot be read."
        )
    return name


def _percent_decoded(name: str) -> str:
    if "%" not in name:
        return name
    raw = _PERCENT.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[0], name)
    return raw.encode("latin-1").decode("utf-8") if name.isascii() else raw


def _encoded(text: str, illegal: re.Pattern[str]) -> str:
    """Percent-encoding in its normal form: what needs none is plain, hex digits are
    upper case."""
    decoded = _PERCENT.sub(_normal_escape, text)
    return illegal.sub(
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), decoded
    )


def _normal_escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    plain = chr(int(match[1], 16))
    return plain if plain in _UNRESERVED else f"%{match[1].upper()}"


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4, for a path that follows a host."""
    if "/." not in path:
        return path or "/"
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _without_tracking(query: str) -> str:
    return "&".join(part for part in query.split("&") if not _is_tracking(part))


def _is_tracking(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    name = name.lower().removeprefix("amp;")  # "&amp;" escaped once too often
    if name in _AMBIGUOUS_NAMES:
        return bool(_TRACKING_VALUES.fullmatch(value))
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES)


def _shown(url: str) -> str:
    """The text as it may stand in a message: short, printable."""
    return repr(_SURROGATE.sub("\ufffd", url[:200]))
