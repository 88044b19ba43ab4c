"""Words are folded and stemmed as the full text index does it."""

import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

from search.words import WORD, has_word, spaced, stem

TOKENIZER = "porter unicode61 remove_diacritics 2 tokenchars '_'"
SAMPLE = (
    "training trains trained running happily relational conditional generalizations electricity hopping"
    " Überraschung CAFÉ naïve as_strided GPT2 deep os is gradients embeddings caresses ponies agreed"
)


def indexed(text):
    db = sqlite3.connect(":memory:")
    db.execute(f'CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = "{TOKENIZER}")')
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab (t, instance)")
    db.execute("INSERT INTO t VALUES (?)", [text])
    return [term for (term,) in db.execute("SELECT term FROM v ORDER BY offset")]


def test_stems_are_those_of_the_full_text_index():
    assert [stem(word) for word in WORD.findall(SAMPLE)] == indexed(SAMPLE)


def test_marks_on_letters_do_not_matter():
    assert stem("cafe\u0301") == stem("café") == stem("cafe")
    assert WORD.findall("cafe\u0301s") == ["cafe\u0301s"]


def test_cjk_writing_is_indexed_character_by_character():
    assert indexed(spaced("用Python编写")) == ["用", "python", "编", "写"]


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_spacing_loses_nothing_and_finds_no_new_words(text):
    assert spaced(text).replace(" ", "") == text.replace(" ", "")
    assert has_word(spaced(text)) == has_word(text)
