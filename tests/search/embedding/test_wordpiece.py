"""A BERT's tokens are those that transformers makes, or its tokenizer is refused."""

from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from search.embedding.model_files import model_folder
from search.embedding.wordpiece import WordPieces
from search.ports import DEFAULT_MODEL
from tests.models import bert_model
from tests.torture.scale import rounds

LIMIT = 16
FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
WRITING = st.text(
    st.characters(codec="utf-8"), max_size=60
) | st.text("abc éß北ｶ\u0301\u00ad\x00 .[]CLSEPUNKMAS##", max_size=60)  # fmt: skip


@pytest.fixture(scope="module")
def bundled():
    folder = model_folder(DEFAULT_MODEL)
    return WordPieces(folder, LIMIT), AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return bert_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture
def copy(made, tmp_path):
    """A model's folder that may be changed."""
    for name in FILES:
        if (made / name).exists():
            shutil.copy(made / name, tmp_path)
    return tmp_path


def change(path, **changes) -> None:
    known = json.loads(path.read_text())
    path.write_text(json.dumps(known | changes))


def agree(pieces: WordPieces, library, text: str) -> None:
    """Compare numbers, spans, what is unknown, and the count."""
    (found,) = pieces.read([text])
    expected = library(
        text, truncation=True, max_length=LIMIT, return_offsets_mapping=True
    )
    assert found.numbers.tolist() == expected["input_ids"]
    assert [tuple(span) for span in found.spans.tolist()] == expected["offset_mapping"]
    unknown = [number == library.unk_token_id for number in expected["input_ids"]]
    assert found.unknown.tolist() == unknown
    whole = library(text, add_special_tokens=False, verbose=False)["input_ids"]
    assert pieces.count([text]) == [len(whole)]


@settings(max_examples=rounds(300, 5000), deadline=None)
@given(WRITING)
@example("")
@example("[CLS] bread [SEP] [UNK] [PAD]")
@example("x" * 101)
@example("bread " * 40)
@example("Ærøskøbing ﬁlm İstanbul 2½ ½")
@example("a\u200db\ufeffc\r\n\td")
@example("👩‍👩‍👧 yeast")
def test_tokens_are_those_of_the_library(bundled, text):
    agree(*bundled, text)


def test_several_texts_are_read_each_by_itself(bundled):
    pieces, _ = bundled
    texts = ["bread", "", "why does bread rise so slowly", "北京"]
    together = pieces.read(texts)
    for text, found in zip(texts, together, strict=True):
        (alone,) = pieces.read([text])
        assert found.numbers.tolist() == alone.numbers.tolist()
        assert found.spans.tolist() == alone.spans.tolist()
    assert pieces.read([]) == []


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"do_lower_case": False},
        {"strip_accents": True},
        {"strip_accents": False, "do_lower_case": True},
        {"tokenize_chinese_chars": False},
    ],
    ids=str,
)
def test_the_rules_of_its_configuration_hold(made, tmp_path, rules):
    """As transformers writes a tokenizer with these rules."""
    words = AutoTokenizer.from_pretrained(made).get_vocab()
    from transformers import BertTokenizer

    BertTokenizer(words, **rules).save_pretrained(tmp_path)
    library = AutoTokenizer.from_pretrained(tmp_path)
    pieces = WordPieces(tmp_path, LIMIT)
    for text in ("Bread Ébène ünd 北京 yeasts", "BREADS", "the query: breading"):
        agree(pieces, library, text)


@pytest.mark.parametrize(
    "changes",
    [
        {"do_lower_case": False},
        {"strip_accents": True},
        {"tokenize_chinese_chars": False},
        {"tokenizer_class": "RobertaTokenizer"},
        {"tokenizer_class": None},
        {"unk_token": "<unk>"},
        {"cls_token": "bread"},
    ],
    ids=str,
)
def test_files_that_differ_are_left_to_the_library(copy, changes):
    """transformers goes by tokenizer_config.json, tokenizers by tokenizer.json."""
    WordPieces(copy, LIMIT)
    change(copy / "tokenizer_config.json", **changes)
    with pytest.raises(ValueError, match="tokenizer is not BERT's own"):
        WordPieces(copy, LIMIT)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("normalizer", {"type": "NFC"}),
        ("normalizer", None),
        ("pre_tokenizer", {"type": "Whitespace"}),
        ("pre_tokenizer", None),
    ],
)
def test_other_rules_are_left_to_the_library(copy, part, value):
    change(copy / "tokenizer.json", **{part: value})
    with pytest.raises(ValueError, match="tokenizer is not BERT's own"):
        WordPieces(copy, LIMIT)


def test_words_added_to_it_are_left_to_the_library(copy):
    path = copy / "tokenizer.json"
    known = json.loads(path.read_text())
    mark = known["added_tokens"][0]
    known["added_tokens"].append(mark | {"id": 9000, "content": "<house>"})
    path.write_text(json.dumps(known))
    with pytest.raises(ValueError, match="tokenizer is not BERT's own"):
        WordPieces(copy, LIMIT)


@pytest.mark.parametrize("body", [b"", b"[", b"null", b"[3]", b'{"a": 1}', b"\xff\xfe"])
def test_what_is_no_tokenizer_is_refused(copy, body):
    (copy / "tokenizer.json").write_bytes(body)
    with pytest.raises(ValueError, match=r"\w"):
        WordPieces(copy, LIMIT)
