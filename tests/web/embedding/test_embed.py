"""The search box on pages of other sites, in headless Chromium: two servers, one origin
that may ask and one that may not."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from search.types import Highlight, HitPassage
from tests.servers import Served, scripted
from tests.web.canned_engine import HOSTILE, CannedEngine, hit
from tests.web.test_accessibility import RULES, broken
from web import create_app
from web.server import Server
from web.settings import Settings

EMOJI = "😀👩‍🚀 mind the gradient 🚀"
LONG = " ".join(f"Sentence {n} speaks of the gradient." for n in range(40))
LINE = '<script src="{server}embed.js" data-site="{site}" defer></script>'
PAGES = {
    "/": '<blog-search site="diary.example"></blog-search><script src="{server}embed.js" defer></script>',
    "/all": LINE.format(server="{server}", site=""),
    "/head": "</head-is-not-body>",
    "/hostile": f'<blog-search site="{HOSTILE.replace("&", "&amp;").replace(chr(34), "&quot;")}">'
    '</blog-search><script src="{server}embed.js" defer></script>',
    "/spans": LINE.format(server="{server}", site="spans.example"),
    "/twice": (LINE * 2).format(server="{server}", site="diary.example"),
    "/none": "",
}  # fmt: skip


class SpansEngine(CannedEngine):
    """Has a text with signs beyond the first plane, and a long one whose answer lies deep."""

    def search(self, question, **options):
        answer = super().search(question, **options)
        if options["filters"].site != "spans.example":
            return answer
        deep = LONG.index("Sentence 30")
        emoji = HitPassage(
            EMOJI, "", "https://spans.example/a", (Highlight(13, 21),), 1
        )
        end = LONG.index("Sentence 31")
        marks = (Highlight(0, 8), Highlight(deep, deep + 8))
        long = HitPassage(
            LONG, "", "https://u:p@spans.example/b", marks, 1, Highlight(deep, end)
        )
        hits = (
            hit(1, "Emoji", "", passages=(emoji,)),
            hit(2, "Long", "", passages=(long,)),
        )
        return type(answer)(question, 1.0, 2, True, hits)  # fmt: skip


@pytest.fixture(scope="module")
def engine():
    return SpansEngine()


@pytest.fixture(scope="module")
def served(engine, tmp_path_factory):
    """The address of the search, those of a blog that may ask it and of one that may
    not, and the pages of both."""
    with scripted() as blog:
        friend, stranger = f"http://localhost:{blog.port}", blog.base
        settings = Settings(
            index=tmp_path_factory.mktemp("index"), port=0, origins=frozenset({friend})
        )
        server = Server(create_app(settings, engine), settings)
        for path, body in PAGES.items():
            blog.pages[path] = blog_page(
                body.replace("{server}", server.address), server.address
            )
        head = LINE.format(server=server.address, site="diary.example")
        blog.pages["/head"] = blog_page("<p>A post</p>", server.address, head=head)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield server.address, friend, stranger, blog.pages
        server.stop()
        thread.join(5)


def blog_page(body: str, server: str, head: str = "") -> Served:
    """A page as strict as can be: the script and its questions alone are permitted."""
    origin = server.rstrip("/")
    policy = (
        f"default-src 'none'; script-src {origin}; connect-src {origin}; "
        "require-trusted-types-for 'script'"
    )
    html = f"<!doctype html><html lang=en><title>A blog</title>{head}<body><main><h1>A blog</h1>{body}</main>"
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", policy),
    )
    return Served(html.encode(), headers=headers)  # fmt: skip


@pytest.fixture
def page(browser, served):
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.complaints, page.asked = [], []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("dialog", lambda dialog: page.complaints.append(dialog.message))
    page.on(
        "request",
        lambda one: (
            "/api/" in one.url and page.asked.append(parse_qs(urlsplit(one.url).query))
        ),
    )
    yield page
    assert page.complaints == []
    assert context.cookies() == []
    context.close()


def box(page):
    return page.get_by_role("searchbox")


def status(page):
    return page.get_by_role("status")


def wait_for(page, text):
    page.get_by_role("status").get_by_text(text).wait_for()


def results(page):
    return page.locator("blog-search li:has(blockquote)")


def test_a_page_of_a_named_origin_asks_while_one_types(page, served):
    friend = served[1]
    page.goto(friend)
    box(page).press_sequentially("gradient")
    wait_for(page, "5 of 30 results for “gradient”")
    # Not for each letter, and of this site alone.
    assert page.asked == [
        {"q": ["gradient"], "limit": ["5"], "site": ["diary.example"]}
    ]
    first = results(page).first
    link = first.get_by_role("link")
    assert link.inner_text() == "Gradient diary, day 10"
    assert link.get_attribute("href") == "http://127.0.0.1:1/posts/10/#step"
    assert first.locator("time").get_attribute("datetime") == "2011-11-03"
    assert first.locator("mark").first.inner_text().lower() == "gradient"
    more = page.get_by_role("link", name="All results").get_attribute("href")
    assert parse_qs(urlsplit(more).query) == {
        "q": ["gradient"],
        "site": ["diary.example"],
    }


def test_it_needs_no_mouse_and_escape_clears(page, served):
    page.goto(served[1])
    page.keyboard.press("Tab")
    page.keyboard.type("gradient")
    page.keyboard.press("Enter")
    wait_for(page, "results for")
    assert box(page).evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    focused = "document.querySelector('blog-search').shadowRoot.activeElement"
    assert page.evaluate(f"{focused}.href") == "http://127.0.0.1:1/posts/10/#step"
    page.keyboard.press("Escape")
    assert page.evaluate(f"{focused}.id") == "q"
    assert (box(page).input_value(), status(page).inner_text()) == ("", "")
    assert results(page).count() == 0


def test_what_answers_nothing_or_surely_nothing_is_said(page, served):
    page.goto(f"{served[1]}/all")
    box(page).fill("zzz")
    wait_for(page, "Nothing here answers “zzz”.")
    assert results(page).count() == 0
    box(page).fill("unsure gradient")
    wait_for(page, "Nothing here surely answers “unsure gradient”. Nearest to it:")
    assert results(page).count() == 3
    assert not page.get_by_role("link", name="All results").count()
    box(page).fill("few gradeint")
    wait_for(page, "3 results for “few gradient”")


def test_an_earlier_question_is_given_up(page, served, engine):
    page.goto(f"{served[1]}/all")
    failed = []
    page.on("requestfailed", lambda one: failed.append((one.url, one.failure)))
    engine.held.clear()
    try:
        with page.expect_request("**/api/search*"):
            box(page).fill("gradient")
        with page.expect_request("**/api/search*q=momentum*"):
            box(page).fill("momentum")
    finally:
        engine.held.set()
    wait_for(page, "for “momentum”")
    assert [(url.partition("q=")[2], why) for url, why in failed] == [
        ("gradient&site=", "net::ERR_ABORTED")
    ]


def test_a_server_that_is_not_there_is_said(page, served):
    page.goto(served[1])
    page.route("**/api/**", lambda route: route.abort())
    box(page).fill("gradient")
    wait_for(page, "The search can’t be reached just now.")
    page.complaints.clear()  # the browser's own
    page.unroute("**/api/**")
    box(page).press("Enter")
    wait_for(page, "results for “gradient”")


def test_a_refusal_is_said_in_the_server_s_words_and_a_failure_is_not(page, served):
    page.goto(served[1])
    box(page).fill("word " * 2000)
    page.get_by_role("status").get_by_text("ask in at most").wait_for()
    box(page).fill("boom")
    wait_for(page, "The search can’t be reached just now.")
    assert "secret" not in page.content()
    page.complaints.clear()  # the browser's own


def test_a_page_of_another_origin_learns_nothing(page, served):
    stranger = served[2]
    page.goto(stranger)
    box(page).fill("gradient")
    wait_for(page, "The search can’t be reached just now.")
    assert results(page).count() == 0
    assert any("CORS" in text for text in page.complaints)
    page.complaints.clear()


def test_data_never_becomes_markup(page, served):
    page.goto(f"{served[1]}/hostile")
    box(page).fill("gradient <img src=x onerror=alert(1)>")
    wait_for(page, "1 result for “gradient <img src=x onerror=alert(1)>”")
    assert HOSTILE in " ".join(results(page).first.text_content().split())
    inside = "document.querySelector('blog-search').shadowRoot.querySelectorAll('script, img, [onerror]')"
    assert page.evaluate(f"{inside}.length") == 0
    # Its address is one of a script, and so there is none.
    assert results(page).get_by_role("link").count() == 0
    assert page.title() == "A blog"


def test_spans_count_code_points_and_a_long_quote_begins_at_its_answer(page, served):
    page.goto(f"{served[1]}/spans")
    box(page).fill("gradient")
    wait_for(page, "2 results")
    emoji, long = results(page).all()
    assert emoji.locator("mark").all_inner_texts() == [EMOJI[13:21]]
    assert emoji.locator("blockquote").inner_text() == EMOJI
    quoted = long.locator("blockquote").inner_text()
    assert quoted.startswith("… Sentence 30 speaks")
    assert quoted.endswith(" …")
    assert len(quoted) < 330
    assert long.locator("mark").all_inner_texts() == ["Sentence"]
    # A name and a password before a host deceive.
    assert long.get_by_role("link").count() == 0


@pytest.mark.parametrize(("path", "boxes"), [("/all", 1), ("/head", 1), ("/twice", 2)])
def test_it_stands_where_its_script_does(page, served, path, boxes):
    page.goto(served[1] + path)
    assert page.locator("body blog-search").count() == boxes
    box(page).last.fill("gradient")
    page.get_by_role("status").last.get_by_text("results for").wait_for()


def test_it_leaves_nothing_behind(page, served):
    names = "Object.getOwnPropertyNames(window).sort()"
    page.goto(f"{served[1]}/none")
    before = page.evaluate(names)
    page.goto(served[1])
    box(page).fill("gradient")
    wait_for(page, "results for")
    assert page.evaluate(names) == before
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("question", ["", "gradient", "unsure gradient", "zzz"])
def test_no_state_of_it_breaks_a_rule(page, served, scheme, question):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{served[0]}embed?site=diary.example")
    page.evaluate(f"document.documentElement.dataset.theme = '{scheme}'")
    widget = page.locator("blog-search")
    if question:
        widget.get_by_role("searchbox").fill(question)
        widget.get_by_role("status").get_by_text(f"“{question}”").wait_for()
    assert broken(page, RULES) == {}
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def test_a_rule_that_is_broken_within_it_is_found(page, served):
    page.goto(f"{served[0]}embed")
    page.locator("blog-search label").evaluate("one => { one.style.color = '#ccc'; }")
    assert "color-contrast" in broken(page, RULES)


def test_without_a_script_there_is_a_link(browser, served):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served[0]}embed?site={quote('diary.example')}")
    link = page.locator("blog-search").get_by_role("link", name="Search this blog")
    assert link.get_attribute("href") == f"{served[0]}?site=diary.example"
    context.close()


def test_the_lines_to_copy_work_on_the_blog(page, served):
    page.goto(f"{served[0]}embed?site={quote('diary.example')}")
    lines = page.locator("pre").first.inner_text()
    assert lines.count("\n") == 1
    assert f'src="{served[0]}embed.js"' in lines
    served[3]["/copied"] = blog_page(lines, served[0])
    page.goto(f"{served[1]}/copied")
    box(page).fill("gradient")
    wait_for(page, "5 of 30 results for “gradient”")
