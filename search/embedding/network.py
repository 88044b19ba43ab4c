"""A model's network, compiled for the processors of this machine.

Knows nothing of texts: vectors of words come in, those of tokens go out.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from search.embedding.bert_graph import bert_graph
from search.embedding.openvino import library
from search.embedding.plain_model import PlainModel
from search.embedding.processors import free_processors
from search.errors import BlogsearchError
from search.port_values import Vectors

# Names the numbers to compute in, for scores that don't go by the processor's kind.
PRECISION = "BLOGSEARCH_PRECISION"
_PRECISIONS = ("f32", "bf16")


class Network:
    """Computes one batch at a time: more at once would only share the same processors.

    It is compiled in a thread of its own, so that others may go on with what Python
    does meanwhile. Safe to use from several threads, which wait for each other; a batch
    is small.
    """

    def __init__(self, model: PlainModel, weights: Callable[[str], Vectors]) -> None:
        graph = bert_graph(model, weights)
        pool = ThreadPoolExecutor(1)
        self._request = pool.submit(_request, graph, model.width)
        pool.shutdown(wait=False)
        self._one = threading.Lock()

    def tokens(self, words: Vectors, mask: Vectors) -> Vectors:
        """Return the vectors of the tokens, of the shape of ``words``: (texts, tokens,
        width); ``mask``, (texts, tokens), is 0.0 where there is none."""
        request = self._request.result()
        with self._one:
            request.infer({"words": words, "mask": mask}, share_inputs=True)
            found: Vectors = request.get_tensor("tokens").data
            return np.array(found, np.float32)


def _precision(able: Collection[str]) -> str:
    """Return the numbers to compute in: without the instructions for it bfloat16 is
    slower than float32, and its answers differ in the third place."""
    wanted = os.environ.get(PRECISION, "").strip()
    if wanted not in ("", *_PRECISIONS):
        raise BlogsearchError(
            f"{PRECISION} must be one of {', '.join(_PRECISIONS)}, not {wanted!r}."
        )
    return wanted or ("bf16" if "BF16" in able else "f32")


def _request(graph: Any, width: int) -> Any:
    """Compile a graph, and compute once, for which its last parts are made."""
    core = library().Core()
    able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": _precision(able),
        "INFERENCE_NUM_THREADS": free_processors(),
        # Else a thread waits for its own processor while another one is idle.
        "ENABLE_CPU_PINNING": False,
    }
    request = core.compile_model(graph, "CPU", settings).create_infer_request()
    word = np.zeros((1, 1, width), np.float32)
    request.infer({"words": word, "mask": np.ones((1, 1), np.float32)})
    return request
