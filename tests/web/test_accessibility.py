"""No page breaks a rule of axe-core (WCAG 2.2 A and AA, and good practice), in any state
that a script brings about, wide or narrow, light or dark."""

from __future__ import annotations

import pytest

axe_core = pytest.importorskip("axe_playwright_python.base").AXE_SCRIPT

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = {
    "home": "/",
    "results": "/?q=gradient",
    "in doubt": "/?q=unsure+gradient&sort=newest",
    "weaker ones too": "/?q=few+gradient&since=2010&weaker=1",
    "nothing": "/?q=zzz&since=2021",
    "newest of a site": "/?site=diary.example",
    "related": "/related?url=http://127.0.0.1:1/posts/5/",
    "coverage": "/coverage",
    "article": "/article?q=gradient&start=9&end=99&url=http://127.0.0.1:1/posts/0/",
    "table": "/article?url=http://127.0.0.1:1/posts/9/",
    "problem": "/nothing",
}


@pytest.fixture(params=[360, 1440], ids=lambda width: f"{width}px")
def page(request, browser, address):
    size = {"width": request.param, "height": 800}
    context = browser.new_context(viewport=size, base_url=address)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


def broken(page, rules=RULES):
    """The rules that the page breaks, each with the elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_core)
    found = page.evaluate(
        "told => axe.run(told).then((result) => result.violations)",
        {"runOnly": rules, "resultTypes": ["violations"], "preload": False},
    )
    return {
        rule["id"]: [
            f"{node['html']} {node['failureSummary']}" for node in rule["nodes"]
        ]
        for rule in found
    }


def check(page, state):
    """Judge the page as it stands, in light colours and in dark ones."""
    assert broken(page) == {}, state
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert broken(page, ["color-contrast"]) == {}, f"{state}, dark"
    page.evaluate("delete document.documentElement.dataset.theme")


def test_a_broken_rule_is_found(page):
    page.goto("/")
    page.evaluate("document.querySelector('main').append(new Image())")
    page.locator(".holds").evaluate("text => { text.style.color = '#ccc'; }")
    assert {"image-alt", "color-contrast"} <= set(broken(page))


def test_no_page_breaks_a_rule(page):
    for state, path in PAGES.items():
        page.goto(path)
        check(page, state)


def test_no_state_of_a_page_breaks_a_rule(page):
    page.goto("/?q=gradient")
    page.evaluate(
        "document.querySelectorAll('details').forEach((one) => one.open = true)"
    )
    check(page, "unfolded")
    page.keyboard.press("?")
    check(page, "help")
    page.goto("/")
    box = page.get_by_role("combobox", name="Search the blogs")
    box.click()
    page.locator(".recent").wait_for()
    page.keyboard.press("ArrowDown")
    check(page, "recent questions")
    page.keyboard.type("gradient")
    page.locator(".suggestion").first.wait_for()
    page.keyboard.press("ArrowDown")
    check(page, "suggestions")
