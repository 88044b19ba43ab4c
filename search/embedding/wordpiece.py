"""The tokenizer of a BERT, as transformers makes it of tokenizer.json and
tokenizer_config.json.

Where the two differ, or hold what is not known here, the model is not plain.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.embedding.model_check import read_json

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

MARKS = 2  # one before each text and one after it
_CLASSES = ("BertTokenizer", "BertTokenizerFast")
_SPECIAL = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}


class Tokens(NamedTuple):
    """A text's tokens between the model's marks, each of shape (n,) but ``spans``, (n,
    2): where each begins and ends in the text."""

    numbers: NDArray[np.int64]
    spans: NDArray[np.int32]
    unknown: NDArray[np.bool_]


class WordPieces:
    """Turns texts into the numbers of their tokens. Safe to use from several threads.

    Made of the files in ``folder``; raises ValueError where they are not BERT's own.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        # As torch's loader has it: it would warn at each fork.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        self._tokenizer = _tokenizer(folder)
        self._limit = limit
        vocabulary = self._tokenizer.token_to_id
        self._first, self._last = vocabulary("[CLS]"), vocabulary("[SEP]")
        self._unknown = vocabulary("[UNK]")

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, without marks and however long it is."""
        return [len(one.ids) for one in self._encoded(texts)]

    def read(self, texts: Sequence[str]) -> list[Tokens]:
        """Return the tokens of each text, marks among them, cut off at the limit."""
        return [self._marked(one) for one in self._encoded(texts)]

    def _encoded(self, texts: Sequence[str]) -> list[Encoding]:
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=False)

    def _marked(self, encoding: Encoding) -> Tokens:
        kept = slice(self._limit - MARKS)
        numbers = [self._first, *encoding.ids[kept], self._last]
        # Marks stand nowhere.
        spans = [(0, 0), *encoding.offsets[kept], (0, 0)]
        found = np.array(numbers, np.int64)
        return Tokens(found, np.array(spans, np.int32), found == self._unknown)


def tokenizers_library() -> Any:
    """Return the library that cuts texts."""
    import tokenizers

    return tokenizers


def _tokenizer(folder: Path) -> Tokenizer:
    library = tokenizers_library()
    told = read_json(folder / "tokenizer_config.json")
    read_json(folder / "tokenizer.json")
    try:
        made: Tokenizer = library.Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # it raises nothing more special
        raise ValueError("its tokenizer can't be read") from error
    known = {name: told.get(name, usual) for name, usual in _SPECIAL.items()}
    words = made.normalizer, made.pre_tokenizer
    normal, cut = library.normalizers, library.pre_tokenizers
    kinds = (
        isinstance(words[0], normal.BertNormalizer),
        isinstance(words[1], cut.BertPreTokenizer),
    )
    added = made.get_added_tokens_decoder().values()
    marks = ("[UNK]", "[CLS]", "[SEP]")
    conditions = (
        None not in map(made.token_to_id, marks),
        made.get_vocab_size() > len(_SPECIAL),
        told.get("tokenizer_class") in _CLASSES,
        known == _SPECIAL,
        all(kinds),
        {token.content for token in added} <= set(_SPECIAL.values()),
        not any(token.lstrip or token.rstrip or token.single_word for token in added),
    )
    if not all(conditions) or _rules(made) != _rules_told(told):
        raise ValueError("its tokenizer is not BERT's own")
    made.no_padding()
    made.no_truncation()
    return made


def _rules(made: Tokenizer) -> tuple[object, ...]:
    """Return the rules by which a text is cut into words and these into pieces."""
    words, pieces = made.normalizer, made.model
    return (
        words.clean_text,
        words.handle_chinese_chars,
        words.strip_accents,
        words.lowercase,
        pieces.unk_token,
        pieces.continuing_subword_prefix,
        pieces.max_input_chars_per_word,
    )


def _rules_told(told: dict[str, object]) -> tuple[object, ...]:
    """Return the same as tokenizer_config.json has them, by which transformers goes."""
    return (
        True,
        told.get("tokenize_chinese_chars", True),
        told.get("strip_accents"),
        told.get("do_lower_case", True),
        "[UNK]",
        "##",
        100,
    )
