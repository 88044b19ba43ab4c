"""The names of a site's pages that are no posts: listings, fixed pages, parts of the
software."""

from __future__ import annotations

from collections.abc import Set

from indexer.text.markup import word_set
from indexer.text.url_parts import UrlParts, take_apart

# A folder of this name contains listings, files or parts of the software, never posts.
FOLDERS = word_set(
    """
    tag tags tagged label labels topic topics category categories kategorie kategorien categorie
    categoria author authors autor auteur user users profile page pages seite search suche feed
    feeds rss atom comments comment trackback wp-admin wp-content wp-includes wp-json wp-login.php
    cgi-bin assets static images img css js fonts media uploads drafts draft preview amp login
    signup subscribe share print
    """
)
# An address without a date that ends in this name is one of a site's fixed pages.
FIXED = word_set(
    """
    about about-me about-us aboutme uber ueber ueber-mich uber-mich a-propos apropos acerca sobre
    sobre-mi about-this-site colophon contact kontakt contacto contato contact-me contact-us
    impressum imprint legal mentions-legales datenschutz datenschutzerklaerung privacy
    privacy-policy terms tos cookies disclaimer license faq help search suche recherche buscar archive
    archives archiv archivo arquivo archivio all all-posts posts blog blogs articles index home
    start main tags tag categories category kategorien topics authors author series now uses links
    blogroll projects project projekte portfolio publications papers talks speaking presentations
    press media cv resume bio newsletter subscribe subscribed subscription feed feeds rss atom
    sitemap 404 403 500 offline login logout signup register account donate support sponsor sponsors
    thanks thank-you guestbook gallery photos bookmarks reading-list bookshelf books music work
    services store shop events calendar comments news changelog friends link guanyu youlian shoutbox
    关于 友链 友情链接 归档 标签 分类 留言 留言板 about.zh 关于我
    """
)
# Of the fixed pages those whose names no post has, not even in a folder of posts.
NEVER_POSTS = word_set(
    """
    about about-me about-us contact contact-me impressum imprint datenschutz privacy privacy-policy search
    sitemap index 404 关于
    """
)
# Of the fixed pages those that may list posts.
LISTS = word_set(
    """
    archive archives archiv archivo arquivo archivio all all-posts posts blog blogs articles tags
    tag categories category kategorien topics series news 归档 标签 分类
    """
)
_DATES = frozenset({"year", "dated", "number"})


def is_fixed_page(url: str) -> bool:
    """Say if an address is by its name a tag, an author, a search, a feed, an about
    page or the like."""
    parts = take_apart(url)
    return parts is None or is_named_other(parts, FIXED | FOLDERS)


def is_below_list(url: str) -> bool:
    """Say if an address lies in a folder of tags, categories, authors or the software's
    own files."""
    parts = take_apart(url)
    return parts is not None and not FOLDERS.isdisjoint(parts.segments[:-1])


def may_list_posts(url: str) -> bool:
    """Say if an address that is no post's may be that of a list of posts, such as a
    category's."""
    parts = take_apart(url)
    if parts is None or parts.parameters:
        return False
    return parts.name not in FIXED - LISTS | {""}


def is_named_other(
    parts: UrlParts, fixed: Set[str], *, exempt: Set[int] = frozenset()
) -> bool:
    """Say if the names in an address are none of a post.

    ``fixed`` are the names of pages that are none; ``exempt`` are places in the path at
    which known posts have the same name.
    """
    for place, name in enumerate(parts.segments[:-1]):
        if name in FOLDERS and place not in exempt:
            return True
    # /2012/05/about/ is a post of that name, /about/ is none.
    if _DATES.isdisjoint(parts.kinds):
        return parts.name in fixed
    return False
