"""Posts on disk, from the export or the folder to the page: each opens, and nothing
that stands beside it in the same file or folder can be had."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, quote, urlsplit

import html5lib
import pytest

from search.engine import Engine
from search.index.open import open_index
from search.serialization import as_json
from tests.fakes import HashEmbedder
from tests.runs import Runs
from web import create_app
from web.settings import Settings

SECRETS = (
    "unborn draft",
    "$2a$10$hash",
    "ann@mail.example",
    "smtp password",
    "hidden behind",
)
TITLES = ("Sourdough in winter", "Rye and water", "An oven of clay")
WORDS = "A loaf of bread rises slowly where it is cold, says post number"


def body(number):
    return f"<p>{WORDS} {number}. " + f"Flour {number} and salt. " * 30 + "</p>"


def ghost(folder):
    posts = [
        {"id": str(n), "slug": slug, "title": TITLES[n], "status": "published", "html": body(n),
         "published_at": f"2024-0{n + 1}-01T00:00:00.000Z"}
        for n, slug in enumerate(("sourdough", "rye.pdf", "oven.html"))
    ]  # fmt: skip
    posts.append(
        {
            "id": "9",
            "slug": "draft",
            "title": "x",
            "status": "draft",
            "html": SECRETS[0],
        }
    )
    tables = {
        "posts": posts,
        "users": [{"id": "1", "name": "Ann", "email": SECRETS[2], "password": SECRETS[1]}],
        "settings": [{"key": "title", "value": "Bread"}, {"key": "mail", "value": SECRETS[3]}],
    }  # fmt: skip
    path = folder / "my blog.ghost.json"
    path.write_text(json.dumps({"db": [{"data": tables}]}), "utf-8")
    return path


def wordpress(folder):
    item = """<item><title>{}</title><wp:post_id>{}</wp:post_id><wp:post_type>post</wp:post_type><wp:status>{}</wp:status>
        <wp:post_password>{}</wp:post_password><content:encoded><![CDATA[{}]]></content:encoded></item>"""
    items = [item.format(TITLES[n], n + 1, "publish", "", body(n)) for n in range(3)]
    items.append(item.format("x", 8, "draft", "", SECRETS[0]))
    items.append(item.format("x", 9, "publish", "pw", SECRETS[4]))
    path = folder / "export.xml"
    path.write_text(
        '<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Bread</title><wp:author><wp:author_login>a</wp:author_login><wp:author_email>{SECRETS[2]}"
        f"</wp:author_email></wp:author>{''.join(items)}</channel></rss>",
        "utf-8",
    )
    return path


def notes(folder):
    place = folder / "notes"
    place.mkdir()
    for number, title in enumerate(TITLES):
        text = body(number).removeprefix("<p>").removesuffix("</p>")
        (place / f"{number} ü?.md").write_text(f"# {title}\n\n{text}\n", "utf-8")
    (place / "draft.md").write_text(f"---\ndraft: true\n---\n{SECRETS[0]}", "utf-8")
    (place / "mail.json").write_text(SECRETS[2], "utf-8")
    (folder / "hash").write_text(SECRETS[1], "utf-8")
    (place / "link.md").symlink_to(folder / "hash")
    return place


@pytest.fixture(params=[ghost, wordpress, notes])
def source(request, tmp_path):
    return request.param(tmp_path.resolve())


@pytest.fixture
def client(tmp_path, workers, source):
    runs = Runs(tmp_path / "index", workers)
    runs.add(str(source))
    engine = Engine(open_index(tmp_path / "index"), embedder=HashEmbedder())
    yield create_app(Settings(index=tmp_path / "index"), engine).test_client()
    engine.close()


def tree(answer):
    return html5lib.parse(answer.text, namespaceHTMLElements=False)


def links(answer):
    """The addresses on this server that a page leads to, the box and menus aside."""
    found = {a.get("href") for a in tree(answer).iter("a")}
    return {
        link
        for link in found
        if link and link.startswith(("article?", "file?", "/related"))
    }


def test_every_post_opens_from_wherever_it_is_named_and_nothing_else_does(
    client, source
):
    question = {"q": "bread loaf flour salt"}
    seen, waiting = (
        {},
        [
            "/",
            "/?" + "q=bread+loaf+flour+salt",
            "/?author=&since=2024&until=2024",
            "/coverage",
        ],
    )
    while waiting:
        link = waiting.pop()
        if link not in seen:
            seen[link] = client.get(f"/{link.lstrip('/')}", buffered=True)
            if not link.startswith("file?"):
                waiting += links(seen[link])
    readers = [link for link in seen if link.startswith("article?")]
    assert len({parse_qs(urlsplit(link).query)["url"][0] for link in readers}) == 3
    for link, answer in seen.items():
        assert answer.status_code == 200, link
        assert not [secret for secret in SECRETS if secret in answer.text], link
    files = [link for link in seen if link.startswith("file?")]
    assert len(files) == (3 if source.is_dir() else 0)
    suggested = client.get("/api/suggest", query_string=question).json["suggestions"]
    assert {one["url"].partition("?")[0] for one in suggested} <= {"article"}
    for one in suggested:
        assert client.get(f"/{one['url']}").status_code == 200


def test_in_json_an_address_is_one_that_the_reader_page_knows(client, tmp_path):
    found = client.get("/api/search", query_string={"q": "bread loaf flour salt"}).json
    assert len(found["results"]) == 3
    for hit in found["results"]:
        page = client.get("/article", query_string={"url": hit["url"]})
        assert tree(page).find(".//h1").text == hit["title"]
        related = client.get("/api/related", query_string={"url": hit["url"]}).json
        assert related["url"] == hit["url"]
        for passage in hit["passages"]:
            assert passage["url"].partition("#")[0] == hit["url"]
            assert "?" not in hit["url"] or "#" not in passage["url"]
    engine = Engine(open_index(tmp_path / "index"), embedder=HashEmbedder())
    same = as_json(engine.search("bread loaf flour salt"))
    engine.close()
    assert [one["url"] for one in same["results"]] == [
        one["url"] for one in found["results"]
    ]


def test_no_other_address_in_the_source_is_handed_over(client, source, tmp_path):
    top = tmp_path.resolve()
    paths = [source, *top.rglob("*")]
    asked = [f"file://{quote(str(path))}" for path in paths]
    asked += [
        f"{url}?post={name}"
        for url in asked
        for name in ("sourdough", "draft", "9", "rye.pdf")
    ]
    posts = {path.as_uri() for path in top.glob("notes/* ü?.md")}
    for url in asked:
        answer = client.get("/file", query_string={"url": url}, buffered=True)
        assert answer.status_code == (200 if url in posts else 404), url
        assert not [secret for secret in SECRETS if secret in answer.text], url


def test_a_folder_that_is_reached_through_a_link_is_known_by_where_it_is(
    tmp_path, workers
):
    """Then and now it opens; a link that takes its place later does not."""
    top = tmp_path.resolve()
    place = notes(top)
    (top / "link").symlink_to(place)
    for target in (str(top / "link"), (top / "link").as_uri()):
        index = top / f"index{len(target)}"
        Runs(index, workers).add(target)
        engine = Engine(open_index(index), embedder=HashEmbedder())
        client = create_app(Settings(index=index), engine).test_client()
        url = (place / "0 ü?.md").as_uri()
        answer = client.get("/file", query_string={"url": url}, buffered=True)
        assert (answer.status_code, TITLES[0] in answer.text) == (200, True)
        place.rename(top / "moved")
        place.symlink_to(top / "moved")
        answer = client.get("/file", query_string={"url": url}, buffered=True)
        assert (answer.status_code, "symbolic link" in answer.text) == (404, True)
        assert client.get("/article", query_string={"url": url}).status_code == 200
        place.unlink()
        (top / "moved").rename(place)
        engine.close()
