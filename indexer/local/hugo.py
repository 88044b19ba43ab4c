"""Hugo's configuration and permalinks.

https://gohugo.io/configuration/all/, https://gohugo.io/content-management/urls/
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from indexer.local.site_config import (
    StaticSite,
    author_name,
    first_config,
    home_address,
    mapping,
    nonempty_texts,
)
from indexer.local.slugs import PostFacts, fill_pattern, slug_of, without_date
from indexer.text.front_matter import text_of

_CONFIG_NAMES = [
    f"{name}.{ending}"
    for name in ("hugo", "config")
    for ending in ("toml", "yaml", "yml", "json")
]
_PERMALINK_NAMES = ("permalinks.toml", "permalinks.yaml")
# A file called config.yaml is Hugo's where it has one of these, or beside content/.
_OWN_SETTINGS = {"baseurl", "contentdir", "theme", "languagecode"}


def read_hugo(root: Path) -> StaticSite | None:
    """Return the site whose configuration lies in ``root``, None for none."""
    split_config = root / "config" / "_default"
    found = first_config(root, _CONFIG_NAMES)
    if not found:  # large sites have a file for each part of it
        found = first_config(split_config, _CONFIG_NAMES)
    if found is None:
        return None
    # Hugo's settings are written with capitals and without.
    conf = {key.lower(): value for key, value in found.items()}
    if _OWN_SETTINGS.isdisjoint(conf) and not (root / "content").is_dir():
        return None
    permalinks = conf.get("permalinks") or first_config(split_config, _PERMALINK_NAMES)
    language = text_of(conf, "defaultcontentlanguage")
    return StaticSite(
        "hugo",
        str(root),
        content=(text_of(conf, "contentdir") or "content",),
        home=home_address(text_of(conf, "baseurl")),
        title=text_of(conf, "title"),
        author=author_name(conf) or author_name(mapping(conf.get("params"))),
        language=language or text_of(conf, "languagecode")[:2],
        patterns=_patterns(mapping(permalinks)),
        future=text_of(conf, "buildfuture") == "true",
        options={
            "ugly": text_of(conf, "uglyurls") == "true",
            "languages": list(mapping(conf.get("languages"))),
            "default_in_folder": text_of(conf, "defaultcontentlanguageinsubdir")
            == "true",
            # The setting that takes a post's day and slug from "2019-05-03-name".
            "dates_in_names": "filename" in json.dumps(conf.get("frontmatter", "")),
        },
    )


def _patterns(permalinks: dict[str, Any]) -> dict[str, str]:
    """The permalinks by section; newer versions keep those of posts under "page"."""
    return nonempty_texts(mapping(permalinks.get("page")) or permalinks)


def split_language(site: StaticSite, name: str) -> tuple[str, str]:
    """Return a file's name without the language that it ends in, and that language:
    ``about.de`` → about, de."""
    base, _, ending = name.rpartition(".")
    languages = {language.lower() for language in site.options.get("languages", [])}
    if base and ending.lower() in languages:
        return base, ending.lower()
    return name, ""


def hugo_permalink(site: StaticSite, post: PostFacts) -> str:
    """Return the post's path below the site's home, or its whole address."""
    folders = _below_content(site, post)
    name, language = split_language(site, post.name)
    if name == "index":  # a bundle: the folder is the post
        name = folders.pop() if folders else ""
    # The main language has no folder of its own, unless the site asks for it.
    prefix = language
    if language == site.language and not site.options["default_in_folder"]:
        prefix = ""
    values = _placeholder_values(post, folders, name)
    own = text_of(post.about, "url")
    if own:
        return f"{prefix}/{fill_pattern(own, values, post.time)}"
    pattern = site.patterns.get(values["section"], "")
    if pattern:
        path = fill_pattern(pattern, values, post.time)
    else:
        path = "/".join([*folders, _file_slug(site, post, name)])
    # Hugo writes paths in lower case unless "disablePathToLower" is set.
    path = re.sub(r"\s+", "-", path.strip("/")).lower()
    if not path:
        return ""
    return f"{prefix}/{path}{'.html' if site.options['ugly'] else '/'}"


def _below_content(site: StaticSite, post: PostFacts) -> list[str]:
    root = site.content[0].split("/")
    if post.folders[: len(root)] == root:
        return post.folders[len(root) :]
    return post.folders


def _file_slug(site: StaticSite, post: PostFacts, name: str) -> str:
    slug = text_of(post.about, "slug") or name
    if site.options["dates_in_names"] and slug == name:
        return without_date(name)
    return slug


def _placeholder_values(
    post: PostFacts, folders: list[str], name: str
) -> dict[str, Any]:
    title = slug_of(post.title or name)
    slug = text_of(post.about, "slug")
    return {
        "section": folders[0] if folders else "",
        "sections": "/".join(folders),
        # Where a post has no slug, its title makes one.
        "title": title,
        "slug": slug or title,
        # Two names of one thing: Hugo 0.144 calls it "contentbasename".
        "filename": name,
        "slugorfilename": slug or name,
        "contentbasename": name,
        "slugorcontentbasename": slug or name,
    }
