"""Boilerplate told by density and shape; a name only advises."""

import pytest

from indexer.extract.article import extract_page

PROSE = "The mill stood dry until the carpenter had cleared the race by hand, barrow after barrow. "


def page(body, lang="en"):
    return f"<!doctype html><html lang={lang}><title>The dry mill</title><body>{body}</body></html>".encode()


def texts(body, lang="en"):
    return [b.text for b in extract_page(page(body, lang), "http://a.example/").blocks]


def paragraphs(count, note=""):
    return "".join(f"<p>{PROSE}{note} ({number})</p>" for number in range(count))


@pytest.mark.parametrize("name", ["share", "ads-wrapper", "menu-text", "newsletter"])
def test_one_word_of_a_class_does_not_remove_an_article(name):
    aside = "".join(
        f"<li><a href=/{n}>Pond {n}</a> about ducks</li>" for n in range(90)
    )
    entry = f"<div class='x'><div class='entry {name}'>{paragraphs(6)}</div></div>"
    body = f"{entry}<div class=sidebar><ul>{aside}</ul></div>"
    assert len(texts(body)) == 6


def test_a_formula_stays_whatever_its_renderer_is_called():
    rendered = "<mjx-assistive-mml><math><mi>x</mi><mo>=</mo><mn>7</mn></math></mjx-assistive-mml>"
    math = (
        f"<mjx-container class='MathJax CtxtMenu_Attached_0'>{rendered}</mjx-container>"
    )
    assert "x=7" in " ".join(texts(f"{paragraphs(2)}{math}{paragraphs(2, 'more')}"))


@pytest.mark.parametrize(
    "box",
    [
        "<div class=weiterlesen><h3>Das könnte Sie auch interessieren</h3><ul><li><a href=/a>Zehn Teiche</a></ul></div>",
        "<div class=autorenbox><p>Ada Fen schreibt über Wasser.</p></div>",
        "<div class=teilen>teilen twittern drucken</div>",
        "<div class=kommentare><div class=kommentar><b>Otto</b> sagt: <p>Schön!</p></div></div>",
        "<section class=commentaires><p>Très bien, merci pour tout cela.</p></section>",
        "<div class=partager>partager</div>",
        "<div class=compartir>compartir</div>",
        "<p>Le puede interesar: La ficha de la presa</p>",
        "<p>Lesen Sie auch: Zehn Teiche im Harz</p>",
    ],
)
def test_what_stands_around_an_article_is_known_in_other_languages(box):
    body = f"<article class=beitrag>{paragraphs(5)}{box}</article>"
    assert len(texts(body, "de")) == 5


def remark(number, when="on March 1, 2020 at 10:00"):
    return f"<div class=note><b>Reader {number}</b> wrote {when}: <p>A remark on kestrels. {PROSE * 2}</p></div>"


def test_readers_remarks_are_known_by_their_shape():
    remarks = "".join(map(remark, range(9)))
    body = f"<div class=posting><h1>The dry mill</h1>{paragraphs(1)}</div><div class=discussion>{remarks}</div>"
    assert len(texts(body)) == 1


def test_an_interview_is_no_row_of_remarks():
    answers = "".join(
        f"<div class=answer>Anna says: {PROSE * 2} ({number})</div>"
        for number in range(5)
    )
    assert len(texts(f"<article>{answers}</article>")) == 5


def test_a_header_with_the_beginning_of_the_text_stays():
    header = f"<header><time>2020-01-02</time><h1>The dry mill</h1></header><p class=lede>{PROSE}</p>"
    found = texts(
        f"<article>{header}<div class=post-content>{paragraphs(4)}</div></article>"
    )
    assert found[0] == PROSE.strip()
    assert len(found) == 5
