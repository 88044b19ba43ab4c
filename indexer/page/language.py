"""The language a text is written in: what the page claims, unless its own words say otherwise."""

from __future__ import annotations

import re

from indexer.page.dom import Element

# The commonest short words that the other languages here do not share.
_COMMON = {
    "en": "the and of to is that it was for with this you are have not but from they we",
    "fr": "le les et des une est pas que dans pour qui sur avec vous je nous au ce du",
    "de": "der die und das ist nicht ein eine zu den mit ich auf dem auch sich es für wie",
    "es": "el los las y una es por con para como pero más está lo su del se",
    "it": "il che di è per non una sono della con gli nel anche più come ma",
    "pt": "o que e do da não uma os para com em mais mas foi como você são",
    "nl": "het een en van ik is niet dat op te zijn voor met maar ook er",
    "sv": "och att det som en är på inte jag av för med den har till",
    "da": "og det at er på ikke jeg af for med den har til der som",
    "pl": "nie to się że na jest do jak co ale tak przez",
}
_WORDS = {name: frozenset(words.split()) for name, words in _COMMON.items()}
_SCRIPTS = (
    ("ja", re.compile(r"[぀-ヿ]")), ("ko", re.compile(r"[가-힯]")), ("zh", re.compile(r"[一-鿿]")),
    ("ru", re.compile(r"[Ѐ-ӿ]")), ("el", re.compile(r"[Ͱ-Ͽ]")), ("he", re.compile(r"[֐-׿]")),
    ("ar", re.compile(r"[؀-ۿ]")), ("hi", re.compile(r"[ऀ-ॿ]")), ("th", re.compile(r"[฀-๿]")),
)  # fmt: skip

SAMPLE = 6_000
"""Characters looked at; a language shows within the first screen."""

ENOUGH = 12
"""Common words it takes to doubt what the page claims."""


def language_of(claimed: str, root: Element) -> str:
    """A code such as "en", without the country; "" where nothing says it."""
    code = claimed.strip().lower().replace("_", "-")
    code = code.partition("-")[0] if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", code) else ""
    seen = written_in(_sample(root))
    return seen if seen and code not in (seen, *_kin(seen)) else code or seen


def _kin(seen: str) -> tuple[str, ...]:
    """Languages that are easily taken for the one seen."""
    kin = {"ru": ("uk", "be", "bg", "sr", "mk"), "ar": ("fa", "ur"), "da": ("no", "nb", "nn"), "nl": ("af",),
           "es": ("ca", "gl", "eu"), "pt": ("gl",), "hi": ("mr", "ne"), "en": ("la",)}  # fmt: skip
    return kin.get(seen, ())


def written_in(text: str) -> str:
    """The language of a text by its script or commonest words, "" where it is too little to tell."""
    letters = max(1, sum(c.isalpha() for c in text))
    for name, script in _SCRIPTS:
        if len(script.findall(text)) > (0.08 if name == "ja" else 0.25) * letters:
            return name
    words = re.findall(r"\b[^\W\d_]+\b", text.lower())
    counts = sorted(
        ((sum(w in common for w in words), name) for name, common in _WORDS.items()), reverse=True
    )
    (most, name), (second, _) = counts[0], counts[1]
    return name if most >= ENOUGH and most >= 1.5 * second else ""


def _sample(root: Element) -> str:
    parts: list[str] = []
    length = 0
    for element in root.elements():
        if element.tag in ("p", "li", "blockquote", "h1", "h2", "h3", "dd", "div"):
            own = " ".join(
                c if isinstance(c, str) else c.text
                for c in element.children
                if isinstance(c, str) or c.tag in _INLINE
            )
            parts.append(own)
            length += len(own)
        if length > SAMPLE:
            break
    return " ".join(parts)


_INLINE = frozenset(["a", "b", "i", "em", "strong", "span", "q", "small", "font", "u", "cite"])
