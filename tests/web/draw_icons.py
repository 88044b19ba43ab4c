"""The icons of web/static/icons as PNG, drawn by Chromium from their SVG files.

python -m tests.web.draw_icons
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).parents[2] / "web/static"
SOURCES = {"any": STATIC / "favicon.svg", "maskable": STATIC / "icons/maskable.svg"}
# "touch" is what iOS takes, which rounds the corners itself.
DRAWN = (("any", 192, "any-192"), ("any", 512, "any-512"), ("maskable", 192, "maskable-192"),
         ("maskable", 512, "maskable-512"), ("maskable", 180, "touch-180"))  # fmt: skip


def draw() -> None:
    """Writes all of them."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for source, side, name in DRAWN:
            page = browser.new_page(viewport={"width": side, "height": side})
            svg = SOURCES[source].read_text(encoding="utf-8")
            page.set_content(
                f"<style>body{{margin:0}}svg{{display:block}}</style>{svg}"
            )
            path = STATIC / f"icons/{name}.png"
            page.screenshot(path=path, omit_background=True)
            page.close()


if __name__ == "__main__":
    draw()
