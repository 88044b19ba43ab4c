"""What a large archive costs: an index of made articles at growing sizes, measured in
one run, with ratios to the smallest.

    python tests/benchmarks/scale.py [--scale 1000000] [--at DIR] [--seed INDEX]

The articles are real sentences in other order, with vectors and tokens mixed of real
ones (tests/benchmarks/scaling/made.py). They are taken from an index: the one named by
--seed, else one of the saved blogs in ../shared for a scale above 10,000, else of
docs/sample, which are indexed first. Sizes are 10,000, 100,000 and --scale passages, as far as those are smaller. With
--at the indexes are kept, and measured again by the next run. A million passages take
10 GB of disk.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from search.embedding.embedder import open_embedder  # noqa: E402
from search.index.open import open_index  # noqa: E402
from tests.benchmarks.scaling.building import Built, build  # noqa: E402
from tests.benchmarks.scaling.measures import (  # noqa: E402
    disk,
    one_more_article,
    recall,
)
from tests.benchmarks.scaling.seeds import seed_index  # noqa: E402
from tests.benchmarks.scaling.served import measured  # noqa: E402

STEPS = (10_000, 100_000)


def main() -> None:
    """Build what is missing, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--scale", type=int, default=2_000, help="passages")
    parser.add_argument("--at", type=Path, help="folder of the indexes")
    parser.add_argument("--seed", type=Path, help="index of real articles")
    given = parser.parse_args()
    sizes = [size for size in STEPS if size < given.scale] + [given.scale]
    with ExitStack() as stack:
        folder = given.at or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        built = there(folder, sizes) or made(folder, sizes, given.seed)
        print_table(rows_of(built, folder))


def there(folder: Path, sizes: list[int]) -> list[Built]:
    """Return the indexes of an earlier run, none unless all are there."""
    folders = [folder / str(size) for size in sizes]
    if not all(map(Path.is_dir, folders)):
        return []
    return [Built(one, size, None) for one, size in zip(folders, sizes, strict=True)]


def made(folder: Path, sizes: list[int], seed: Path | None) -> list[Built]:
    seed = seed or seed_index(folder / "seed", is_large=max(sizes) > STEPS[0])
    with open_index(seed).snapshot() as index:
        model = open_embedder(index.manifest.model)
    return list(build(seed, folder, sizes, model))


def rows_of(built: list[Built], scratch: Path) -> dict[str, list[float]]:
    """Return all figures by their name, one an index."""
    rows: dict[str, list[float]] = {}

    def add(figures: list[dict[str, float]]) -> None:
        for name in figures[0]:
            rows[name] = [one[name] for one in figures]

    if built[0].seconds is not None:
        add([{"building, s": one.seconds} for one in built])
    folders = [one.folder for one in built]
    add(list(map(disk, folders)))
    times, memory = measured(folders)
    for kind, taken in times.items():
        add([{f"{kind}, p50 ms": one.p50, f"{kind}, p95 ms": one.p95} for one in taken])
    add(memory)
    with open_index(folders[0]).snapshot() as index:
        model = open_embedder(index.manifest.model)
    add([recall(one, model) for one in folders])
    # In turn, so that what else the machine does shows in all alike.
    add([one_more_article(one, scratch) for one in folders])
    return {"passages": [float(one.passages) for one in built]} | rows


def print_table(rows: dict[str, list[float]]) -> None:
    """Print figures, and behind each but the first its ratio to that."""
    for name, figures in rows.items():
        first = figures[0]
        cells = [f"{first:12,.5g}"]
        for one in figures[1:]:
            ratio = f"× {one / first:.2f}" if first else ""
            cells.append(f"{one:12,.5g} {ratio:>9}")
        print(f"{name:32} {' '.join(cells)}")


if __name__ == "__main__":
    main()
