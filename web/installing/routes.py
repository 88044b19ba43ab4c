"""The route of the web app manifest.

There is no service worker: a search has nothing to say without its server.
https://www.w3.org/TR/appmanifest/
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, url_for

PAPER = "#faf8f4"  # as in page.css, and as base.html names it to browsers
# Side of the square in pixels: what Android and Chromium ask for.
SIDES = (192, 512)
SHARED = "saving.add_page"  # the page that takes what is shared from another app

installing = Blueprint("installing", __name__)


@installing.get("/manifest.webmanifest")
def manifest() -> Response:
    """Describe the page to a browser that is to install it."""
    home = url_for("pages.home")
    told: dict[str, Any] = {
        "id": home,
        "name": "Blogsearch",
        "short_name": "Blogsearch",
        "description": "Search the blogs you read or write.",
        "lang": "en",
        "start_url": home,
        "scope": home,
        "display": "minimal-ui",  # with a way back: results lead elsewhere
        "theme_color": PAPER,
        "background_color": PAPER,
        "icons": _icons(),
    }
    if SHARED in current_app.view_functions:
        told["share_target"] = {
            "action": url_for(SHARED),
            "method": "GET",
            # Chromium asks for it to be said, of GET too.
            "enctype": "application/x-www-form-urlencoded",
            "params": {name: name for name in ("url", "title", "text")},
        }
    response = jsonify(told)
    response.mimetype = "application/manifest+json"
    return response


def _icons() -> list[dict[str, str]]:
    """List the icons; those to be masked fill their square, and draw in its middle."""
    names = [("any", "favicon.svg"), ("maskable", "icons/maskable.svg")]
    drawn = [_icon(name, "any", "image/svg+xml", purpose) for purpose, name in names]
    pixels = [
        _icon(f"icons/{purpose}-{side}.png", f"{side}x{side}", "image/png", purpose)
        for purpose in ("any", "maskable")
        for side in SIDES
    ]
    return drawn + pixels


def _icon(name: str, sizes: str, kind: str, purpose: str) -> dict[str, str]:
    source = url_for("static", filename=name)
    return {"src": source, "sizes": sizes, "type": kind, "purpose": purpose}
