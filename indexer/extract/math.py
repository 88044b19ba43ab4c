"""Maths in a page → TeX as its author wrote it, whichever renderer has been over it."""

from __future__ import annotations

from indexer.extract.dom import Element
from indexer.text.markup import word_set

_TEX_TYPES = ("math/tex", "math/latex")
_RENDERED = word_set(
    """
    MathJax MathJax_Preview MathJax_Display MathJax_SVG MJXc-display mjx-chtml MathJax_CHTML
    MJX_Assistive_MathML katex-html
    """
)
_FORMULA_IMAGES = word_set(
    """
    latex tex math mathtex mwe-math-fallback-image-inline ql-img-inline-formula
    ql-img-displayed-equation wp-latex latexblock
    """
)


def tex_of(element: Element) -> str | None:
    """The TeX of a formula with its delimiters; "" for what only renders one; None for
    all else."""
    tag = element.tag
    if tag == "script":
        return _from_script(element)
    if tag == "img":
        return _from_image(element)
    if tag == "math":
        return _from_mathml(element)
    if tag == "mjx-container":
        inner = element.first("math")
        return _from_mathml(inner) if inner is not None else ""
    names = element.attrs.get("class", "")
    if names and not _RENDERED.isdisjoint(names.split()):
        return ""
    return None


def _from_script(element: Element) -> str | None:
    kind = element.attrs.get("type", "").lower()
    if not kind.startswith(_TEX_TYPES):
        return None
    tex = (
        element.raw_text.strip()
        .removeprefix("% <![CDATA[")
        .removesuffix("%]]>")
        .strip()
    )
    return _delimited(tex, display="display" in kind)


def _from_image(element: Element) -> str | None:
    alt = element.attrs.get("alt", "").strip()
    if alt and not _FORMULA_IMAGES.isdisjoint(
        element.attrs.get("class", "").lower().split()
    ):
        return _delimited(alt.strip("$"), display=False)
    return None


def _from_mathml(element: Element) -> str | None:
    notes = (
        e
        for e in element.elements()
        if e.tag == "annotation" and "tex" in e.attrs.get("encoding", "").lower()
    )
    tex = next((note.raw_text for note in notes), "") or element.attrs.get(
        "alttext", ""
    )
    return _delimited(tex, display=_is_displayed(element)) if tex.strip() else None


def _is_displayed(element: Element) -> bool:
    if element.attrs.get("display") == "block":
        return True
    above = [a for _, a in zip(range(4), element.ancestors(), strict=False)]
    return any(
        "katex-display" in a.names or a.attrs.get("display") == "true" for a in above
    )


def _delimited(tex: str, *, display: bool) -> str:
    tex = tex.strip()
    if not tex:
        return ""
    return f"$${tex}$$" if display else f"${tex}$"
