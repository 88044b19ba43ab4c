"""A reader in a process of its own, as root or as nobody; it answers each line with
what it sees.

python -m tests.torture.reading DIRECTORY [--as-nobody]
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np

from search.engine import Engine
from search.errors import BlogsearchError
from search.index.open import open_index
from search.index.sqlite.home import SqliteIndex
from tests.torture.soundness import MODELS, found_vectors

NOBODY = 65534


def look(reader: SqliteIndex) -> dict[str, object]:
    """How many articles there are, of which editions their texts are, and whether the
    vectors are theirs."""
    with reader.snapshot() as index:
        ids, rows = index.stored.all_vectors(index.manifest.dimension)
        found = found_vectors(index)
        texts = [
            entry.passage.text for entry in index.stored.passages(ids.tolist()).values()
        ]
        model = MODELS[index.manifest.model]
        return {
            "articles": index.manifest.articles,
            "editions": sorted({text.rpartition(" ")[2] for text in texts}),
            "fits": bool(
                np.array_equal(found, ids)
                and np.allclose(model.embed_passages(texts), rows, atol=0.005)
                and index.stored.counts()
                == (index.manifest.articles, index.manifest.passages)
            ),
        }


def ask(directory: Path) -> int:
    """How many articles an engine finds."""
    engine = Engine(open_index(directory), embedder=MODELS["hash"])
    answer = engine.search("bread in a cold room")
    return answer.total + answer.weaker


def main() -> None:
    directory = Path(sys.argv[1])
    if "--as-nobody" in sys.argv:
        with tempfile.TemporaryDirectory() as other, suppress(BlogsearchError):
            ask(
                shutil.copytree(directory, Path(other) / "copy")
            )  # what is imported late is imported now
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    reader = None
    for line in sys.stdin:
        try:
            reader = reader or SqliteIndex(directory)
            if line.strip() == "ask":
                print(json.dumps({"found": ask(directory)}), flush=True)
            else:
                print(json.dumps(look(reader)), flush=True)
        except Exception as error:  # noqa: BLE001  # it is told
            print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)


if __name__ == "__main__":
    main()
