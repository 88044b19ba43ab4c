"""The page as a person meets it, in headless Chromium; skipped where that or playwright
is not installed."""

from __future__ import annotations

import threading
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.web.test_markup import HONEST, MARKUP, PAGES, HostileEngine
from web import create_app
from web.server import Server
from web.settings import Settings

RELATED = "/related?url=http://127.0.0.1:1/posts/5/"


@pytest.fixture(params=[1440], ids=lambda width: f"{width}px")
def page(request, browser, address):
    """An open home page; what a click leads to away from the server is answered on the
    spot."""
    context = browser.new_context(
        viewport={"width": request.param, "height": 900}, base_url=address
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.route(
        "http://127.0.0.1:1/**",
        lambda route: route.fulfill(body="<title>the article</title>"),
    )
    page.goto("/")
    yield page
    assert page.complaints == []
    context.close()


def ask(page, question):
    page.locator("#q").fill(question)
    with page.expect_navigation():
        page.get_by_role("button", name="Search").click()


def titles(page):
    return page.locator("article h2").all_inner_texts()


def overflow(page):
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def test_a_question_is_asked_and_a_result_opened_at_its_passage(page):
    ask(page, "which way does the gradient go")
    assert page.get_by_role("heading", level=1).inner_text() == "40 articles"
    assert titles(page)[0] == "What the gradient does not say"
    assert page.locator("article").first.locator("mark").first.inner_text().lower() in {
        "gradient",
        "which",
    }
    page.get_by_role("link", name="What the gradient does not say").first.click()
    page.wait_for_url("http://127.0.0.1:1/posts/0/#step")
    assert page.title() == "the article"


def test_chips_narrow_and_widen_a_search(page):
    ask(page, "gradient")
    filters = page.locator("details.narrowing summary")
    chip = page.get_by_role("link", name="diary.example 30", exact=True)
    assert not chip.is_visible()
    filters.click()
    chip.click()
    assert page.get_by_role("heading", level=1).inner_text() == "30 articles"
    filters.click()
    page.get_by_role("link", name="2015: 3 articles").click()
    three = page.get_by_role("heading", level=1, name="3 articles", exact=True)
    three.wait_for()
    # A new question keeps the filters, till a chip takes one away.
    ask(page, "gradient day")
    page.wait_for_url("**/?q=gradient+day&**")
    three.wait_for()
    page.get_by_role("link", name="Remove the filter Years 2015").click()
    page.get_by_role("link", name="Remove the filter Site diary.example").click()
    page.get_by_role("link", name="Newest").click()
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**&page=2")
    query = parse_qs(urlsplit(page.url).query)
    assert query == {"q": ["gradient day"], "sort": ["newest"], "page": ["2"]}
    assert (
        page.get_by_role("heading", level=1).inner_text() == "40 articles, page 2 of 4"
    )


def test_bars_have_heights_and_related_articles_are_a_click_away(page):
    page.goto("/?q=gradient&site=diary.example")
    page.locator("details.narrowing summary").click()
    heights = [bar.bounding_box()["height"] for bar in page.locator(".bar").all()]
    assert len(set(heights)) > 1
    assert min(heights) > 0
    page.get_by_role("link", name="Related to").first.click()
    heading = page.get_by_role("heading", level=1).inner_text()
    assert heading == "Related to Gradient diary, day 10"
    assert len(titles(page)) == 10


def test_more_passages_unfold(page):
    ask(page, "gradient")
    more = page.get_by_text("2 more passages")
    code = page.locator("article").first.locator("pre").last
    assert not code.is_visible()
    more.click()
    assert code.is_visible()
    assert "weights[i] -= rate * g\n\n    return weights" in code.inner_text()


LINES = """quote => {
  const line = parseFloat(getComputedStyle(quote).lineHeight);
  return Math.round(quote.getBoundingClientRect().height / line);
}"""


@pytest.mark.parametrize(
    ("page", "lines"), [(360, 4), (1440, 3)], indirect=["page"], ids=str
)
def test_the_first_result_is_whole_and_the_others_are_a_few_lines(page, lines):
    page.goto("/?q=gradient")
    first, *others = page.locator("article").all()
    quote = first.locator("blockquote").first
    assert quote.evaluate("e => e.scrollHeight <= e.clientHeight")
    for other in others:
        quotes = other.locator("blockquote").all()
        assert len(quotes) == 1
        assert quotes[0].evaluate(LINES) <= lines


@pytest.mark.parametrize(
    ("page", "whole"), [(360, 2), (1440, 5)], indirect=["page"], ids=str
)
def test_a_screen_holds_several_results(page, whole):
    """Of an index of posts as most are, with filters set and a first quote of usual
    length."""
    page.set_viewport_size(
        {"width": page.viewport_size["width"], "height": 800 if whole == 2 else 900}
    )
    page.goto("/?q=gradient&site=diary.example&since=2010&until=2018")
    boxes = [one.bounding_box() for one in page.locator("article").all()]
    titles = page.locator("article h2").first.bounding_box()
    assert titles["y"] <= 300
    height = page.viewport_size["height"]
    assert sum(box["y"] + box["height"] <= height for box in boxes) >= whole


@pytest.mark.parametrize("page", [360, 1440], indirect=True, ids=str)
def test_a_finger_and_a_pointer_hit_what_they_aim_at(page):
    """WCAG 2.2: 24 px for a pointer (2.5.8), 44 px on a phone (2.5.5)."""
    least = 44 if page.viewport_size["width"] == 360 else 24
    for path in ("/", "/?q=few+gradient&site=&since=2010", "/?q=unsure", "/coverage"):
        page.goto(path)
        for details in page.locator("main summary").all():
            details.click()
        assert page.evaluate(SMALL, least) == [], path


# What can be clicked and is lower than so many pixels; links within a sentence may be.
SMALL = """least => [...document.querySelectorAll("a, button, summary, input")]
  .filter((e) => e.checkVisibility() && !e.closest(".skip, dialog, p.reason, .note, .advice, .also, .body li > p"))
  .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height])
  .filter(([, height]) => height < least - 0.5)"""


@pytest.mark.parametrize("page", [1440], indirect=True, ids=str)
def test_a_theme_that_is_chosen_holds_against_the_system_s(page):
    page.emulate_media(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    light = page.evaluate(ground)
    page.emulate_media(color_scheme="light")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert (page.evaluate(ground), light != dark) == (dark, True)


def test_with_the_keyboard_alone(page):
    def focused():
        return page.evaluate(
            "document.activeElement.id || document.activeElement.innerText"
        )

    assert focused() == "q"
    page.keyboard.type("gradient")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=gradient")
    page.keyboard.press("Tab")
    assert focused() == "Skip to the results"
    assert (
        page.locator(".skip").evaluate("link => link.getBoundingClientRect().top") >= 0
    )
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    page.keyboard.press("/")
    assert focused() == "q"
    page.keyboard.type("gradient / step")
    assert page.locator("#q").input_value() == "gradient / step"
    page.keyboard.press("Escape")
    page.get_by_role("heading", level=1).click()
    for _ in range(20):
        page.keyboard.press("Tab")
        if focused() == "What the gradient does not say":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("http://127.0.0.1:1/posts/0/#step")


@pytest.mark.parametrize(
    "page", [320, 360, 768, 1440], indirect=True, ids=lambda width: f"{width}px"
)
def test_nothing_makes_the_page_scroll_sideways(page):
    assert overflow(page) == 0
    for path in (
        "/?q=gradient",
        "/?q=few+gradient&site=diary.example&since=2010&until=2018&lang=de",
        "/?q=unsure+gradient",
        "/?site=diary.example",
        "/coverage",
        RELATED,
    ):
        page.goto(path)
        for details in page.locator("main summary").all():
            details.click()
        assert overflow(page) == 0


def test_hostile_articles_do_nothing(page):
    page.goto("/?q=gradient")
    hostile = page.locator("article", has_text="document.title='owned'")
    assert hostile.count() == 1
    assert (
        hostile.locator(
            "a:not([href='#states'], [href^='article?']), img, script"
        ).count()
        == 0
    )
    assert page.title() == "gradient – Blogsearch"


LIVE = """
() => {
  const own = [...document.scripts].filter((s) => s.src.startsWith(location.origin + "/static/") && !s.text);
  const handled = [...document.querySelectorAll("*")].filter((e) =>
    [...e.attributes].some((a) => a.name.startsWith("on") || ["style", "srcdoc"].includes(a.name)));
  const odd = document.querySelectorAll(
    "img, svg, iframe, object, embed, base, style, math, plaintext, form form," +
    " a[href^='javascript' i], a[href^='data' i]");
  return [own.length, document.scripts.length, handled.length, odd.length, document.forms.length];
}
"""


def test_a_hostile_index_brings_no_page_to_life(browser):
    """No dialog, no request to elsewhere, no complaint of the policy, no node that is
    not ours."""
    settings = Settings(log="off", port=0)
    server = Server(create_app(settings, HostileEngine()), settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    context = browser.new_context(base_url=server.address)
    page = context.new_page()
    events = []
    page.on(
        "dialog",
        lambda dialog: (events.append(f"dialog {dialog.message}"), dialog.dismiss()),
    )
    page.on("console", lambda message: events.append(message.text))
    page.on("pageerror", lambda error: events.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            asked.url.startswith(server.address)
            or events.append(f"request to {asked.url}")
        ),
    )
    asked = [
        f"/?q={quote(text, safe='')}&site={quote(text, safe='')}" for text in MARKUP[:8]
    ]
    for path in (*PAGES, f"/related?url={quote(HONEST, safe='')}", *asked):
        page.goto(path)
        for details in page.locator("summary").all()[:5]:
            details.click()
        page.mouse.move(200, 300)
        page.keyboard.press("Tab")
        assert page.evaluate(LIVE) == [2, 2, 0, 0, 1], path
        # Errors of ours are answered with 400, which a browser writes to its console.
        assert [said for said in events if "status of 400" not in said] == [], path
    page.goto("/api/search?q=gradient")
    assert page.evaluate(
        "[document.scripts.length, document.links.length, document.images.length]"
    ) == [
        0,
        0,
        0,
    ]
    assert [said for said in events if "status of 4" not in said] == []
    context.close()
    server.stop()
    thread.join(10)


def test_it_works_without_scripts(browser, address):
    context = browser.new_context(java_script_enabled=False, base_url=address)
    page = context.new_page()
    page.goto("/")
    ask(page, "gradient")
    page.get_by_role("link", name="Next").click()
    assert len(titles(page)) == 10
    context.close()
