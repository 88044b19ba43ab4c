"""The routes of the search box for other sites: its script, and a page to try it on."""

from __future__ import annotations

from html import escape

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from web.embedding.script import script
from web.engine_gate import gate_of
from web.search_links import asked_fields

# Seconds for which a browser asks no more, and for which it may use what it has while
# it asks: the address stays, so that pages need no change where the script does.
FRESH, STALE = 86_400, 2_592_000

LINES = """\
<blog-search site="{site}"><a href="{home}">Search this blog</a></blog-search>
<script src="{script}" defer></script>"""

embedding = Blueprint("embedding", __name__)


@embedding.get("/embed.js")
def embed_script() -> Response:
    """Give the script of the search box."""
    response = Response(script(), mimetype="text/javascript")
    response.add_etag()
    response.headers["Cache-Control"] = (
        f"public, max-age={FRESH}, stale-while-revalidate={STALE}"
    )
    # It says nothing of the index; what it may ask, its answers' own headers say.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.make_conditional(request)
    return response


@embedding.get("/embed")
def embed_page() -> ResponseReturnValue:
    """Show the search box for a site, and the lines that put it on a page."""
    sites = [name for name, _ in gate_of(current_app).status().sites if name]
    site = request.args.get("site", sites[0] if sites else "")
    values = {"site": site} if site else {}
    addresses = {
        "home": url_for("pages.home", _external=True, **values),
        "script": url_for("embedding.embed_script", _external=True),
    }
    return render_template(
        "embed.html",
        asked=asked_fields() | {"site": ""},  # the box above asks of every site
        sites=sites,
        site=site,
        home=addresses["home"],
        lines=LINES.format(
            site=escape(site),
            **{name: escape(address) for name, address in addresses.items()},
        ),
        origin=request.host_url.rstrip("/"),
    )
