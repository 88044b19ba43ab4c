"""HTML of a WordPress post from the form in which it is stored.

Blank lines part paragraphs, and names in square brackets are shortcodes, calls of
programs. Of https://developer.wordpress.org/reference/functions/wpautop/ only this much
is done: paragraphs, line breaks, shortcodes out, captions and code kept whole.
"""

from __future__ import annotations

import html
import re

_BLOCKS = (
    "table|thead|tfoot|caption|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|pre|form|blockquote"
    "|address|style|p|h[1-6]|hr|section|article|aside|header|footer|nav|figure"
    "|figcaption|details|summary|script|iframe|noscript"
)
_BLOCK_START = re.compile(rf"\s*</?(?:{_BLOCKS})\b", re.I)
_BLOCK_TAG = re.compile(rf"(</?(?:{_BLOCKS})\b[^>]*>)", re.I)
_PREFORMATTED = re.compile(
    r"<(pre|script|style|textarea)\b[^>]*>.*?</\1\s*>", re.I | re.S
)
# The block editor (WordPress 5, 2018) writes these, and paragraphs as HTML.
_BLOCK_COMMENT = re.compile(r"<!--\s*/?wp:.*?-->", re.S)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_BLANK_LINE = re.compile(r"\n\s*\n")
_KEPT = re.compile("\x02(\\d+)\x03")  # stands for a piece that nothing may change

# [code] and [sourcecode] of WordPress.com, and its short forms by language.
_CODE = re.compile(
    r"(?<!\[)\[(code|sourcecode|source|php|python|css|html|js|javascript|bash|sql|java"
    r"|ruby|xml)(?:\s[^\]]*)?\](.*?)\[/\1\](?!\])",
    re.I | re.S,
)
_CAPTION = re.compile(
    r"\[(?:wp_)?caption\b([^\]]*)\](.*?)\[/(?:wp_)?caption\]", re.I | re.S
)
_CAPTION_TEXT = re.compile(r"""\bcaption\s*=\s*(["'])(.*?)\1""")
_CLOSING = re.compile(r"\[/([a-z][\w-]*)\]", re.I)
# [[gallery]] shows [gallery].
_ESCAPED = re.compile(r"\[(\[[a-z][\w-]*(?:\s[^\[\]]*)?\])\]", re.I)
# Shortcodes without a text: those of WordPress itself and its usual plug-ins by name,
# others by their attributes. "[1]" and "[this](address)" are none.
_EMPTY = re.compile(
    r"(?<!\[)\[(?:gallery|audio|video|playlist|youtube|vimeo|contact-form(?:-7)?|toc|more)"
    r"(?:[\s=][^\[\]]*)?/?\]"
    r"|(?<!\[)\[[a-z][\w-]*(?:\s+[\w-]+\s*=\s*(?:\"[^\"\]]*\"|'[^'\]]*'|[^\s\]\"']+))+"
    r"\s*/?\](?!\()",
    re.I,
)


def wordpress_html(stored: str) -> str:
    """Return the post as HTML: with paragraphs, without shortcodes but with their
    text."""
    kept: list[str] = []

    def keep(piece: str) -> str:
        kept.append(piece)
        return f"\n\n\x02{len(kept) - 1}\x03\n\n"

    text = stored.replace("\r\n", "\n").replace("\r", "\n")
    # The marks of kept pieces; no text needs them.
    text = text.replace("\x02", "").replace("\x03", "")
    is_of_blocks = bool(_BLOCK_COMMENT.search(text))
    text = _COMMENT.sub("", text)
    text = _CODE.sub(lambda found: keep(_preformatted(found[2])), text)
    text = _PREFORMATTED.sub(lambda found: keep(found[0]), text)
    text = _without_shortcodes(text)
    # Blocks have their paragraphs as HTML already.
    if not is_of_blocks:
        text = _with_paragraphs(text)
    return _KEPT.sub(lambda found: kept[int(found[1])], text)


def _preformatted(code: str) -> str:
    plain = html.unescape(code).strip("\n")
    return f"<pre><code>{html.escape(plain, quote=False)}</code></pre>"


def _without_shortcodes(text: str) -> str:
    text = _CAPTION.sub(_figure, text)
    enclosing = sorted(set(_CLOSING.findall(text)), key=len, reverse=True)
    if enclosing:
        names = "|".join(map(re.escape, enclosing))
        text = re.sub(rf"(?<!\[)\[/?(?:{names})(?:\s[^\[\]]*)?\]", "", text, flags=re.I)
    return _ESCAPED.sub(r"\1", _EMPTY.sub("", text))


def _figure(found: re.Match[str]) -> str:
    words = _CAPTION_TEXT.search(found[1])
    if words is None:  # they stand behind the picture
        return f"\n\n{found[2]}\n\n"
    caption = f"<figcaption>{words[2]}</figcaption>"
    return f"\n\n<figure>{found[2]}{caption}</figure>\n\n"


def _with_paragraphs(text: str) -> str:
    """The text with each part between blank lines or blocks as a paragraph."""
    spaced = _BLOCK_TAG.sub(_spaced_tag, text)
    parts = (part.strip("\n") for part in _BLANK_LINE.split(spaced))
    return "\n".join(_as_paragraph(part) for part in parts if part.strip())


def _spaced_tag(found: re.Match[str]) -> str:
    tag = found[1]
    if tag.startswith("</"):
        return f"{tag}\n\n"
    return f"\n\n{tag}"


def _as_paragraph(part: str) -> str:
    if _BLOCK_START.match(part) or _KEPT.fullmatch(part.strip()):
        return part
    return "<p>" + part.replace("\n", "<br>\n") + "</p>"
