"""Pelican's settings and permalinks.

https://docs.getpelican.com/en/latest/settings.html. The settings are a Python file,
which is parsed and never run: only names that are bound to plain constants are known.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from indexer.local.site_config import (
    StaticSite,
    config_text,
    home_address,
    join_path,
    nonempty_texts,
)
from indexer.local.slugs import PostFacts, ascii_slug
from indexer.text.front_matter import as_texts, text_of, texts

_PLACEHOLDER = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
# The settings for the addresses of posts and of their translations, and the defaults.
_ARTICLE_URLS = {
    "ARTICLE_URL": "{slug}.html",
    "ARTICLE_LANG_URL": "{slug}-{lang}.html",
}


def read_pelican(root: Path) -> StaticSite | None:
    """Return the site whose settings lie in ``root``, None for none."""
    source = config_text(root / "pelicanconf.py")
    if source is None:
        return None
    conf = as_texts(constants(source))
    # The settings for publishing override those for trying out.
    published = as_texts(constants(config_text(root / "publishconf.py") or ""))
    conf |= {key: value for key, value in published.items() if value}
    path = text_of(conf, "PATH").strip("./")
    # The quick start's folder; Pelican itself asks for PATH on its command line.
    if not path and (root / "content").is_dir():
        path = "content"
    urls = {name: conf.get(name) for name in _ARTICLE_URLS}
    articles = texts(conf, "ARTICLE_PATHS") or [""]
    skipped = texts(conf, "PAGE_PATHS") or ["pages"]
    skipped += texts(conf, "ARTICLE_EXCLUDES")
    return StaticSite(
        "pelican",
        str(root),
        content=tuple(join_path(path, part) for part in articles),
        home=home_address(text_of(conf, "SITEURL")),
        title=text_of(conf, "SITENAME"),
        author=text_of(conf, "AUTHOR"),
        language=text_of(conf, "DEFAULT_LANG"),
        patterns=_ARTICLE_URLS | nonempty_texts(urls),
        skipped=tuple(join_path(path, part) for part in skipped),
        options={
            "path": path,
            "category": text_of(conf, "DEFAULT_CATEGORY") or "misc",
            "folder_is_category": text_of(conf, "USE_FOLDER_AS_CATEGORY") != "false",
            "slug_from_name": text_of(conf, "SLUGIFY_SOURCE") == "basename",
        },
    )


def pelican_permalink(site: StaticSite, post: PostFacts) -> str:
    """Return the post's path below the site's home, or its whole address."""
    language = text_of(post.about, "lang") or site.language
    setting = "ARTICLE_URL"
    if site.language and language != site.language:
        setting = "ARTICLE_LANG_URL"
    # A post may have a "url" of its own, as the setting's placeholders or without any.
    pattern = text_of(post.about, "url") or site.patterns[setting]
    named = post.undated_name
    if post.title and not site.options["slug_from_name"]:
        named = post.title
    authors = texts(post.about, "author", "authors") or [site.author]
    values = {
        "slug": text_of(post.about, "slug") or ascii_slug(named),
        "category": ascii_slug(_category(site, post)),
        "author": ascii_slug(authors[0]),
        "lang": language,
    }

    def value(found: re.Match[str]) -> str:
        if found[1] == "date" and post.time is not None:
            return post.time.strftime(found[2] or "%Y-%m-%d")
        return values.get(found[1], found[0])  # an unknown one spoils the address

    return _PLACEHOLDER.sub(value, pattern)


def _category(site: StaticSite, post: PostFacts) -> str:
    """The category that the post names, else its folder, else the default one."""
    folder = ""
    if site.options["folder_is_category"]:
        folder = post.path.removeprefix(site.options["path"]).rpartition("/")[0]
    name = folder.rstrip("/").rpartition("/")[2]
    return text_of(post.about, "category") or name or str(site.options["category"])


class _NotConstantError(Exception):
    """The value is worked out by a program."""


def constants(source: str) -> dict[str, Any]:
    """Return the values of a module's outermost names, as far as they are constants."""
    try:
        module = ast.parse(source)
    # A null byte is a ValueError; deep nesting exhausts the parser's stack.
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, Any] = {}
    for statement in module.body:
        for name, value in _bindings(statement):
            try:
                found[name] = _constant(value, found)
            except (_NotConstantError, RecursionError):
                found.pop(name, None)  # it is not what it was before, whatever it is
    return found


def _bindings(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    """The names that an assignment binds, each with its value."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            return [(name, value) for name in names]
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return [(name, value)]
    return []


def _constant(node: ast.AST, known: dict[str, Any]) -> Any:
    """The value of an expression of constants, known names, lists and joined texts."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [_constant(part, known) for part in parts]
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            pieces = [_constant(left, known), _constant(right, known)]
            if all(isinstance(piece, str) for piece in pieces):
                return "".join(pieces)
        case ast.JoinedStr(values=parts):
            return "".join(str(_constant(part, known)) for part in parts)
        case ast.FormattedValue(value=inner, format_spec=None):
            return _constant(inner, known)
    raise _NotConstantError
