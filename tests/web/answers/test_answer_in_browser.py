"""The page composes an answer where it stands, and breaks no rule of axe-core."""

from __future__ import annotations

import threading

import pytest

from tests.web.answers.model_fake import Reply, fake_model, piece, said
from tests.web.canned_engine import HOSTILE, CannedEngine
from web import create_app
from web.server import Server
from web.settings import Settings

axe_core = pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SAID = "[data-said]"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Where the app answers, and the model that it asks."""
    with fake_model() as model:
        settings = Settings(
            index=tmp_path_factory.mktemp("index"),
            port=0,
            log="off",
            llm=model.server(),
        )
        server = Server(create_app(settings, CannedEngine()), settings)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield server.address, model
        server.stop()
        thread.join(15)


@pytest.fixture(params=[360, 1440], ids=lambda width: f"{width}px")
def page(request, browser, served):
    size = {"width": request.param, "height": 800}
    context = browser.new_context(viewport=size, base_url=served[0])
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda one: one.type == "error" and page.errors.append(one.text))
    yield page
    assert page.errors == []
    context.close()


def check(page):
    """Judge the page as it stands: by axe, and that nothing is wider than it."""
    page.evaluate(axe_core)
    told = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("told => axe.run(told).then((one) => one.violations)", told)
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    told["runOnly"] = ["color-contrast"]
    found = page.evaluate("told => axe.run(told).then((one) => one.violations)", told)
    assert [rule["nodes"][0]["html"] for rule in found] == []
    page.evaluate("delete document.documentElement.dataset.theme")


def test_the_page_composes_as_the_model_writes(page, served):
    _, model = served
    go_on = threading.Event()
    hostile = f"{HOSTILE} [x](http://evil.example/) [4]."
    model.replies = [
        Reply((piece("Down it goes [1]. N"), go_on, *said(f"o idea. {hostile}")))
    ]
    page.goto("/?q=gradient")
    check(page)
    assert not page.locator(".made").is_visible()
    page.get_by_role("button", name="Compose an answer from these quotes").press(
        "Enter"
    )
    page.get_by_text("Down it goes.").wait_for()
    assert page.locator(f"{SAID} a").all_inner_texts() == ["[1]"]
    assert page.locator(SAID).get_attribute("aria-live") == "polite"
    assert page.get_by_text("Composed by little-one").is_visible()
    check(page)
    go_on.set()
    page.get_by_text("1 sentence without a source was left out.").wait_for()
    # Who was at the button to cancel it is at the answer now.
    assert page.evaluate("document.activeElement.matches('[data-answer]')")
    assert "evil.example" in page.locator(SAID).inner_text()
    # What a model writes is text, and its citations are the only links.
    inside = f"{SAID} :is(script, img, b)"
    assert page.locator(inside).count() == 0
    hrefs = page.locator(f"{SAID} a").evaluate_all("all => all.map((one) => one.hash)")
    assert hrefs == ["#quote-1", "#quote-4"]
    # Only what is cited is listed, under its number.
    items = page.locator(".cited li:not([hidden])")
    assert items.evaluate_all("all => all.map((one) => one.value)") == [1, 4]
    page.get_by_role("link", name="Quote 4").click()
    assert page.locator("#quote-4").evaluate("one => one.matches(':target')")
    assert not page.get_by_role("button", name="Cancel").is_visible()
    check(page)


def test_it_can_be_cancelled_and_tried_again(page, served):
    _, model = served
    model.gone.clear()
    model.replies = [Reply((piece("Down it goes [1]. N"), threading.Event()))]
    page.goto("/?q=gradient")
    button = page.get_by_role("button", name="Compose an answer")
    button.click()
    page.get_by_text("Down it goes.").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled.").wait_for()
    assert model.gone.wait(10)
    assert button.evaluate("one => one === document.activeElement")
    model.replies = [Reply((), 401)]
    button.click()
    page.get_by_text("doesn't accept the key").wait_for()
    assert not page.get_by_text("Down it goes.").is_visible()
    assert not page.locator(".made").is_visible()
    check(page)


def test_without_a_script_the_answer_has_a_page(browser, served):
    address, model = served
    model.says("Down it goes [1]. Not far [4]. I think.")
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/?q=gradient&since=2012")
    page.get_by_role("button", name="Compose an answer from these quotes").click()
    page.wait_for_url("**/answer?q=gradient&since=2012")
    assert page.locator(".said").inner_text() == "Down it goes. [1] Not far. [4]"
    page.get_by_role("link", name="All results").click()
    page.wait_for_url("**/?q=gradient&since=2012")
    context.close()


def test_the_page_of_an_answer_breaks_no_rule(page, served):
    _, model = served
    model.says("Down it goes [1][2]. Not far [4]. I think.")
    page.goto("/answer?q=gradient")
    check(page)
    # A citation tears no lines apart.
    assert page.locator(".cite").first.evaluate(
        "one => one.getBoundingClientRect().height"
        " < parseFloat(getComputedStyle(one.parentElement).lineHeight)"
    )
    model.says("NOT IN THE QUOTES")
    page.goto("/answer?q=gradient")
    assert page.get_by_text("The model finds no answer in the quotes.").is_visible()
    check(page)


def test_the_stream_is_one_of_events_as_browsers_read_them(page, served):
    _, model = served
    model.says("Down\\n it\\r goes\u2028 <b>&amp; [1]. I think.")
    page.goto("/")
    found = page.evaluate("""() => new Promise((done) => {
        const found = [];
        const source = new EventSource("/api/answer?q=gradient");
        for (const name of ["sources", "sentence", "end"]) {
            source.addEventListener(name, (event) => {
                found.push([name, JSON.parse(event.data)]);
                if (name === "end") { source.close(); done(found); }
            });
        }
    })""")
    assert [name for name, _ in found] == ["sources", "sentence", "end"]
    assert found[1][1] == {"text": "Down\\n it\\r goes <b>&amp;.", "citations": [1]}
