"""The class names and ids that themes give to an article and to what is around it.

Collected from the default themes of WordPress, Ghost, Blogger, Movable Type, Jekyll,
Hugo, Pelican, Hexo, Octopress, Docusaurus, Sphinx, Quarto, Substack and from the
archives at hand. Judges no element.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, pairwise

from indexer.extract.dom import Element
from indexer.text.markup import word_set

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[а-яё]+", re.ASCII)
# Words that turn a name round (``has-sidebar`` is a page, ``no-comments`` none) …
_NEGATING = word_set(
    """
    has no with without is not hide show js footnote footnotes
    """
)
# … and names that say what a post is about (``tag-social``).
_POST_LABEL = re.compile(
    r"(?:tag|category|cat|topic|author|format|status|type|hash|post_tag)-"
)
_LONGEST_NAME = 80  # characters of a class or id that are read; longer ones are made


@dataclass(frozen=True, slots=True)
class Names:
    """A table of whole class names and ids, compared without case."""

    text: str
    names: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", word_set(self.text))

    def is_of(self, element: Element) -> bool:
        """Tell whether an element has one of these names."""
        return not self.names.isdisjoint(map(str.lower, element.names))


def is_named(names: list[str], table: frozenset[str]) -> bool:
    """Tell whether a word or phrase of the table is in one of these names."""
    return not table.isdisjoint(chain.from_iterable(map(terms_of, names)))


def terms_of(name: str) -> frozenset[str]:
    """Return what a name can be found by: its words, these written together, and each
    two or three in a row joined by hyphens. Nothing where it says the contrary."""
    return _terms_of(name[:_LONGEST_NAME])


@lru_cache(maxsize=4096)  # a site's pages share their names
def _terms_of(name: str) -> frozenset[str]:
    words = words_in_name(name)
    if not _NEGATING.isdisjoint(words) or _POST_LABEL.match(name.lower()):
        return frozenset()
    pairs = pairwise(words)
    triples = zip(words, words[1:], words[2:], strict=False)
    return frozenset([*words, "".join(words), *map("-".join, (*pairs, *triples))])


def words_in_name(name: str) -> list[str]:
    """Return the words of ``post-meta`` or ``postMeta`` in lower case."""
    return list(map(str.lower, _WORD.findall(name[:_LONGEST_NAME])))


# Whole class names of the element with an article's text and little else.
BODY = Names(
    """
    entry-more post-more extended crayons-article__body field--name-body field-name-body
    node__content sqs-html-content
    post-content entry-content post-body entry-body article-body article-content post__content
    post-full-content gh-content e-content markdown-body post-text blog-post-content td-post-content
    theme-doc-markdown single-content postcontent post_content entry__content storycontent post-entry
    postbody story-body blog-post-body available-content article__body article__content blogbody
    blog-content article-text articlebody post-article page-content post-contents content-body kg-canvas
    wp-block-post-content entrytext post-inner-content article-entry post-main-content post_body
    article_content entry_content article_body c-content note-content article-main body-content
    post-message story-content single-post-content entrybody postarea js-post-body text-content
    post-markdown md-content__inner d-article
    """
)

# Whole class names of elements with an article, its head and feet, or a whole page's
# content.
BROAD_BODY = Names(
    """
    post entry hentry h-entry article single blog-post blogpost content main main-content
    primary-content document documentwrapper bodywrapper body story page-body quarto-document-content
    site-content markdown prose rst-content doc-content post-container post-wrapper blog-entry
    article-wrap
    """
)

# Single words in a name that mark boilerplate, wherever they stand.
BOILERPLATE = word_set(
    """
    share shares sharing sharedaddy sharebar sharebuttons socials addtoany addthis related relatedposts
    recommended recommendations breadcrumb breadcrumbs pagination pager paginator pagenav postnav
    sidebar sidenav sidebars navbar nav navigation navlinks menu toc tableofcontents newsletter
    subscribe subscription signup optin controls cookie cookies consent gdpr advert adverts advertisement ads
    adsbygoogle sponsor sponsors sponsored promo popup modal widget widgets widgetarea backlinks
    trackback trackbacks pingbacks masthead colophon backtotop scrolltop skiplink tooltip readmore likes
    clap claps reactions rating ratings pagefind noprint donate kofi patreon buymeacoffee webring
    jumplinks postpagination postshare posttoc articletoc copyright
    teilen weiterlesen weiterlesenbox verwandt verwandte verwandtes empfehlungen autorenbox autorenprofil werbung anzeige
    partager partage lireaussi alireaussi publicite publicidad compartir relacionados relacionadas condividi condivisione
    correlati pubblicita compartilhar publicidade delen gerelateerd reclame udostepnij reklama powiazane dela annons
    поделиться реклама похожие
    """
)

# Of those, the ones that page builders and writers also give to parts of an article.
AMBIGUOUS = word_set(
    """
    widget widgets widgetarea menu controls promo popup modal rating ratings tooltip likes copyright
    navigation masthead toc recommended recommendations sponsored sponsor sponsors
    """
)

# Two or three words in a row that mark boilerplate, each of them harmless alone.
BOILERPLATE_PHRASES = word_set(
    """
    read-next read-more back-to-top skip-link skip-to scroll-top table-of-contents on-this-page
    prev-next next-prev next-post prev-post previous-post post-nav post-navigation nav-links page-nav
    right-bar left-bar side-bar site-header site-footer page-footer post-footer entry-footer
    article-footer post-share jp-relatedposts more-posts you-may also-like see-also-posts author-box
    author-bio about-author author-info author-card post-tags entry-tags tag-list tag-links tags-links
    article-tags cat-links category-list post-categories call-to-action sticky-header top-bar
    cookie-banner edit-page edit-this edit-link last-updated page-metadata post-likes like-button
    copy-button code-header code-copy copy-code status-bar screen-reader sr-only visually-hidden
    comments-link entry-utility menu-container
    autor-box autoren-box ueber-den-autor sur-auteur sobre-autor lire-aussi a-lire lea-tambien te-puede-interesar
    le-puede-interesar leggi-anche page-links post-pages link-pages post-page-numbers
    das-koennte auch-interessant aehnliche-beitraege articles-lies articulos-relacionados
    """
)

# Words that mark boilerplate on a small box only: on a large one they say what it is
# about.
SMALL = word_set(
    """
    meta metadata postmeta byline bylines published pubdate postdate timestamp datetime posted author
    authors taglist tags categories bio profile license permalink permalinks social vcard dateline
    readingtime
    """
)

# Phrases that mark boilerplate on a small box only.
SMALL_PHRASES = word_set(
    """
    post-date entry-date article-date date-header post-info entry-info article-info reading-time
    read-time post-author entry-author post-timestamp post-labels post-header-meta word-count
    words-count post-stats post-detail-info publish-date date-published post-category entry-category
    post-title entry-title
    """
)

# Words that mark readers' comments, whatever the size of the box.
COMMENTS = word_set(
    """
    comments commentlist commentform commentbox commentary disqus giscus utterances gitalk isso cusdis
    remark42 webmentions webmention respond hyvor livefyre intensedebate fbcomments valine waline
    gitment guestbook
    kommentar kommentare kommentarbereich kommentarer commentaire commentaires comentario comentarios commenti reacties
    komentarz komentarze komentare комментарии комментарий
    """
)

# Phrases that mark readers' comments.
COMMENT_PHRASES = word_set(
    """
    comment-list comments-area comment-respond comments-section comment-section comment-form
    disqus-thread indiv-comment comments-head comment-thread comment-body comment-content user-comments
    reader-comments discussion-comments comments-container
    """
)

# Words in the name of a caption: wp-caption-text, image-caption, tr-caption.
CAPTIONS = word_set(
    """
    caption captions captiontext figcaption imagecaption imgcaption thumbcaption photocaption figurecaption
    """
)

# Words in the name of an aside that belongs to the text.
NOTES = word_set(
    """
    note notes admonition callout warning tip info important sidenote marginnote footnote footnotes
    hint danger
    """
)
