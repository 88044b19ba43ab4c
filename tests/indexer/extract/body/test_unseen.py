"""Texts that a browser with scripts never shows as they stand in the source."""

import pytest

from indexer.extract.article import extract_page

PROSE = "The mill stood dry until the carpenter had cleared the race by hand, barrow after barrow. "
TEXT = PROSE * 4


def texts(body):
    page = f"<!doctype html><title>Mill</title><body>{body}</body>".encode()
    return [block.text for block in extract_page(page, "http://a.example/mill").blocks]


@pytest.mark.parametrize(
    "wrapped",
    [
        "<noscript><p>{}</p></noscript>",
        "<script type='text/template'><p>{}</p></script>",
        "<x-post><template shadowrootmode='open'><p>{}</p></template></x-post>",
        "<x-post><template shadowroot=open><div><p>{}</p></div></template></x-post>",
    ],
)
def test_an_articles_text_is_read_wherever_it_waits(wrapped):
    assert texts(wrapped.format(TEXT)) == [TEXT.strip()]


def test_the_same_text_for_browsers_with_and_without_scripts_is_read_once():
    body = f"<script type='text/template'><p>{TEXT}</p></script><noscript><p>{TEXT}</p></noscript>"
    assert texts(f"<div class='post-content'>{body}</div>") == [TEXT.strip()]
    assert texts(f"<main><p>{TEXT}</p></main><noscript><p>{TEXT}</p></noscript>") == [
        TEXT.strip()
    ]


def test_a_request_to_turn_scripts_on_is_no_text():
    assert (
        texts("<noscript><p>Please turn on JavaScript to read on.</p></noscript>") == []
    )


def test_a_template_that_only_scripts_use_stays_unread():
    assert texts(f"<template><p>{TEXT}</p></template>") == []


def test_broken_templates_do_no_harm():
    assert texts(f"</template><template shadowrootmode=open><p>{TEXT}</p>") == [
        TEXT.strip()
    ]
