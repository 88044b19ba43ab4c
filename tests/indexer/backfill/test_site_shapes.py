"""Archives behind the feeds of generated sites, one for each kind of blog: all posts,
and nothing else."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.blogs import Blog
from tests.servers import scripted
from tests.shapes import Built, Shape, build

GERMAN = ["gruesse-aus-koeln", "der-alte-garten", "was-vom-brot-bleibt", "zug-um-zug"]
FRENCH = ["l-hiver-arrive", "les-trains-de-nuit", "un-peu-de-pain", "carnet-de-route"]
CHINESE = ["漏洞分析笔记", "年终总结", "读书随想", "旅行记录"]
JAPANESE = ["パンの焼き方", "夜行列車の旅", "庭の手入れ", "今年のまとめ"]

SHAPES = {
    "WordPress saved as files": Shape(
        post=lambda p: f"/{p.day:%Y/%m}/{p.slug}/", feed="/feed/", page="/page/{}/", month="/%Y/%m/",
        topic="/category/{}/", author="/author/jo/", sitemap="/wp-sitemap-{}-1.xml", canonical=True,
        generator="https://wordpress.org/?v=6.4", beside=("{path}feed/", "{path}comment-page-1/#comments"),
        fixed=[("/about/", "About"), ("/contact/", "Contact"), ("/now/", "Now"), ("/projects/", "Projects")],
        hidden=["/2019/05/a-draft/", "/?p=999&preview=true"],
    ),
    "WordPress with plain addresses": Shape(
        post=lambda p: f"/?p={p.number * 7 + 11}", feed="/?feed=rss2", page="/?paged={}", month="/?m=%Y%m",
        topic="/?cat={}", topics=("3", "4", "5"), author="/?author=1",
        generator="https://wordpress.org/?v=4.9", fixed=[("/?page_id=2", "About"), ("/?s=bread", "Search")],
    ),
    "WordPress under categories": Shape(
        post=lambda p: f"/{p.topic}/{p.slug}/", feed="/feed/", page="/page/{}/", topic="/category/{}/",
        chain=("Previous post:", "Next post:"), fixed=[("/about/", "About"), ("/imprint/", "Imprint")],
        topics=("cooking", "gardens", "trains", "books", "rain"), others=["/about/team/"],
    ),
    "Ghost": Shape(
        post=lambda p: f"/{p.slug}/", feed="/rss/", page="/page/{}/", topic="/tag/{}/", author="/author/jo/",
        sitemap="/sitemap-{}s.xml", generator="Ghost 5.2", beside=("{path}amp/", ), canonical=True,
        fixed=[("/about/", "About"), ("/uses/", "Uses"), ("/my-cameras/", "Cameras"), ("/privacy/",
        "Privacy")], hidden=["/p/8c1f-draft/", "/unfinished-thing/"],
    ),
    "Ghost without sitemaps": Shape(
        post=lambda p: f"/{p.slug}/", feed="/rss/", page="/page/{}/", topic="/tag/{}/", author="/author/jo/",
        fixed=[("/about/", "About"), ("/my-cameras/", "Cameras")], hidden=["/unfinished-thing/"],
    ),
    "Substack": Shape(
        post=lambda p: f"/p/{p.slug}", feed="/feed", sitemap="all", archive=("/archive", "Archive"),
        beside=("{path}/comments", ), fixed=[("/about", "About"), ("/subscribe", "Subscribe"), ("/notes",
        "Notes")],
    ),
    "Octopress": Shape(
        post=lambda p: f"/blog/{p.day:%Y/%m/%d}/{p.slug}/", feed="/atom.xml", kind="atom",
        page="/blog/page/{}/", archive=("/blog/archives", "Archives"), topic="/blog/categories/{}/",
        beside=("{path}#disqus_thread", ), chain=("«", "»"), fixed=[("/about/", "About")], older="← Older",
    ),
    "Quarto": Shape(
        post=lambda p: f"/posts/{p.slug}/", feed="/index.xml", sitemap="all", fixed=[("/about.html", "About"),
        ("/projects.html", "Projects"), ("/cv.html", "CV")],
    ),
    "Quarto with a listing alone": Shape(
        post=lambda p: f"/posts/{p.day}-{p.slug}/index.html", feed="/index.xml", home="/",
        archive=("/posts.html", "Posts"), fixed=[("/about.html", "About"), ("/talks.html", "Talks")],
    ),
    "Jekyll": Shape(
        post=lambda p: f"/{p.day:%Y/%m/%d}/{p.slug}.html", kind="atom", page="/page{}/", topic="/tags/#{}",
        fixed=[("/about/", "About"), ("/uses", "Uses"), ("/tags/", "Tags")], older="Older",
        hidden=["/drafts/2019/05/06/thing.html"],
    ),
    "Hugo": Shape(
        post=lambda p: f"/posts/{p.slug}/", feed="/index.xml", page="/page/{}/", topic="/tags/{}/",
        sitemap="all", archive=("/posts/", "Posts"), fixed=[("/about/", "About"), ("/now/", "Now"),
        ("/categories/", "More")], beside=("{path}print/", ),
    ),
    "Hugo at the root, dated": Shape(
        post=lambda p: f"/{p.day}-{p.slug}/", feed="/index.xml", page="/page/{}/", topic="/tags/{}/",
        archive=("/archives/", "Archive"), chain=("← Prev", "Next →"), older="»",
    ),
    "Movable Type": Shape(
        post=lambda p: f"/archives/{p.number * 3 + 100:06}.html", feed="/index.rdf", kind="rdf",
        archive=("/archives.html", "Archives"), month="/archives/%Y_%m.html", topic="/archives/cat_{}.html",
        chain=("«", "»"), beside=("/cgi-bin/mt-comments.cgi?entry_id={n}", ), fixed=[("/about.html",
        "About me"), ("/photos/", "Photos")],
    ),
    "Movable Type with its posts at two addresses": Shape(
        post=lambda p: f"/archives/{p.day:%Y/%m}/{p.slug}.html", feed="/index.xml", kind="0.91",
        second=lambda p: f"/archives/{p.number * 3 + 100:06}.html", canonical=True, month="/archives/%Y/%m/",
        topic="/archives/{}/", chain=("«", "»"), fixed=[("/about.html", "About")],
    ),
    "RSS 0.91 by hand": Shape(
        post=lambda p: f"/essays/{p.slug}.html", feed="/rss.xml", kind="0.91", archive=("/essays.html",
        "Essays"), fixed=[("/bio.html", "Bio"), ("/faq.html", "FAQ")],
    ),
    "pages at the root, by hand": Shape(
        post=lambda p: f"/{p.slug}.html", feed="/rss.xml", archive=("/articles.html", "Essays"),
        fixed=[("/bio.html", "Bio"), ("/faq.html", "FAQ"), ("/lisp.html", "Lisp")],
    ),
    "Pelican": Shape(
        post=lambda p: f"/{p.slug}.html", feed="/feeds/all.atom.xml", kind="atom", page="/index{}.html",
        archive=("/archives.html", "Archives"), topic="/category/{}.html", author="/author/jo.html",
        fixed=[("/pages/about.html", "About"), ("/tags.html", "Tags"), ("/authors.html", "Authors")],
    ),
    "Pelican without archives": Shape(
        post=lambda p: f"/{p.slug}.html", feed="/feeds/all.atom.xml", kind="atom", page="/index{}.html",
        topic="/category/{}.html", author="/author/jo.html", fixed=[("/pages/about.html", "About")],
    ),
    "Eleventy": Shape(
        post=lambda p: f"/posts/{p.slug}/", feed="/feed/feed.xml", kind="atom", archive=("/posts/",
        "Archive"), topic="/tags/{}/", fixed=[("/about/", "About me"), ("/tags/", "Tags")],
        chain=("Previous:", "Next:"),
    ),
    "Blogger": Shape(
        post=lambda p: f"/{p.day:%Y/%m}/{p.slug}.html", feed="/feeds/posts/default", kind="atom",
        month="/%Y/%m/", topic="/search/label/{}", generator="Blogger", fixed=[("/p/about-me.html",
        "About me")], beside=("{path}?m=1", "{path}?showComment=1"), page="/search?updated-max=page{}",
        older="Older Posts",
    ),
    "Bear": Shape(
        post=lambda p: f"/{p.slug}/", feed="/feed/", kind="atom", archive=("/blog/", "Blog"),
        topic="/blog/?q={}", fixed=[("/about/", "About"), ("/my-desk/", "My desk"), ("/projects/",
        "Projects")], others=["/guestbook/"],
    ),
    "neighbours alone": Shape(
        post=lambda p: f"/{p.slug}/", feed="/rss.xml", chain=("← Older", "Newer →"), fixed=[("/about/",
        "About"), ("/my-desk/", "My desk")],
    ),
    "topics alone": Shape(
        post=lambda p: f"/{p.slug}", feed="/rss.xml", topic="/on/{}", fixed=[("/about", "About"), ("/my-desk",
        "My desk")],
    ),
    "all on the home page": Shape(
        post=lambda p: f"/notes/{p.slug}", feed="/rss.xml", archive=("/", "All notes"), fixed=[("/about",
        "About"), ("/notes/about", "About these notes")], topic="/notes/tag/{}",
    ),
    "a page for each day": Shape(
        post=lambda p: f"/{p.day:%Y/%m/%d}/{p.slug}", feed="/index.rss", month="/%Y/%m", year="/%Y",
        chain=("Previous", "Next"), fixed=[("/about", "About"), ("/1999/12", "December"), ("/2017/13",
        "More")],
    ),
    "articles with a number at their end": Shape(
        post=lambda p: f"/@jo/{p.slug}-{p.number * 7919:08x}", feed="/feed/@jo", home="/@jo", chain=("Older:",
        ""), topic="/tag/{}", fixed=[("/@jo/about", "About"), ("/@ann/a-story-0000ab12", "By Ann"), ("/",
        "Home")],
    ),
    "a company's blog": Shape(
        post=lambda p: f"/blog/{p.slug}", feed="/blog/feed.xml", home="/blog/", page="/blog/page/{}",
        topic="/blog/tag/{}", author="/blog/author/jo", sitemap="all", fixed=[("/", "Home"), ("/pricing",
        "Pricing"), ("/docs/start", "Docs"), ("/blog/about", "About")],
    ),
    "a blog below another's folder": Shape(
        post=lambda p: f"/~me/blog/{p.day:%Y}/{p.slug}.html", feed="/~me/blog/index.rss", home="/~me/blog/",
        year="/~me/blog/%Y/", archive=("/~me/blog/archive.html", "Archive"), fixed=[("/~me/", "Me"),
        ("/~me/papers/2018/a-paper.html", "A paper"), ("/~you/blog/2018/hi.html", "You")],
    ),
    "German": Shape(
        post=lambda p: f"/{p.day:%Y/%m}/{p.slug}/", feed="/feed/", page="/seite/{}/", older="Ältere Beiträge",
        topic="/kategorie/{}/", author="/autor/jo/", slugs=GERMAN, month="/%Y/%m/", language="de",
        fixed=[("/impressum/", "Impressum"), ("/datenschutz/", "Datenschutz"), ("/ueber-mich/", "Über mich")],
    ),
    "German at the root": Shape(
        post=lambda p: f"/{p.slug}/", feed="/feed/", page="/seite/{}/", older="Ältere Beiträge",
        topic="/schlagwort/{}/", author="/autor/jo/", slugs=GERMAN, language="de", sitemap="all",
        fixed=[("/impressum/", "Impressum"), ("/datenschutzerklaerung/", "Datenschutz"), ("/werkzeuge/",
        "Werkzeug"), ("/%C3%BCber-mich/", "Über mich"), ("/archiv/", "Archiv")],
    ),
    "French": Shape(
        post=lambda p: f"/post/{p.day:%Y/%m/%d}/{p.slug}", feed="/feed/atom", kind="atom", page="/page/{}",
        older="Billets plus anciens", month="/archive/%Y/%m", topic="/category/{}", slugs=FRENCH,
        language="fr", archive=("/archive", "Archives"), fixed=[("/pages/A-propos", "À propos"), ("/contact",
        "Contact")],
    ),
    "French at the root": Shape(
        post=lambda p: f"/{p.slug}/", feed="/feed/", page="/page/{}/", older="Articles plus anciens",
        slugs=FRENCH, topic="/categorie/{}/", author="/auteur/jo/", language="fr", chain=("Article précédent",
        "Article suivant"), fixed=[("/a-propos/", "À propos"), ("/mentions-legales/", "Mentions légales"),
        ("/plan-du-site/", "Plan")],
    ),
    "Chinese": Shape(
        post=lambda p: f"/{p.day:%Y/%m/%d}/{quote(p.slug)}/", feed="/atom.xml", kind="atom", page="/page/{}/",
        archive=("/archives/", "归档"), year="/archives/%Y/", month="/archives/%Y/%m/", older="下一页",
        topic="/categories/{}/", slugs=CHINESE, language="zh-CN", chain=("上一篇", "下一篇"), topics=("安全",
        "生活"), fixed=[("/about/", "关于"), ("/tags/", "标签"), ("/friends/", "友链")],
    ),
    "Chinese at the root": Shape(
        post=lambda p: f"/{quote(p.slug)}/", feed="/atom.xml", kind="atom", page="/page/{}/", older="下一页",
        topic="/categories/{}/", slugs=CHINESE, language="zh-CN", topics=("安全", "生活"), sitemap="all",
        fixed=[("/%E5%85%B3%E4%BA%8E/", "关于"), ("/%E5%8F%8B%E9%93%BE/", "友链"), ("/about/", "关于我")],
    ),
    "Japanese": Shape(
        post=lambda p: f"/entry/{p.day:%Y/%m/%d}/{p.number:02}3000", feed="/feed", kind="atom",
        page="/?page={}", older="次のページ", archive=("/archive", "記事一覧"), year="/archive/%Y",
        topic="/archive/category/{}", slugs=JAPANESE, language="ja", fixed=[("/about", "プロフィール"),
        ("/search?q=x", "検索")],
    ),
    "Japanese at the root": Shape(
        post=lambda p: f"/{quote(p.slug)}/", feed="/feed/", page="/page/{}/", older="過去の投稿",
        slugs=JAPANESE, topic="/category/{}/", language="ja",
        fixed=[ ("/%E3%83%97%E3%83%AD%E3%83%95%E3%82%A3%E3%83%BC%E3%83%AB/", "プロフィール"),
        ("/%E3%81%8A%E5%95%8F%E3%81%84%E5%90%88%E3%82%8F%E3%81%9B/", "お問い合わせ"), ("/profile/",
        "自己紹介")],
    ),
}  # fmt: skip


MOST_ASKED = 45  # besides the posts: lists, sitemaps, what isn't there


@pytest.fixture
def blog(tmp_path, workers):
    with scripted() as script:
        yield Blog(tmp_path / "index", workers, script)


def publish(blog: Blog, shape: Shape) -> Built:
    """Put a site of this shape where the blog is."""
    site = build(shape)
    for path, (kind, body) in site.pages.items():
        blog.put(path, body, headers=(("Content-Type", kind),))
    blog.feed = shape.feed
    return site


@pytest.mark.parametrize("name", SHAPES)
def test_all_posts_are_found_and_nothing_else(blog, name):
    site = publish(blog, SHAPES[name])
    blog.run()
    assert sorted({site.seconds.get(path, path) for path in blog.held}) == sorted(
        site.posts
    )
    assert len(set(blog.asked) - set(site.posts)) <= MOST_ASKED
    assert (
        len(blog.twice()) <= 1
    )  # the feed, where the search finds it among what it reads


def test_a_feed_that_is_kept_on_another_host(blog):
    site = publish(blog, SHAPES["Jekyll"])
    with scripted() as other:
        other.pages["/jos-blog"] = blog.script.pages.pop(blog.feed)
        blog.feed = f"{other.base}/jos-blog"
        blog.run()
    assert blog.held == sorted(site.posts)
    assert set(other.paths) <= {"/jos-blog", "/robots.txt"}
