"""The cards of Ghost's editors."""

from __future__ import annotations

import json

import pytest

from indexer.local.exports import read_export
from indexer.local.stored_text import read_local_article

CARDS = [
    ("markdown", {"markdown": "A *card* of Markdown."}, ["A card of Markdown."]),
    ("html", {"html": "<p>Some HTML.</p>"}, ["Some HTML."]),
    ("callout", {"calloutText": "<p>Mind the <b>boom</b>.</p>", "calloutEmoji": "!"}, ["Mind the boom."]),
    ("toggle", {"heading": "More", "content": "<p>Hidden words.</p>"}, ["More", "Hidden words."]),
    ("header", {"header": "Sails", "subheader": "Of cloth."}, ["Sails", "Of cloth."]),
    ("bookmark", {"url": "https://a.example", "metadata": {"title": "Booms", "description": "On booms."}},
     ["Booms", "On booms."]),
    ("image", {"src": "x.png", "caption": "A <i>gaff</i>."}, ["A gaff."]),
    ("product", {"productTitle": "Rope", "productDescription": "<p>Ten metres.</p>"}, ["Rope", "Ten metres."]),
    ("file", {"fileTitle": "Plan", "fileCaption": "Of the hull."}, ["Plan", "Of the hull."]),
    ("paywall", {}, []),
    ("email", {"html": "<p>Only for mail.</p>"}, []),
]  # fmt: skip


def texts(**form: object) -> list[str]:
    stored = {name: json.dumps(document) for name, document in form.items()}
    post = {"slug": "a", "status": "published", "title": "A", "html": None, **stored}
    body = json.dumps({"db": [{"data": {"posts": [post]}}]}).encode()
    (item,) = read_export(body, "file:///g.json").items
    return [block.text for block in read_local_article(item).blocks]


@pytest.mark.parametrize(("kind", "card", "shown"), CARDS)
def test_what_a_reader_sees_of_a_card_is_read(kind, card, shown):
    first = {"type": "paragraph", "children": [{"type": "text", "text": "Before."}]}
    lexical = {"root": {"children": [first, {"type": kind, "version": 1, **card}]}}
    assert texts(lexical=lexical) == ["Before.", *shown]
    mobiledoc = {"sections": [[1, "p", [[0, [], 0, "Before."]]], [10, 0]], "cards": [[kind, card]]}  # fmt: skip
    assert texts(mobiledoc=mobiledoc) == ["Before.", *shown]


@pytest.mark.parametrize("card", [{"metadata": 7}, {"metadata": {"title": 7}}, {}])
def test_a_card_that_is_not_as_its_form_has_it_has_no_text(card):
    lexical = {"root": {"children": [{"type": "bookmark", **card}]}}
    assert texts(lexical=lexical) == []
