"""The words of a question that may be slips: which are names, and what takes their
place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query.parser import plain_parts
from search.query.typed_words import neighbours, replaced, typed_words


def words(question, **options):
    """Those that are no names."""
    found = typed_words(*plain_parts(question), **options)
    return [one.word for one in found if not one.is_name]


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Sourdugh, (satrter) atention?", ["sourdugh", "satrter", "atention"]),
        ("l'atention self-atention", ["atention", "self", "atention"]),
        ("\"exact atention\" -atention site:atention atention", ["atention"]),
        ("BRED pythOn3 bread2 att_ention --kettel \\kettel #kettel .kettel", []),
        ("torch.atention 1.24.1 C++ kettelC++ foo:kettel a/kettel 注意atention", []),
        ("kettel@host KettelBread http://kettel/ author:\"bread kettel\"", []),
        # a name
        ("Linus Torvalds", []),
        ("who is Linus Torvalds", ["who"]),
        ("Linus Torvalds on kernels", ["kernels"]),
        ("kernels. Linus wrote them", ["kernels", "linus", "wrote", "them"]),
        ("did Linus write kernels", ["did", "write", "kernels"]),
        # a sentence, a title, shouting
        ("Kernels by night", ["kernels", "night"]),
        ("Tranformer Atention for the Mechansim", ["tranformer", "atention", "for", "the", "mechansim"]),
        ("TRANFORMER ATENTION MECHANSIM", ["tranformer", "atention", "mechansim"]),
        ("LSTM AND BERT NETWROK", ["netwrok"]),
        ("LSTM OR BERT netwrok", ["netwrok"]),
        ("GPT BERT", []),
        ("x" * 41, []),
    ],
)  # fmt: skip
def test_names_and_identifiers_are_no_slips(typed, plain):
    assert words(typed) == plain


def test_nouns_have_capitals_in_german():
    assert words("wie reift der Sauertieg im Ofen") == ["wie", "reift", "der"]
    german = words("wie reift der Sauertieg im Ofen", nouns_have_capitals=True)
    assert german == ["wie", "reift", "der", "sauertieg", "ofen"]


def test_what_was_meant_keeps_capitals_and_everything_else():
    def mend(question, **meant):
        text, parts = plain_parts(question)
        return replaced(text, typed_words(text, parts), meant)

    assert (
        mend("Sourdugh, (sourdugh)", sourdugh="sourdough") == "Sourdough, (sourdough)"
    )
    shouted = mend("SOURDUGH BREAD NOW", sourdugh="sourdough")
    assert shouted == "SOURDOUGH BREAD NOW"
    assert mend('"sourdugh" -sourdugh', sourdugh="sourdough") == '"sourdugh" -sourdugh'
    pair = {"reinforce ment": "reinforcement", "ment": "meant"}
    assert mend("reinforce  ment is ment", **pair) == "reinforcement is meant"
    assert mend("reinforce, ment", **pair) == "reinforce, meant"


@given(st.text(max_size=60))
def test_any_text_is_read_and_its_words_stand_in_it(text):
    plain, parts = plain_parts(text)
    found = typed_words(plain, parts)
    assert all(plain[one.start : one.end].lower() == one.word for one in found)
    assert all(one.end < two.start for one, two in neighbours(plain, found))
    assert replaced(plain, found, {}) == plain
