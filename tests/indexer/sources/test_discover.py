"""What the user pointed at, told by looking at it: feeds, pages, link pages, OPML,
files."""

from pathlib import Path

import pytest

from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.fetch.local_files import WebAndFileFetcher
from indexer.records import FetchError
from indexer.sources.discover import SourceFinder
from indexer.sources.listing import list_items
from indexer.sources.opml import OpmlFeed, write_opml
from indexer.sources.targets import target_address
from search.errors import BlogsearchError
from tests.runs import Inline
from tests.sites import page, rss, serving, text

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"
LINKS = "\n".join(
    f"# 2024-01-{n:02}\n- [Link {n}](https://other{n}.example/x) says what bread {n} needs\n"
    for n in range(1, 9)
)
HTML_LINKS = "<html><head><title>TIL</title></head><body><main>" + "".join(
    f"<h2>2024-01-{n:02}</h2><ul><li><a href='https://o{n}.example/'>Link</a> tells of bread {n} plainly</ul>"
    for n in range(1, 9)
) + "</main></body></html>"  # fmt: skip
ALTERNATE = '<link rel=alternate type="application/rss+xml" href="/feed.xml">'


@pytest.fixture(scope="module")
def site():
    with serving() as running:
        running.feed(("/1", "One"), ("/2", "Two"))
        running.post("/1", "One", text(1))
        running.post("/named", "A post", text(2), head=ALTERNATE)
        running.put("/til.md", LINKS, kind="text/markdown")
        running.put("/til.html", HTML_LINKS)
        feeds = [
            OpmlFeed(f"{running.base}/feed.xml", "The Blog"),
            OpmlFeed("https://b.example/feed"),
        ]
        running.put("/list.opml", write_opml(feeds), kind="text/x-opml")
        running.put("/empty.opml", "<opml version='2.0'><body/></opml>")
        running.put("/moved", b"", status=301, headers=(("Location", "/feed.xml"),))
        running.put("/found", b"", status=302, headers=(("Location", "/feed.xml"),))
        running.put("/film", b"\0\1\2" * 100, kind="video/mp4")
        running.put("/empty", b"")
        running.put(
            "/blob", b"\x89PNG\r\n" + bytes(100), kind="application/octet-stream"
        )
        running.put("/down", b"", status=500)
        yield running


@pytest.fixture(scope="module")
def finder():
    with HttpFetcher(Limits(delay=0, tries=1)) as web:
        yield SourceFinder(WebAndFileFetcher(web), Inline(), allow_private=True)


def kinds(found) -> list[tuple[str, str]]:
    return [(one.record.kind, one.record.url) for one in found]


@pytest.mark.parametrize(
    ("path", "kind", "leads_to"),
    [
        ("/feed.xml", "feed", "/feed.xml"),
        ("/moved", "feed", "/feed.xml"),
        ("/found", "feed", "/found"),
        ("/named", "feed", "/feed.xml"),
        ("/1", "article", "/1"),
        ("/til.md", "linkpage", "/til.md"),
        ("/til.html", "linkpage", "/til.html"),
    ],
)
def test_an_address_is_told_by_what_it_gives(site, finder, path, kind, leads_to):
    found = finder.find(site.url(path))
    assert kinds(found) == [(kind, site.url(leads_to))]
    assert found[0].record.allow_private
    assert found[0].page is not None  # it is not asked for twice
    assert list_items(found[0].record, found[0].page, Inline()).items


@pytest.mark.parametrize(
    "where", ["/feed", "/index.xml", "/atom.xml", "/rss.xml", "/feed.json"]
)
def test_a_home_that_names_no_feed_is_asked_for_the_usual_ones(finder, where):
    with serving() as blog:
        blog.put("/", page("Home", text(3)))
        blog.feed(("/1", "One"), path=where)
        assert kinds(finder.find(f"{blog.base}/")) == [("feed", blog.url(where))]
        blog.log.clear()
        blog.put("/2024/post", page("Post", text(4)))
        assert kinds(finder.find(blog.url("/2024/post"))) == [
            ("article", blog.url("/2024/post"))
        ]
        assert blog.asked() == ["/2024/post"]  # only a home is searched


def test_a_feed_below_the_blogs_folder_is_found(finder):
    with serving() as blog:
        blog.put("/blog", page("Home", text(3)))
        blog.feed(("/1", "One"), path="/blog/index.xml")
        assert kinds(finder.find(f"{blog.base}/blog")) == [
            ("feed", blog.url("/blog/index.xml"))
        ]


def test_a_named_feed_that_is_none_is_passed_over(finder):
    with serving() as blog:
        blog.post(
            "/",
            "Home",
            text(3),
            head=ALTERNATE + ALTERNATE.replace("/feed.xml", "/real.xml"),
        )
        blog.put("/feed.xml", b"oops", status=404)
        blog.feed(("/1", "One"), path="/real.xml")
        assert kinds(finder.find(f"{blog.base}/")) == [("feed", blog.url("/real.xml"))]


def test_an_opml_file_gives_all_its_feeds(site, finder):
    found = finder.find(site.url("/list.opml"))
    assert kinds(found) == [
        ("feed", site.url("/feed.xml")),
        ("feed", "https://b.example/feed"),
    ]
    assert [one.record.title for one in found] == ["The Blog", ""]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/none", r"no such page \(404\)"),
        ("/down", r"trouble of its own \(500\)"),
        ("/film", "no page but video/mp4"),
        ("/empty", "neither a feed nor a page"),
        ("/blob", "neither a feed nor a page"),
        ("/empty.opml", "OPML file without any feed"),
    ],
)
def test_what_can_not_be_followed_is_told_in_a_sentence(site, finder, path, says):
    with pytest.raises(BlogsearchError, match=says):
        finder.find(site.url(path))


def test_an_unreachable_host_is_told(finder):
    with pytest.raises(FetchError, match=r"\.$"):
        finder.find("http://127.0.0.1:9/feed")


def test_private_addresses_need_leave(site):
    with (
        HttpFetcher(Limits(delay=0, tries=1)) as web,
        pytest.raises(FetchError, match="private"),
    ):
        SourceFinder(WebAndFileFetcher(web), Inline()).find(site.url("/feed.xml"))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("feed.xml", rss("https://a.example", (("/1", "One"),)), "feed"),
        (
            "saved.txt",
            "menu\n1\n2\n3\n" + rss("https://a.example", (("/1", "One"),)),
            "feed",
        ),
        ("til.md", LINKS, "linkpage"),
        ("til.html", HTML_LINKS, "linkpage"),
        ("post.html", page("Post", text(5)), "article"),
        ("notes.md", f"# A text\n\n{text(6)}\n", "article"),
    ],
)
def test_local_files_are_told_alike(finder, tmp_path, monkeypatch, name, content, kind):
    (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    for target in (name, str(tmp_path / name), (tmp_path / name).as_uri()):
        found = finder.find(target)
        assert kinds(found) == [(kind, (tmp_path / name).as_uri())]


def test_a_local_opml_file_gives_its_feeds(finder, tmp_path):
    path = tmp_path / "feeds.opml"
    path.write_text(write_opml([OpmlFeed("https://b.example/feed")]))
    assert kinds(finder.find(str(path))) == [("feed", "https://b.example/feed")]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("./none.xml", "no file|no such file"),
        ("/no/such/file.xml", "no file|no such file"),
        ("none/at/all", "no file"),
        ("ftp://a.example/feed", "not an address"),
        ("javascript:alert(1)", "not an address|cannot be read|not a valid"),
        ("https://", "not an address"),
        ("", "not an address|no file"),
        ("two words", "not an address|not a valid host"),
        ("http://[::1", "not an address|cannot be read"),
        ("file:///no/such/file", "no such file"),
        ("file://host.example/etc/hosts", "of another machine, host.example"),
        ("file:///etc/hosts%00.md", "no name that a file can have"),
    ],
)
def test_nonsense_is_told_in_a_sentence(finder, target, says):
    with pytest.raises(BlogsearchError, match=says):
        finder.find(target)


def test_a_folder_without_posts_is_told(finder, tmp_path):
    (tmp_path / "README.txt.bak").write_text("none")
    with pytest.raises(BlogsearchError, match="holds no posts"):
        finder.find(str(tmp_path))


def test_a_link_is_followed_once_when_it_is_added(finder, tmp_path):
    """What is put in its place later is another thing."""
    post = tmp_path.resolve() / "post.md"
    post.write_text(f"# A text\n\n{text(6)}\n")
    link = tmp_path / "link.md"
    link.symlink_to(post)
    for target in (str(link), link.as_uri(), f"file://localhost{link.as_uri()[7:]}"):
        assert kinds(finder.find(target)) == [("article", post.as_uri())]
    link.unlink()
    link.symlink_to(link)
    for target in (str(link), link.as_uri()):
        with pytest.raises(BlogsearchError, match="opened as a file"):
            finder.find(target)


def test_a_path_is_one_even_where_nothing_is_left_of_it(tmp_path):
    assert target_address(str(tmp_path / "gone")) == (tmp_path / "gone").as_uri()


def test_a_bare_host_name_is_an_address():
    assert target_address("blog.example") == "https://blog.example"
    assert target_address(" blog.example/feed ") == "https://blog.example/feed"


@pytest.mark.skipif(
    not SEEDS.is_dir(),
    reason="the user's own documents lie in ../shared/seeds only on some machines",
)
@pytest.mark.parametrize(
    ("name", "kind", "least"), [("003*.txt", "feed", 50), ("000*.txt", "linkpage", 50)]
)
def test_the_users_own_documents_work_as_they_lie(finder, name, kind, least):
    path = next(SEEDS.glob(name))
    found = finder.find(str(path))
    assert kinds(found) == [(kind, path.resolve().as_uri())]
    items = list_items(found[0].record, found[0].page, Inline()).items
    assert len(items) >= least
    assert all(item.url.startswith("http") for item in items)
    if kind == "linkpage":
        assert all(
            note[3] and note[0] and note[2] for item in items for note in item.notes
        )
