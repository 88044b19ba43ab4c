"""What every Embedder promises, held over the bundled model and over the hashing
fake."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from search.embedding.embedder import open_embedder
from search.errors import ModelError
from tests.fakes import HashEmbedder

TEXTS = [
    "Bread rises because yeast makes gas.",
    "Ein Brot aus Roggen.",
    "def f(x):\n    return x",
    "你好,世界",
]


@pytest.fixture(scope="module", params=["fake", "real"])
def embedder(request, real_embedder):
    return HashEmbedder() if request.param == "fake" else real_embedder


def test_passages_are_rows_of_unit_length_in_order(embedder):
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-4)
    assert embedder.embed_passages(TEXTS[1:2])[0] == pytest.approx(vectors[1], abs=1e-4)


def test_no_passages_give_no_rows(embedder):
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)


def test_a_question_is_one_vector_of_unit_length(embedder):
    vector = embedder.encode_query("why does bread rise?").vector
    assert vector.shape == (embedder.dimension,)
    assert vector.dtype == np.float32
    assert float(np.linalg.norm(vector)) == pytest.approx(1.0, abs=1e-4)


def test_passages_are_read_with_the_same_vectors_in_order(embedder):
    read = embedder.encode_passages(TEXTS)
    assert np.stack([one.vector for one in read]) == pytest.approx(
        embedder.embed_passages(TEXTS), abs=1e-4
    )
    assert embedder.encode_passages([]) == []


def test_tokens_are_the_words_of_a_text_where_they_stand(embedder):
    """Each has a letter or a digit, none is a mark of the model or punctuation, and
    none is lost."""
    for text, read in zip(TEXTS, embedder.encode_passages(TEXTS), strict=True):
        assert read.tokens.shape == (len(read.spans), embedder.dimension)
        assert read.tokens.dtype == np.float16
        assert np.linalg.norm(read.tokens.astype(np.float32), axis=1) == pytest.approx(
            1.0, abs=2e-3
        )
        assert read.spans.tolist() == sorted(read.spans.tolist())
        pieces = [text[start:end] for start, end in read.spans]
        assert "".join(pieces) == "".join(filter(str.isalnum, text))


def test_what_is_near_in_meaning_is_near(embedder):
    vectors = embedder.embed_passages(TEXTS)
    assert (
        int(
            np.argmax(
                vectors @ embedder.encode_query("how does yeast make bread rise").vector
            )
        )
        == 0
    )


def test_tokens_are_counted_one_text_at_a_time(embedder):
    counts = embedder.count_tokens(["", "one", "one two three four five"])
    assert counts[0] == 0
    assert counts[0] < counts[1] < counts[2]
    assert embedder.count_tokens([]) == []


def test_a_fingerprint_is_a_sha256(embedder):
    assert len(bytes.fromhex(embedder.fingerprint)) == 32


def test_threads_get_the_same_vectors(embedder):
    expected = embedder.embed_passages(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: embedder.embed_passages(TEXTS), range(8)))
    for vectors in results:
        assert vectors == pytest.approx(expected, abs=1e-4)


def test_the_window_of_the_bundled_model_is_what_it_reads(real_embedder):
    """A text that fills the window counts to its last word; one beyond it would not."""
    assert real_embedder.window == 254
    filler = "word " * (real_embedder.window - 1)
    assert real_embedder.count_tokens([filler + "bread"]) == [real_embedder.window]
    one, other = real_embedder.embed_passages([filler + "bread", filler + "music"])
    assert not np.allclose(one, other, atol=1e-4)
    cut, also = real_embedder.embed_passages(
        [filler + "word bread", filler + "word music"]
    )
    assert np.allclose(cut, also, atol=1e-4)


def test_a_word_has_the_vector_of_its_sense(real_embedder):
    """The bank of a river is nearer to a shore than to one that lends money."""
    river, money, shore = (
        real_embedder.encode_query(text)
        for text in (
            "the bank of the river",
            "the bank lends money",
            "the shore of the lake",
        )
    )
    of = [
        one.tokens[place].astype(np.float32)
        for one, place in ((river, 1), (money, 1), (shore, 1))
    ]
    assert of[0] @ of[2] > of[1] @ of[2]


def test_a_model_that_is_not_there_is_said_in_a_sentence(tmp_path):
    with pytest.raises(ModelError, match="--model"):
        open_embedder(str(tmp_path)).encode_query("x")
