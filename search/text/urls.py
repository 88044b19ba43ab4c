"""The one canonical form of a web address.

It follows RFC 3986, section 6.2.2, and where that is silent the WHATWG URL standard, as
browsers read by it what people write in links. Only http and https are addresses here.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace

import idna

from search.errors import BlogsearchError
from search.text.tracking import without_tracking

# Begins the fragment that opens a page of a PDF file: RFC 8118, section 3.
PAGE_ANCHOR = "page="
_ORIGIN = re.compile(r"https?://[^/?#\\]+")

_DEFAULT_PORTS = {"http": "80", "https": "443"}
# characters; the least that servers are asked to take (RFC 9110, section 4.1)
LONGEST = 8_000
_LONGEST_HOST = 253  # characters (RFC 1035, section 2.3.4)
_HIGHEST_PORT = 65_535
_SPLIT = re.compile(
    r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.IGNORECASE | re.DOTALL
)
_HOST_AND_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{0,5}))?")
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

# A page that scripts fill may be named by its fragment alone: #!/2019/a-post, #/a-post.
# No element's id begins so.
_ROUTE = re.compile(r"[!/].*\w")
# A feed may write "https://host//a" where pages write "https://host/a". Not those of an
# address within an address.
_EMPTY_SEGMENTS = re.compile(r"(?<!:)/{2,}")
_INDEX_FILE = re.compile(r"/index\.(?:html?|php)$")


class AddressError(BlogsearchError, ValueError):
    """A text that is no address on the web."""


@dataclass(frozen=True, slots=True)
class _Address:
    """The parts of an address, each in its normal form."""

    scheme: str
    user: str
    host: str
    port: str
    path: str
    query: str
    fragment: str

    def __str__(self) -> str:
        user = ""
        if self.user:
            user = f"{self.user}@"
        return f"{self.scheme}://{user}{self.site}{self.after_host}"

    @property
    def site(self) -> str:
        if self.port:
            return f"{self.host}:{self.port}"
        return self.host

    @property
    def after_host(self) -> str:
        query = fragment = ""
        if self.query:
            query = f"?{self.query}"
        if self.fragment:
            fragment = f"#{self.fragment}"
        return f"{self.path}{query}{fragment}"


def canonical(url: str, *, section: bool = False) -> str:
    """Return the one form of this address, which can still be fetched; idempotent.

    Scheme and host in lower case, IDN as punycode, no default port, no fragment (but
    ``#!/…`` and ``#/…``, which name pages), no tracking parameters (the others in their
    order), dot segments resolved, percent-encoding normalised. With ``section`` the
    fragment stays, as it names one of several posts on a page. A path's case, its
    trailing slash and ``/index.html`` stay: servers may tell them apart. Raises
    AddressError (a ValueError) for anything but an http or https address.
    """
    return str(_cleaned(url, section=section))


def identity(url: str, *, section: bool = False) -> str:
    """Return a looser key, equal for addresses that almost surely show one article.

    The canonical address without scheme, user, ``www.``, ``/index.html``, empty path
    segments and trailing slashes. Not an address: only for comparing. Raises AddressError like ``canonical``.
    """
    address = _cleaned(url, section=section)
    path = _EMPTY_SEGMENTS.sub("/", address.path)
    path = _INDEX_FILE.sub("", path).rstrip("/")
    return without_www(address.site) + replace(address, path=path).after_host


def normalized(url: str) -> str:
    """Return the canonical form, but with tracking parameters and the fragment kept.
    Raises AddressError like ``canonical``."""
    return str(_parse(url))


def host(url: str) -> str:
    """Return the host in lower case, with its port unless that is the default one; ""
    for anything but a web address."""
    try:
        return _parse(url).site
    except AddressError:
        return ""


def is_mail(url: str) -> bool:
    """Tell if an address is that of a mail, by its Message-ID (RFC 2392)."""
    return url.startswith("mid:")


def is_within_file(url: str) -> bool:
    """Tell if an address is that of a post within a local file, such as an export, or
    of a mail.

    No program opens it there: the file is many posts, and more.
    """
    if is_mail(url):
        return True
    # A file whose name has a question mark has it encoded.
    return url.startswith("file:") and "?" in url


def placed_anchor(url: str, anchor: str) -> tuple[str, str]:
    """Return the address of the document that an article's anchor is in, and the anchor
    there: the article's own, or another on its host."""
    document, _, within = anchor.partition("#")
    own, other = _ORIGIN.match(url), _ORIGIN.match(document)
    # No page may lead readers to another site by the ids of its headings.
    if within and own and other and own[0] == other[0]:
        return document, within
    return url, anchor


def without_www(site: str) -> str:
    """Return a host's name without the ``www.`` that says nothing."""
    return site.removeprefix("www.")


def tidied(url: str) -> str:
    """Return a link's text as browsers take it: without white space at its ends, line
    breaks and tabs, with slashes for backslashes."""
    url = _SURROGATE.sub("\ufffd", url.strip(_STRIPPED)).translate(_DROPPED)
    head = re.split(r"[?#]", url, maxsplit=1)[0]
    return head.replace("\\", "/") + url[len(head) :]


def _cleaned(url: str, *, section: bool) -> _Address:
    """Parse without tracking parameters and without a fragment that names no page."""
    address = _parse(url)
    query = without_tracking(address.query)
    if section or _ROUTE.match(address.fragment):
        return replace(address, query=query)
    return replace(address, query=query, fragment="")


def _parse(url: str) -> _Address:
    if len(url) > LONGEST:
        raise _too_long(url)
    match = _SPLIT.fullmatch(tidied(url))
    if match is None:
        raise _no_address(url, "it must begin with http:// or https://")
    scheme, authority, path, query, fragment = match.groups(default="")
    scheme = scheme.lower()
    # An @ within a name or password belongs to it.
    user, _, rest = authority.rpartition("@")
    name, port = _host_and_port(rest, url)
    address = _Address(
        scheme=scheme,
        user="" if user == ":" else _encoded(user, _PATH_ILLEGAL),
        host=name,
        port="" if port == _DEFAULT_PORTS[scheme] else port,
        path=_without_dots(_encoded(path, _PATH_ILLEGAL)),
        query=_encoded(query, _QUERY_ILLEGAL),
        fragment=_encoded(fragment, _QUERY_ILLEGAL),
    )
    if len(str(address)) > LONGEST:  # encoded it may be nine times as long
        raise _too_long(url)
    return address


def _host_and_port(text: str, url: str) -> tuple[str, str]:
    match = _HOST_AND_PORT.fullmatch(text)
    if match is None:
        raise _no_address(url, "its host cannot be read")
    port = (match[2] or "").lstrip("0")
    if match[2] and not 0 < int(match[2]) <= _HIGHEST_PORT:
        raise _no_address(url, f"there is no port {port or 0}")
    return _host_name(match[1], url), port


def _host_name(name: str, url: str) -> str:
    """Return the name in lower case and punycode, an IPv6 address in its short form."""
    try:
        if name.startswith("["):
            without_zone = name[1:-1].partition("%")[0]
            return f"[{ipaddress.IPv6Address(without_zone).compressed}]"
        name = _percent_decoded(name)
        # longer hosts do not exist, and idna takes its time over them
        if len(name) <= _LONGEST_HOST:
            name = ascii_host(name)
    except ValueError as error:  # both libraries' errors are ValueErrors
        raise _no_address(url, "its host cannot be read") from error
    name = name.lower().removesuffix(".")
    if len(name) > _LONGEST_HOST or not _HOST.fullmatch(name):
        raise _no_address(url, "its host cannot be read")
    return name


def ascii_host(name: str) -> str:
    """Return a host name with its international labels in punycode. Raises ValueError."""
    if name.isascii():
        return name
    # UTS 46 folds the look-alikes of dots and digits first, as browsers do.
    return idna.encode(name, uts46=True).decode("ascii")


def _percent_decoded(name: str) -> str:
    # Browsers decode a host's bytes as UTF-8 before they read it as a name.
    raw = _PERCENT.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[0], name)
    if name.isascii():
        return raw.encode("latin-1").decode("utf-8")
    return raw


def _encoded(text: str, illegal: re.Pattern[str]) -> str:
    """Normalise percent-encoding: plain where that is allowed, else hex digits in upper
    case."""
    decoded = _PERCENT.sub(_normal_escape, text)
    return illegal.sub(
        lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), decoded
    )


def _normal_escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    plain = chr(int(match[1], 16))
    if plain in _UNRESERVED:
        return plain
    return f"%{match[1].upper()}"


def _without_dots(path: str) -> str:
    """Resolve "." and ".." in a path that follows a host (RFC 3986, section 5.2.4)."""
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


def _too_long(url: str) -> AddressError:
    return _no_address(url, f"it has more than {LONGEST:,} characters")


def _no_address(url: str, reason: str) -> AddressError:
    shown = repr(_SURROGATE.sub("\ufffd", url[:200]))
    return AddressError(f"{shown} is not a web address: {reason}.")
