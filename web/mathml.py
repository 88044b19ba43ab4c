"""Formulas as MathML elements, which browsers set by themselves: the door to latex2mathml.

Trusts nothing that the library makes: only known elements, attributes and values are
written, every text escaped. Its own output would let markup through.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import convert_to_element
from latex2mathml.symbols_parser import convert_symbol
from markupsafe import Markup

MOST_TEX = 3000  # characters; the longest of 8,492 formulas in real posts has 2,518
NARROW = 28  # characters of a row that fit a phone's screen
KEPT = 512  # formulas; the largest of them are about 100 kB

# Commands that define others, which can grow without end; one that doubles what is
# nested in it; and those that name addresses, classes, styles and characters.
_BARRED = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|[egx]?def|let|newenvironment|sideset|verb"
    r"|DeclareMathOperator|href|class|style|unicode)(?![a-zA-Z])"
)
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([a-zA-Z]+\*?)\}")
# Environments that the library lacks, by what looks the same; "" for none.
_SAME_AS = {
    **dict.fromkeys(("aligned", "align", "split", "eqnarray", "eqnarray*"), "align*"),
    **dict.fromkeys(("gather", "gather*", "gathered", "multline", "multline*"), ""),
    **dict.fromkeys(("equation", "equation*"), ""),
    "dcases": "cases",
}
_WITHOUT_ARGUMENT = frozenset(
    ("align*", "cases", "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix")
)
_REWRITTEN = (
    # A lone letter would come out as a variable, which is slanted.
    (re.compile(r"\\mathrm\s*\{([a-zA-Z])\}"), r"\\mathrm{{\1}}"),
    (re.compile(r"\\(arg|deg|dim|hom|ker)(?![a-zA-Z])"), r"\\operatorname{\1}"),
    # MathJax's colour has two arguments, TeX's goes on to the end of the group.
    (re.compile(r"\\color\s*(\{[a-zA-Z]+\})\s*(?=\{)"), r"\\textcolor\1"),
    # Formulas within words are read in this kind of box only.
    (re.compile(r"\\text\s*\{([^{}]*\$[^{}]*)\}"), r"\\hbox{\1}"),
)

_ELEMENT = re.compile(
    "m(?:ath|row|i|n|o|text|space|frac|sqrt|root|style|padded|phantom|enclose|table|tr|td"
    "|sub|sup|subsup|under|over|underover)"
)
_TOKENS = frozenset(("mi", "mn", "mo", "mtext"))
_BOOLEAN = re.compile("true|false")
# Lengths so small that nothing is moved over its neighbours.
_LENGTH = re.compile(r"-?0?\.\d+em|0(?:\.0+)?(?:em|px)?|[12](?:\.\d+)?em")
_ATTRIBUTES = {
    **dict.fromkeys(
        ("stretchy", "fence", "displaystyle", "movablelimits", "largeop", "accent"),
        _BOOLEAN,
    ),
    **dict.fromkeys(("width", "minsize", "maxsize", "linethickness"), _LENGTH),
    "display": re.compile("block|inline"),
    "form": re.compile("prefix|infix|postfix"),
    "scriptlevel": re.compile("[0-3]"),
}
# Attributes that browsers ignore (or that dark pages can't have) as classes of ours.
_CLASSES = {
    ("columnalign", "left"): "to-left",
    ("columnalign", "right"): "to-right",
    ("notation", "box"): "boxed",
    **{
        ("mathcolor", name): f"in-{name}" for name in ("red", "blue", "green", "orange")
    },
}
_NAMED_SPACES = {
    "negativethinmathspace": "-0.167em",
    "negativemediummathspace": "-0.222em",
    "negativethickmathspace": "-0.278em",
    "thinmathspace": "0.167em",
    "thickmathspace": "0.278em",
}
_ACCENTS = frozenset("\u00af^~\u2192\u02c7\u02d8\u02d9\u00a8\u00b4`\u02da\u2015")
# Names of functions, those with the limits below them, and what scripts make of them.
_NAME = re.compile(r"[a-z]{2,}(?:[\u2006\u2009][a-z]{3})?", re.IGNORECASE)
_LIMITS = frozenset(
    ("max", "min", "sup", "inf", "lim", "gcd", "det", "Pr", "argmax", "argmin")
) | {"arg\u2009max", "arg\u2009min", "lim\u2006sup", "lim\u2006inf"}
_WITH_LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_SCRIPTED = frozenset((*_WITH_LIMITS, *_WITH_LIMITS.values()))
_ROWS = frozenset(("math", "mrow", "mstyle", "mtd", "msqrt", "mpadded", "mphantom"))
_UNSPACED = frozenset(("mo", "mspace", "mtext"))
_PRIMES = re.compile("[\u2032\u2033\u2034\u2057]+")
_CODE_POINT = re.compile(r"&#x([0-9A-Fa-f]{1,6});")
_LEFT_OVER = re.compile(r"\\[a-zA-Z]|[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SIGN = re.compile(r"\\([_%$#&{} ])")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as markup; ``is_wide`` where a phone's screen may not hold it."""

    markup: Markup
    is_wide: bool


class _NotSet(Exception):
    """The formula holds what can't be set."""


@lru_cache(maxsize=KEPT)
def formula(tex: str, *, display: bool) -> Formula | None:
    """Set a formula; None where that can't be done in full."""
    if len(tex) > MOST_TEX or _BARRED.search(tex) or not is_balanced(tex):
        return None
    mode = "inline"
    if display:
        mode = "block"
    try:
        tree = _clean(_tree(_rewritten(tex), mode))
    except Exception:  # noqa: BLE001  # the library's errors share no class, and others escape it
        return None
    rows = list(tree.iter("mtr")) or [tree]
    width = max(map(_width, rows))
    if not width:
        return None
    tree.set("display", mode)
    tree.set("alttext", " ".join(tex.split()))
    text = tostring(tree, encoding="unicode", short_empty_elements=False)
    return Formula(Markup(text), width > NARROW)  # noqa: S704  # built of known elements only


def is_balanced(tex: str) -> bool:
    """Tell if braces pair up; the library would close them in silence."""
    depth = 0
    for brace in re.findall(r"\\.|[{}]", tex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0


def _rewritten(tex: str) -> str:
    for pattern, instead in _REWRITTEN:
        tex = pattern.sub(instead, tex)
    return _ENVIRONMENT.sub(_environment, tex)


def _environment(found: re.Match[str]) -> str:
    verb, name = found.groups()
    name = _SAME_AS.get(name, name)
    if not name:
        return ""
    # An empty argument: a first cell like [0, 1] is else taken for the alignment.
    if verb == "begin" and name in _WITHOUT_ARGUMENT:
        return f"\\begin{{{name}}}{{}}"
    return f"\\{verb}{{{name}}}"


def _tree(tex: str, mode: str) -> Element:
    tree = convert_to_element(tex, display=mode)
    if _breaks(tree):  # rows outside of an environment
        tree = convert_to_element(rf"\displaylines{{{tex}}}", display=mode)
        if _breaks(tree):
            raise _NotSet
    return tree


def _breaks(tree: Element) -> bool:
    return any(space.get("linebreak") for space in tree.iter("mspace"))


def _clean(element: Element) -> Element:
    """Copy what is known of an element; raises _NotSet for an unknown element or text."""
    if not _ELEMENT.fullmatch(element.tag):
        raise _NotSet
    children = list(map(_clean, element))
    if element.tag in _ROWS:
        children = _spaced(children)
    text = ""
    if element.text and not children:
        text = _styled(_text(element.text), element)
    tag = element.tag
    # HTML knows no menclose, and within a token its parser leaves MathML.
    if tag == "menclose" or (children and tag in _TOKENS):
        tag = "mrow"
    copy = Element(tag, _attributes(element))
    copy.text = text
    copy.extend(children)
    return _as_tex_sets_it(copy)


def _as_tex_sets_it(element: Element) -> Element:
    """Amend an element where the library leaves TeX's rules: limits, accents, primes."""
    base = next(iter(element), Element("none"))
    if base.tag == "mo" and base.text in _LIMITS:
        element.tag = _WITH_LIMITS.get(element.tag, element.tag)
        base.set("movablelimits", "true")
    elif element.tag == "mover" and element[-1].text in _ACCENTS:
        element.set("accent", "true")
    elif element.tag in {"msup", "msubsup"} and _is_prime(element[-1]):
        return _with_prime(element)
    elif element.tag == "mo" and _is_name(element) and element.text not in _LIMITS:
        element.tag = "mi"
    return element


def _is_prime(element: Element) -> bool:
    return _PRIMES.fullmatch(element.text or "") is not None


def _with_prime(scripted: Element) -> Element:
    """Put a prime beside its base: the sign stands high and is small by itself."""
    base, prime = scripted[0], scripted[-1]
    primed = Element("mrow")
    sign = Element("mo", {"lspace": "0em", "rspace": "0em"})
    sign.text = prime.text
    primed.extend((base, sign))
    if scripted.tag == "msup":
        return primed
    below = Element("msub")
    below.extend((primed, scripted[1]))
    return below


def _spaced(row: list[Element]) -> list[Element]:
    """Put a thin space after the name of a function, unless a sign follows it."""
    spaced: list[Element] = []
    for element in row:
        if spaced and _is_function(spaced[-1]) and element.tag not in _UNSPACED:
            spaced.append(Element("mspace", {"width": "0.167em"}))
        spaced.append(element)
    return spaced


def _is_function(element: Element) -> bool:
    while element.tag in _SCRIPTED:
        element = element[0]
    return element.tag == "mi" and _is_name(element)


def _is_name(element: Element) -> bool:
    return bool(_NAME.fullmatch(element.text or ""))


def _attributes(element: Element) -> dict[str, str]:
    known = {}
    classes = []
    for name, value in element.attrib.items():
        value = _NAMED_SPACES.get(value, value)
        pattern = _ATTRIBUTES.get(name)
        if pattern and pattern.fullmatch(value):
            known[name] = value
        elif (name, value) in _CLASSES:
            classes.append(_CLASSES[name, value])
    if element.get("mathvariant") == "normal" and element.tag == "mi":
        known["mathvariant"] = "normal"
    if classes:
        known["class"] = " ".join(classes)
    return known


def _text(raw: str) -> str:
    """Read the library's references; raises _NotSet for TeX that it left as it was."""
    if raw in {"&", "{", "}"}:
        raise _NotSet
    if raw.startswith("\\"):
        symbol = convert_symbol(raw)
        if symbol:
            raw = f"&#x{symbol};"
    text = _SIGN.sub(r"\1", _CODE_POINT.sub(_character, raw))
    if _LEFT_OVER.search(text):
        raise _NotSet
    return text


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def _styled(text: str, element: Element) -> str:
    """Put letters into the alphabet of their variant; browsers know no variants."""
    variant = element.get("mathvariant", "normal")
    if variant == "normal" or element.tag == "mtext":
        return text
    return "".join(_letter(sign, variant.replace("-", " ").upper()) for sign in text)


def _letter(sign: str, variant: str) -> str:
    name = unicodedata.name(sign, "").replace("LATIN ", "").replace("GREEK ", "")
    name = name.replace("LETTER ", "")
    if variant == "DOUBLE STRUCK":
        variant = "DOUBLE-STRUCK"
    # Letters that had a use before, as ℒ and ℝ, have shorter names.
    for full in (f"MATHEMATICAL {variant} {name}", f"{variant} {name}"):
        try:
            return unicodedata.lookup(full)
        except KeyError:
            continue
    return sign


def _width(row: Element) -> int:
    return sum(map(len, row.itertext()))
