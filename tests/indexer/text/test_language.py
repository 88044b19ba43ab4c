"""The language of an article, told from its words."""

import pytest

from indexer.crawl.assemble import assemble
from indexer.documents.read_page import read
from indexer.text.language import detect_language
from search.types import Block

SAID = {
    "en": "The kiln cools for two days before anybody may open it, which is hard on the curious.",
    "de": "Der Ofen kühlt zwei Tage lang ab, bevor ihn jemand öffnen darf.",
    "fr": "Le four refroidit pendant deux jours avant que quiconque puisse l'ouvrir.",
    "es": "El horno se enfría durante dos días antes de que alguien pueda abrirlo.",
    "it": "Il forno si raffredda per due giorni prima che qualcuno possa aprirlo.",
    "nl": "De oven koelt twee dagen af voordat iemand hem mag openen.",
    "sv": "Ugnen svalnar i två dagar innan någon får öppna den.",
    "pl": "Piec stygnie przez dwa dni, zanim ktokolwiek może go otworzyć.",
    "ru": "Печь остывает два дня, прежде чем кто-нибудь может её открыть.",
    "uk": "Піч холоне два дні, перш ніж хтось може її відкрити.",
    "zh": "窑要冷却两天才能打开，这对好奇的人来说很难熬。",
    "ja": "窯は誰かが開ける前に二日間冷まされます。",
    "ko": "가마는 누군가 열기 전에 이틀 동안 식습니다.",
    "ar": "يبرد الفرن لمدة يومين قبل أن يتمكن أي شخص من فتحه.",
    "el": "Ο φούρνος κρυώνει για δύο ημέρες πριν τον ανοίξει κανείς.",
    "he": "התנור מתקרר יומיים לפני שמישהו רשאי לפתוח אותו.",
}


@pytest.mark.parametrize("code", SAID)
def test_a_sentence_is_enough(code):
    assert detect_language("", [Block("paragraph", SAID[code])]) == code


def test_code_formulas_and_tables_do_not_count():
    code = (
        "import os\nfor the, that, this in with_and_from(of=the):\n    return the and that\n"
        * 20
    )
    blocks = [
        Block("code", code),
        Block("table", "the | and | of | that | this | with\n" * 20),
        Block(
            "paragraph",
            SAID["de"]
            + r" Für $\text{the loss of the model that we train}$ gilt das auch.",
        ),
        Block(
            "math", r"\text{where the norm of the gradient is bounded by the constant}"
        ),
    ]
    assert detect_language("README", blocks) == "de"


def test_a_note_tells_where_there_is_no_text():
    assert detect_language("", (), [SAID["fr"]]) == "fr"


@pytest.mark.parametrize(
    "title", ["", "P1050717", "Market at Fourth", "IMG_6728, Beijing", "機"]
)
def test_too_little_to_tell_is_unknown(title):
    assert detect_language(title, ()) == ""


def test_what_is_said_is_believed_not_the_attribute():
    body = f'<html lang="en-US"><body><article><p>{SAID["de"]}</p></article></body></html>'.encode()
    assert (
        assemble(
            "http://a.example/post", (), read(body, "http://a.example/post")
        ).language
        == "de"
    )
