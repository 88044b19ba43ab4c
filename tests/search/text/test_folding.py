"""Letters are folded as keyboards write them."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.text.folding import fold, with_plain_letters

# ICU's Latin-ASCII (CLDR), its small letters that Unicode does not decompose.
ICU = """
æ ae|ð d|ø o|þ th|đ d|ħ h|ı i|ĳ ij|ĸ q|ŀ l|ł l|ŋ n|œ oe|ŧ t|ſ s|ƀ b|ƃ b|ƈ c|ƌ d|ƒ f|ƕ hv|ƙ k|ƚ l|ƞ n|ƣ oi|ƥ p
|ƫ t|ƭ t|ƴ y|ƶ z|ǆ dz|ǉ lj|ǌ nj|ǥ g|ǳ dz|ȡ d|ȥ z|ȴ l|ȵ n|ȶ t|ȷ j|ȸ db|ȹ qp|ȼ c|ȿ s|ɀ z|ɇ e|ɉ j|ɍ r|ɏ y|ɓ b|ɕ c
|ɖ d|ɗ d|ɛ e|ɠ g|ɡ g|ɦ h|ɨ i|ɪ i|ɫ l|ɬ l|ɭ l|ɱ m|ɲ n|ɳ n|ɶ oe|ɼ r|ɽ r|ɾ r|ʂ s|ʈ t|ʉ u|ʋ v|ʐ z|ʑ z|ʝ j|ʠ q|ᵬ b|ᵭ d
|ᵮ f|ᵯ m|ᵰ n|ᵱ p|ᵲ r|ᵴ s|ᵵ t|ᵶ z|ᵽ p|ᶀ b|ᶁ d|ᶂ f|ᶃ g|ᶄ k|ᶅ l|ᶆ m|ᶇ n|ᶈ p|ᶉ r|ᶊ s|ᶌ v|ᶍ x|ᶎ z|ᶏ a|ᶑ d|ᶒ e|ᶖ i|ᶙ u|ẚ a
|ẞ ss|ﬀ ff|ﬃ ffi|ﬅ st
"""


def test_latin_letters_are_those_of_icu():
    pairs = [pair.split() for pair in ICU.split("|")]
    assert [letter for letter, plain in pairs if fold(letter) != plain] == []
    capitals = [letter.upper() for letter, _ in pairs]
    assert "".join(map(fold, capitals)).isascii()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("CAFÉ naïve", "cafe naive"),
        ("C++, C# & .NET", "c++, c# & .net"),
        ("Ἀθῆναι", "αθηναι"),
        ("Ёлка й", "елка и"),
        ("ℌ𝐁ｆｕｌｌ Ⅳ", "hbfull iv"),
        ("٣ ३ 3", "3 3 3"),
        ("col·lecció", "colleccio"),
        ("机器学习", "机器学习"),
    ],
)
def test_texts(text, plain):
    assert fold(text) == plain


@given(st.text())
def test_folded_once_is_folded(text):
    once = fold(text)
    assert fold(once) == once
    assert not any(map(unicodedata.combining, once))
    assert not re.search("[A-ZÀ-ÖØ-ÞŁŒĦ]", once)


def test_letters_that_a_language_has_stay():
    assert with_plain_letters("blæksø łódź café", "æø") == "blæksø lódź café"
