"""BERT's network as a graph of OpenVINO, made of a model's weights.

Words come in as their vectors: their table, half of the weights, stays in its file, and
a text needs a few rows of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from search.embedding.openvino import library, operations
from search.embedding.plain_model import PlainModel
from search.port_values import Vectors

_FAR = 1e9  # taken off the score of what is no token: its share of attention is then 0
_BATCH, _PLACES, _WIDTH = 0, 1, 2  # the axes of a batch of texts


def bert_graph(model: PlainModel, weights: Callable[[str], Vectors]) -> Any:
    """Return the graph from the vectors of words and a mask to those of tokens.

    "words" has the shape (texts, tokens, width), "mask" (texts, tokens): 1.0 where
    there is a token and 0.0 where there is none; the result that of "words", all
    float32.
    """
    return _Graph(model, weights).build()


class _Graph:
    """The steps of the network, each from one node of the graph to the next."""

    def __init__(self, model: PlainModel, weights: Callable[[str], Vectors]) -> None:
        self._model = model
        self._weights = weights
        self._op = operations()

    def build(self) -> Any:
        """Put all layers together."""
        ov, op = library(), self._op
        any_size = [-1, -1]
        words = op.parameter([*any_size, self._model.width], ov.Type.f32, "words")
        mask = op.parameter(any_size, ov.Type.f32, "mask")
        tokens = self._placed(words)
        bias = self._bias(mask)
        for layer in range(self._model.layers):
            tokens = self._layer(tokens, bias, f"encoder.layer.{layer}")
        for name, node in (("words", words), ("mask", mask), ("tokens", tokens)):
            node.output(0).set_names({name})
        return ov.Model([tokens], [words, mask], "bert")

    def _placed(self, words: Any) -> Any:
        """Add what stands for a word's place; all texts are of the first type."""
        op = self._op
        length = op.gather(
            op.shape_of(words, "i64"), self._whole(_PLACES), self._whole(0)
        )
        every = op.range(self._whole(0), length, self._whole(1), "i64")
        table = self._tensor("embeddings.position_embeddings.weight")
        places = op.gather(table, every, self._whole(0))
        kind = op.constant(self._weights("embeddings.token_type_embeddings.weight")[0])
        added = op.add(op.add(words, places), kind)
        return self._norm(added, "embeddings.LayerNorm")

    def _layer(self, tokens: Any, bias: Any, part: str) -> Any:
        op = self._op
        own = f"{part}.attention.self"
        query, key, value = (
            self._heads(self._linear(tokens, f"{own}.{name}"))
            for name in ("query", "key", "value")
        )
        seen = op.scaled_dot_product_attention(query, key, value, bias)
        joined = op.reshape(
            op.transpose(seen, self._whole(0, 2, 1, 3)),
            self._whole(0, 0, self._model.width),
            special_zero=True,
        )
        output = self._linear(joined, f"{part}.attention.output.dense")
        tokens = self._norm(
            op.add(output, tokens), f"{part}.attention.output.LayerNorm"
        )
        inner = op.gelu(self._linear(tokens, f"{part}.intermediate.dense"), "erf")
        output = self._linear(inner, f"{part}.output.dense")
        return self._norm(op.add(output, tokens), f"{part}.output.LayerNorm")

    def _bias(self, mask: Any) -> Any:
        """Return what is added to the scores of attention, of the shape (texts, 1, 1,
        tokens)."""
        op = self._op
        absent = op.subtract(mask, op.constant(np.float32(1)))
        far = op.multiply(absent, op.constant(np.float32(_FAR)))
        return op.unsqueeze(far, self._whole(1, 2))

    def _heads(self, tokens: Any) -> Any:
        """Share out the width among the heads: (texts, heads, tokens, width of one)."""
        model = self._model
        parts = self._whole(0, 0, model.heads, model.width // model.heads)
        shared = self._op.reshape(tokens, parts, special_zero=True)
        return self._op.transpose(shared, self._whole(0, 2, 1, 3))

    def _linear(self, tokens: Any, name: str) -> Any:
        weight = self._tensor(f"{name}.weight")
        product = self._op.matmul(tokens, weight, False, True)
        return self._op.add(product, self._tensor(f"{name}.bias"))

    def _norm(self, tokens: Any, name: str) -> Any:
        op = self._op
        scaled = op.mvn(
            tokens, self._whole(-1), True, self._model.epsilon, "inside_sqrt"
        )
        scaled = op.multiply(scaled, self._tensor(f"{name}.weight"))
        return op.add(scaled, self._tensor(f"{name}.bias"))

    def _tensor(self, name: str) -> Any:
        return self._op.constant(self._weights(name))

    def _whole(self, *numbers: int) -> Any:
        """Return a constant: one number, or a row of several."""
        if len(numbers) == 1 and numbers[0] >= 0:
            return self._op.constant(np.int64(numbers[0]))
        return self._op.constant(np.array(numbers, np.int64))
