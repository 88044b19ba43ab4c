"""Words are folded and stemmed in the language of their text; places in the text stay
true."""

import re
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.text.languages import STEMMERS
from search.text.tokenizer import (
    TOKEN,
    has_word,
    running,
    running_forms,
    stem,
    stemmed_alike,
    vocabulary,
)
from search.text.word_forms import other_forms
from tests.torture.scale import rounds

SAMPLE = (
    "training trains trained running happily relational conditional generalizations electricity hopping"
    " Überraschung CAFÉ naïve as_strided GPT2 deep os is gradients embeddings caresses ponies agreed"
)
languages = st.sampled_from(["", *sorted(STEMMERS)])


def words(text, language=""):
    return [form for _, _, form in running(text, language)]


def others(text, language=""):
    return {form for _, _, form in other_forms(text, language)}


def test_english_is_stemmed_as_by_sqlites_porter():
    db = sqlite3.connect(":memory:")
    tokenizer = "porter unicode61 remove_diacritics 2 tokenchars '_'"
    db.execute(f'CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = "{tokenizer}")')
    db.execute("CREATE VIRTUAL TABLE v USING fts5vocab (t, instance)")
    db.execute("INSERT INTO t VALUES (?)", [SAMPLE])
    assert (
        words(SAMPLE, "en")
        == words(SAMPLE)
        == [t for (t,) in db.execute("SELECT term FROM v ORDER BY offset")]
    )


@given(st.text(alphabet="aé'’sL01.2v深가ก\u0e31\u0301_-#+C \n"), languages)
@settings(max_examples=rounds(200, 1000))
def test_forms_without_places_are_those_with_places(text, language):
    assert list(running_forms(text, language)) == words(text, language)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Bearbeitungen", "Bearbeitung"),
        ("de", "Häuser", "Haus"),
        ("de", "Bäckerei", "Baeckerei"),
        ("fr", "développées", "développer"),
        ("fr", "chevaux", "cheval"),
        ("es", "canciones", "canción"),
        ("it", "ricette", "ricetta"),
        ("nl", "boeken", "boek"),
        ("sv", "flickorna", "flicka"),
        ("ru", "книгами", "книга"),
        ("pl", "książkami", "książka"),
        ("en", "embeddings", "embedded"),
    ],
)
def test_inflected_words_are_one(language, one, other):
    assert stem(one, language) == stem(other, language)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("L’option d'aujourd'hui qu'il", "fr", ["option", "aujourd", "hui", "il"]),
        ("dell'acqua", "it", ["acqua"]),
        ("the kiln's door", "en", ["the", "kiln", "door"]),
        (
            "C++, C# and F# in Notepad++",
            "en",
            ["c++", "c#", "and", "f#", "in", "notepad"],
        ),
        ("numpy 1.24.1 and v2.0rc1.", "en", ["numpi", "1.24.1", "and", "2.0rc1"]),
        ("torch.as_strided(x)", "en", ["torch", "as_strid", "x"]),
        ("用Python编写", "zh", ["用", "python", "编", "写"]),
        ("기계를", "ko", ["기", "계", "를"]),
        ("ที่นี่", "th", ["ที่", "นี่"]),
    ],
)
def test_running_words(text, language, expected):
    assert words(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "form"),
    [
        (r"$\nabla f$", "", r"\nabla"),
        ("pip --no-cache-dir", "", "--no-cache-dir"),
        ("#hashtag", "", "#hashtag"),
        (".NET", "", ".net"),
        ("pre-training", "", "pretrain"),
        ("as_strided", "", "stride"),
        ("IndexIDMap2", "", "map"),
        ("1.24.1", "", "1.24"),
        ("16GB", "", "16"),
        ("16GB", "", "gb"),
        ("H264", "", "264"),
        ("python3.11", "", "3.11"),
        ("10,000", "", "10000"),
        ("10 000", "fr", "10000"),
        ("sécurisée", "fr", "securise"),
        ("Fotobearbeitung", "de", "<fotobearb"),
        ("Fotobearbeitung", "de", ">tiebraebo"),
    ],
)
def test_other_forms(text, language, form):
    assert form in others(text, language)


@pytest.mark.parametrize("text", ["\ufc5e", "\u0301", "ـ"])
def test_what_folds_to_nothing_is_no_word(text):
    assert not has_word(text)
    assert words(f"a {text} b") == ["a", "b"]


@pytest.mark.parametrize(
    ("language", "typed", "written"),
    [
        ("fr", "coeur", "cœur"),
        ("fr", "oeuvres", "Œuvre"),
        ("da", "smorrebrod", "smørrebrød"),
        ("no", "Tromso", "Tromsø"),
        ("pl", "Lodz", "Łódź"),
        ("tr", "isik", "ışık"),
        ("de", "Strasse", "STRAẞE"),
        ("", "Thor", "Þór"),
        ("", "Dien Bien Phu", "Điện Biên Phủ"),
        ("", "Malta Hagar", "Malta Ħaġar"),
        ("nl", "ijs", "ĳs"),
        ("ca", "Collell", "Coŀlell"),
        ("ca", "colleccions", "col·lecció"),
        ("", "Hawaii", "Hawaiʻi"),
        ("", "fine", "ﬁne"),
        ("de", "finden", "ﬁnden"),
        ("", "Bold", "𝐁𝐨𝐥𝐝"),
        ("ar", "محمد", "محـمد"),
        ("fa", "16", "۱۶"),
    ],
)
def test_words_are_found_as_keyboards_write_them(language, typed, written):
    assert words(typed, language) == words(written, language)


def test_marks_on_letters_do_not_matter():
    assert stem("cafe\u0301") == stem("café") == stem("cafe")
    assert words("cafe\u0301s") == ["cafe"]


def test_the_vocabulary_is_spelt_as_it_was_written():
    assert list(vocabulary("Die Bäckereien, 用GPT2 a 1.24.1")) == ["die", "bäckereien"]


def test_one_language_stands_for_all_that_are_stemmed_alike():
    assert stemmed_alike(["", "en", "zh", "nb", "no", "de"]) == ["", "de", "no"]


@settings(max_examples=rounds(150, 1000), deadline=None)
@given(st.text(), languages)
def test_every_word_has_a_true_place_and_no_form_holds_a_space(text, language):
    placed = [*running(text, language), *other_forms(text, language)]
    assert all(0 <= start < end <= len(text) for start, end, _ in placed)
    assert has_word(text) == any(form for _, _, form in running(text, language))
    assert not has_word(text) or TOKEN.search(text)
    assert not any(re.search(r"\s", form) for _, _, form in placed)
    starts = [start for start, _, _ in running(text, language)]
    assert starts == sorted(starts)
