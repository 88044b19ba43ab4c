"""Where documents are fetched and which address is their own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.documents.known_sites import fetch_address, own_address
from search.text.urls import canonical
from tests.torture.scale import rounds

RAW = "https://raw.githubusercontent.com"
DOC = "https://docs.google.com/document/d/1aBcDeFgHiJkLmNoPqRs"
PAPER = "https://arxiv.org/abs/1706.03762"


@pytest.mark.parametrize(
    ("url", "fetched", "own"),
    [
        (
            "https://github.com/ann/kiln",
            f"{RAW}/ann/kiln/HEAD/README.md",
            "https://github.com/ann/kiln",
        ),
        (
            "https://github.com/ann/kiln.js.git/?tab=readme-ov-file",
            f"{RAW}/ann/kiln.js/HEAD/README.md",
            "https://github.com/ann/kiln.js",
        ),
        (
            "https://github.com/ann/kiln/blob/main/notes/ash%20glaze.ipynb?raw=true",
            f"{RAW}/ann/kiln/main/notes/ash%20glaze.ipynb",
            "https://github.com/ann/kiln/blob/main/notes/ash%20glaze.ipynb",
        ),
        (
            "https://github.com/ann/kiln/tree/main/notes/",
            f"{RAW}/ann/kiln/main/notes/README.md",
            "https://github.com/ann/kiln/tree/main/notes/",
        ),
        (f"{DOC}/edit?usp=sharing", f"{DOC}/export?format=txt", f"{DOC}/edit"),
        (
            DOC.replace("document/", "document/u/0/"),
            f"{DOC}/export?format=txt",
            f"{DOC}/edit",
        ),
        (
            "https://colab.research.google.com/github/ann/kiln/blob/main/ash.ipynb#scrollTo=x",
            f"{RAW}/ann/kiln/main/ash.ipynb",
            "https://colab.research.google.com/github/ann/kiln/blob/main/ash.ipynb",
        ),
        (
            "https://nbviewer.org/github/ann/kiln/blob/main/ash.ipynb",
            f"{RAW}/ann/kiln/main/ash.ipynb",
            "https://nbviewer.org/github/ann/kiln/blob/main/ash.ipynb",
        ),
        ("http://arxiv.org/pdf/1706.03762v5.pdf", PAPER, PAPER),
        ("https://www.arxiv.org/pdf/1706.03762", PAPER, PAPER),
        ("https://arxiv.org/html/1706.03762v7", PAPER, PAPER),
        ("https://ar5iv.labs.arxiv.org/html/1706.03762", PAPER, PAPER),
        ("https://doi.org/10.48550/arXiv.1706.03762", PAPER, PAPER),
        (
            "https://arxiv.org/abs/math.GT/0309136",
            *["https://arxiv.org/abs/math.GT/0309136"] * 2,
        ),
    ],
)
def test_documents_are_fetched_where_they_lie(url, fetched, own):
    assert (fetch_address(url), own_address(url)) == (fetched, own)


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/",
        "https://github.com/ann",
        "https://github.com/topics/pottery",
        "https://github.com/ann/kiln/issues/3",
        "https://github.com/ann/kiln/wiki",
        "https://gist.github.com/ann/0123456789abcdef",
        "https://docs.google.com/document/d/e/2PACX-1vR/pub",
        "https://docs.google.com/spreadsheets/d/1aBcDeFgHiJkLmNoPqRs/edit",
        "https://colab.research.google.com/drive/1aBc",
        "https://arxiv.org/list/cs.CL/recent",
        "https://doi.org/10.1145/3292500",
        "https://ann.example/github.com/ann/kiln",
        "file:///home/ann/kiln.md",
    ],
)
def test_other_addresses_stay_as_they_are(url):
    assert (fetch_address(url), own_address(url)) == (url, "")


HOSTS = [
    "github.com",
    "arxiv.org",
    "docs.google.com",
    "colab.research.google.com",
    "doi.org",
]


@settings(max_examples=rounds(150, 1000), deadline=None)
@given(
    st.sampled_from(HOSTS),
    st.lists(
        st.sampled_from(
            [
                "a",
                "blob",
                "tree",
                "main",
                "abs",
                "document",
                "d",
                "x.ipynb",
                "..",
                "%2e",
            ]
        )
    ),
)
def test_an_own_address_is_its_own_and_both_can_be_read(host, parts):
    url = canonical(f"https://{host}/{'/'.join(parts)}")
    own = own_address(url)
    assert fetch_address(own or url) == fetch_address(url)
    assert own_address(own or url) == own
    assert canonical(fetch_address(url)).startswith("https://")
