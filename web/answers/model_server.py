"""The language model that composes answers: where it is, its name and its key.

Asks it nothing, and names the key in no error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from pathlib import Path, PurePath
from urllib.parse import SplitResult, urlsplit

from search.errors import BlogsearchError

LONGEST_NAME = 200  # characters; with its folders a model's name has about fifty
LONGEST_KEY = 4096  # characters; a signed token may have a thousand
# Names that lead nowhere else: RFC 6761, RFC 6762, RFC 8375, and ICANN's "internal".
_OWN_NETWORK = ("localhost", "local", "home.arpa", "internal")

_NO_ADDRESS = (
    "BLOGSEARCH_LLM must be the address of an OpenAI-compatible server, as in"
    " http://127.0.0.1:11434/v1, with no password, ? or # in it."
)
_NO_NAME = (
    "BLOGSEARCH_LLM_MODEL must name the model that composes answers, as its server"
    " calls it: a word such as llama3.2."
)
_NO_KEY = (
    "The key of the language model must be one word of visible ASCII characters,"
    f" at most {LONGEST_KEY:,}."
)
_IN_THE_CLEAR = (
    "The key of BLOGSEARCH_LLM would cross the net for all to read."
    " Give the server's https:// address, or no key."
)
_TWO_KEYS = "Give either BLOGSEARCH_LLM_KEY or BLOGSEARCH_LLM_KEY_FILE, not both."


class ModelServerError(BlogsearchError):
    """The settings of the language model can't be used."""


@dataclass(frozen=True, slots=True)
class ModelServer:
    """One model at an OpenAI-compatible server; raises ModelServerError.

    ``address`` is what stands before ``/chat/completions``, without a slash at its end.
    """

    address: str
    model: str
    key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        parts = _split(self.address)
        if not 0 < len(self.model) <= LONGEST_NAME or not self.model.isprintable():
            raise ModelServerError(_NO_NAME)
        if not self.key:
            return
        if len(self.key) > LONGEST_KEY or not _is_one_word(self.key):
            raise ModelServerError(_NO_KEY)
        if parts.scheme == "http" and not _may_be_own(parts.hostname or ""):
            raise ModelServerError(_IN_THE_CLEAR)

    @property
    def shown_name(self) -> str:
        """The model's name for readers, without the folder or owner before it."""
        return PurePath(self.model).name or self.model

    @property
    def parts(self) -> SplitResult:
        """The address in its parts."""
        return urlsplit(self.address)


def model_server(env: Mapping[str, str]) -> ModelServer | None:
    """Read the model from environment variables, None where no address is given."""
    address = env.get("BLOGSEARCH_LLM", "").strip().rstrip("/")
    if not address:
        return None
    return ModelServer(address, env.get("BLOGSEARCH_LLM_MODEL", "").strip(), _key(env))


def is_own(address: str) -> bool:
    """Tell if an IP address is this machine's or in a private network."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        return not ip.ipv4_mapped.is_global
    return not ip.is_global


def _may_be_own(host: str) -> bool:
    """Tell if a host may be of one's own network: the connection shows if it is."""
    try:
        return is_own(host)
    except ValueError:
        name = host.lower().rstrip(".")
        # A bare name is one of the local network, as those of containers are.
        return "." not in name or name.endswith(
            tuple(f".{end}" for end in _OWN_NETWORK)
        )


def _split(address: str) -> SplitResult:
    # The address is not repeated: people put keys into them.
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in ("http", "https") and parts.port != 0
    except ValueError:
        raise ModelServerError(_NO_ADDRESS) from None
    unwelcome = "@" in parts.netloc or "?" in address or "#" in address
    if not is_usable or not parts.hostname or unwelcome or not _is_one_word(address):
        raise ModelServerError(_NO_ADDRESS)
    return parts


def _is_one_word(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _key(env: Mapping[str, str]) -> str:
    key = env.get("BLOGSEARCH_LLM_KEY", "").strip()
    path = env.get("BLOGSEARCH_LLM_KEY_FILE", "").strip()
    if key and path:
        raise ModelServerError(_TWO_KEYS)
    if path:
        return _key_in(path)
    return key


def _key_in(path: str) -> str:
    try:
        with Path(path).expanduser().open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(LONGEST_KEY + 2)  # a line break may follow it
    except (OSError, ValueError, RuntimeError) as error:  # the last of ~nobody
        why = getattr(error, "strerror", None) or "there is no such file"
        raise ModelServerError(f"BLOGSEARCH_LLM_KEY_FILE, {path}: {why}.") from None
    if stat.S_IMODE(mode) & 0o077:
        raise ModelServerError(
            f"Others may read the key in {path}. Keep it to yourself: chmod 600 {path}"
        )
    key = text.decode("ascii", "replace").strip()
    if not key:
        raise ModelServerError(f"BLOGSEARCH_LLM_KEY_FILE, {path}: it holds no key.")
    return key
