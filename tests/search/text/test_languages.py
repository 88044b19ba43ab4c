"""Languages by their names, by their stop words and by their script."""

from __future__ import annotations

import pytest
import snowballstemmer

from search.errors import QueryError
from search.text.languages import (
    COMPOUNDING,
    ELIDING,
    STEMMERS,
    language_by_script,
    language_by_stop_words,
    language_code,
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "de"), ("de-AT", "de"), ("German", "de"), (" deutsch ", "de"), ("norsk", "no"),
        ("中文", "zh"), ("zh_Hant", "zh"), ("xx", "xx"),
    ],
)  # fmt: skip
def test_a_language_by_code_or_name(text, code):
    assert language_code(text) == code


@pytest.mark.parametrize("text", ["", "klingon", "d", "de AT", "1"])
def test_what_is_no_language(text):
    with pytest.raises(QueryError) as raised:
        language_code(text)
    assert raised.value.code == "bad-language"


def test_every_stemmer_is_one_of_snowballs():
    assert set(STEMMERS.values()) <= {*snowballstemmer.algorithms(), "porter"}
    assert STEMMERS.keys() >= COMPOUNDING
    assert STEMMERS.keys() >= ELIDING


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"how", "does", "the", "bread", "rise"}, "en"),
        ({"wie", "geht", "das", "brot", "auf"}, "de"),
        ({"comment", "le", "pain"}, "fr"),
        ({"the", "le"}, ""),
        ({"bread"}, ""),
        (set(), ""),
    ],
)
def test_a_language_by_its_stop_words(words, code):
    assert language_by_stop_words(words) == code


@pytest.mark.parametrize(
    ("text", "language"),
    [("梯度下降", "zh"), ("ゼロから作る", "ja"), ("한국어 글", "ko"), ("plain words", ""), ("", ""),
     ("one word of 梯 in a long English sentence", "")],
)  # fmt: skip
def test_the_script_gives_the_language_away(text, language):
    assert language_by_script(text) == language
