"""Blogs as the common software makes them, generated: their posts, and all the other
pages beside those.

A ``Shape`` says where such software puts things; ``build`` makes every page of such a
site. Each page, also those that are no posts, holds enough text to be taken for an
article, so that only what it is by its address and its links can keep it out.
"""

from __future__ import annotations

import html
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote

SHOWN = 10  # posts that the feed shows, and a page of a list

Path = Callable[["Post"], str]


@dataclass(frozen=True)
class Post:
    """The nth post, the oldest is 0."""

    number: int
    day: date
    slug: str
    topic: str


@dataclass(frozen=True)
class Shape:
    """A kind of blog. Forms take a number or a name; "" is what such a site doesn't
    have.

    ``fixed`` are pages that are linked from every page, (path, text); ``beside`` what
    each post has beside it (print views, comments); ``hidden`` what is linked from
    nowhere; ``others`` what is linked from the home page alone. ``chain`` are the words
    of the links to the posts before and after. ``sitemap`` is "all" for one that lists
    every page, or the form of the files, one for each kind, that an index names.
    ``second`` is another address of each post.
    """

    post: Path
    feed: str = "/feed.xml"
    kind: str = "rss"
    home: str = "/"
    titles: str = "Thoughts on {}"
    slugs: Sequence[str] = ()
    count: int = 21
    page: str = ""
    older: str = "Older posts"
    archive: tuple[str, str] = ("", "")
    year: str = ""
    month: str = ""
    topic: str = ""
    topics: Sequence[str] = ("cooking", "gardens", "trains")
    author: str = ""
    author_of: str = "jo"
    chain: tuple[str, str] = ("", "")
    sitemap: str = ""
    fixed: Sequence[tuple[str, str]] = (("/about/", "About"),)
    others: Sequence[str] = ()
    beside: Sequence[str] = ()
    hidden: Sequence[str] = ()
    generator: str = ""
    canonical: bool = False
    second: Path | None = None
    language: str = "en"


@dataclass
class Built:
    """``pages`` by path; the paths of the posts (``posts``, with the second address
    where there is one in ``seconds``). BASE stands for the site's address."""

    pages: dict[str, tuple[str, str]] = field(default_factory=dict)
    posts: list[str] = field(default_factory=list)
    seconds: dict[str, str] = field(default_factory=dict)


def build(shape: Shape, base: str = "BASE") -> Built:
    """All pages of a site of this shape."""
    return _Builder(shape, base).build()


class _Builder:
    def __init__(self, shape: Shape, base: str) -> None:
        self.shape = shape
        self.base = base
        self.built = Built()
        start = date(2017, 2, 6)
        self.all = [
            Post(
                n,
                start + timedelta(days=31 * n + n % 5),
                (shape.slugs[n % len(shape.slugs)] + f"-{n}")
                if shape.slugs
                else _slug(n),
                shape.topics[n % len(shape.topics)],
            )
            for n in range(shape.count)
        ]
        self.newest = self.all[::-1]

    def build(self) -> Built:
        shape, built = self.shape, self.built
        self._feeds()
        self._lists(shape.home, shape.page, self.newest)
        for post in self.all:
            self._post(post)
        for topic in shape.topics if shape.topic else ():
            mine = [post for post in self.newest if post.topic == topic]
            self._put(self._topic(topic), topic, self._entries(mine))
        if shape.author:
            self._put(shape.author, shape.author_of, self._entries(self.newest[:SHOWN]))
        if shape.archive[0]:
            self._put(shape.archive[0], shape.archive[1], self._rows(self.newest))
        for form, key in ((shape.year, "%Y"), (shape.month, "%Y %m")):
            for label in (
                dict.fromkeys(post.day.strftime(key) for post in self.newest)
                if form
                else ()
            ):
                mine = [post for post in self.newest if post.day.strftime(key) == label]
                self._put(mine[0].day.strftime(form), label, self._entries(mine))
        for path, text in shape.fixed:
            self._put(path, text, f"<article><h1>{text}</h1>{_prose(path)}</article>")
        for path in (*shape.others, *shape.hidden):
            self._put(path, path, f"<article><h1>{path}</h1>{_prose(path)}</article>")
        self._sitemaps()
        built.posts = [shape.post(post) for post in self.all]
        return built

    def _put(self, path: str, title: str, body: str, head: str = "") -> None:
        shape = self.shape
        links = "".join(
            f'<li><a href="{p}">{text}</a></li>'
            for p, text in (*shape.fixed, shape.archive)
            if p
        )
        others = [
            f'<p><a href="{other}">see also</a></p>'
            for other in shape.others
            if path == shape.home
        ]
        page = (
            f'<!doctype html><html lang="{shape.language}"><head><meta charset="utf-8"><title>{title} | B'
            f'</title><link rel="alternate" type="application/rss+xml" href="{shape.feed}">{head}</head>'
            f'<body><header><a href="{shape.home}">B</a><nav><ul>{links}</ul></nav></header>'
            f"<main>{body}</main><aside>{self._side()}</aside>"
            f'<footer>{"".join(others)}<a href="{shape.feed}">RSS</a> © Jo</footer></body></html>'
        )
        self.built.pages[path] = ("text/html; charset=utf-8", page)

    def _side(self) -> str:
        shape = self.shape
        months = dict.fromkeys(
            post.day.strftime(shape.month) for post in self.newest if shape.month
        )
        recent = [(shape.post(post), self._title(post)) for post in self.newest[:5]]
        topics = [(self._topic(topic), topic) for topic in shape.topics if shape.topic]
        return "".join(
            "<ul>"
            + "".join(f'<li><a href="{href}">{text}</a></li>' for href, text in links)
            + "</ul>"
            for links in (recent, [(month, month) for month in months], topics)
        )

    def _post(self, post: Post) -> None:
        shape, path = self.shape, self.shape.post(post)
        beside = [form.format(path=path, n=post.number) for form in shape.beside]
        meta = "".join(
            f'<a href="{href}">{name}</a> '
            for name, href in zip("abc", beside, strict=False)
        )
        if shape.author:
            meta += f'by <a href="{shape.author}">{shape.author_of}</a> '
        if shape.topic:
            meta += f'in <a href="{self._topic(post.topic)}">{post.topic}</a>'
        article = (
            f"<article><h1>{self._title(post)}</h1><time datetime={post.day}>{post.day}</time>"
            f"{_prose(path)}<p>{meta}</p></article>"
        )
        nav, head = self._neighbours(post)
        if shape.canonical:
            head += f'<link rel="canonical" href="{self.base}{path}">'
        self._put(path, self._title(post), article + nav, head)
        if shape.second:
            second = shape.second(post)
            self._put(second, self._title(post), article + nav, head)
            self.built.seconds[second] = path
        for href in beside:
            if "#" not in href:
                self._put(
                    href, f"{self._title(post)} again", article.replace("ri", "ro")
                )

    def _neighbours(self, post: Post) -> tuple[str, str]:
        before, after = self.shape.chain
        around = ((before, post.number - 1), (after, post.number + 1))
        found = [
            (word, self.all[n]) for word, n in around if word and 0 <= n < len(self.all)
        ]
        nav = "".join(
            f'<a href="{self.shape.post(p)}">{word} {self._title(p)}</a> '
            for word, p in found
        )
        return (f'<nav class="post-nav">{nav}</nav>' if nav else ""), ""

    def _lists(self, home: str, form: str, posts: Sequence[Post]) -> None:
        pages = [posts[n : n + SHOWN] for n in range(0, len(posts), SHOWN)]
        for number, mine in enumerate(pages, start=1):
            more = (
                f'<a href="{form.format(number + 1)}">{self.shape.older}</a>'
                if number < len(pages)
                else ""
            )
            path = home if number == 1 else form.format(number)
            self._put(path, "B", self._entries(mine) + (more if form else ""))
            if not form:
                return

    def _entries(self, posts: Sequence[Post]) -> str:
        return "".join(
            f'<article><h2><a href="{url}">{self._title(p)}</a></h2><p>{_prose(p.slug)[3:200]}</p>'
            f'<a href="{url}">Read on</a> <a href="{url}#comments">2 comments</a></article>'
            for p in posts
            if (url := self.shape.post(p))
        )

    def _rows(self, posts: Sequence[Post]) -> str:
        rows = "".join(
            f'<li><span>{p.day}</span> <a href="{self.shape.post(p)}">{self._title(p)}</a></li>'
            for p in posts
        )
        return f"<h1>All</h1><ul>{rows}</ul>"

    def _title(self, post: Post) -> str:
        return html.escape(self.shape.titles.format(post.slug.replace("-", " ")))

    def _topic(self, topic: str) -> str:
        return self.shape.topic.format(quote(topic))

    def _feeds(self) -> None:
        shape = self.shape
        maker = {"rss": _rss, "atom": _atom, "rdf": _rdf, "0.91": _old_rss}[shape.kind]
        posts = [
            (self.base + shape.post(p), self._title(p), p.day)
            for p in self.newest[:SHOWN]
        ]
        body = maker(self.base + shape.home, posts, shape.generator)
        self.built.pages[shape.feed] = ("application/xml", body)
        if (
            "wordpress" in shape.generator
        ):  # served from files: every page of the feed is the first
            self.built.pages[f"{shape.feed}?paged=2"] = ("application/xml", body)

    def _sitemaps(self) -> None:
        shape, pages = self.shape, self.built.pages
        posts = [shape.post(post) for post in self.all]
        rest = [
            path
            for path, (kind, _) in pages.items()
            if kind.startswith("text/html")
            and path not in {*posts, *shape.hidden, *self.built.seconds}
        ]
        if shape.sitemap == "all":
            pages["/sitemap.xml"] = (
                "application/xml",
                _urlset(self.base, [*rest, *posts]),
            )
        elif shape.sitemap:
            names = [shape.sitemap.format(what) for what in ("post", "page", "tag")]
            each = "".join(
                f"<sitemap><loc>{self.base}{name}</loc></sitemap>" for name in names
            )
            pages["/sitemap.xml"] = (
                "application/xml",
                f"<sitemapindex>{each}</sitemapindex>",
            )
            pages[names[0]] = ("application/xml", _urlset(self.base, posts))
            pages[names[1]] = (
                "application/xml",
                _urlset(self.base, [path for path, _ in shape.fixed]),
            )
            pages[names[2]] = ("application/xml", _urlset(self.base, rest))


def _urlset(base: str, paths: Sequence[str]) -> str:
    each = "".join(f"<url><loc>{base}{html.escape(path)}</loc></url>" for path in paths)
    return (
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{each}</urlset>'
    )


Entries = Sequence[tuple[str, str, date]]


def _rss(home: str, posts: Entries, generator: str) -> str:
    items = "".join(
        f"<item><title>{title}</title><link>{html.escape(url)}</link><guid>{html.escape(url)}</guid>"
        f"<pubDate>{format_datetime(_noon(day))}</pubDate></item>"
        for url, title, day in posts
    )
    made = f"<generator>{generator}</generator>" if generator else ""
    return f'<rss version="2.0"><channel><title>B</title><link>{home}</link>{made}{items}</channel></rss>'


def _old_rss(home: str, posts: Entries, generator: str) -> str:
    items = "".join(
        f"<item><title>{title}</title><link>{url}</link></item>"
        for url, title, _ in posts
    )
    return f'<rss version="0.91"><channel><title>B</title><link>{home}</link>{items}</channel></rss>'


def _rdf(home: str, posts: Entries, generator: str) -> str:
    items = "".join(
        f'<item rdf:about="{url}"><title>{title}</title><link>{url}</link><dc:date>{day}</dc:date></item>'
        for url, title, day in posts
    )
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="{home}"><title>B</title>'
        f"<link>{home}</link></channel>{items}</rdf:RDF>"
    )


def _atom(home: str, posts: Entries, generator: str) -> str:
    entries = "".join(
        f'<entry><title>{title}</title><link href="{url}"/><id>{url}</id>'
        f"<updated>{day}T12:00:00Z</updated></entry>"
        for url, title, day in posts
    )
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title><link href="{home}"/><id>{home}</id>'
        f"<generator>{generator}</generator>{entries}</feed>"
    )


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


_SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "lu",
    "ma",
    "ne",
    "pi",
    "ro",
    "su",
    "ta",
    "ve",
    "wi",
    "xo",
    "zu",
    "ka",
)


def _slug(number: int) -> str:
    return "-".join(_words(number, 3))


def _words(seed: object, count: int) -> list[str]:
    chance = random.Random(f"{seed}")
    return [
        "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4)))
        for _ in range(count)
    ]


def _prose(seed: object) -> str:
    """Paragraphs of running text, other words for each seed."""
    words = _words(f"text of {seed}", 160)
    return "".join(
        f"<p>{' '.join(words[n : n + 40]).capitalize()}.</p>" for n in range(0, 160, 40)
    )
