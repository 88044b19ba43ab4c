"""Tiny real sentence-transformers models, of other shapes than the bundled one, written
into a folder."""

from __future__ import annotations

import string
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import (
    Normalize,
    Pooling,
    StaticEmbedding,
    Transformer,
)
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import WordLevel
from transformers import BertConfig, BertModel, BertTokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PROMPTS = {"query": "query: ", "passage": "passage: "}


def static_model(
    folder: Path, words: list[str], *, prompts: dict[str, str] | None = None
) -> Path:
    """48 dimensions, one random vector a word, no limit on length."""
    vocabulary = {
        word: i
        for i, word in enumerate(
            dict.fromkeys(["[UNK]", ":", "query", "passage", *words])
        )
    }
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    torch.manual_seed(1)
    weights = torch.nn.functional.normalize(torch.randn(len(vocabulary), 48))
    weights[0] = 0.01
    module = StaticEmbedding(tokenizer, embedding_weights=weights.numpy())
    SentenceTransformer(
        modules=[module], prompts=prompts, device="cpu"
    ).save_pretrained(str(folder))
    return folder


def transformer_model(
    folder: Path, words: list[str], *, prompts: dict[str, str] | None = None
) -> Path:
    """32 dimensions, one layer of random weights, a window of 64 tokens."""
    base = folder.with_name(folder.name + "-base")
    base.mkdir()
    vocabulary = dict.fromkeys([*SPECIAL, ":", ".", "query", "passage", *words])
    torch.manual_seed(2)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(base)
    places = {word: place for place, word in enumerate(vocabulary)}
    BertTokenizer(places).save_pretrained(base)
    module = Transformer(str(base), max_seq_length=64)
    model = SentenceTransformer(
        modules=[module, Pooling(32)], prompts=prompts, device="cpu"
    )
    model.save_pretrained(str(folder))
    return folder


def bert_model(
    folder: Path,
    *,
    pooling: str = "mean",
    prompts: dict[str, str] | None = None,
    dtype: torch.dtype = torch.float32,
    normalize: bool = False,
) -> Path:
    """64 dimensions, two layers of random weights, a window of 48 tokens; reads any
    text of ASCII letters and digits, most of it in pieces."""
    base = folder.with_name(folder.name + "-base")
    base.mkdir()
    letters = string.ascii_lowercase + string.digits
    whole = ["bread", "yeast", "the", "query", "passage", *string.punctuation]
    pieces = [*letters, *(f"##{letter}" for letter in letters), "##ing", "##s"]
    vocabulary = dict.fromkeys([*SPECIAL, *whole, *pieces])
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=96, max_position_embeddings=48, initializer_range=0.2,
    )  # fmt: skip
    BertModel(config).to(dtype).save_pretrained(base)
    places = {word: place for place, word in enumerate(vocabulary)}
    BertTokenizer(places, do_lower_case=True).save_pretrained(base)
    modules = [Transformer(str(base)), Pooling(64, pooling_mode=pooling)]
    if normalize:
        modules.append(Normalize())
    SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save_pretrained(
        str(folder)
    )
    return folder
