"""The door to the static site generators: which one a folder is of, and the public
addresses of its posts.

Each generator has a module of its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, urljoin

from indexer.local.eleventy import eleventy_permalink, read_eleventy
from indexer.local.hugo import hugo_permalink, read_hugo
from indexer.local.jekyll import jekyll_permalink, read_jekyll
from indexer.local.pelican import pelican_permalink, read_pelican
from indexer.local.site_config import StaticSite, first_config, mapping
from indexer.local.slugs import PostFacts
from indexer.text.front_matter import text_of
from indexer.text.markup import word_set
from indexer.text.urls import same_site
from search.text.urls import canonical

# Below these a person may point, while the configuration lies above.
_CONTENT_FOLDERS = word_set("_posts posts post content source src blog articles docs")
_TEMPLATES = ("templates", "_templates")  # where no setting names the folder
_PERMALINKS = {
    "jekyll": jekyll_permalink,
    "hugo": hugo_permalink,
    "pelican": pelican_permalink,
    "eleventy": eleventy_permalink,
}
# A placeholder of a pattern that could not be filled.
_UNFILLED = re.compile(r"[{}]|(?:^|[/-]):[a-z]")
_UNQUOTED = "/%:@!$&'()*+,;=~?#"  # what a path, its query and fragment may contain


def read_site(folder: str) -> StaticSite:
    """Return the site that a folder is, or is the content of."""
    root = Path(folder)
    # The folder itself may be named so and have a configuration of its own.
    places = [root]
    if root.name in _CONTENT_FOLDERS:
        places += root.parents[:2]
    readers = (read_jekyll, read_hugo, read_pelican, read_eleventy, _read_obsidian)
    for place in places:
        for reader in readers:
            found = reader(place)
            if found is not None:
                return found
    return StaticSite("plain", folder, title=root.name, skipped=_TEMPLATES)


def _read_obsidian(root: Path) -> StaticSite | None:
    settings = root / ".obsidian"
    if not settings.is_dir():
        return None
    templater = settings / "plugins" / "templater-obsidian"
    # Templates of notes, by Obsidian itself and by its commonest plug-in for them.
    named = (
        text_of(mapping(first_config(settings, ["templates.json"])), "folder"),
        text_of(mapping(first_config(templater, ["data.json"])), "templates_folder"),
    )
    folders = (folder.strip("/") for folder in named)
    skipped = tuple(filter(None, folders))
    return StaticSite(
        "obsidian", str(root), title=root.name, skipped=skipped or _TEMPLATES
    )


def permalink_of(site: StaticSite, post: PostFacts) -> str:
    """Return the post's public address, canonical.

    "" where the site has no address, where its rules can't be followed, and where they
    lead out of the site.
    """
    make = _PERMALINKS.get(site.software)
    if not site.home or make is None:
        return ""
    try:
        path = make(site, post)
        if "://" in path:
            if same_site(path, site.home):
                return canonical(path)
            return ""
        below = re.sub(r"/{2,}", "/", path).lstrip("/")
        if not path or _UNFILLED.search(below):
            return ""
        quoted = quote(below, safe=_UNQUOTED, errors="replace") or "./"
        joined = canonical(urljoin(site.home, quoted))
    except ValueError:
        return ""
    # "../" in a permalink must not lead to another site of the same host.
    if joined.startswith(canonical(site.home)):
        return joined
    return ""
