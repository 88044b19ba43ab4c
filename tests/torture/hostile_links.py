"""Pages of links and front matter that are made to hold a reader up."""

from __future__ import annotations

from indexer.sources.link_pages import parse_link_page
from indexer.text.front_matter import read_front_matter
from tests.torture.made import Documents, M


def links(inside: str) -> tuple[bytes, str]:
    return (
        f"<html><body><main>{inside}</main></body></html>".encode(),
        "https://a.example/links",
    )


def yaml_aliases() -> str:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"] + [
        f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)
    ]
    return "---\n" + "\n".join(lines) + "\n---\ntext"


LINK_PAGES: Documents = {
    "a million links": lambda: (
        parse_link_page,
        links("<li><a href=http://b.example/>x</a> y" * 500_000),
    ),
    "links in one line": lambda: (
        parse_link_page,
        links("<p>" + "<a href=http://b.example/>x</a> y " * 300_000),
    ),
    "one link around everything": lambda: (
        parse_link_page,
        links("<a href=http://b.example/>" + "x<p>" * M),
    ),
    "links nested deep": lambda: (
        parse_link_page,
        links("<div><a href=http://b.example/>x" * 300_000),
    ),
    "items nested deep": lambda: (
        parse_link_page,
        links("<ul><li>x<a href=http://b.example/>y</a>" * 300_000),
    ),
    "cells in a row": lambda: (
        parse_link_page,
        links("<table><tr>" + "<td>x" * 500_000),
    ),
    "cells with links": lambda: (
        parse_link_page,
        links("<table><tr>" + "<td><a href=http://b.example/>x</a>" * 200_000),
    ),
    "rows": lambda: (
        parse_link_page,
        links("<table>" + "<tr><td>1 May 2024" * 200_000),
    ),
    "headings": lambda: (parse_link_page, links("<h1>a</h1><h2>b</h2>" * 400_000)),
    "headings nested": lambda: (parse_link_page, links("<h1><h2><h3>" * 300_000)),
    "terms": lambda: (parse_link_page, links("<dl>" + "<dt>2024-01-01<dd>x" * 300_000)),
    "items without links": lambda: (
        parse_link_page,
        links("<ul><li>a" + "<ul><li>b</ul>" * 300_000),
    ),
    "bare addresses": lambda: (
        parse_link_page,
        links("<p>" + "http://b.example/" * 500_000),
    ),
    "bare addresses apart": lambda: (
        parse_link_page,
        links("<p>" + "http://b.example/ " * 500_000),
    ),
    "parentheses": lambda: (
        parse_link_page,
        links("<p>http://b.example/" + ")" * 1900 + " "),
    ),
    "many parentheses": lambda: (
        parse_link_page,
        links("<p>" + ("http://b.example/" + ")" * 1900 + " ") * 3000),
    ),
    "a long name of an anchor": lambda: (
        parse_link_page,
        links("<a href=http://b.example/>" + "x " * 2 * M + "</a>"),
    ),
    "sentence ends": lambda: (
        parse_link_page,
        links("<p>" + ". " * 2000 + "<a href=http://b.example/>x</a>" + '."' * 2 * M),
    ),
    "furniture": lambda: (
        parse_link_page,
        links(f"<div class='{'nav-' * 500_000}'>x</div>"),
    ),
    "Markdown brackets": lambda: (parse_link_page, (b"[" * 500_000, "links.md")),
    "Markdown links": lambda: (parse_link_page, (b"[a](" * 300_000, "links.md")),
    "Markdown images": lambda: (parse_link_page, (b"![](" * 300_000, "links.md")),
    "Markdown angles": lambda: (parse_link_page, (b"<a" * 500_000, "links.md")),
    "Markdown angles with attributes": lambda: (
        parse_link_page,
        (b"<a b=" * 300_000, "links.md"),
    ),
    "Markdown comments": lambda: (parse_link_page, (b"x <!--" * 300_000, "links.md")),
    "Markdown declarations": lambda: (
        parse_link_page,
        (b"x <!A <? <![CDATA[" * 100_000, "links.md"),
    ),
    "Markdown quotes": lambda: (parse_link_page, (b">" * 500_000, "links.md")),
    "Markdown quotes and lists": lambda: (
        parse_link_page,
        (b"> - " * 100_000, "links.md"),
    ),
    "Markdown lists": lambda: (
        parse_link_page,
        ("\n".join(f"{' ' * n}- a" for n in range(2000)).encode(), "links.md"),
    ),
    "Markdown stars": lambda: (parse_link_page, (b"**a *b " * 200_000, "links.md")),
    "Markdown underscores": lambda: (
        parse_link_page,
        (b"_a_b__c" * 200_000, "links.md"),
    ),
    "Markdown ticks": lambda: (
        parse_link_page,
        ("".join("e" + "`" * n for n in range(3000)).encode(), "links.md"),
    ),
    "Markdown references": lambda: (
        parse_link_page,
        (
            "".join(f"[{n}]: http://b.example\n" for n in range(100_000)).encode()
            + b"[1][2]" * 100_000,
            "links.md",
        ),
    ),
    "Markdown tables": lambda: (
        parse_link_page,
        (b"|" * 20_000 + b"\n" + b"|-" * 20_000 + b"|\n" + b"|\n" * 20_000, "links.md"),
    ),
    "Markdown strikes": lambda: (parse_link_page, (b"~~a " * 200_000, "links.md")),
    "Markdown entities": lambda: (parse_link_page, (b"&" * 2 * M, "links.md")),
    "Markdown backslashes": lambda: (parse_link_page, (b"\\" * 2 * M, "links.md")),
    "Markdown fences": lambda: (
        parse_link_page,
        (b"```\n" * 300_000 + b"~~~\n", "links.md"),
    ),
    "Markdown lines": lambda: (parse_link_page, (b"\n" * 10 * M, "links.md")),
    "Markdown autolinks": lambda: (parse_link_page, (b"<http:" * 300_000, "links.md")),
    "front matter without an end": lambda: (
        parse_link_page,
        (b"---\n" + b"a: b\n" * M, "links.md"),
    ),
    "front matter of aliases": lambda: (read_front_matter, (yaml_aliases(),)),
    "front matter nested deep": lambda: (
        read_front_matter,
        ("---\na: " + "[" * 19_000 + "\n---\n",),
    ),
    "front matter of maps": lambda: (
        read_front_matter,
        ("---\n" + "? " * 9_000 + "\n---\n",),
    ),
    "front matter of keys": lambda: (
        read_front_matter,
        ("---\n" + "".join(f"{n}: 1\n" for n in range(2500)) + "\n---\n",),
    ),
    "front matter of TOML": lambda: (
        read_front_matter,
        ("+++\na = " + "[" * 19_000 + "\n+++\n",),
    ),
    "front matter of TOML tables": lambda: (
        read_front_matter,
        ("+++\n[" + "a." * 9_000 + "a]\n+++\n",),
    ),
    "front matter of huge numbers": lambda: (
        read_front_matter,
        ("+++\na = " + "9" * 19_000 + "\n+++\n",),
    ),
    "front matter of JSON": lambda: (read_front_matter, ('{"a": ' + "[" * 19_000,)),
    "front matter of dates": lambda: (
        read_front_matter,
        ("+++\na = 0000-99-99T99:99:99Z\n+++\n",),
    ),
}
