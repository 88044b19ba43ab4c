"""A question for the model has the letters that the articles have."""

import pytest

from search.engine import Engine
from search.index.memory.home import MemoryIndex
from search.index.open import open_index
from search.query.accents import as_articles_write
from search.types import Article, Passage
from tests.fakes import HashEmbedder

TEXTS = {
    "fr": "Le cœur de ma sœur et une œuvre de peu; le cœur bat.",
    "de": "Die Straße war glatt, und der Fuß tat weh. Im Café.",
    "vi": "Hôm nay tôi đến Đà Nẵng.",
    "en": "The cafe is in the street, and the oeuvre of peu is fine.",
}


@pytest.fixture(params=["memory", "sqlite"])
def index(request, tmp_path):
    made = MemoryIndex() if request.param == "memory" else open_index(tmp_path)
    with made.writer(HashEmbedder(), splitter=1) as writer:
        for language, text in TEXTS.items():
            article = Article(
                f"https://a.example/{language}", "Title", language=language
            )
            writer.add([(article, [Passage(text)])])
        writer.commit()
    yield made
    made.close()


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("coeur de ma soeur", "cœur de ma sœur"),
        ("Strasse, strasse?", "straße, straße?"),
        ("da nang", "đà nẵng"),
        ("fuss", "fuß"),
        # As it was typed it stands somewhere.
        ("cafe oeuvre", "cafe oeuvre"),
        ("cœur", "cœur"),
        ("Qui a un cœur et une soeur?", "Qui a un cœur et une soeur?"),
        ("coeurs coeur2 unknown", "coeurs coeur2 unknown"),
        ("机器", "机器"),
    ],
)
def test_words_are_written_as_in_the_articles(index, typed, written):
    with index.snapshot() as snapshot:
        assert as_articles_write(typed, snapshot) == written


def test_only_the_model_is_asked_so(index):
    class Recording(HashEmbedder):
        asked: tuple[str, ...] = ()

        def encode_query(self, text):
            self.asked += (text,)
            return super().encode_query(text)

    model = Recording()
    answer = Engine(index, embedder=model).search("coeur")
    assert "cœur" in model.asked
    assert (answer.query, answer.corrected) == ("coeur", None)
    assert answer.hits[0].url.endswith("/fr")
