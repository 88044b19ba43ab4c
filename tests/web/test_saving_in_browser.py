"""The form that saves a page, in headless Chromium; skipped where that is not
installed."""

from __future__ import annotations

import threading
from urllib.parse import unquote

import pytest

from search.inbox.requests import Inbox
from search.inbox.run_status import Line, RunStatus, write_status
from tests.web.canned_engine import CannedEngine
from web import create_app
from web.saving.runner import Runner
from web.server import Server
from web.settings import Settings

STARTED = "2026-11-30T06:00:00+00:00"


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setattr(Runner, "start", lambda runner: None)
    monkeypatch.setattr(Runner, "is_running", True)
    settings = Settings(index=tmp_path, port=0)
    server = Server(create_app(settings, CannedEngine()), settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server.address
    server.stop()
    thread.join(5)


@pytest.mark.parametrize("has_script", [True, False])
@pytest.mark.parametrize("width", [360, 1440])
def test_a_page_is_saved_with_the_form(browser, served, tmp_path, has_script, width):
    context = browser.new_context(
        base_url=served,
        java_script_enabled=has_script,
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto("/add?url=https://blog.example/post&title=Bread")
    assert page.get_by_label("Address").input_value() == "https://blog.example/post"
    page.get_by_label("Note").fill("Keep it")
    page.get_by_label("Tags").fill("bread, ovens")
    page.keyboard.press("Enter")
    # A browser sends its own origin with this page's form, or it would be refused.
    page.wait_for_url("**/add?done=save#run")
    assert "Saved" in page.get_by_role("status").filter(has_text="Saved").inner_text()
    (letter,) = Inbox(tmp_path).letters()
    assert (letter.request.title, letter.request.note) == ("Bread", "Keep it")
    assert page.locator(".run").inner_text().count("https://blog.example/post") == 1
    letter.take_out()
    line = Line("https://blog.example/post", "Bread, kept")
    write_status(tmp_path, RunStatus(STARTED, ended=STARTED, new=(line,)))
    # The page looks by itself, with its script or without.
    page.get_by_role("link", name="Bread, kept").wait_for()
    if has_script:
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(wide)
    assert complaints == []
    context.close()


def test_the_bookmarklet_opens_the_form_filled(browser, served):
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{served}add")
    link = page.get_by_role("link", name="Save to Blogsearch").get_attribute("href")
    assert link.startswith("javascript:")
    # On a page of another site; a browser runs a bookmark as it runs this.
    page.route(
        "http://elsewhere.example/**",
        lambda route: route.fulfill(
            content_type="text/html",
            body='<title>It\'s "100%" &amp; more</title><p>words',
        ),
    )
    page.goto("http://elsewhere.example/a?b=c&d=%20e")
    with context.expect_page() as opened:
        page.evaluate(unquote(link.removeprefix("javascript:")))
    form = opened.value
    form.wait_for_load_state()
    address = form.get_by_label("Address").input_value()
    assert address == "http://elsewhere.example/a?b=c&d=%20e"
    assert form.locator("[name=title]").get_attribute("value") == 'It\'s "100%" & more'
    context.close()
