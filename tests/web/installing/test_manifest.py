"""The web app manifest, as it is written and as Chromium reads it."""

from __future__ import annotations

import json
import struct
from urllib.parse import urlsplit

import pytest

from tests.web.canned_engine import CannedEngine
from web import create_app
from web.installing.routes import SHARED
from web.settings import Settings


@pytest.fixture
def told(client):
    answer = client.get("/manifest.webmanifest")
    assert answer.status_code == 200
    assert answer.mimetype == "application/manifest+json"
    return answer.get_json()


def test_every_page_names_it(client):
    for path in ("/", "/?q=gradient", "/coverage"):
        page = client.get(path).text
        assert 'rel="manifest" href="/manifest.webmanifest"' in page


def test_the_icons_are_there_and_as_large_as_they_say(client, told):
    assert {icon["purpose"] for icon in told["icons"]} == {"any", "maskable"}
    touch = {
        "src": "/static/icons/touch-180.png",
        "sizes": "180x180",
        "type": "image/png",
    }
    assert touch["src"] in client.get("/").text
    for icon in [*told["icons"], touch]:
        with client.get(icon["src"]) as answer:
            assert answer.mimetype == icon["type"]
            data = answer.data
        if icon["type"] == "image/png":
            assert data.startswith(b"\x89PNG\r\n\x1a\n")
            width, height = struct.unpack(">II", data[16:24])
            assert f"{width}x{height}" == icon["sizes"]
        else:
            assert icon["sizes"] == "any"


def test_the_colours_are_those_of_the_page(client, told):
    assert f'content="{told["theme_color"]}"' in client.get("/").text
    with client.get("/static/page.css") as style:
        assert f"--paper: light-dark({told['background_color']}," in style.text


def test_what_is_shared_goes_to_the_page_that_adds(client, told):
    """And nowhere in a server that has none."""
    adds = SHARED in client.application.view_functions
    assert ("share_target" in told) == adds
    if adds:
        target = told["share_target"]
        assert (target["action"], target["method"]) == ("/add", "GET")
        assert set(target["params"]) == {"url", "title", "text"}


def test_asking_for_it_is_no_question(tmp_path):
    settings = Settings(index=tmp_path, per_minute=1)
    client = create_app(settings, CannedEngine()).test_client()
    for _ in range(3):
        assert client.get("/manifest.webmanifest").status_code == 200


def test_chromium_reads_it_and_would_install_the_page(browser, address):
    page = browser.new_page()
    try:
        complaints = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(address)
        devtools = page.context.new_cdp_session(page)
        found = devtools.send("Page.getAppManifest")
        assert found["errors"] == []
        assert urlsplit(found["url"]).path == "/manifest.webmanifest"
        assert json.loads(found["data"])["display"] == "minimal-ui"
        shown = devtools.send("Page.getInstallabilityErrors")
        # A context of playwright's is a private window, in which nothing is installed.
        reasons = {one["errorId"] for one in shown["installabilityErrors"]}
        assert reasons <= {"in-incognito"}
        assert complaints == []
    finally:
        page.close()


def test_every_icon_can_be_drawn(browser, address):
    page = browser.new_page()
    try:
        page.goto(f"{address}manifest.webmanifest")
        icons = json.loads(page.inner_text("body"))["icons"]
        page.goto(address)
        for icon in icons:
            width, corner = page.evaluate(DRAWN, icon["src"])
            assert width > 0
            # A launcher cuts a masked icon to its shape: there is nothing but ground.
            assert corner == (255 if icon["purpose"] == "maskable" else 0)
    finally:
        page.close()


DRAWN = """async source => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0, 64, 64);
  return [image.width, context.getImageData(0, 0, 1, 1).data[3]];
}"""
