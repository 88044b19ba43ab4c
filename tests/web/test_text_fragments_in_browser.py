"""Links that open at the answer, in headless Chromium: is the right text marked?

One page in the shapes that part a page from its stored text, read as the indexer reads
it.
"""

from __future__ import annotations

import pytest

from indexer.extract.article import extract_page
from search.results.page_words import Page
from search.results.text_fragments import answer_link
from search.types import Article

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tests.text_marks import mark_seen, named, pieces

URL = "http://127.0.0.1:1/post"
FILLER = "".join(
    f"<p>Filler paragraph {n}, which says nothing of use.</p>" for n in range(30)
)
HTML = f"""<!DOCTYPE html><html lang="en"><head><title>Odd shapes</title><style>
.upper {{ text-transform: uppercase }} .box {{ display: inline-block }}
</style></head><body>
<nav><a href="#a">The kettle hums</a> <a href="#b">Proofing the dough</a></nav>
<article><h1>Odd shapes</h1>
<p>An opening of some length, so that the page is an article and not a list of links,
and that its words are taken for the text of it: there is more to come below.</p>
{FILLER}
<h2 id="a">The kettle hums</h2>
<p>A run <em>with <strong>emphasis</strong></em>, <code>inline_code()</code> and a
<a href="/x">link in it</a> goes on – with a dash – to its very end.</p>
<p>First it says that the dough is sour. It isn’t “sweet”, she said. Then it says that
the dough is sour.</p>
<p>Water is H<sub>2</sub>O and was noted<sup><a href="#f">1</a></sup> here by some<sup>2</sup>
people, who wrote it down twice.<sup>[3]</sup> They were thanked for it.</p>
<p>A soft hy&shy;phen, a&nbsp;space that doesn't break,&#8203; an ﬁgure, 50&nbsp;% &amp; more – all in one.</p>
<p>Before the break of this line<br>and after the break of it.</p>
<p class="upper">Written in lower case and set in capitals.</p>
<p>A box is set most firmly <span class="box">on the line</span> in this sentence of words.</p>
{FILLER}
<h2 id="b">Proofing the dough</h2>
<table><tr><th>Flour</th><th>Hydration</th></tr>
<tr><td>Rye, coarse</td><td>85 per cent</td></tr>
<tr><td>Wheat, fine</td><td>70 per cent</td></tr>
<tr><td>Spelt, fine</td><td>70 per cent</td></tr></table>
<ul><li>Knead it</li><li>Rest it for an hour</li><li>Fold it</li><li>Rest it for an hour</li></ul>
<pre><code>def prove(dough):
    for hour in range(4):
        dough.fold()   # gently
    return dough
</code></pre>
<p>The yeast has a rate of its growth</p>
<div>$$\\frac{{dN}}{{dt}} = r N$$</div>
<p>面包需要时间。面团发酵得很慢，因为厨房里太冷。所以我们把它放在温暖的地方，等到第二天早上。</p>
<p>パンには時間が必要です。生地はゆっくり発酵します。</p>
<p>Ein Satz über Größe, Übermaß und „Anführungszeichen“ – mit Umlauten.</p>
<p>It costs 5-10 € a loaf, flour &amp; water, salt, and #time; 100 % of it is worth it.</p>
<details><summary>More of it</summary><p>What is folded away is opened by its link.</p></details>
{FILLER}
</article></body></html>"""

# The beginning of each answer, which goes on to the end of its block. More of them is in
# the page, to be looked at by eye.
ANSWERS = (
    "A run with emphasis",
    "It isn’t “sweet”",
    "Then it says that",
    "Water is",
    "A soft",
    "Before the break",
    "Written in lower case",
    "A box is set",
    "Wheat, fine | 70",
    "Fold it",
    "def prove",
    "面团发酵",
    "生地は",
    "It costs 5-10 €",
    "What is folded away",
)


@pytest.fixture(scope="module")
def article() -> Article:
    extraction = extract_page(HTML.encode(), URL)
    return Article(URL, "Odd shapes", blocks=extraction.blocks)


@pytest.fixture(scope="module")
def canvas(browser):
    return browser.new_page()


@pytest.fixture(scope="module")
def window(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.route(
        "http://127.0.0.1:1/**",
        lambda route: route.fulfill(content_type="text/html; charset=utf-8", body=HTML),
    )
    yield page
    context.close()


@pytest.fixture
def page(window):
    # A page that is open would only be scrolled.
    window.goto("about:blank")
    return window


def opened(article: Article, start: int, end: int) -> str:
    return answer_link(URL, Page(article), start=start, end=end, anchor="a")


@pytest.mark.parametrize("beginning", ANSWERS)
def test_the_answer_is_marked(article, page, canvas, beginning):
    start = article.text.index(beginning)
    end = article.text.index("\n\n", start)
    page.goto(opened(article, start, end))
    assert mark_seen(page, canvas, pieces(article.text[start:end])) == "right"


def test_a_formula_is_opened_at_the_words_before_it(article, page, canvas):
    start = article.text.index("$$")
    url = opened(article, start, article.text.index("\n\n", start))
    page.goto(url)
    assert named(url)[-1].endswith("itsgrowth")
    assert mark_seen(page, canvas, named(url)) == "right"


def test_a_click_on_a_result_opens_the_answer_too(article, page, canvas):
    start = article.text.index("It costs 5-10 €")
    end = article.text.index("\n\n", start)
    link = f'<a href="{opened(article, start, end)}">It costs</a>'
    page.route(
        "http://localhost:1/**",
        lambda route: route.fulfill(content_type="text/html; charset=utf-8", body=link),
    )
    page.goto("http://localhost:1/results")
    page.click("a")
    page.wait_for_url(f"{URL}**")
    assert mark_seen(page, canvas, pieces(article.text[start:end])) == "right"


def test_the_mark_is_told_from_others(article, page, canvas):
    start = article.text.index("A run with")
    page.goto(opened(article, start, article.text.index("\n\n", start)))
    others = pieces("It costs 5-10 € a loaf, flour & water, salt, and #time")
    assert mark_seen(page, canvas, others).startswith("elsewhere")
    assert mark_seen(page, canvas, ["nosuchwords"]) == "lost, marked"
    page.goto("about:blank")
    page.goto(URL)
    assert mark_seen(page, canvas, pieces("A run with emphasis")) == "unmarked"
