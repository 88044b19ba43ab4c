"""What the pages of a site are by their names: listings, parts of the software, fixed
pages. Pure data."""

from __future__ import annotations

from indexer.text.markup import word_set

FOLDERS = word_set(
    """
    tag tags tagged label labels topic topics category categories kategorie kategorien categorie
    categoria author authors autor auteur user users profile page pages seite search suche feed
    feeds rss atom comments comment trackback wp-admin wp-content wp-includes wp-json wp-login.php
    cgi-bin assets static images img css js fonts media uploads drafts draft preview amp login
    signup subscribe share print
    """
)
"""A folder of this name holds listings, files or parts of the software, never posts."""

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
"""A page of this name at the end of an address without date is one of a site's fixed
pages."""

NEVER_POSTS = word_set(
    """
    about about-me about-us contact contact-me impressum imprint datenschutz privacy privacy-policy search
    sitemap index 404 关于
    """
)
"""Of the fixed pages those whose names no post has, not even in a folder of posts."""

LISTS = word_set(
    """
    archive archives archiv archivo arquivo archivio all all-posts posts blog blogs articles tags
    tag categories category kategorien topics series news 归档 标签 分类
    """
)
"""Of the fixed pages those that may list posts."""
