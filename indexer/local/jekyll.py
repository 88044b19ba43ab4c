"""Jekyll's configuration and permalinks. Octopress and Hexo keep their posts alike.

https://jekyllrb.com/docs/configuration/, https://jekyllrb.com/docs/permalinks/
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indexer.local.site_config import (
    StaticSite,
    author_name,
    config_text,
    first_config,
    home_address,
    mapping,
    nonempty_texts,
)
from indexer.local.slugs import DATED_NAME, PostFacts, fill_pattern, slug_of
from indexer.text.front_matter import text_of, texts

_CONFIG_NAMES = ("_config.yml", "_config.yaml", "_config.toml")
_DATED = "/:categories/:year/:month/:day/:title:output_ext"
# The built-in styles but "ordinal" and "weekdate", which hardly any site uses:
# https://jekyllrb.com/docs/permalinks/#built-in-formats
_STYLES = {
    "": _DATED,
    "date": _DATED,
    "pretty": "/:categories/:year/:month/:day/:title/",
    "none": "/:categories/:title:output_ext",
}
# Folders above "_posts" that are no categories.
_SOURCE_FOLDERS = ("", "source", "src")
_LONGEST_HOST = 253  # characters (RFC 1035)


def read_jekyll(root: Path) -> StaticSite | None:
    """Return the site whose configuration lies in ``root``, None for none."""
    conf = first_config(root, _CONFIG_NAMES)
    if conf is None and not (root / "_posts").is_dir():
        return None
    conf = mapping(conf)
    source = text_of(conf, "source")
    if not source and (root / "source" / "_posts").is_dir():
        source = "source"  # Octopress and Hexo have it so without saying it
    collections = _collections(conf.get("collections"))
    patterns = {
        name: text_of(about, "permalink") for name, about in collections.items()
    }
    defaults = conf.get("defaults")
    # Hexo calls Jekyll's "baseurl" "root", and "title" may be "name" in old sites.
    home = text_of(conf, "url") or _github_pages_host(root)
    return StaticSite(
        "jekyll",
        str(root),
        content=(source,),
        home=home_address(home, text_of(conf, "baseurl", "root")),
        title=text_of(conf, "title", "name"),
        author=author_name(conf),
        language=text_of(conf, "lang", "language"),
        patterns=nonempty_texts(patterns) | {"": text_of(conf, "permalink")},
        # Since Jekyll 3 posts of days to come wait for their day.
        future=text_of(conf, "future") == "true",
        options={
            "collections": [
                name
                for name, about in collections.items()
                if text_of(about, "output") == "true"
            ],
            "defaults": defaults if isinstance(defaults, list) else [],
            "timezone": text_of(conf, "timezone"),
        },
    )


def _collections(listed: object) -> dict[str, dict[str, Any]]:
    """The settings of each collection: a list of names has none."""
    if isinstance(listed, list):
        return {str(name): {} for name in listed}
    return {str(name): mapping(about) for name, about in mapping(listed).items()}


def _github_pages_host(root: Path) -> str:
    """The host that the file CNAME names for GitHub Pages."""
    return (config_text(root / "CNAME") or "").strip()[:_LONGEST_HOST]


def jekyll_permalink(site: StaticSite, post: PostFacts) -> str:
    """Return the post's path below the site's home, or its whole address."""
    # "_posts" or another collection; a draft lies in "_drafts".
    collection = next((f[1:] for f in post.folders if f.startswith("_")), "posts")
    date = DATED_NAME.match(post.name)
    name = post.name[date.end() :] if date else post.name  # the day at its beginning
    title = text_of(post.about, "slug") or name
    categories = [category.lower() for category in _categories(post)]
    values = {
        "title": title,
        "slug": slug_of(title),
        "name": slug_of(name),
        "path": post.path.rpartition(".")[0].partition(f"_{collection}/")[2],
        "categories": "/".join(categories),
        "collection": collection,
        # Posts are pages, whatever they are written in.
        "output_ext": ".html",
    }
    return fill_pattern(_permalink_pattern(site, post, collection), values, post.time)


def _permalink_pattern(site: StaticSite, post: PostFacts, collection: str) -> str:
    """The pattern of the post itself, of the defaults, of its collection, of the
    site."""
    own = text_of(post.about, "permalink") or _default_permalink(
        site, post.path, collection
    )
    pattern = own or site.patterns.get(collection)
    if collection != "posts":
        return pattern or "/:collection/:path:output_ext"
    pattern = pattern or site.patterns.get("", "")
    style = _STYLES.get(pattern, pattern)
    # Only the post's own permalink may be without any placeholder.
    # A pattern for many posts names something of each; else it is an unknown style.
    if own or ":" in style:
        return style
    return ""


def _categories(post: PostFacts) -> list[str]:
    """The folders above ``_posts``, and the categories in the front matter, where a
    text of several words is several."""
    above, marker, _ = post.path.partition("_posts/")
    folders = above.split("/") if marker else []
    found = [folder for folder in folders if folder not in _SOURCE_FOLDERS]
    found += texts(post.about, "category")
    categories = post.about.get("categories")
    if isinstance(categories, str):
        found += categories.split()
    else:
        found += texts(post.about, "categories")
    return list(dict.fromkeys(found))


def _default_permalink(site: StaticSite, path: str, collection: str) -> str:
    """The permalink among ``defaults`` whose folder is the longest, the last of
    several: https://jekyllrb.com/docs/configuration/front-matter-defaults/"""
    best, found = -1, ""
    for rule in site.options.get("defaults", []):
        scope = mapping(mapping(rule).get("scope"))
        values = mapping(mapping(rule).get("values"))
        permalink = text_of(values, "permalink")
        folder = text_of(scope, "path").strip("/")
        is_inside = not folder or path.startswith(f"{folder}/")
        if text_of(scope, "type") not in ("", collection) or not is_inside:
            continue
        if permalink and len(folder) >= best:
            best, found = len(folder), permalink
    return found
