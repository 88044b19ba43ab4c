"""Documents fetched from a local server that stands for GitHub, Google and arXiv, and
read to articles."""

from datetime import date

import pytest

from indexer.crawl.assemble import address_of, assemble
from indexer.crawl.pipeline import Pipeline
from indexer.crawl.unit_of_work import UnitOfWork
from indexer.documents.fetch_document import fetch_document
from indexer.documents.read_page import read
from indexer.fetch.fetcher import HttpFetcher, Limits
from indexer.ledger.ledger import Ledger
from indexer.records import FetchError, Item, SourceRecord
from indexer.sources.discover import DiscoveredSource
from indexer.split.split import SPLITTER_VERSION
from search.index.sqlite.writer import SqliteWriter
from tests.fakes import Elsewhere, HashEmbedder
from tests.pdfs import column, pdf
from tests.runs import Silence
from tests.servers import Served, scripted

PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)
PDF = (("Content-Type", "application/pdf"),)
NOTED = Item("", "kiln", notes=(("see kiln", "kiln", "May", "2024-06-01", 1),))
LINKS = SourceRecord("https://b.example/til", "linkpage")
ABSTRACT = "We glaze with ash alone. " * 20
PAPER = f"""<!DOCTYPE html><html lang="en"><head><title>[2104.01234] Ash alone</title>
<link rel="canonical" href="https://arxiv.org/abs/2104.01234"/>
<meta name="description" content="Abstract page for arXiv paper 2104.01234: Ash alone">
<meta property="og:type" content="website" /><meta property="og:site_name" content="arXiv.org" />
<meta property="og:title" content="Ash alone" />
<meta name="citation_title" content="Ash
  alone: a study" /><meta name="citation_author" content="Halvorsen, Ines" />
<meta name="citation_author" content="Plato" /><meta name="citation_date" content="2021/04/03" />
<meta name="citation_online_date" content="2023/08/02" />
<meta name="citation_arxiv_id" content="2104.01234" /><meta name="citation_abstract" content="{ABSTRACT}" />
</head><body><div id="abs"><h1 class="title mathjax"><span class="descriptor">Title:</span>Ash alone</h1>
<blockquote class="abstract mathjax">{ABSTRACT}</blockquote><h2>Submission history</h2></div></body></html>"""


@pytest.fixture
def site():
    with scripted() as script:
        yield script


@pytest.fixture
def fetcher(site):
    with HttpFetcher(Limits(delay=0.0, backoff=0.01, tries=1)) as web:
        yield Elsewhere(site.base, web)


def made(fetcher, url):
    """The article behind a link, as the pipeline makes it."""
    page = fetch_document(fetcher, url, None)
    reading = read(
        page.body, page.final_url, content_type=page.content_type, charset=page.charset
    )
    return assemble(address_of(url, reading), [(NOTED, LINKS)], reading)


def test_a_repository_is_its_readme_under_its_own_address(site, fetcher):
    site.pages["/raw.githubusercontent.com/ann/kiln/HEAD/README.md"] = Served(
        b"# kiln\n\nFires.", headers=PLAIN
    )
    article = made(fetcher, "https://github.com/ann/kiln/")
    assert (article.url, article.title, article.site) == (
        "https://github.com/ann/kiln",
        "kiln",
        "github.com",
    )
    assert (article.text, article.evidence) == ("Fires.", "article")
    assert article.notes[0].text == "see kiln"


def test_a_repository_whose_readme_has_another_name_is_its_page(site, fetcher):
    words = (
        b"<p>A kiln that is fired by a careful program through the night, cone by cone.</p>"
        * 3
    )
    site.pages["/github.com/ann/kiln"] = Served(
        b"<html><title>ann/kiln</title><article>%b</article>" % words
    )
    article = made(fetcher, "https://github.com/ann/kiln")
    assert article.url == "https://github.com/ann/kiln"
    assert "cone by cone" in article.text


def test_what_may_pass_is_not_asked_for_elsewhere(site, fetcher):
    site.pages["/raw.githubusercontent.com/ann/kiln/HEAD/README.md"] = Served(b"", 503)
    with pytest.raises(FetchError, match="trouble of its own"):
        fetch_document(fetcher, "https://github.com/ann/kiln", None)
    assert "/github.com/ann/kiln" not in site.paths


def test_a_document_that_asks_for_a_login_is_not_read(site, fetcher):
    document = "/docs.google.com/document/d/1aBcDeFgHiJkLmNoPqRs/export?format=txt"
    site.pages[document] = Served(
        b"", 302, headers=(("Location", "/accounts.google.com/signin"),)
    )
    site.pages["/accounts.google.com/signin"] = Served(b"<html><p>Sign in</html>")
    with pytest.raises(FetchError, match="not public"):
        fetch_document(
            fetcher,
            "https://docs.google.com/document/d/1aBcDeFgHiJkLmNoPqRs/edit",
            None,
        )


@pytest.mark.parametrize(
    "form", ["pdf/2104.01234v2", "abs/2104.01234", "html/2104.01234v1"]
)
def test_a_paper_in_any_form_has_its_abstracts_address(site, fetcher, form):
    site.pages["/arxiv.org/abs/2104.01234"] = Served(PAPER.encode())
    article = made(fetcher, f"https://arxiv.org/{form}")
    assert (article.url, article.title) == (
        "https://arxiv.org/abs/2104.01234",
        "Ash alone: a study",
    )
    assert (article.author, article.published) == (
        "Ines Halvorsen, Plato",
        date(2021, 4, 3),
    )
    assert (article.site, article.language, article.text) == (
        "arXiv",
        "en",
        ABSTRACT.strip(),
    )


def test_a_link_page_leads_to_its_documents(site, fetcher, workers, tmp_path):
    note = "- [kiln](https://github.com/ann/kiln), [ash](https://arxiv.org/pdf/2104.01234), [clay](clay.pdf)"
    site.pages["/clay.pdf"] = Served(
        pdf([column(["Clay shrinks as it dries."])]), headers=PDF
    )
    site.pages["/til.md"] = Served(f"# 2024-05-06\n\n{note}".encode(), headers=PLAIN)
    site.pages["/raw.githubusercontent.com/ann/kiln/HEAD/README.md"] = Served(
        b"# kiln\n\nFires.", headers=PLAIN
    )
    site.pages["/arxiv.org/abs/2104.01234"] = Served(PAPER.encode())
    embedder, ledger = HashEmbedder(), Ledger(tmp_path)
    with SqliteWriter(tmp_path, embedder, splitter=SPLITTER_VERSION) as index:
        work = Pipeline(UnitOfWork(ledger, index, embedder), fetcher=fetcher, workers=workers, progress=Silence()
        )  # fmt: skip
        report = work.run(
            [
                DiscoveredSource(
                    SourceRecord(f"{site.base}/til.md", "linkpage", allow_private=True)
                )
            ]
        )
        held = {url: index.article(url) for url in index.urls()}
    ledger.close()
    # Of the paper only the abstract is there: see test_papers.py.
    results = [outcome.result for outcome in report.outcomes]
    assert sorted(results) == ["article", "article", "summary"]
    clay = f"{site.base}/clay.pdf"
    assert set(held) == {
        "https://github.com/ann/kiln",
        "https://arxiv.org/abs/2104.01234",
        clay,
    }
    assert (held[clay].title, held[clay].blocks[0].anchor) == ("clay", "page=1")
    assert held["https://arxiv.org/abs/2104.01234"].notes[0].anchor_text == "ash"
