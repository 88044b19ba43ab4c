"""Eleventy's configuration, folder data and permalinks.

https://www.11ty.dev/docs/config/. The configuration is a program, of which only texts
are read; of the templates in permalinks only the usual variables and filters are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from indexer.local.site_config import (
    StaticSite,
    author_name,
    config_text,
    first_config,
    home_address,
    join_path,
    mapping,
)
from indexer.local.slugs import PostFacts, slug_of, without_date
from indexer.text.front_matter import load_fields, text_of

_CONFIG_NAMES = (
    ".eleventy.js",
    "eleventy.config.js",
    "eleventy.config.mjs",
    "eleventy.config.cjs",
    "eleventy.config.ts",
)
_DATA_NAMES = ("site", "metadata", "meta")
_FOLDER_SETTING = re.compile(r"""\b(input|data|output)\s*:\s*["']([\w./-]+)["']""")
_SITE_SETTING = re.compile(r"""\b(url|title|language)["']?\s*:\s*["']([^"'\n]+)["']""")
# {{ variable | filter: "form" }}
_LIQUID = re.compile(
    r"\{\{-?\s*([\w.]+)\s*(?:\|\s*(\w+)\s*(?::\s*[\"']([^\"']*)[\"'])?\s*)?-?\}\}"
)
# Letters keep their case, also where a filter would lower it.
_FILTERS: dict[str | None, Callable[[str], str]] = {
    None: str,
    "url": str,
    "downcase": str,
    "lower": str,
    "slug": slug_of,
    "slugify": slug_of,
}


def read_eleventy(root: Path) -> StaticSite | None:
    """Return the site whose configuration lies in ``root``, None for none."""
    sources = (config_text(root / name) for name in _CONFIG_NAMES)
    source = next((text for text in sources if text is not None), None)
    if source is None:
        return None
    folders = dict(_FOLDER_SETTING.findall(source))
    path = folders.get("input", "").strip("./")
    about = _site_data(root / path / folders.get("data", "_data"))
    output = folders.get("output", "_site").strip("./")
    return StaticSite(
        "eleventy",
        str(root),
        content=(path,),
        home=home_address(text_of(about, "url", "baseUrl", "siteUrl", "domain")),
        title=text_of(about, "title", "name"),
        author=author_name(about),
        language=text_of(about, "language", "lang"),
        skipped=(join_path(path, "public"), join_path(path, output)),
    )


def _site_data(folder: Path) -> dict[str, Any]:
    """The site's own data: JSON, and texts in JavaScript where JSON has none."""
    scripts = (
        config_text(folder / f"{name}.{ending}") or ""
        for name in _DATA_NAMES
        for ending in ("js", "cjs")
    )
    # Computed data are out of reach; most sites write their address as a text.
    scripted: dict[str, Any] = dict(_SITE_SETTING.findall("".join(scripts)))
    written = first_config(folder, [f"{name}.json" for name in _DATA_NAMES])
    return scripted | mapping(written)


def folder_data(site: StaticSite, path: str) -> dict[str, Any]:
    """Return the data of a file's folders: ``posts/posts.json`` holds for all in it,
    that of folders above too."""
    found: dict[str, Any] = {}
    for data_file in _data_files(Path(site.root), path):
        try:
            # What lies nearer to the file overrides what lies above.
            found |= load_fields(data_file.read_text("utf-8"), "json")
        except (OSError, ValueError):
            continue
    return {key.lower(): value for key, value in found.items()}


def _data_files(place: Path, path: str) -> Iterator[Path]:
    for name in path.split("/")[:-1]:
        place /= name
        yield place / f"{name}.json"
        yield place / f"{name}.11tydata.json"


def is_uncollected(about: dict[str, Any]) -> bool:
    """Say if a file's data keep it out of the site's lists of posts."""
    has_no_address = text_of(about, "permalink").lower() == "false"
    is_excluded = text_of(about, "eleventyexcludefromcollections").lower() == "true"
    return has_no_address or is_excluded


def eleventy_permalink(site: StaticSite, post: PostFacts) -> str:
    """Return the post's path below the site's home, or its whole address.

    https://www.11ty.dev/docs/permalinks/
    """
    folders = post.folders
    if site.content[0]:
        folders = folders[len(site.content[0].split("/")) :]
    name = post.undated_name
    is_index = name == "index"
    own = text_of(post.about, "permalink")
    if own:
        path = _fill_template(own, post, folders)
    else:
        path = "/" + "/".join(folders if is_index else [*folders, name]) + "/"
    return re.sub(r"/index\.html$", "/", path)


def _fill_template(pattern: str, post: PostFacts, folders: list[str]) -> str:
    """The pattern with its variables filled; one that can't be filled stays."""
    name = slug = post.undated_name
    if name == "index" and folders:  # the folder is the post
        slug = without_date(folders[-1])
    values = {
        "page.fileSlug": slug,
        "fileSlug": slug,
        "page.filePathStem": "/".join(["", *folders, name]),
        # The front matter may name any variable of its own.
        **{key: value for key, value in post.about.items() if isinstance(value, str)},
    }

    def value(found: re.Match[str]) -> str:
        key, filter_name, form = found.groups()
        if key in ("page.date", "date") and post.time is not None and form:
            return post.time.strftime(form)
        change = _FILTERS.get(filter_name)
        if change is None or key not in values:
            return found[0]
        return change(values[key])

    return _LIQUID.sub(value, pattern)
