"""The reader page in headless Chromium: formulas are set, the quote is in sight."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.web.canned_engine import CODE, MATHS, CannedEngine, as_article

POST = CannedEngine().hits[0]
TEXT = as_article(POST).text
PATH = f"/article?q=gradient&sort=newest&url={quote(POST.url)}"


@pytest.fixture(params=[360, 1440], ids=lambda width: f"{width}px")
def page(request, browser, address):
    """A window; nothing may be said on its console or asked elsewhere."""
    context = browser.new_context(
        viewport={"width": request.param, "height": 500}, base_url=address
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.width = request.param
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            asked.url.startswith(address) or complaints.append(f"asked {asked.url}")
        ),
    )
    yield page
    assert complaints == []
    context.close()


def until(page, condition):
    """Wait for what is true in a moment; playwright's own way is against our policy."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(condition)


def overflow(page):
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def test_the_quote_is_scrolled_to_and_stands_out(page):
    words = "where $\\gamma$ is"
    start = TEXT.index(words)
    page.goto(f"{PATH}&start={start}&end={start + len(words)}#quote")
    mark = page.locator("#quote")
    box = mark.bounding_box()
    assert 0 < box["y"] < 500
    assert page.evaluate("scrollY") > 0
    marks = page.locator("mark.quote")
    assert "".join(marks.all_text_contents()).split() == ["where", "γ", "is"]
    plain = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert mark.evaluate("one => getComputedStyle(one).backgroundColor") not in (
        plain,
        "rgba(0, 0, 0, 0)",
    )
    page.get_by_role("link", name="Back to the results").first.click()
    page.wait_for_url("**/?q=gradient&sort=newest")


def test_formulas_are_set_by_the_browser(page):
    page.goto(PATH)
    formula = page.locator(".math math").first
    assert formula.evaluate("one => getComputedStyle(one).display") == "block math"
    base, index = (
        formula.locator("msub").first.locator("> *").nth(n).bounding_box()
        for n in range(2)
    )
    assert index["x"] >= base["x"] + base["width"] - 1
    assert index["y"] + index["height"] > base["y"] + base["height"]
    sizes = formula.locator("msub").first.evaluate(
        "one => [...one.children].map((each) => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert sizes[1] < sizes[0]
    gamma = page.locator("p math").first
    assert gamma.evaluate("one => getComputedStyle(one).display") == "math"
    assert page.locator("code.tex").count() == 0
    assert MATHS.count("$$") == 2


def test_contents_fold_on_phones_and_stand_open_beside_the_text(page):
    page.goto(PATH)
    entry = page.locator(".contents a").last
    assert entry.is_visible() is (page.width > 1000)
    if page.width < 1000:
        page.get_by_text("Contents", exact=True).click()
    entry.click()
    heading = page.locator(".text h2").last
    until(page, "scrollY > 0")
    assert -1 <= heading.bounding_box()["y"] < 500
    assert overflow(page) == 0


def test_wide_code_scrolls_in_its_own_box_with_the_keyboard(page):
    page.goto(PATH)
    code = page.locator("pre")
    assert code.inner_text().strip() == CODE.partition("\n\n")[2]
    code.focus()
    if page.width < 1000:
        page.keyboard.press("ArrowRight")
        until(page, "document.querySelector('pre').scrollLeft > 0")
    assert overflow(page) == 0
    page.goto("/article?url=http://127.0.0.1:1/posts/9/")
    assert page.locator("th").all_inner_texts() == ["rate", "gradient", "loss"]
    page.goto("/article?url=http://127.0.0.1:1/posts/5/")
    assert overflow(page) == 0
