"""The public address of a post, as the software that publishes the folder makes it.
Pure.

Each returns a path below the site's home, "" where it can't be told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urljoin

from indexer.local.site_config import Site
from indexer.text.front_matter import text_of, texts
from indexer.text.urls import same_site
from search.text.urls import canonical

DATED_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[-_ ]?")

# https://jekyllrb.com/docs/permalinks/#built-in-formats
_JEKYLL_STYLES = {
    "": "/:categories/:year/:month/:day/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_TIMES = {  # placeholder → strftime; "-" in front: without leading zeros
    "year": "%Y", "short_year": "%y", "month": "%m", "i_month": "-%m", "short_month": "%b",
    "long_month": "%B", "monthname": "%B", "day": "%d", "i_day": "-%d", "y_day": "%j", "yearday": "-%j",
    "hour": "%H", "minute": "%M", "second": "%S", "w_year": "%G", "week": "%V", "w_day": "%u",
    "weekday": "%w", "short_day": "%a", "long_day": "%A", "weekdayname": "%A",
}  # fmt: skip
_LIQUID = re.compile(
    r"\{\{-?\s*([\w.]+)\s*(?:\|\s*(\w+)\s*(?::\s*[\"']([^\"']*)[\"'])?\s*)?-?\}\}"
)
_PYTHON = re.compile(r"\{(\w+)(?:\.(\w+))?(?::([^{}]*))?\}")
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"}
)


@dataclass(frozen=True, slots=True)
class Post:
    """What a post's address is made of. ``path`` is below the site's root; ``time`` in
    the site's zone."""

    path: str
    about: dict[str, Any]
    title: str = ""
    time: datetime | None = None

    @property
    def folders(self) -> list[str]:
        return self.path.split("/")[:-1]

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.rpartition("/")[2].rpartition(".")[0]


def address(site: Site, post: Post) -> str:
    """The post's address on the web, canonical; "" where the site has none or its rules
    can't be followed."""
    makers = {
        "jekyll": _jekyll,
        "hugo": _hugo,
        "pelican": _pelican,
        "eleventy": _eleventy,
    }
    if not site.home or site.software not in makers:
        return ""
    path = makers[site.software](site, post)
    if path and "://" in path:
        return canonical(path) if same_site(path, site.home) else ""
    below = re.sub(r"/{2,}", "/", path).lstrip("/")
    if not path or re.search(r"[{}]|(?:^|[/-]):[a-z]", below):
        return ""
    joined = canonical(
        urljoin(
            site.home, quote(below, safe="/%:@!$&'()*+,;=~?#", errors="replace") or "./"
        )
    )
    return joined if joined.startswith(canonical(site.home)) else ""


def slug_of(text: str, *, ascii_only: bool = False) -> str:
    """Letters and digits in lower case, a hyphen for every run of anything else."""
    text = text.strip().lower()
    if ascii_only:
        decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = "".join(
            letter for letter in decomposed if not unicodedata.combining(letter)
        )
        text = re.sub(r"[^\w\s-]", "", text)
    return re.sub(r"[^\w]+|_+" if not ascii_only else r"[^\w]+", "-", text).strip("-")


def _jekyll(site: Site, post: Post) -> str:
    """https://jekyllrb.com/docs/permalinks/"""
    collection = next((f[1:] for f in post.folders if f[:1] == "_"), "posts")
    name = (
        DATED_NAME.sub("", post.name, count=1)
        if DATED_NAME.match(post.name)
        else post.name
    )
    own = text_of(post.about, "permalink") or _default(site, post.path, collection)
    if collection == "posts":
        pattern = own or site.patterns.get(collection) or site.patterns.get("", "")
        pattern = _JEKYLL_STYLES.get(pattern, pattern)
    else:
        pattern = (
            own or site.patterns.get(collection) or "/:collection/:path:output_ext"
        )
    categories = [one.lower() for one in _categories(post)]
    title = text_of(post.about, "slug") or name
    below = post.path.rpartition(".")[0].partition(f"_{collection}/")[2]
    values = {
        "title": title,
        "slug": slug_of(title),
        "name": slug_of(name),
        "path": below,
        "categories": "/".join(categories),
        "slugified_categories": "/".join(map(slug_of, categories)),
        "collection": collection,
        "output_ext": ".html",
    }
    return _filled(pattern, values, post.time)


def _categories(post: Post) -> list[str]:
    """Folders above ``_posts``, and what the front matter names; a text of several
    words is several."""
    before = (
        post.folders[: post.folders.index("_posts")] if "_posts" in post.folders else []
    )
    above = [folder for folder in before if folder not in ("source", "src")]
    one = texts(post.about, "category")
    many = post.about.get("categories")
    several = many.split() if isinstance(many, str) else texts(post.about, "categories")
    return list(dict.fromkeys([*above, *(one or []), *(several or [])]))


def _default(site: Site, path: str, collection: str) -> str:
    """The permalink among ``defaults`` whose scope fits best:
    https://jekyllrb.com/docs/configuration/front-matter-defaults/"""
    best, found = -1, ""
    for rule in site.options.get("defaults", []):
        if not isinstance(rule, dict) or not isinstance(rule.get("values"), dict):
            continue
        scope = rule["scope"] if isinstance(rule.get("scope"), dict) else {}
        folder, kind = text_of(scope, "path").strip("/"), text_of(scope, "type")
        permalink = text_of(rule["values"], "permalink")
        inside = not folder or path.startswith(f"{folder}/")
        if permalink and inside and kind in ("", collection) and len(folder) >= best:
            best, found = len(folder), permalink
    return found


def _hugo(site: Site, post: Post) -> str:
    """https://gohugo.io/content-management/urls/"""
    root = site.content[0].split("/")
    folders = (
        post.folders[len(root) :] if post.folders[: len(root)] == root else post.folders
    )
    name, language = hugo_name(site, post.name)
    if name == "index":
        folders, name = folders[:-1], folders[-1] if folders else ""
    own = text_of(post.about, "url")
    prefix = (
        language
        if language and (language != site.language or site.options["default_in_folder"])
        else ""
    )
    if own:
        return f"{prefix}/{_filled(own, _hugo_values(post, folders, name), post.time)}"
    section = folders[0] if folders else ""
    pattern = site.patterns.get(section, "")
    slug = text_of(post.about, "slug") or name
    if site.options["dates_in_names"] and slug == name:
        slug = DATED_NAME.sub("", name, count=1) or name
    path = (
        _filled(pattern, _hugo_values(post, folders, name), post.time)
        if pattern
        else "/".join([*folders, slug])
    )
    path = re.sub(r"\s+", "-", path.strip("/")).lower()
    ending = ".html" if site.options["ugly"] else "/"
    return f"{prefix}/{path}{ending}" if path else ""


def _hugo_values(post: Post, folders: list[str], name: str) -> dict[str, str]:
    slug = text_of(post.about, "slug")
    title = slug_of(post.title or name)
    return {
        "section": folders[0] if folders else "",
        "sections": "/".join(folders),
        "title": title,
        "slug": slug or title,
        "filename": name,
        "slugorfilename": slug or name,
        "contentbasename": name,
        "slugorcontentbasename": slug or name,
    }


def hugo_name(site: Site, name: str) -> tuple[str, str]:
    """A file's name without the language that it ends in, and that language:
    ``about.de`` → about, de."""
    base, _, ending = name.rpartition(".")
    languages = {one.lower() for one in site.options.get("languages", [])}
    return (
        (base, ending.lower()) if base and ending.lower() in languages else (name, "")
    )


def _pelican(site: Site, post: Post) -> str:
    """https://docs.getpelican.com/en/latest/settings.html#url-settings"""
    own = text_of(post.about, "url")
    language = text_of(post.about, "lang") or site.language
    translated = bool(site.language) and language != site.language
    pattern = site.patterns.get("ARTICLE_LANG_URL" if translated else "ARTICLE_URL")
    pattern = own or pattern or ("{slug}-{lang}.html" if translated else "{slug}.html")
    name = DATED_NAME.sub("", post.name, count=1) or post.name
    named = name if site.options["slug_from_name"] else post.title or name
    values = {
        "slug": text_of(post.about, "slug") or slug_of(named, ascii_only=True),
        "category": slug_of(_pelican_category(site, post), ascii_only=True),
        "author": slug_of(
            ", ".join(texts(post.about, "author", "authors")[:1]) or site.author,
            ascii_only=True,
        ),
        "lang": language,
    }

    def value(found: re.Match[str]) -> str:
        key, part, form = found.groups()
        if key != "date":
            return values.get(key, "{")
        if post.time is None:
            return "{"
        return (
            str(getattr(post.time, part, "{"))
            if part
            else post.time.strftime(form or "%Y-%m-%d")
        )

    return _PYTHON.sub(value, pattern)


def _pelican_category(site: Site, post: Post) -> str:
    below = [
        f for f in post.path.removeprefix(site.options["path"]).split("/")[:-1] if f
    ]
    folder = below[-1] if below and site.options["folder_is_category"] else ""
    return text_of(post.about, "category") or folder or str(site.options["category"])


def _eleventy(site: Site, post: Post) -> str:
    """https://www.11ty.dev/docs/permalinks/; of what templates can do, what permalinks
    mostly do."""
    root = site.content[0].split("/") if site.content[0] else []
    folders = post.folders[len(root) :]
    name = DATED_NAME.sub("", post.name, count=1) or post.name
    slug = (
        DATED_NAME.sub("", folders[-1], count=1)
        if name == "index" and folders
        else name
    )
    values = {
        "page.fileSlug": slug,
        "fileSlug": slug,
        "page.filePathStem": "/".join(["", *folders, name]),
        **{key: value for key, value in post.about.items() if isinstance(value, str)},
    }

    def value(found: re.Match[str]) -> str:
        key, filter_, form = found.groups()
        if (
            key in ("page.date", "date")
            and post.time is not None
            and "%" in (form or "")
        ):
            return post.time.strftime(form)
        known = values.get(key)
        if known is None or filter_ not in (
            None,
            "slug",
            "slugify",
            "url",
            "downcase",
            "lower",
        ):
            return "{"
        return slug_of(known) if filter_ in ("slug", "slugify") else known

    own = text_of(post.about, "permalink")
    stem = "/".join(folders if name == "index" else [*folders, name])
    path = _LIQUID.sub(value, own) if own else f"/{stem}/"
    return path.removesuffix("index.html") if path.endswith("/index.html") else path


def _filled(pattern: str, values: Mapping[str, str], time: datetime | None) -> str:
    """The pattern with its ``:placeholders`` filled; one that can't be stays, and
    spoils the address."""

    def value(found: re.Match[str]) -> str:
        key = found[1]
        if key in values:
            return values[key]
        if time is None:
            return found[0]
        form = _TIMES[key]
        return (
            time.strftime(form.lstrip("-")).lstrip("0")
            if form[0] == "-"
            else time.strftime(form)
        )

    names = sorted([*values, *_TIMES], key=len, reverse=True)
    return re.sub(rf":({'|'.join(names)})(?![a-z])", value, pattern)
