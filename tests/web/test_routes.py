from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import html5lib
import pytest

from tests.web.canned_engine import CODE, HOSTILE, LONG_TITLE, PROSE, CannedEngine
from web import create_app
from web.settings import Settings

MATHML = "{http://www.w3.org/1998/Math/MathML}"
ALLOWED = {
    "html", "head", "meta", "title", "link", "script", "body", "a", "header", "p", "form", "div", "label",
    "input", "button", "main", "h1", "h2", "wbr", "nav", "strong", "ol", "ul", "li", "article",
    "time", "span", "details", "summary", "blockquote", "mark", "pre", "code", "section", "dl", "dt", "dd",
    "dialog", "h3", "kbd", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip

EVERY_PAGE = [
    "/", "/?q=gradient", "/?q=gradient&page=2&sort=newest", "/?q=unsure+gradient", "/?q=zzz", "/?q=gradeint",
    "/?q=zzz&year=2021", "/?q=gradient&page=99", "/?q=few+gradient", "/?q=few+gradient&weaker=1&page=2",
    "/?q=unsure+gradient&weaker=1", "/?site=diary.example", "/?site=nobody&since=2000", "/?q=gradient&site=x&lang=de",
    "/?q=x&page=x", "/nothing", "/?q=%3Cb%3E", "/?q=boom",
    "/article?q=gradient&start=9&end=99&url=http://127.0.0.1:1/posts/0/", "/article?url=http://127.0.0.1:1/no",
    "/coverage", "/related?url=http://127.0.0.1:1/posts/0/", "/related?url=http://127.0.0.1:1/nothing",
]  # fmt: skip


def page(client, path):
    return html5lib.parse(client.get(path).text, namespaceHTMLElements=False)


def text(element):
    return " ".join("".join(element.itertext()).split())


def titles_of(tree):
    return [text(heading) for heading in tree.iterfind(".//article//h2")]


def link(tree, words):
    (only,) = [a for a in tree.iter("a") if text(a) == words]
    return only.get("href")


def chips(tree):
    """The filters that are set, and where each chip leads."""
    active = tree.find(".//ul[@class='chips active']")
    found = [] if active is None else list(active.iter("a"))
    assert all(
        text(a).startswith("Remove the filter ") and text(a).endswith(" ×")
        for a in found
        if a.get("class") == "chip"
    )
    return {
        text(a).removeprefix("Remove the filter ").removesuffix(" ×"): a.get("href")
        for a in found
    }


def choices(tree):
    """What a search can be narrowed to, and by which link."""
    return {
        text(a): a.get("href")
        for a in tree.iterfind(".//details[@class='narrowing']//ul//a")
    }


def test_the_home_says_what_is_indexed(client):
    tree = page(client, "/")
    assert text(tree.find(".//h1")) == "Blogsearch"
    assert text(tree.find(".//main/p")) == (
        "40 articles from 6 sites, 2010–2024. Last updated 22 November 2026, 08:14 UTC."
    )
    assert tree.find(".//input[@name='q']").get("autofocus") is not None


def section(tree, name):
    (found,) = [one for one in tree.iter("section") if text(one.find("h2")) == name]
    return found


def test_the_home_has_questions_newest_posts_and_sites_as_links(client):
    tree = page(client, "/")
    tried = [(text(a), a.get("href")) for a in section(tree, "Try").iter("a")]
    asked = "Which way does the gradient go?"
    assert tried[0][0] == asked
    assert tree.find(".//input[@name='q']").get("value") == ""
    assert page(client, tried[0][1]).find(".//input[@name='q']").get("value") == asked
    newest = [text(li) for li in section(tree, "Newest").iter("li")]
    assert len(newest) == 5
    assert "What the gradient does not say notes.example, 28 November 2024" in newest
    assert (
        "Gradient checkpointing carnet.example, 28 November 2024, summary only"
        in newest
    )
    sites = {text(a): a.get("href") for a in section(tree, "Sites").iter("a")}
    assert sites["diary.example 30"] == "/?site=diary.example"
    assert sites["Sources and coverage"] == "/coverage"
    assert "blog-indexer add" in text(section(tree, "Add a blog"))


def test_a_site_can_be_looked_through_without_a_question(client):
    tree = page(client, "/?site=diary.example")
    assert chips(tree) == {"Site diary.example": "/"}
    seen = []
    while True:
        posts = tree.findall(".//ul[@class='posts']/li")
        seen += [
            (time.get("datetime"), text(li.find(".//a")))
            for li in posts
            for time in li.iter("time")
        ]
        older = tree.find(".//a[@rel='next']")
        if older is None:
            break
        tree = page(client, older.get("href"))
    assert len(set(seen)) == len(seen) == 30
    assert [day for day, _ in seen] == sorted((day for day, _ in seen), reverse=True)
    assert link(tree, "Newer") == "/?site=diary.example&page=2"
    none = page(client, "/?site=nobody.example&since=2010&until=2012")
    assert text(none.find(".//h1")) == "No such article"
    assert chips(none)["Years 2010–2012"] == "/?site=nobody.example"


def test_a_mended_question_is_shown_and_can_be_taken_back(client):
    tree = page(client, "/?q=gradeint+%3Cb%3E&sort=newest&page=2")
    (said,) = [p for p in tree.iter("p") if p.get("class") == "corrected"]
    assert (
        text(said)
        == "Showing results for gradient <b>. Search instead for “gradeint <b>”"
    )
    assert tree.find(".//input[@name='q']").get("value") == "gradeint <b>"
    back = link(tree, "Search instead for “gradeint <b>”")
    assert parse_qs(urlsplit(back).query) == {
        "q": ["gradeint <b>"],
        "sort": ["newest"],
        "exact": ["1"],
    }
    tree = page(client, back)
    assert "Showing results for" not in text(tree)
    tree = page(client, "/?q=few+gradient&exact=1")
    assert parse_qs(urlsplit(link(tree, "Newest")).query)["exact"] == ["1"]


def test_blanks_are_nothing_typed(client):
    assert text(page(client, "/?q=%20%20").find(".//h1")) == "Blogsearch"


def test_another_question_is_offered_and_not_asked_in_its_place(client):
    tree = page(client, "/?q=gradiant&site=diary.example")
    assert text(tree.find(".//h1")) == "Nothing found"
    (said,) = [p for p in tree.iter("p") if p.get("class") == "corrected"]
    assert text(said) == "Did you mean gradient?"
    assert link(tree, "gradient") == "/?q=gradient&site=diary.example"


def test_a_result_shows_title_source_heading_and_marks(client):
    tree = page(client, "/?q=gradient")
    first, second = tree.findall(".//article")[:2]
    title = first.find(".//h2/a")
    assert (text(title), title.get("href")) == (
        "What the gradient does not say",
        "http://127.0.0.1:1/posts/0/#step",
    )
    assert [text(li) for li in first.iterfind("ul/li")] == [
        "notes.example", "28 November 2024", "Ada Field",
        "Read here: What the gradient does not say Related to What the gradient does not say",
    ]  # fmt: skip
    assert len(list(first.find("ul/li").iter("wbr"))) == 1
    assert text(first.find(".//p[@class='where']")) == "Training › The step size"
    assert text(first.find(".//blockquote/p")) == PROSE
    assert {text(mark) for mark in first.iter("mark")} == {"gradient"}
    assert text(first.find(".//summary")).startswith("2 more passages")
    where = first.find(".//details//p[@class='where']/a")
    assert (text(where), where.get("href")) == (
        "Read at Momentum",
        "http://127.0.0.1:1/posts/0/#momentum",
    )
    assert second.get("class") == "result short"
    assert (second.find(".//details"), len(second.findall(".//blockquote"))) == (
        None,
        1,
    )
    assert text(second.find(".//p[@class='where']")) == "A plain loop"
    assert text(tree.find(".//h1")) == "40 articles"
    assert tree.find(".//input[@name='q']").get("value") == "gradient"


def test_the_other_addresses_of_a_text_are_named_and_linked(client):
    page = client.get("/?q=gradient").text
    link = '<a href="https://planet.example/ada/writing-the-gradient-step-by-hand/" rel="noopener">'
    assert (
        f"Also at {link}planet.example/ada/writing-the-gradient-step-by-hand</a>, "
        in page
    )
    assert "and at 2 more" in page


def test_the_years_of_all_hits_are_bars_that_narrow_the_search_to_them(client):
    tree = page(client, "/?q=gradient")
    bars = tree.findall(".//ol[@class='years']/li")
    assert [text(bar) for bar in bars][:2] == [
        "’102010: 3 articles",
        "’112011: 4 articles",
    ]
    assert [(text(bar), bar.get("aria-hidden")) for bar in bars][9:11] == [
        ("’19", "true"),
        ("’20", "true"),
    ]
    assert len(bars) == 15
    assert bars[0].find("a").get("href") == "/?q=gradient&since=2010&until=2010"
    narrowed = page(client, bars[0].find("a").get("href"))
    assert (text(narrowed.find(".//h1")), narrowed.find(".//ol[@class='years']")) == (
        "3 articles",
        None,
    )
    assert chips(narrowed) == {"Years 2010": "/?q=gradient"}


def test_a_search_is_narrowed_by_chips_with_counts_and_widened_by_chips(client):
    found = choices(page(client, "/?q=gradient"))
    assert [name for name in found if name[:2] == "20"] == [
        "2017–2024 14", "2013–2016 13", "2010–2012 11"
    ]  # fmt: skip
    assert found["diary.example 30"] == "/?q=gradient&site=diary.example"
    assert found["Zoé Lefèvre 1"] == "/?q=gradient&author=Zo%C3%A9+Lef%C3%A8vre"
    assert list(found)[-3:] == ["full text 38", "summary only 1", "link only 1"]
    narrowed = page(client, found["summary only 1"] + "&site=carnet.example")
    assert titles_of(narrowed) == ["Gradient checkpointing"]
    assert (choices(narrowed), chips(narrowed)) == (
        {},
        {
            "Site carnet.example": "/?q=gradient&evidence=summary",
            "Indexed summary only": "/?q=gradient&site=carnet.example",
            "Clear all": "/?q=gradient",
        },
    )
    hidden = {
        e.get("name"): e.get("value")
        for e in narrowed.iter("input")
        if e.get("type") == "hidden"
    }
    assert hidden == {"site": "carnet.example", "evidence": "summary"}


def test_a_stretch_of_years_and_a_link_from_before_there_were_any(client):
    tree = page(client, "/?q=gradient&since=2021&until=2022&sort=newest")
    assert titles_of(tree) == [
        "梯度下降的一点笔记",
        "Le gradient n'est pas une réponse",
    ]
    assert chips(tree) == {"Years 2021–2022": "/?q=gradient&sort=newest"}
    assert set(choices(tree)) >= {"2022 1", "2021 1"}
    assert "Years since 2022" in chips(page(client, "/?q=gradient&since=2022"))
    assert "Years until 2022" in chips(page(client, "/?q=gradient&until=2022"))
    tree = page(client, "/?q=gradient&year=2021")
    assert chips(tree) == {"Years 2021": "/?q=gradient"}
    assert titles_of(tree) == ["Le gradient n'est pas une réponse"]


def test_related_articles_are_a_page_of_results(client):
    (link,) = (
        page(client, "/?q=gradient")
        .findall(".//article")[0]
        .findall("ul/li[4]/a[@class='quiet']")
    )
    tree = page(client, link.get("href"))
    assert text(tree.find(".//h1")) == "Related to What the gradient does not say"
    assert text(tree.find(".//article//h2")) == "Writing the gradient step by hand"
    unknown = client.get("/related?url=http://127.0.0.1:1/nothing")
    assert (
        unknown.status_code,
        "The index holds no such article." in unknown.text,
    ) == (404, True)


def test_code_keeps_its_lines(client):
    code = page(client, "/?q=gradient").findall(".//article")[1].find(".//pre/code")
    assert "".join(code.itertext()) == CODE.partition("\n\n")[2]


def test_what_is_not_the_whole_article_says_so(client):
    articles = page(client, "/?q=gradient").findall(".//article")
    badges = [
        text(badge)
        for article in articles
        for badge in article.iterfind(".//li[@class='badge']")
    ]
    assert badges == ["Summary only", "Link only"]
    explained = page(client, "/?q=gradient").find(".//dl[@id='states']")
    assert [text(dt) for dt in explained.iter("dt")] == badges
    note = articles[7].find(".//div[@class='note']")
    assert text(note) == "From 127.0.0.1:1, 2 March 2025, under Training"
    assert text(articles[7].find(".//blockquote")).startswith(
        "Why a gradient is kept twice."
    )


def test_a_missing_date_leaves_no_gap(client):
    article = page(client, "/?q=gradient").findall(".//article")[5]
    assert text(article.find(".//h2")) == LONG_TITLE
    assert [text(li) for li in article.iterfind("ul/li")] == [
        "notes.example",
        f"Read here: {LONG_TITLE} Related to {LONG_TITLE}",
    ]


def test_the_language_is_told_where_the_script_shows_it(client):
    tree = page(client, "/?q=gradient")
    assert tree.get("lang") == "en"
    chinese = tree.findall(".//article")[3]
    assert (
        chinese.find(".//h2").get("lang"),
        chinese.find(".//blockquote/p").get("lang"),
    ) == ("zh", "zh")
    assert tree.find(".//article//blockquote").get("lang") == ""


def test_nothing_from_the_index_is_ever_markup(client):
    articles = page(client, "/?q=gradient").findall(".//article")
    hostile = articles[8]
    assert text(hostile.find(".//h2")) == " ".join(f"gradient {HOSTILE}".split())
    # No click leads to its address, only to what is stored of it.
    links = {urlsplit(a.get("href")).path for a in hostile.iter("a")}
    assert links <= {"article", ""}
    assert not list(hostile.iter("script"))
    assert not list(hostile.iter("img"))
    assert text(hostile).count("{{7*7}}") >= 5


def test_nothing_from_the_question_is_ever_markup(client):
    for path in (
        "/?q={}",
        "/?q=zzz&site={}",
        "/?q=zzz&year={}",
        "/?q=gradient&page={}",
        "/{}",
    ):
        tree = page(
            client,
            path.format(
                "%22%3E%3Cimg+src%3Dx+onerror%3Dalert(1)%3E%3Cscript%3E1%3C/script%3E"
            ),
        )
        assert not list(tree.iter("img"))
        assert len(list(tree.iter("script"))) == 2


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_page_is_sound(client, path):
    """No markup but our own, nothing inline or from elsewhere, headings in order,
    fields with labels."""
    response = client.get(path)
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(response.text)
    assert parser.errors == []
    tags = {element.tag for element in tree.iter()}
    assert {tag for tag in tags if not tag.startswith(MATHML)} <= ALLOWED
    for element in tree.iter():
        assert not any(
            name.startswith("on") or name == "style" for name in element.attrib
        )
        if element.tag in {"script", "link"}:
            assert (element.get("src") or element.get("href")).startswith("/")
            assert text(element) == ""
    levels = [int(e.tag[1]) for e in tree.iter() if re.fullmatch(r"h[1-6]", str(e.tag))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    labelled = {label.get("for") for label in tree.iter("label")}
    fields = [
        e
        for e in tree.iter()
        if e.tag in {"input", "select"} and e.get("type") != "hidden"
    ]
    assert {field.get("id") for field in fields} <= labelled
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert tree.find(".//body/a[@class='skip']").get("href") == "#main"


def test_a_site_that_is_not_known_stays_set(client):
    tree = page(client, "/?q=gradient&site=gone.example")
    assert chips(tree) == {"Site gone.example": "/?q=gradient"}
    assert text(tree.find(".//h1")) == "Nothing found"


def test_the_order_can_be_switched_and_is_kept(client):
    tree = page(client, "/?q=gradient&site=diary.example")
    newest = link(tree, "Newest")
    assert parse_qs(urlsplit(newest).query) == {
        "q": ["gradient"],
        "site": ["diary.example"],
        "sort": ["newest"],
    }
    sorted_tree = page(client, newest)
    days = [
        time.get("datetime") for time in sorted_tree.iterfind(".//article/ul//time")
    ]
    assert days == sorted(days, reverse=True)
    assert sorted_tree.find(".//input[@name='sort']").get("value") == "newest"
    assert "sort" not in link(sorted_tree, "Relevance")


def test_paging_walks_through_everything_once(client):
    seen, path = [], "/?q=gradient"
    while path:
        tree = page(client, path)
        seen += titles_of(tree)
        following = tree.find(".//a[@rel='next']")
        path = following.get("href") if following is not None else ""
    assert len(seen) == len(set(seen)) == 40
    assert tree.find(".//ol[@class='results']").get("start") == "31"
    assert text(tree.find(".//h1")) == "40 articles, page 4 of 4"
    assert link(tree, "Previous") == "/?q=gradient&page=3"
    assert link(page(client, "/?q=gradient&page=2"), "Previous") == "/?q=gradient"


def test_beyond_the_last_page_there_is_a_way_back(client):
    tree = page(client, "/?q=gradient&page=99")
    assert text(tree.find(".//h1")) == "No such page"
    assert link(tree, "Go to the first") == "/?q=gradient"


def test_a_question_of_one_digit_keeps_its_question(client):
    assert (
        link(page(client, "/?q=1&site=diary.example"), "Newest")
        == "/?q=1&site=diary.example&sort=newest"
    )


def test_doubt_is_said_plainly_with_the_nearest_and_a_way_on(client):
    tree = page(client, "/?q=unsure+gradient")
    assert text(tree.find(".//h1")) == "Nothing here answers this"
    nearest = section(tree, "Nearest, but not an answer")
    assert len(nearest.findall("ul/li")) == 3
    assert titles_of(tree) == []
    assert "blog-indexer add" in text(section(tree, "What you can do"))
    tree = page(client, link(tree, "All 40 weaker matches"))
    assert text(tree.find(".//h1")) == "40 weaker matches"
    assert len(titles_of(tree)) == 10
    assert {article.get("class") for article in tree.iter("article")} == {
        "result short"
    }
    assert text(page(client, "/?q=unsure+gradient&weaker=1&page=4").find(".//h1")) == (
        "40 weaker matches, page 4 of 4"
    )


def test_weaker_matches_fold_and_are_paged_on_their_own(client):
    tree = page(client, "/?q=few+gradient")
    assert text(tree.find(".//h1")) == "3 articles"
    fold = tree.find(".//details[@class='weaker']")
    assert text(fold.find("summary")) == "37 weaker matches"
    assert fold.get("open") is None
    assert len(titles_of(fold)) == 7
    assert fold.find("ol").get("start") == "4"
    assert tree.find(".//a[@rel='next']") is None
    second = page(client, link(tree, "All 37 weaker matches"))
    assert text(second.find(".//h1")) == "37 weaker matches, page 2 of 4"
    assert link(second, "these 3 articles") == "/?q=few+gradient"
    first = page(client, link(second, "Previous"))
    assert titles_of(first) == titles_of(tree)
    assert first.find(".//details[@class='weaker']").get("open") is not None
    assert "gradient diary" not in choices(tree)


def test_nothing_found_offers_a_way_on(client):
    assert text(page(client, "/?q=zzz").find(".//h1")) == "Nothing found"
    assert link(page(client, "/?q=zzz&year=2021"), "search everything") == "/?q=zzz"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/?q=" + "x" * 2001, 413, "at most 2,000"),
        ("/?q=w&page=0", 400, "page must be a whole number between 1 and 1001."),
        ("/?q=w&since=12", 400, "since must be a whole number between 1970 and 9999."),
        ("/?q=%3F%3F", 400, "no word in the question"),
        ("/nothing", 404, "nothing at this address"),
        ("/?q=boom", 500, "server's log"),
    ],
)
def test_an_error_is_a_page_with_the_box_still_filled(client, path, status, words):
    response = client.get(path)
    assert response.status_code == status
    tree = html5lib.parse(response.text, namespaceHTMLElements=False)
    assert words in text(tree.find(".//main"))
    asked = parse_qs(urlsplit(path).query).get("q", [""])[0]
    assert tree.find(".//input[@name='q']").get("value") == asked


@pytest.mark.parametrize("path", ["/", "/?q=gradient", "/api/search?q=gradient"])
def test_without_an_index_it_says_what_to_run(client_without_index, path, tmp_path):
    response = client_without_index.get(path)
    assert response.status_code == 503
    assert f"blog-indexer add --index {tmp_path} " in response.text


def test_others_are_told_no_folder_of_this_machine(tmp_path):
    settings = Settings(index=tmp_path, proxies=1, log="off")
    client = create_app(settings, CannedEngine(missing=True)).test_client()
    response = client.get("/")
    assert "blog-indexer add" in response.text
    assert str(tmp_path) not in response.text


def test_browsers_can_add_the_search(client):
    home = page(client, "/").find(".//link[@rel='search']")
    response = client.get(home.get("href"))
    assert (
        response.mimetype == home.get("type") == "application/opensearchdescription+xml"
    )
    root = ET.fromstring(response.text)  # noqa: S314  # our own answer
    template = root.find("{http://a9.com/-/spec/opensearch/1.1/}Url").get("template")
    assert template == "http://localhost/?q={searchTerms}"


@pytest.mark.parametrize("name", ["page.css", "page.js", "favicon.svg"])
def test_the_page_brings_its_own_files_and_asks_nobody_else(client, name):
    with client.get(f"/static/{name}") as response:
        assert response.status_code == 200
        assert not re.search(
            r"url\(|@import|src=|href=|https?://(?!www\.w3\.org)", response.text
        )
