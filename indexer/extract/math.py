"""The formulas of a page as TeX, as their author wrote it, whichever renderer has been
over it."""

from __future__ import annotations

from itertools import islice

from indexer.extract.dom import Element
from indexer.text.markup import word_set

# MathJax 2 keeps the TeX in script elements of these types.
_TEX_TYPES = ("math/tex", "math/latex")
# Classes of what MathJax and KaTeX make beside the TeX.
_RENDERED = word_set(
    """
    MathJax MathJax_Preview MathJax_Display MathJax_SVG MJXc-display mjx-chtml MathJax_CHTML
    MJX_Assistive_MathML katex-html
    """
)
# Classes of images whose alternative text is TeX: MediaWiki, WordPress plugins.
_FORMULA_IMAGES = word_set(
    """
    latex tex math mathtex mwe-math-fallback-image-inline ql-img-inline-formula
    ql-img-displayed-equation wp-latex latexblock
    """
)
_DISPLAY_LEVELS = 4  # elements around a formula that may say that it is displayed


def formula_of(element: Element) -> str | None:
    """Return a formula's TeX with its delimiters; "" for an element that only renders
    one, None for any other element."""
    read = _READERS.get(element.tag)
    if read is not None:
        return read(element)
    if _RENDERED.isdisjoint(element.classes):
        return None
    return ""


def _from_script(script: Element) -> str | None:
    kind = script.get("type").lower()
    if not kind.startswith(_TEX_TYPES):
        return None
    tex = script.raw_text.strip().removeprefix("% <![CDATA[").removesuffix("%]]>")
    return _delimited(tex, is_displayed="display" in kind)


def _from_image(image: Element) -> str | None:
    alt = image.get("alt").strip()
    is_formula = not _FORMULA_IMAGES.isdisjoint(image.get("class").lower().split())
    if not alt or not is_formula:
        return None
    return _delimited(alt.strip("$"), is_displayed=False)


def _from_mathml(math: Element) -> str | None:
    written = math.get("alttext")
    for note in math.elements("annotation"):
        if "tex" in note.get("encoding").lower():
            written = note.raw_text or written
            break
    if not written.strip():
        return None
    return _delimited(written, is_displayed=_is_displayed(math))


def _from_mathjax(container: Element) -> str | None:
    math = container.first("math")
    if math is not None:
        return _from_mathml(math)
    return ""


_READERS = {
    "script": _from_script,
    "img": _from_image,
    "math": _from_mathml,
    "mjx-container": _from_mathjax,
}


def _is_displayed(math: Element) -> bool:
    if math.get("display") == "block":
        return True
    return any(map(_displays, islice(math.ancestors(), _DISPLAY_LEVELS)))


def _displays(element: Element) -> bool:
    return "katex-display" in element.names or element.get("display") == "true"


def _delimited(tex: str, *, is_displayed: bool) -> str:
    tex = tex.strip()
    if not tex:
        return ""
    if is_displayed:
        return f"$${tex}$$"
    return f"${tex}$"
