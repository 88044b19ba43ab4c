"""What the page can do only with a script: suggestions, recent questions, keys, themes.

Time is the browser's own clock, which the tests move where it matters.
"""

from __future__ import annotations

import json

import pytest

FIRST = "http://127.0.0.1:1/posts/0/#step"
OPTIONS = "[role=listbox] [role=option]"


@pytest.fixture
def page(browser, address):
    """An open home page; the articles that it leads to are made up on the spot."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, base_url=address
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    context.route(
        "http://127.0.0.1:1/**",
        lambda route: route.fulfill(
            body="<title>the article</title>", content_type="text/html"
        ),
    )
    page.goto("/")
    yield page
    assert page.errors == []
    context.close()


def box(page):
    return page.get_by_role("combobox", name="Search the blogs")


def options(page):
    return page.locator(OPTIONS)


def active(page):
    """The number of the option that the arrow keys have reached, None for none."""
    name = box(page).get_attribute("aria-activedescendant")
    selected = page.locator("[role=option][aria-selected=true]")
    if name is None:
        assert selected.count() == 0
        return None
    assert selected.get_attribute("id") == name
    return int(name.rpartition("-")[2])


def typed(page, text):
    """Type, and wait for the suggestions."""
    box(page).press_sequentially(text)
    options(page).first.wait_for()


def focused(page):
    return page.evaluate(
        "document.activeElement.id || document.activeElement.innerText"
    )


NOTE_QUESTIONS = """
window.asked = [];
const really = window.fetch;
window.fetch = (url, told) => {
    const question = new URL(url, location).searchParams.get("q");
    if (question) window.asked.push(question);
    return really(url, told);
};
"""


class Held:
    """The home page while time stands still: it goes by only as the test says, and what
    the suggestion endpoint answers is held back until the test gives it."""

    def __init__(self, page):
        self.page, self.routes = page, []
        page.route("**/api/suggest?**", lambda route: self.routes.append(route))
        page.add_init_script(NOTE_QUESTIONS)
        page.clock.install(time=0)
        page.goto("/")
        page.clock.pause_at(3600)

    @property
    def asked(self):
        """The questions for which suggestions were asked, oldest first."""
        return self.page.evaluate("window.asked")

    def route(self, at):
        """The request of this number, as soon as it has come."""
        while len(self.routes) <= at:
            self.page.wait_for_timeout(10)
        return self.routes[at]

    def give(self, at, title, **told):
        """Answer one request with a suggestion of this title."""
        found = {
            "title": title,
            "site": "",
            "url": FIRST,
            "quote": "",
            "highlights": [],
        }
        body = json.dumps({"query": "", "suggestions": [found]})
        self.route(at).fulfill(
            **{"body": body, "content_type": "application/json", **told}
        )


def test_the_list_follows_the_combobox_pattern(page):
    field = box(page)
    assert field.get_attribute("aria-expanded") == "false"
    typed(page, "gradient")
    assert field.get_attribute("aria-expanded") == "true"
    assert field.get_attribute("aria-autocomplete") == "list"
    owned = page.locator(f"#{field.get_attribute('aria-controls')}")
    assert owned.get_attribute("role") == "listbox"
    assert owned.get_attribute("aria-label") == "Suggestions"
    assert options(page).count() == 5
    assert "What the gradient does not say" in options(page).first.inner_text()
    assert options(page).first.locator("mark").all_inner_texts() == ["gradient"]
    page.get_by_text("5 suggestions").wait_for(state="attached")

    reached = [active(page)]
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowDown", "Home"):
        page.keyboard.press(key)
        reached.append(active(page))
    assert reached == [None, 0, 1, 0, 4, 0, None]
    assert focused(page) == "q"
    assert field.evaluate("box => box.selectionStart") == 0

    page.keyboard.press("ArrowUp")
    assert active(page) == 4
    page.keyboard.press("End")
    assert (active(page), field.evaluate("box => box.selectionStart")) == (None, 8)
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert not options(page).first.is_visible()
    assert field.input_value() == "gradient"
    page.keyboard.press("ArrowDown")  # opens again, at the first
    assert active(page) == 0
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert field.input_value() == ""


def test_enter_opens_what_is_chosen_and_asks_where_nothing_is(page):
    typed(page, "gradient")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=gradient")
    page.goto("/")
    typed(page, "gradient")
    page.keyboard.press("ArrowDown")
    with page.context.expect_page() as opened:
        page.keyboard.press("Control+Enter")
    opened.value.wait_for_url(FIRST, wait_until="commit")
    opened.value.close()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(FIRST)
    page.goto("/")
    typed(page, "momentum")
    page.get_by_role("option", name="Momentum, with").click()
    page.wait_for_url("http://127.0.0.1:1/posts/2/#step")


def test_it_works_with_a_finger(browser, address):
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, base_url=address
    )
    context.route("http://127.0.0.1:1/**", lambda route: route.fulfill(body="there"))
    page = context.new_page()
    page.goto("/")
    typed(page, "gradient")
    shown = page.locator("[role=listbox]").bounding_box()
    assert shown["x"] >= 0
    assert shown["x"] + shown["width"] <= 360
    assert min(one.bounding_box()["height"] for one in options(page).all()) >= 44
    options(page).first.tap()
    page.wait_for_url(FIRST)
    context.close()


def test_the_server_is_asked_seldom_and_never_answered_late(page):
    held = Held(page)
    field = box(page)
    for letter in "gr":
        field.press(letter)
        page.clock.run_for(1000)
    assert held.asked == []  # too short
    for letter in "adient":
        field.press(letter)
        page.clock.run_for(100)
    assert held.asked == []  # somebody is typing
    page.clock.run_for(100)
    assert held.asked == ["gradient"]
    # An answer that comes while more is typed is of another question.
    field.press_sequentially(" step")
    page.clock.run_for(200)
    assert held.asked == ["gradient"]  # too soon after the last
    held.give(0, "of the gradient")
    page.clock.run_for(400)
    assert held.asked == ["gradient", "gradient step"]
    assert options(page).count() == 0
    held.give(1, "of the step")
    page.get_by_role("option", name="of the step").wait_for()
    # What was answered is known, and white space asks nothing.
    for _ in range(5):
        field.press("Backspace")
    field.press_sequentially(" step ")
    page.clock.run_for(2000)
    assert options(page).all_inner_texts() == ["of the step"]
    assert len(held.asked) == 2
    # With a slow server the older suggestions go.
    field.press_sequentially("size")
    page.clock.run_for(2000)
    assert held.asked[2:] == ["gradient step size"]
    assert not options(page).first.is_visible()


@pytest.mark.parametrize("told", [{"status": 429, "headers": {"Retry-After": "30"}}, {"status": 503}, None])  # fmt: skip
def test_what_goes_wrong_is_not_said_and_the_form_still_works(page, told):
    held = Held(page)
    before = page.locator("body").inner_text()
    box(page).press_sequentially("gradient")
    page.clock.run_for(500)
    if told is None:
        held.route(0).abort("internetdisconnected")
    else:
        held.route(0).fulfill(body='{"error": {}}', **told)
    page.clock.run_for(5000)
    assert page.locator("body").inner_text() == before
    assert not options(page).first.is_visible()
    box(page).press_sequentially("s")
    page.clock.run_for(10_000)
    is_told_to_wait = bool(told and "headers" in told)
    assert len(held.asked) == (1 if is_told_to_wait else 2)
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=gradients")


def test_an_input_method_is_left_alone(page):
    held = Held(page)
    box(page).focus()
    method = page.context.new_cdp_session(page)
    composed = {"text": "tidu", "selectionStart": 4, "selectionEnd": 4}
    method.send("Input.imeSetComposition", composed)
    page.clock.run_for(2000)
    assert held.asked == []
    box(page).dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    box(page).dispatch_event("keydown", {"key": "Escape", "isComposing": True})
    assert box(page).input_value() == "tidu"
    method.send("Input.insertText", {"text": "梯度"})
    page.clock.run_for(2000)
    assert held.asked == ["梯度"]  # two of these signs are enough


def test_recent_questions_stay_in_this_browser_and_can_be_forgotten(page):
    for number in range(9):
        page.goto(f"/?q=gradient+{number}")
    page.goto("/?q=GRADIENT+5")
    page.goto("/")
    assert not options(page).first.is_visible()  # nobody asked for them yet
    box(page).click()
    kept = page.locator(".recent-question")
    expected = [
        "GRADIENT 5",
        *(f"gradient {number}" for number in (8, 7, 6, 4, 3, 2, 1)),
    ]
    assert kept.all_inner_texts() == expected
    assert page.get_by_role("listbox").get_attribute("aria-label") == "Recent questions"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Delete")
    assert kept.all_inner_texts() == expected[1:]
    page.locator("[data-forget]").nth(1).click()
    assert kept.all_inner_texts() == [expected[1], *expected[3:]]
    kept.first.click()
    page.wait_for_url("**/?q=gradient+8**")
    box(page).fill("")
    page.get_by_role("option", name="Forget all").click()
    assert page.evaluate("localStorage.length") == 0
    page.goto("/")
    box(page).click()
    page.keyboard.press("ArrowDown")
    assert not options(page).first.is_visible()


def test_it_works_where_nothing_may_be_kept(browser, address):
    context = browser.new_context(base_url=address)
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no'); }})"
    )
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/?q=gradient")
    page.get_by_role("button", name="Theme: auto").click()
    assert page.get_by_role("button", name="Theme: light").is_visible()
    box(page).fill("")
    typed(page, "momentum")
    assert errors == []
    context.close()


def test_single_keys_go_through_the_results(page):
    page.goto("/?q=gradient")
    titles = page.locator("main article h2").all_inner_texts()
    reached = []
    for key in "kjjk":
        page.keyboard.press(key)
        reached.append(focused(page))
    assert reached == [titles[0], titles[1], titles[2], titles[1]]
    assert page.evaluate("document.activeElement.matches(':focus-visible')")
    for _ in range(8):
        page.keyboard.press("j")
        assert page.evaluate(
            "(({top, bottom}) => top >= 0 && bottom <= innerHeight)"
            "(document.activeElement.getBoundingClientRect())"
        )
    page.keyboard.press("Control+k")
    page.keyboard.press("Alt+j")
    assert focused(page) == titles[-1]
    page.keyboard.press("/")
    page.keyboard.type("jk?")
    assert box(page).input_value() == "jk?"
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("http://127.0.0.1:1/posts/0/**")


def test_the_help_keeps_the_focus_and_gives_it_back(page):
    page.goto("/?q=gradient")
    page.keyboard.press("j")
    here = focused(page)
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys and operators")
    assert help_.is_visible()
    for words in ("site:example.org", '"exact words"', "-word", "next result"):
        assert words in help_.inner_text()
    page.keyboard.press("j")  # no key works behind it
    for _ in range(6):
        assert page.evaluate("document.activeElement.closest('dialog, body').localName") == "dialog" or (
            page.evaluate("document.activeElement === document.body")
        )  # fmt: skip
        page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert not help_.is_visible()
    assert focused(page) == here
    # Who dictates can switch single keys off (WCAG 2.1.4).
    page.get_by_role("button", name="Help").click()
    page.get_by_label("Single keys are on").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("?")
    assert focused(page) != here
    assert not help_.is_visible()


def test_a_theme_is_kept_and_there_before_anything_is_painted(page):
    page.context.add_init_script("""
        new MutationObserver((_, observer) => {
            if (!document.body) return;
            window.atFirst = document.documentElement.dataset.theme ?? "none";
            observer.disconnect();
        }).observe(document, {childList: true, subtree: true});
    """)
    seen = []
    for state in ("auto", "light", "dark"):
        page.reload()
        button = page.get_by_role("button", name=f"Theme: {state}")
        bars = page.locator("meta[name=theme-color]").evaluate_all(
            "metas => metas.map((meta) => meta.content)"
        )
        seen.append((page.evaluate("atFirst"), len(set(bars))))
        button.click()
    assert seen == [("none", 2), ("light", 1), ("dark", 1)]
    assert page.evaluate("document.documentElement.dataset.theme ?? 'none'") == "none"


def test_the_page_says_that_the_search_is_starting_until_it_has_started(page):
    page.clock.install()
    answers = iter(["starting", "starting", "ok"])
    page.route(
        "**/healthz", lambda route: route.fulfill(json={"status": next(answers)})
    )
    page.goto("/")
    words = page.get_by_text("The search is starting")
    words.wait_for()
    page.clock.run_for(1000)
    assert words.is_visible()
    page.clock.run_for(1000)
    words.wait_for(state="detached")
    assert next(answers, "asked no more") == "asked no more"
