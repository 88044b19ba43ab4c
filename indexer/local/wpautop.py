"""A WordPress post as it is stored → the HTML that WordPress makes of it. Pure.

Lines parted by a blank one are paragraphs, and names in square brackets are calls of
programs: https://developer.wordpress.org/reference/functions/wpautop/ and
/add_shortcode/.
"""

from __future__ import annotations

import html
import re

_BLOCKS = (
    "table|thead|tfoot|caption|col|colgroup|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|pre|form|map|area|blockquote|address"
    "|style|p|h[1-6]|hr|fieldset|legend|section|article|aside|hgroup|header|footer|nav|figure|figcaption|details|menu"
    "|summary|script|iframe|noscript"
)
_BEGINS_BLOCK = re.compile(rf"\s*</?(?:{_BLOCKS})\b", re.I)
_WHOLE = re.compile(r"<(pre|script|style|textarea)\b[^>]*>.*?</\1\s*>", re.I | re.S)
_BLOCK_TAG = re.compile(rf"(</?(?:{_BLOCKS})\b[^>]*>)", re.I)
_BLOCK_COMMENT = re.compile(r"<!--\s*/?wp:.*?-->", re.S)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_BLANK = re.compile(r"\n\s*\n")
_MARK = re.compile("\x02(\\d+)\x03")

_CODE = re.compile(
    r"(?<!\[)\[(code|sourcecode|source|cc|php|python|css|html|js|javascript|bash|shell|sql|java|ruby|perl|xml)"
    r"(?:\s[^\]]*)?\](.*?)\[/\1\](?!\])",
    re.I | re.S,
)
_CAPTION = re.compile(
    r"\[(?:wp_)?caption\b([^\]]*)\](.*?)\[/(?:wp_)?caption\]", re.I | re.S
)
_CAPTION_TEXT = re.compile(r"""\bcaption\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_EMBED = re.compile(r"\[embed[^\]]*\](.*?)\[/embed\]", re.I | re.S)
# [[gallery]] shows [gallery]
_SHOWN = re.compile(r"\[(\[[a-z][\w-]*(?:\s[^\[\]]*)?\])\]", re.I)
_EMPTY = re.compile(
    r"(?<!\[)\[(?:gallery|audio|video|playlist|youtube|vimeo|soundcloud|tweet|instagram|contact-form(?:-7)?|contact-field"
    r"|toc|more|polldaddy|googlemaps|wpvideo|slideshow|ad|adsense|subscribe2|jetpack[\w-]*)(?:[\s=][^\[\]]*)?/?\]"
    r"|(?<!\[)\[[a-z][\w-]*(?:\s+[\w-]+\s*=\s*(?:\"[^\"\]]*\"|'[^'\]]*'|[^\s\]\"']+))+\s*/?\](?!\()",
    re.I,
)


def as_html(stored: str) -> str:
    """The post as HTML with its paragraphs, without calls of programs; what stands
    within one stays."""
    kept: list[str] = []

    def keep(text: str) -> str:
        kept.append(text)
        return f"\n\n\x02{len(kept) - 1}\x03\n\n"

    text = (
        stored.replace("\r\n", "\n").replace("\r", "\n").translate({2: None, 3: None})
    )
    is_of_blocks = bool(_BLOCK_COMMENT.search(text))
    text = _COMMENT.sub("", text)
    text = _CODE.sub(lambda found: keep(_preformatted(found[2])), text)
    text = _WHOLE.sub(lambda found: keep(found[0]), text)
    text = _without_shortcodes(text)
    if not is_of_blocks:
        text = "\n".join(_paragraph(part) for part in _parts(text))
    return _MARK.sub(lambda found: kept[int(found[1])], text)


def _without_shortcodes(text: str) -> str:
    text = _EMBED.sub(r"\1", _CAPTION.sub(_caption, text))
    closing = {name.lower() for name in re.findall(r"\[/([a-z][\w-]*)\]", text, re.I)}
    if closing:
        names = "|".join(map(re.escape, sorted(closing, key=len, reverse=True)))
        text = re.sub(rf"(?<!\[)\[/?(?:{names})(?:\s[^\[\]]*)?\]", "", text, flags=re.I)
    return _SHOWN.sub(r"\1", _EMPTY.sub("", text))


def _caption(found: re.Match[str]) -> str:
    named = _CAPTION_TEXT.search(found[1])
    words = (named[1] or named[2] or "") if named else ""
    return (
        f"\n\n<figure>{found[2]}<figcaption>{words}</figcaption></figure>\n\n"
        if words
        else f"\n\n{found[2]}\n\n"
    )


def _preformatted(code: str) -> str:
    return f"<pre><code>{html.escape(html.unescape(code).strip(chr(10)), quote=False)}</code></pre>"


def _parts(text: str) -> list[str]:
    """The text in pieces: those that blank lines or blocks part."""
    spread = _BLOCK_TAG.sub(
        lambda found: f"\n\n{found[1]}" if found[1][1] != "/" else f"{found[1]}\n\n",
        text,
    )
    return [part.strip("\n") for part in _BLANK.split(spread) if part.strip()]


def _paragraph(part: str) -> str:
    if _BEGINS_BLOCK.match(part) or _MARK.fullmatch(part.strip()):
        return part
    return "<p>" + part.replace("\n", "<br>\n") + "</p>"
