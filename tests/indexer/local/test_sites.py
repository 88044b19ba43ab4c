"""Folders as Jekyll, Hugo, Pelican, Eleventy and Obsidian have them: what are posts,
and at which address."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.local.pelican import constants
from indexer.local.posts import ScannedFile, scan_file
from indexer.local.site_config import StaticSite
from indexer.local.slugs import PostFacts
from indexer.local.static_site import permalink_of, read_site
from indexer.local.stored_text import read_local_article
from indexer.local.template_markup import strip_template_markup
from indexer.local.walk import walk

DATA = Path(__file__).parents[2] / "data" / "disk"
TODAY = date(2026, 3, 1)


def seen(folder: Path) -> dict[str, ScannedFile]:
    """What each file of a folder is, by its path."""
    site = read_site(str(folder))
    return {
        file.path: scan_file(file, site, TODAY) for file in walk(folder, site).files
    }


def addresses(folder: Path) -> dict[str, str]:
    """The address of each post, or why a file is none."""
    return {
        path: one.item.url if one.item else one.left_out
        for path, one in seen(folder).items()
    }


def texts(folder: Path, path: str) -> list[str]:
    item = seen(folder)[path].item
    assert item is not None
    return [block.text for block in read_local_article(item).blocks]


def put(folder: Path, path: str, text: str | bytes) -> Path:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(text.encode() if isinstance(text, str) else text)
    return target


@pytest.fixture
def copy(tmp_path):
    def make(name: str) -> Path:
        return Path(shutil.copytree(DATA / name, tmp_path / name))

    return make


# --- Jekyll ---


def test_jekylls_posts_have_the_addresses_of_its_configuration(copy):
    blog = copy("jekyll")
    put(
        blog,
        "_site/2019/05/03/on-rye/index.html",
        "<html><body><p>built</p></body></html>",
    )
    put(
        blog,
        "vendor/bundle/gems/jekyll-4/_posts/2020-01-01-x.md",
        "---\ntitle: x\n---\nx\n",
    )
    put(blog, "_recipes/dark-loaf.md", "---\ntitle: Dark loaf\n---\nBake it long.\n")
    base = "https://crumb.example/blog"
    assert (
        addresses(blog)
        == {
            "_posts/2019-05-03-on-rye.md": f"{base}/bread/rye/2019/05/04/on-rye/",  # 23:30 -0500 in Oslo
            "_posts/2020-01-02-salt.md": f"{base}/2020/01/02/salt/",
            "_posts/2021-02-01-water.md": f"{base}/water.html",
            "_posts/2021-03-01-hidden.md": "draft",
            "_posts/2099-01-01-later.md": "future",
            "_recipes/dark-loaf.md": f"{base}/recipes/dark-loaf/",
            "travel/_posts/2021-06-07-Bakeries_of_Lyon.markdown": f"{base}/away/2021/bakeries-of-lyon",
        }
    )


def test_liquid_leaves_only_what_it_carries():
    assert texts(DATA / "jekyll", "_posts/2019-05-03-on-rye.md") == [
        "Rye bread is sticky while it is warm. Wait a day.",
        'def wait(days: int) -> None:\n    print("")',
        "The template reads {{ page.title }}. Next",
        "A day in a cloth, that is.",
    ]


def test_broken_front_matter_is_told_and_read_as_far_as_it_goes():
    item = seen(DATA / "jekyll")["_posts/2020-01-02-salt.md"].item
    assert item.title == "Salt: how much"
    assert "front matter can't be read" in item.remark
    assert item.published == "2020-01-02"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", "/a/b/2019/05/03/On-Rye.html"),
        ("pretty", "/a/b/2019/05/03/On-Rye/"),
        ("ordinal", ""),
        ("none", "/a/b/On-Rye.html"),
        ("/:short_year/:i_month/:i_day/:slug", "/19/5/3/on-rye"),
        ("/:year-:month-:day/:title:output_ext", "/2019-05-03/On-Rye.html"),
        ("/:unheard/:title/", ""),
        ("/:year/:week/:title/", ""),
        ("/../../../etc/:title", "/etc/On-Rye"),
    ],
)
def test_permalink_styles_of_jekyll(tmp_path, pattern, expected):
    put(tmp_path, "_config.yml", f"url: https://a.example\npermalink: {pattern}\n")
    put(tmp_path, "_posts/2019-05-03-On-Rye.md", "---\ncategories: [a, B]\n---\ntext\n")
    (item,) = (one.item for one in seen(tmp_path).values())
    assert item.url == (f"https://a.example{expected}" if expected else item.file)


@pytest.mark.parametrize(
    "config",
    [
        "url: http://localhost:4000",
        "url: https://example.com",
        "title: no url",
        "- a\n- list",
        "a: [",
        "url: 'javascript:alert(1)'",
    ],
)
def test_without_a_true_address_the_file_itself_is_the_address(tmp_path, config):
    put(tmp_path, "_config.yml", config)
    path = put(tmp_path, "_posts/2019-05-03-a.md", "text\n")
    assert addresses(tmp_path) == {"_posts/2019-05-03-a.md": path.as_uri()}


def test_a_folder_of_posts_finds_the_configuration_above(copy):
    found = seen(copy("jekyll") / "_posts")
    assert (
        found["_posts/2021-02-01-water.md"].item.url
        == "https://crumb.example/blog/water.html"
    )
    assert not any(path.startswith("travel") for path in found)


# --- Hugo ---


def test_hugos_posts_have_the_addresses_of_its_configuration(copy):
    blog = copy("hugo")
    put(
        blog,
        "public/posts/first_loaf/index.html",
        "<html><body><p>built</p></body></html>",
    )
    put(blog, "themes/t/exampleSite/content/posts/x.md", "+++\ntitle='x'\n+++\nx\n")
    assert addresses(blog) == {
        "content/about.md": "site-page",
        "content/notes/crust.md": "https://proving.example/n/2023/on-crusts-steam/",
        "content/notes/later.md": "draft",
        "content/posts/First_Loaf.md": "https://proving.example/posts/first_loaf/",
        "content/posts/_index.md": "named-otherwise",
        "content/posts/proving/index.de.md": "https://proving.example/de/posts/proving/",
        "content/posts/proving/index.md": "https://proving.example/posts/proving/",
        "content/posts/scoring.md": "https://proving.example/scoring-the-loaf/",
    }


def test_hugos_shortcodes_leave_only_what_they_carry():
    assert texts(DATA / "hugo", "content/posts/First_Loaf.md") == [
        "It was flat, and we ate it all the same.",
        "The flat loaf on its board",
        "Weigh the water too.",
        'echo "{{< gist 1 >}}"',
        "Read the second.",
    ]
    assert texts(DATA / "hugo", "content/posts/proving/index.md")[0] == "How long"


# --- Pelican ---


def test_pelicans_settings_are_read_and_never_run(monkeypatch, tmp_path):
    trap = tmp_path / "it ran"
    monkeypatch.setenv("PELICAN_CONF_WAS_RUN", str(trap))
    assert addresses(DATA / "pelican") == {
        "content/bread/glazes.md": "https://kiln.example/log/2018/04/bread/glazes-grosser-than-life.html",
        "content/draft.md": "draft",
        "content/firing.rst": "https://kiln.example/log/2018/06/fire-works/slow-firing.html",
    }
    assert not trap.exists()
    item = seen(DATA / "pelican")["content/bread/glazes.md"].item
    assert (item.title, item.author, item.published) == (
        "Glazes, größer than life",
        "Ora Lind",
        "2018-04-02",
    )
    assert texts(DATA / "pelican", "content/firing.rst") == [
        "A slow fire cracks nothing."
    ]


@pytest.mark.parametrize(
    "source",
    [
        "A = (",
        "A = " + "(" * 500 + ")" * 500,
        "\0",
        "A = 1\nA = input()",
        "import os\nA = os.environ['x']",
    ],
)
def test_settings_that_are_worked_out_are_unknown(source):
    assert "A" not in constants(source)


def test_settings_may_be_put_together():
    source = "H = 'a.example'\nS: str = 'https://' + H\nU = f'{S}/x'\nP = ['a', 'b']\nN = None\n"
    expected = {
        "H": "a.example",
        "S": "https://a.example",
        "U": "https://a.example/x",
        "P": ["a", "b"],
        "N": None,
    }
    assert constants(source) == expected


@pytest.mark.parametrize(
    ("setting", "language", "expected"),
    [
        ("", "en", "/a-loaf.html"),
        ("", "de", "/a-loaf-de.html"),
        ("ARTICLE_URL = '{date:%Y}/{slug}/'", "en", "/2019/a-loaf/"),
        ("ARTICLE_URL = '{date.year}/{slug}/'", "en", ""),
    ],
)
def test_permalinks_of_pelican(tmp_path, setting, language, expected):
    settings = f"SITEURL = 'https://a.example'\nDEFAULT_LANG = 'en'\n{setting}\n"
    put(tmp_path, "pelicanconf.py", settings)
    text = f"Title: A loaf\nDate: 2019-05-03\nLang: {language}\n\ntext\n"
    put(tmp_path, "content/loaf.md", text)
    (item,) = (one.item for one in seen(tmp_path).values())
    assert item.url == (f"https://a.example{expected}" if expected else item.file)


# --- Eleventy, Obsidian, plain folders ---


def test_eleventys_permalinks_are_followed_as_far_as_they_can_be(copy):
    blog = copy("eleventy")
    put(
        blog, "_site/knots/bowline/index.html", "<html><body><p>built</p></body></html>"
    )
    put(blog, "node_modules/x/README.md", "# x\n")
    odd = put(
        blog,
        "posts/odd.md",
        "---\ndate: 2020-01-01\npermalink: '/{{ page | sum: 3 }}/'\n---\nodd\n",
    )
    assert addresses(blog) == {
        "index.md": "site-page",
        "posts/2020-03-04-bowline.md": "https://knots.example/knots/bowline/",
        "posts/bend.md": "https://knots.example/bends/the-sheet-bend/",
        "posts/nowhere.md": "not-collected",
        "posts/odd.md": odd.as_uri(),
    }


def test_obsidians_notes_read_as_text_and_its_templates_are_left_out(copy):
    vault = copy("obsidian")
    put(vault, ".trash/old.md", "thrown away\n")
    assert list(addresses(vault)) == ["Moon.md", "Tides.md"]
    assert texts(vault, "Tides.md") == [
        "Tides follow the moon, as the moon page says; see Moon.",
        "Springs At new moon they are highest.",
        "x = a[[0]]",
    ]
    item = seen(vault)["Tides.md"].item
    assert (item.url, item.title, item.published) == (
        (vault / "Tides.md").as_uri(),
        "Tides",
        "2024-02-03",
    )


def test_a_plain_folder_of_texts_and_pages(tmp_path):
    put(tmp_path, "2019-05-03-on-rye.md", "Rye is sticky.\n")
    put(tmp_path, "essay.md", "# An essay\n\nOn rye.\n")
    put(tmp_path, "LICENSE.txt", "MIT\n")
    put(tmp_path, "404.html", "<html><body><p>Nothing</p></body></html>")
    put(tmp_path, "tags/rye/index.html", "<html><body><p>A list</p></body></html>")
    put(tmp_path, "index.html", "<html><body><p>A list</p></body></html>")
    link = "<link rel=canonical href='https://a.example/2019/rye'>"
    put(
        tmp_path,
        "rye.html",
        f"<!doctype html><html><head>{link}</head><body><p>Rye</p></body></html>",
    )
    put(
        tmp_path,
        "Page_files/frame.html",
        "<html><body><p>an advertisement</p></body></html>",
    )
    (tmp_path / "empty.md").touch()
    no_post = "site-page"
    assert addresses(tmp_path) == {
        "2019-05-03-on-rye.md": (tmp_path / "2019-05-03-on-rye.md").as_uri(),
        "404.html": "site-page",
        "LICENSE.txt": "named-otherwise",
        "empty.md": "empty",
        "essay.md": (tmp_path / "essay.md").as_uri(),
        "index.html": no_post,
        "rye.html": "https://a.example/2019/rye",
        "tags/rye/index.html": no_post,
    }
    item = seen(tmp_path)["2019-05-03-on-rye.md"].item
    assert item.published == "2019-05-03"
    assert read_local_article(item).page.title == "On rye"
    assert read_local_article(seen(tmp_path)["essay.md"].item).page.title == "An essay"


def test_no_link_is_followed_and_no_loop_walked(tmp_path):
    blog, outside = tmp_path / "blog", put(tmp_path, "secret/keys.md", "secret\n")
    put(blog, "a.md", "text\n")
    (blog / "loop").symlink_to(blog)
    (blog / "out").symlink_to(outside.parent)
    (blog / "keys.md").symlink_to(outside)
    assert list(addresses(blog)) == ["a.md"]


def test_a_name_that_is_not_utf_8_is_read(tmp_path):
    try:
        put(tmp_path, "caf\udce9.md", "Coffee.\n")
    except (OSError, UnicodeError):
        pytest.skip("this file system takes only UTF-8 names")
    (item,) = (one.item for one in seen(tmp_path).values())
    assert item.url.endswith("/caf%E9.md")
    assert [block.text for block in read_local_article(item).blocks] == ["Coffee."]


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_permalink_leads_out_of_the_site(permalink, title):
    home = "https://a.example/blog/"
    site = StaticSite(
        "jekyll", "/x", home=home, options={"defaults": [], "collections": []}
    )
    try:
        found = permalink_of(
            site,
            PostFacts(
                "_posts/2019-05-03-a.md", {"permalink": permalink, "slug": title}
            ),
        )
    except ValueError:
        return
    assert not found or found.startswith(home)


@pytest.mark.parametrize("style", ["liquid", "hugo", "obsidian", "plain"])
@given(text=st.text(alphabet='ab`~ \n{}%<>[]|!="#:^/*\x02\x04' + "1", max_size=80))
def test_no_text_breaks_the_reader_of_markup(style, text):
    assert isinstance(strip_template_markup(text, style), str)


@pytest.mark.parametrize("style", ["liquid", "hugo", "obsidian", "plain"])
def test_what_only_looks_like_markup_stays(style):
    kept = "A set {1, 2}, a list a[0][1] and 50 % of `x` stay.\n\n```\na[[0]] == b %% c\n```\n"
    assert strip_template_markup(kept, style) == kept
