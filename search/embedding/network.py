"""A model's network, compiled for the processors of this machine.

Knows nothing of texts: vectors of words come in, those of tokens go out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from search.embedding.bert_graph import bert_graph
from search.embedding.openvino import library
from search.embedding.plain_model import PlainModel
from search.embedding.processors import free_processors
from search.ports import Vectors


class Network:
    """Computes one batch at a time: more at once would only share the same processors.

    Safe to use from several threads, which wait for each other; a batch is small.
    """

    def __init__(self, model: PlainModel, weights: Callable[[str], Vectors]) -> None:
        core = library().Core()
        able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            # Without the instructions for it bfloat16 is slower than float32.
            "INFERENCE_PRECISION_HINT": "bf16" if "BF16" in able else "f32",
            "INFERENCE_NUM_THREADS": free_processors(),
            # Else a thread waits for its own processor while another one is idle.
            "ENABLE_CPU_PINNING": False,
        }
        compiled = core.compile_model(bert_graph(model, weights), "CPU", settings)
        self._request = compiled.create_infer_request()
        self._one = threading.Lock()

    def tokens(self, words: Vectors, mask: Vectors) -> Vectors:
        """Return the vectors of the tokens, of the shape of ``words``: (texts, tokens,
        width); ``mask``, (texts, tokens), is 0.0 where there is none."""
        with self._one:
            self._request.infer({"words": words, "mask": mask}, share_inputs=True)
            found: Vectors = self._request.get_tensor("tokens").data
            return np.array(found, np.float32)
