"""Whose software made a folder, and what its settings say of addresses. Reads files,
runs none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from indexer.local.python_settings import constants
from indexer.text.encoding import decode
from indexer.text.front_matter import load, plain, text_of, texts
from search.text.urls import canonical

Software = Literal["jekyll", "hugo", "pelican", "eleventy", "obsidian", "plain"]

LARGEST_CONFIG = 1 << 20  # bytes
# What a quick start's configuration says before its owner changes it (RFC 2606), and
# test servers.
_PLACEHOLDERS = re.compile(
    r"(?:www\.)?(?:example\.(?:com|org|net)|localhost|127\.0\.0\.1|0\.0\.0\.0|yoursite\.com|your-?domain\.com)"
    r"(?::\d+)?"
)
# Below these a person may point, while the configuration lies above.
_CONTENT_FOLDERS = {
    "_posts",
    "posts",
    "post",
    "content",
    "source",
    "src",
    "blog",
    "articles",
    "docs",
}
_HUGO_NAMES = [
    f"{name}.{ending}"
    for name in ("hugo", "config")
    for ending in ("toml", "yaml", "yml", "json")
]
_ELEVENTY_NAMES = [
    ".eleventy.js",
    *(f"eleventy.config.{ending}" for ending in ("js", "mjs", "cjs", "ts")),
]
_TEMPLATES = ("templates", "_templates")  # where nothing else says so


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of a folder. Paths are relative to ``root``, where the
    configuration lies.

    ``content`` are the folders with posts in them. ``home`` is the public address, with
    a slash at its end, "" where nothing names one. ``patterns`` are permalinks by
    section or collection, "" the rest. ``future``: posts of days to come are published.
    ``skipped`` are folders within ``content`` that hold no posts. ``options`` are
    settings of one software.
    """

    software: Software
    root: str
    content: tuple[str, ...] = ("",)
    home: str = ""
    title: str = ""
    author: str = ""
    language: str = ""
    patterns: dict[str, str] = field(default_factory=dict)
    future: bool = True
    skipped: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)


def read_site(folder: str) -> Site:
    """The site that a folder is, or is the content of."""
    root = Path(folder)
    for place in [root, *(root.parents[:2] if root.name in _CONTENT_FOLDERS else [])]:
        for reader in (_jekyll, _hugo, _pelican, _eleventy, _obsidian):
            if (found := reader(place)) is not None:
                return found
    return Site("plain", folder, title=root.name, skipped=_TEMPLATES)


def _jekyll(root: Path) -> Site | None:
    """https://jekyllrb.com/docs/configuration/; Octopress and Hexo keep their posts
    alike."""
    conf = _first(root, ["_config.yml", "_config.yaml", "_config.toml"])
    if conf is None and not (root / "_posts").is_dir():
        return None
    conf = conf or {}
    source = text_of(conf, "source") or (
        "source" if (root / "source" / "_posts").is_dir() else ""
    )
    raw = conf.get("collections")
    listed = (
        raw
        if isinstance(raw, dict)
        else {key: {} for key in (raw if isinstance(raw, list) else [])}
    )
    collections = {
        str(name): value if isinstance(value, dict) else {}
        for name, value in listed.items()
    }
    patterns = {
        name: text_of(value, "permalink") for name, value in collections.items()
    }
    home = text_of(conf, "url") or _cname(root)
    return Site(
        "jekyll",
        str(root),
        content=(source,),
        home=_home(home, text_of(conf, "baseurl") or text_of(conf, "root")),
        title=text_of(conf, "title", "name"),
        author=_author(conf),
        language=text_of(conf, "lang", "language"),
        patterns=_filled(patterns) | {"": text_of(conf, "permalink")},
        future=text_of(conf, "future") == "true",
        options={
            "collections": [
                name
                for name, about in collections.items()
                if text_of(about, "output") == "true"
            ],
            "defaults": _list(conf.get("defaults")),
            "timezone": text_of(conf, "timezone"),
        },
    )


def _hugo(root: Path) -> Site | None:
    """https://gohugo.io/configuration/all/"""
    below = root / "config" / "_default"
    conf = _first(root, _HUGO_NAMES) or _first(below, _HUGO_NAMES)
    if conf is None or not ({"baseurl", "contentdir", "theme", "languagecode"} & {key.lower() for key in conf}
                            or (root / "content").is_dir()):  # fmt: skip
        return None
    conf = {key.lower(): value for key, value in conf.items()}
    permalinks = (
        conf.get("permalinks")
        or _first(below, [f"permalinks.{n}" for n in ("toml", "yaml")])
        or {}
    )
    permalinks = permalinks if isinstance(permalinks, dict) else {}
    pages = permalinks.get("page")
    languages = conf.get("languages")
    return Site(
        "hugo",
        str(root),
        content=(text_of(conf, "contentdir") or "content",),
        home=_home(text_of(conf, "baseurl")),
        title=text_of(conf, "title"),
        author=_author(conf) or _author(conf.get("params")),
        language=text_of(conf, "defaultcontentlanguage")
        or text_of(conf, "languagecode")[:2],
        patterns=_filled(pages if isinstance(pages, dict) else permalinks),
        future=text_of(conf, "buildfuture") == "true",
        options={
            "ugly": text_of(conf, "uglyurls") == "true",
            "languages": list(languages) if isinstance(languages, dict) else [],
            "default_in_folder": text_of(conf, "defaultcontentlanguageinsubdir")
            == "true",
            "dates_in_names": "filename" in json.dumps(conf.get("frontmatter", "")),
        },
    )


def _pelican(root: Path) -> Site | None:
    """https://docs.getpelican.com/en/latest/settings.html; what is published overrides
    what is tried out."""
    source = _text(root / "pelicanconf.py")
    if source is None:
        return None
    conf = plain(constants(source))
    conf |= {
        key: value
        for key, value in plain(constants(_text(root / "publishconf.py") or "")).items()
        if value
    }
    path = text_of(conf, "PATH").strip("./")
    path = path or ("content" if (root / "content").is_dir() else "")
    names = ("ARTICLE_URL", "ARTICLE_LANG_URL", "DRAFT_URL")
    return Site(
        "pelican",
        str(root),
        content=tuple(
            _joined(path, part) for part in texts(conf, "ARTICLE_PATHS") or [""]
        ),
        home=_home(text_of(conf, "SITEURL")),
        title=text_of(conf, "SITENAME"),
        author=text_of(conf, "AUTHOR"),
        language=text_of(conf, "DEFAULT_LANG"),
        patterns={name: text_of(conf, name) for name in names},
        skipped=tuple(
            _joined(path, part) for part in texts(conf, "PAGE_PATHS") or ["pages"]
        )
        + tuple(_joined(path, part) for part in texts(conf, "ARTICLE_EXCLUDES")),
        options={
            "path": path,
            "category": text_of(conf, "DEFAULT_CATEGORY") or "misc",
            "folder_is_category": text_of(conf, "USE_FOLDER_AS_CATEGORY") != "false",
            "slug_from_name": text_of(conf, "SLUGIFY_SOURCE") == "basename",
        },
    )


def _eleventy(root: Path) -> Site | None:
    """https://www.11ty.dev/docs/config/; the configuration is a program, of which only
    texts are read."""
    source = next(
        (text for name in _ELEVENTY_NAMES if (text := _text(root / name)) is not None),
        None,
    )
    if source is None:
        return None
    named = dict(
        re.findall(r"""\b(input|data|output)\s*:\s*["']([\w./-]+)["']""", source)
    )
    path = named.get("input", "").strip("./")
    data = root / path / named.get("data", "_data")
    about = (
        _first(data, [f"{name}.json" for name in ("site", "metadata", "meta")]) or {}
    )
    script = "".join(
        _text(data / f"{name}.{end}") or ""
        for name in ("site", "metadata", "meta")
        for end in ("js", "cjs")
    )
    told = dict(
        re.findall(r"""\b(url|title|language)["']?\s*:\s*["']([^"'\n]+)["']""", script)
    )
    about = told | about
    return Site(
        "eleventy",
        str(root),
        content=(path,),
        home=_home(text_of(about, "url", "baseUrl", "siteUrl", "domain")),
        title=text_of(about, "title", "name"),
        author=_author(about),
        language=text_of(about, "language", "lang"),
        skipped=tuple(
            _joined(path, folder)
            for folder in ("public", named.get("output", "_site").strip("./"))
        ),
    )


def _obsidian(root: Path) -> Site | None:
    if not (root / ".obsidian").is_dir():
        return None
    templates = [
        _first(root / ".obsidian", [name]) or {}
        for name in ("templates.json", "daily-notes.json")
    ]
    templater = (
        _first(root / ".obsidian" / "plugins" / "templater-obsidian", ["data.json"])
        or {}
    )
    named = [text_of(templates[0], "folder"), text_of(templater, "templates_folder")]
    return Site(
        "obsidian",
        str(root),
        title=root.name,
        skipped=tuple(folder.strip("/") for folder in named if folder.strip("/"))
        or _TEMPLATES,
    )


def _first(folder: Path, names: Iterable[str]) -> dict[str, Any] | None:
    """The first of these files that is there, {} where it can't be read as what it is
    called."""
    for name in names:
        text = _text(folder / name)
        if text is None:
            continue
        ending = name.rpartition(".")[2].replace("yml", "yaml")
        try:
            found: dict[str, Any] = plain(load(text.lstrip("\ufeff"), ending))
        except ValueError:
            return {}
        return found
    return None


def _text(path: Path) -> str | None:
    try:
        if (
            path.is_symlink()
            or not path.is_file()
            or path.stat().st_size > LARGEST_CONFIG
        ):
            return None
        return decode(path.read_bytes())
    except OSError:
        return None


def _home(url: str, folder: str = "") -> str:
    """The site's address with a slash at its end; "" for none and for what quick starts
    put there."""
    if url.startswith("//"):
        url = f"https:{url}"
    elif url and "://" not in url and "." in url.split("/")[0]:
        url = f"https://{url}"
    try:
        if not url or _PLACEHOLDERS.fullmatch(urlsplit(url).netloc.lower()):
            return ""
        joined = canonical(url).rstrip("/") + "/"
        return (
            canonical(urljoin(joined, folder.strip("/") + "/"))
            if folder.strip("/")
            else joined
        )
    except ValueError:
        return ""


def _cname(root: Path) -> str:
    """GitHub Pages: the file CNAME holds the host."""
    return (_text(root / "CNAME") or "").strip()[:253]


def _author(about: object) -> str:
    if not isinstance(about, dict):
        return ""
    author = about.get("author")
    return (
        text_of(author, "name")
        if isinstance(author, dict)
        else text_of(about, "author")
    )


def _filled(patterns: dict[str, Any]) -> dict[str, str]:
    return {
        key: value
        for key, value in patterns.items()
        if isinstance(value, str) and value
    }


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _joined(*parts: str) -> str:
    return "/".join(part.strip("/") for part in parts if part.strip("/."))
