"""The embedded home beside PostgreSQL, over the same articles and in one run.

    python tests/benchmarks/postgres.py --index DIR --to postgresql://user@host/database [--beside DIR]

The index in DIR is copied into the database, which is empty or holds that copy already:
then it is only measured. With --beside it is copied into a folder too, to have the time
that takes. Then both are served by blog-web and asked the judged questions of
../shared/eval, else those of tests/quality; those with a filter are held against the
plain ones. How many partitions: --partitions.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from search.embedding.embedder import open_embedder  # noqa: E402
from search.index.open import open_index  # noqa: E402
from search.index.postgres.home import PostgresIndex  # noqa: E402
from tests.benchmarks.scaling import in_postgres  # noqa: E402
from tests.benchmarks.scaling.many_clients import Asked, ask  # noqa: E402
from tests.benchmarks.scaling.measures import disk, recall  # noqa: E402
from tests.benchmarks.scaling.served import (  # noqa: E402
    Server,
    by_kind,
    few,
    questions,
    serving,
    times_of,
)

CLIENTS = 8
BOUND = 3.0  # times the plain question that a filter may take
LOOKED_AT = 2_000  # passages in which the largest site is looked for
Rows = list[tuple[str, float | None, float | None]]


def main() -> None:
    """Copy what is missing, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--index", type=Path, required=True, help="an index's folder")
    parser.add_argument("--to", required=True, help="the address of a database")
    parser.add_argument("--beside", type=Path, help="folder for a copy in a folder")
    parser.add_argument("--partitions", type=int, default=1)
    given = parser.parse_args()
    show("", [("passages", passages_of(given.index), None)])
    show("Copied", copied(given))
    both = [disk(given.index), in_postgres.sizes(given.to)]
    show("Size, MB", [(name, both[0].get(name), both[1].get(name))
                      for name in dict.fromkeys([*both[0], *both[1]])])  # fmt: skip
    show("Recall", recalled(given.index, given.to))
    show("Questions, ms", asked_one_by_one(given.index, given.to))
    show(f"Questions of {CLIENTS} clients, ms", asked_together(given.index, given.to))


def passages_of(folder: Path) -> float:
    with open_index(folder).snapshot() as index:
        return float(index.manifest.passages)


def copied(given: argparse.Namespace) -> Rows:
    """Return the seconds of what was copied now."""
    rows: Rows = []
    with (
        closing(open_index(given.index)) as source,
        closing(PostgresIndex(given.to, partitions=given.partitions)) as target,
    ):
        if given.beside:
            with closing(open_index(given.beside)) as beside:
                seconds = in_postgres.copy_timed(source, beside)
            rows.append(("copying its articles, s", seconds, None))
        if target.model() is None:
            found = in_postgres.copied(source, target, given.to)
            rows += [(name, None, seconds) for name, seconds in found.items()]
    return rows


def recalled(folder: Path, address: str) -> Rows:
    with open_index(folder).snapshot() as index:
        model = open_embedder(index.manifest.model)
    embedded, postgres = recall(folder, model), recall(address, model)
    return [(name, embedded[name], postgres[name]) for name in embedded]


def asked_one_by_one(folder: Path, address: str) -> Rows:
    """Return the times of each kind of question, and the memory of the servers."""
    kinds = by_kind(folder, largest_site(folder))
    plain, *filtered = kinds
    taken: dict[str, list[list[float]]] = {kind: [[], []] for kind in kinds}
    with _both(folder, address) as servers:
        # A filter is held against the plain question just before it: what else the
        # machine does changes within minutes.
        asked = [few(kinds[plain]), *(kinds[kind] for kind in filtered)]
        for in_turn in zip(*asked, strict=True):
            for kind, question in zip(kinds, in_turn, strict=True):
                _note(taken[kind], ask(servers, [question], clients=1))
        held = taken[plain]
        ratios = {kind: [median(one) / median(other) for one, other
                         in zip(taken[kind], held, strict=True)] for kind in filtered}  # fmt: skip
        rest = [one for one in kinds[plain] if one not in few(kinds[plain])]
        _note(taken[plain], ask(servers, rest, clients=1))
        memory = [server.memory() for server in servers]
    rows: Rows = []
    for kind in kinds:
        rows += _times(kind, taken[kind])
        if kind in ratios:
            mark = "" if ratios[kind][1] <= BOUND else f", above {BOUND:g}"
            rows.append((f"– p50 by that of the same without it{mark}", *ratios[kind]))
    rows += [(f"blog-web: {name}, MB", *(one[name] for one in memory))
             for name in memory[0]]  # fmt: skip
    return rows


def asked_together(folder: Path, address: str) -> Rows:
    """Return the times of plain questions that several clients ask."""
    # Other servers: what these have seen takes less time when it comes again.
    with _both(folder, address) as servers:
        found = ask(servers, questions(), clients=CLIENTS)
    rows = _times("a question", [one.milliseconds for one in found])
    return [*rows, ("questions a second", *(one.per_second for one in found))]


def largest_site(folder: Path) -> str:
    """Return the name of the site that most passages are of."""
    with open_index(folder).snapshot() as index:
        owners = index.sample(LOOKED_AT).articles.tolist()
        known = index.articles(sorted(set(owners)))
    sites = Counter(known[one].site or known[one].host for one in owners)
    return sites.most_common(1)[0][0]


def show(title: str, rows: Rows) -> None:
    """Print figures of both homes, and the second by the first."""
    print(f"\n{title:58} {'embedded':>10} {'PostgreSQL':>11}", flush=True)
    for name, embedded, postgres in rows:
        cells = [
            f"{'–' if one is None else format(one, ',.4g'):>11}"
            for one in (embedded, postgres)
        ]
        ratio = f"  × {postgres / embedded:.2f}" if embedded and postgres else ""
        print(f"{name:57} {' '.join(cells)}{ratio}", flush=True)


@contextmanager
def _both(folder: Path, address: str) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        yield [stack.enter_context(serving(one)) for one in (folder, address)]


def _note(taken: list[list[float]], asked: list[Asked]) -> None:
    for row, one in zip(taken, asked, strict=True):
        row += one.milliseconds


def _times(kind: str, taken: list[list[float]]) -> Rows:
    embedded, postgres = map(times_of, taken)
    return [
        (f"{kind}, p50", embedded.p50, postgres.p50),
        (f"{kind}, p95", embedded.p95, postgres.p95),
    ]


if __name__ == "__main__":
    main()
