"""Papers read whole: a local server stands for arXiv and the proceedings."""

from datetime import date
from pathlib import Path

import pytest

from indexer.crawl.reading import read_article
from indexer.documents.known_sites import own_address
from indexer.documents.paper_sites import paper_of
from indexer.documents.read_page import read
from indexer.fetch.fetcher import HttpFetcher, Limits
from search.engine import Engine
from search.index.open import open_index
from search.types import Block
from tests.fakes import Elsewhere, HashEmbedder
from tests.indexer.documents.test_fetch_document import ABSTRACT, PAPER, PDF, PLAIN
from tests.indexer.ledger.test_older_ledgers import as_of
from tests.pdfs import pdf
from tests.runs import Inline, Runs
from tests.servers import Served, scripted

ABS = "https://arxiv.org/abs/2104.01234"
HTML = "/arxiv.org/html/2104.01234"
FILE = "/arxiv.org/pdf/2104.01234"
PROSE = "The ash of oak melts sooner than that of pine, and the pots that stand in the flame are glazed by it alone. "
LATEXML = (Path(__file__).parents[2] / "data" / "paper-latexml.html").read_bytes()


def words_in_lines(text, width=48):
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) >= width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line]


def two_columns(first_heading: str = "1 Introduction") -> bytes:
    """A paper as TeX sets it: abstract, two columns, references, arXiv's stamp."""
    prose = words_in_lines(PROSE * 12)
    half = len(prose) // 2 + 1  # within a sentence
    first = [
        (10, 300, 20, "arXiv:2104.01234v2  [cs.CL]  2 Aug 2023"),
        (150, 740, 17, "Ash alone: a study"),
        (200, 715, 12, "Ines Halvorsen"),
        (120, 690, 12, "**Abstract"),
        *[(72, 670 - 12 * n, 10, line) for n, line in enumerate(words_in_lines(ABSTRACT))],
        (72, 520, 12, f"**{first_heading}"),
        *[(72, 500 - 12 * n, 10, line) for n, line in enumerate(prose[:half])],
        *[(320, 500 - 12 * n, 10, line) for n, line in enumerate(prose[half:])],
    ]  # fmt: skip
    second = [
        (72, 740, 12, "**2 Glazes"),
        *[(72, 720 - 12 * n, 10, line) for n, line in enumerate(prose)],
        (320, 740, 12, "**References"),
        (320, 720, 10, "[1] B. Leach. A Potter's Book. Faber and"),
        (334, 708, 10, "Faber, London, 1940."),
        (320, 696, 10, "[2] N. Wood. Chinese Glazes. A and C"),
        (334, 684, 10, "Black, London, 1999."),
    ]
    return pdf([first, second], title="Ash alone", author="Ines Halvorsen")


@pytest.fixture
def site():
    with scripted() as script:
        script.pages["/til.md"] = links_to("https://arxiv.org/pdf/2104.01234v2")
        script.pages["/arxiv.org/abs/2104.01234"] = Served(PAPER.encode())
        yield script


@pytest.fixture
def runs(site, tmp_path, workers):
    with HttpFetcher(Limits(delay=0.0, backoff=0.01, tries=1)) as web:
        made = Runs(tmp_path, workers)
        made.fetcher = Elsewhere(site.base, web)
        yield made


def links_to(address):
    """A link page with a paper among other links."""
    links = f"[kiln](/kiln.html), [ash]({address}), [clay](/clay.html)"
    return Served(f"# 2024-05-06\n\n- {links}".encode(), headers=PLAIN)


def add(runs, site):
    """Add the link page, and return how the paper ended."""
    report = runs.add(f"{site.base}/til.md")
    return next(one for one in report.outcomes if "127.0.0.1" not in one.url)


def test_a_paper_is_read_in_html_behind_its_abstract(site, runs):
    site.pages[HTML] = Served(LATEXML)
    assert add(runs, site).result == "article"
    paper = runs.articles()[ABS]
    assert (paper.title, paper.author) == (
        "Ash alone: a study",
        "Ines Halvorsen, Plato",
    )
    assert (paper.published, paper.site) == (date(2021, 4, 3), "arXiv")
    assert paper.evidence == "article"
    assert paper.blocks[0] == Block("paragraph", ABSTRACT.strip())
    place = "https://arxiv.org/html/2104.01234"
    assert [block for block in paper.blocks if block.kind == "heading"] == [
        Block("heading", "1 Kilns", 2, f"{place}#S1"),
        Block("heading", "1.1 Wood", 3, f"{place}#S1.SS2"),
        Block("heading", "References", 2, f"{place}#bib"),
        Block("heading", "Footnotes", 2),
    ]
    kinds = [(block.kind, block.text) for block in paper.blocks]
    assert ("math", "$$q=mc\\Delta T$$") in kinds
    assert ("math", "$$\\displaystyle a \\displaystyle=b$$") in kinds
    assert ("caption", "Figure 1: A pot in the flame.") in kinds
    assert ("table", "wood | degrees\noak | 1180") in kinds
    assert ("code", "1 fire(kiln)\nwait(12)") in kinds
    assert ("item", "[1] B. Leach. A Potter's Book, 1940.") in kinds
    assert kinds[-1] == ("item", "Measured with a cone.")
    assert "The heat is $T_{max}=1280$ degrees as [1] shows." in paper.text
    for foreign in ("arXiv:", "LaTeXML", "Equal work", "Abstract"):
        assert foreign not in paper.text
    assert paper.text.count("We glaze") == ABSTRACT.count("We glaze")
    asked = [path for path in site.paths if "arxiv" in path]
    assert asked == ["/arxiv.org/abs/2104.01234", HTML]


def test_without_html_it_is_read_in_pdf_and_opens_at_the_page(site, runs):
    site.pages[FILE] = Served(two_columns(), headers=PDF)
    assert add(runs, site).result == "article"
    paper = runs.articles()[ABS]
    place = "https://arxiv.org/pdf/2104.01234"
    assert paper.blocks[0].text == ABSTRACT.strip()
    assert paper.blocks[1] == Block("heading", "1 Introduction", 2, f"{place}#page=1")
    # One column after the other, as one paragraph.
    assert paper.blocks[2] == Block(
        "paragraph", (PROSE * 12).strip(), anchor=f"{place}#page=1"
    )
    assert paper.blocks[3].anchor == f"{place}#page=2"
    assert [block.text for block in paper.blocks[-3:]] == [
        "References",
        "[1] B. Leach. A Potter's Book. Faber and Faber, London, 1940.",
        "[2] N. Wood. Chinese Glazes. A and C Black, London, 1999.",
    ]
    assert "arXiv:" not in paper.text
    asked = [path for path in site.paths if "arxiv" in path]
    assert asked == ["/arxiv.org/abs/2104.01234", HTML, FILE]


@pytest.mark.parametrize("heading", ["1. INTRODUCTION", "I Introduction", "1 Kilns"])
def test_what_the_page_says_is_not_read_twice(site, runs, heading):
    site.pages[FILE] = Served(two_columns(heading), headers=PDF)
    add(runs, site)
    paper = runs.articles()[ABS]
    assert paper.blocks[0].text == ABSTRACT.strip()
    assert paper.blocks[1].text == heading
    assert paper.text.count("We glaze") == ABSTRACT.count("We glaze")


@pytest.mark.parametrize(
    ("form", "opened"),
    [
        (HTML, "https://arxiv.org/html/2104.01234#S1:~:text="),
        (FILE, "https://arxiv.org/pdf/2104.01234#page="),
    ],
)
def test_what_is_quoted_opens_in_the_document(site, runs, form, opened):
    html, file = Served(LATEXML), Served(two_columns(), headers=PDF)
    site.pages[form] = html if form == HTML else file
    add(runs, site)
    engine = Engine(open_index(runs.directory), embedder=HashEmbedder())
    hit, *_ = engine.search("oak melts sooner than pine").hits
    assert hit.url == ABS
    assert hit.passages[0].url.startswith(opened)
    hit, *_ = engine.search("glaze with ash alone").hits
    assert hit.passages[0].url.partition("#")[0] == ABS


def test_the_abstract_stands_in_and_the_paper_is_asked_for_again(site, runs):
    site.pages[HTML] = [Served(b"", 503), Served(LATEXML)]
    ended = add(runs, site)
    assert (ended.result, ended.reason) == ("summary", "not-whole")
    assert "only the abstract could be read" in ended.detail
    assert runs.articles()[ABS].evidence == "summary"
    assert runs.articles()[ABS].text == ABSTRACT.strip()
    # Not before its time.
    asked = len(site.paths)
    runs.update()
    assert not [path for path in site.paths[asked:] if "arxiv" in path]
    runs.later(days=2)
    runs.update()
    assert runs.articles()[ABS].evidence == "article"


def test_robots_txt_keeps_us_from_the_documents(site, runs):
    rules = b"User-agent: *\nDisallow: /arxiv.org/html\nDisallow: /arxiv.org/pdf\n"
    site.pages["/robots.txt"] = Served(rules, headers=PLAIN)
    site.pages[HTML] = Served(LATEXML)
    add(runs, site)
    assert runs.articles()[ABS].evidence == "summary"
    assert HTML not in site.paths


@pytest.mark.parametrize("is_header", [True, False])
def test_a_document_that_wants_no_index_leaves_the_abstract(site, runs, is_header):
    html = (("Content-Type", "text/html"),)
    if is_header:
        site.pages[HTML] = Served(LATEXML, headers=(*html, ("X-Robots-Tag", "noindex")))
    else:
        mark = b'<head><meta name="robots" content="noindex">'
        site.pages[HTML] = Served(LATEXML.replace(b"<head>", mark), headers=html)
    add(runs, site)
    assert runs.articles()[ABS].evidence == "summary"


def test_a_paper_that_is_held_is_asked_for_changes_of_its_document(site, runs):
    etag = (("Content-Type", "text/html"), ("ETag", '"one"'))
    site.pages[HTML] = [
        Served(LATEXML, headers=etag),
        Served(b"", 304),
        Served(b"", 503),
        Served(b"", 500),
    ]
    add(runs, site)
    before = runs.articles()[ABS]
    asked = len(site.paths)
    runs.later(days=2)
    runs.update()
    (path, headers) = next(one for one in site.asked[asked:] if "arxiv" in one[0])
    assert (path, headers["If-None-Match"]) == (HTML, '"one"')
    assert [one for one in site.paths[asked:] if "arxiv" in one] == [HTML]
    # A host in trouble takes nothing away.
    runs.later(days=20)
    runs.update()
    assert runs.articles()[ABS] == before


def test_an_older_ledger_holds_an_abstract_for_a_paper(site, runs, monkeypatch):
    def as_it_was(page, *, content=""):
        return read(page.body, page.final_url, content_type=page.content_type)

    with monkeypatch.context() as older:
        older.setattr(read_article, "read_paper_page", as_it_was)
        runs.workers = Inline()
        assert add(runs, site).result == "article"
    as_of(runs.directory, 9)
    site.pages[HTML] = Served(LATEXML)
    asked = len(site.paths)
    runs.update()
    assert len(site.paths) == asked + 1  # the link page
    with open_index(runs.directory).snapshot() as index:
        (page,) = index.coverage()
    assert page.article == 0
    assert (ABS, "summary") in {
        (own_address(one.url), one.held) for one in page.not_whole
    }
    runs.later(days=2)
    runs.update()
    assert "1 Kilns" in runs.articles()[ABS].text


def test_a_paper_whose_page_has_no_abstract_keeps_that_of_its_document(site, runs):
    own = "https://papers.nips.cc/paper/2017/hash/3f5ee243547dee91fbd053c1c4a845aa-Abstract.html"
    page = '<html><meta name="citation_title" content="Ash alone"><body><p>Ash</p></body></html>'
    site.pages["/til.md"] = links_to(own)
    site.pages[own.removeprefix("https:/")] = Served(page.encode())
    document = paper_of(own).documents[0]
    site.pages[document.removeprefix("https:/")] = Served(two_columns(), headers=PDF)
    assert add(runs, site).result == "article"
    paper = runs.articles()[own]
    assert (paper.title, paper.site) == ("Ash alone", "NeurIPS")
    assert ABSTRACT.strip() in paper.text


def test_a_message_in_place_of_the_document_is_no_paper(site, runs):
    site.pages[HTML] = Served(
        b"<html><body><p>No HTML for this paper.</p></body></html>"
    )
    add(runs, site)
    assert runs.articles()[ABS].evidence == "summary"


SITES = [
    (
        "https://aclanthology.org/2020.acl-main.1.pdf",
        "https://aclanthology.org/2020.acl-main.1/",
        '<div class="card-body acl-abstract"><h5>Abstract</h5><span>{}</span></div>',
    ),
    (
        "https://openaccess.thecvf.com/content/CVPR2021/papers/Ash_Alone_CVPR_2021_paper.pdf",
        "https://openaccess.thecvf.com/content/CVPR2021/html/Ash_Alone_CVPR_2021_paper.html",
        '<div id="abstract">{}</div>',
    ),
    (
        "https://openreview.net/pdf?id=S1g2skStPB",
        "https://openreview.net/forum?id=S1g2skStPB",
        '<meta name="citation_abstract" content="{}">',
    ),
    (
        "https://proceedings.mlr.press/v139/ash21a/ash21a.pdf",
        "https://proceedings.mlr.press/v139/ash21a.html",
        '<div id="abstract" class="abstract">{}</div>',
    ),
]


@pytest.mark.parametrize(("link", "own", "abstract"), SITES)
def test_papers_of_proceedings_are_read_alike(site, runs, link, own, abstract):
    page = (
        '<html><head><title>Ash alone</title><meta name="citation_title" content="Ash alone">'
        '<meta name="citation_author" content="Halvorsen, Ines">'
        '<meta name="citation_publication_date" content="2021/07/01">'
        f"</head><body><h2>Ash alone</h2>{abstract.format(ABSTRACT)}<a href='x.pdf'>PDF</a></body></html>"
    )
    site.pages["/til.md"] = links_to(link)
    site.pages[own.removeprefix("https:/")] = Served(page.encode())
    document = paper_of(own).documents[0]
    site.pages[document.removeprefix("https:/")] = Served(two_columns(), headers=PDF)
    assert add(runs, site).result == "article"
    paper = runs.articles()[own]
    assert (paper.title, paper.author, paper.published) == (
        "Ash alone",
        "Ines Halvorsen",
        date(2021, 7, 1),
    )
    assert paper.blocks[0] == Block("paragraph", ABSTRACT.strip())
    assert paper.blocks[1] == Block(
        "heading", "1 Introduction", 2, f"{document}#page=1"
    )


@pytest.mark.parametrize(
    ("url", "own", "document"),
    [
        ("http://www.arxiv.org/abs/1706.03762v7", "https://arxiv.org/abs/1706.03762", "https://arxiv.org/html/1706.03762"),
        ("https://arxiv.org/pdf/hep-th/9901001v3.pdf", "https://arxiv.org/abs/hep-th/9901001", "https://arxiv.org/html/hep-th/9901001"),
        ("https://www.aclweb.org/anthology/P19-1001/", "https://aclanthology.org/P19-1001/", "https://aclanthology.org/P19-1001.pdf"),
        ("https://aclanthology.org/D18-1001v2.pdf", "https://aclanthology.org/D18-1001/", "https://aclanthology.org/D18-1001.pdf"),
        ("http://openaccess.thecvf.com/content_cvpr_2017/papers/A_B_CVPR_2017_paper.pdf",
         "https://openaccess.thecvf.com/content_cvpr_2017/html/A_B_CVPR_2017_paper.html",
         "https://openaccess.thecvf.com/content_cvpr_2017/papers/A_B_CVPR_2017_paper.pdf"),
        ("https://openreview.net/forum?id=rJ4km2R5t7&noteId=x", "https://openreview.net/forum?id=rJ4km2R5t7", "https://openreview.net/pdf?id=rJ4km2R5t7"),
        ("https://aclanthology.org/papers/P/P18/P18-1031/", "https://aclanthology.org/P18-1031/", "https://aclanthology.org/P18-1031.pdf"),
        ("https://papers.nips.cc/paper/2017/file/3f5ee243547dee91fbd053c1c4a845aa-Paper.pdf",
         "https://papers.nips.cc/paper/2017/hash/3f5ee243547dee91fbd053c1c4a845aa-Abstract.html",
         "https://papers.nips.cc/paper/2017/file/3f5ee243547dee91fbd053c1c4a845aa-Paper.pdf"),
        ("https://proceedings.neurips.cc/paper_files/paper/2023/hash/0a9fdbb17feb6ccb7ec405cfb85222c4-Abstract-Conference.html",
         "https://proceedings.neurips.cc/paper_files/paper/2023/hash/0a9fdbb17feb6ccb7ec405cfb85222c4-Abstract-Conference.html",
         "https://proceedings.neurips.cc/paper_files/paper/2023/file/0a9fdbb17feb6ccb7ec405cfb85222c4-Paper-Conference.pdf"),
        ("http://proceedings.mlr.press/v37/ioffe15.pdf", "https://proceedings.mlr.press/v37/ioffe15.html",
         "https://proceedings.mlr.press/v37/ioffe15/ioffe15.pdf"),
    ],
)  # fmt: skip
def test_a_paper_has_one_address_in_all_forms(url, own, document):
    paper = paper_of(url)
    assert (paper.own, paper.documents[0]) == (own, document)
    assert paper_of(own) == paper_of(document) == paper
    assert own_address(url) == own


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/list/cs.CL/recent", "https://aclanthology.org/events/acl-2020/", "https://openreview.net/",
        "https://openreview.net/group?id=ICLR.cc/2024", "https://proceedings.mlr.press/v139/",
        "https://openaccess.thecvf.com/CVPR2021?day=all", "https://a.example/abs/1706.03762",
    ],
)  # fmt: skip
def test_what_is_no_paper(url):
    assert paper_of(url) is None
