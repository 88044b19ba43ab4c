"""Runs of blog-indexer that are made to break: forked from a process that has all
imported, with a model of hashes, and with the system calls of tests/torture/faults.c in
front of the real ones.

    python -m tests.torture.breaking        reads one Order as JSON a line, answers with one Ended a line
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COUNT, FAIL, FAIL_ON, KILL, TEAR = range(5)  # as in faults.c
BROKEN = 99  # the exit code of an exception that nobody caught


@dataclass(frozen=True)
class Order:
    """One run: its arguments, the folder whose files are watched, what is done to which
    call on them.

    ``most`` is the limit on the size of files in bytes, 0 for none; ``eager``: commit
    after each article; ``out``: where what it prints goes instead, a path or "a closed
    pipe".
    """

    argv: Sequence[str]
    folder: str
    how: int = COUNT
    place: int = 0
    code: int = errno.EIO
    most: int = 0
    eager: bool = False
    out: str = ""


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code (minus the signal that ended it), the calls it
    made, what it said."""

    code: int
    calls: int
    said: str


class Breaker:
    """Has the forking process; one run at a time."""

    def __init__(self, shim: Path | None) -> None:
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            "NO_COLOR": "1",
        }
        if shim is not None:
            environment["LD_PRELOAD"] = str(shim)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.breaking"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def start(self, order: Order) -> int:
        """Begin a run; its process's number."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()
        return int(self._line())

    def end(self) -> Ended:
        """Wait for the run that was begun."""
        return Ended(**json.loads(self._line()))

    def run(self, order: Order) -> Ended:
        self.start(order)
        return self.end()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.communicate(timeout=60)

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the forking process is gone"
        return line


def build_shim(folder: Path) -> Path | None:
    """The compiled faults.c, None where there is no compiler or not Linux."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return None
    shim = folder / "faults.so"
    source = Path(__file__).with_name("faults.c")
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], check=True
    )
    return shim


def _serve() -> None:
    from indexer.cli import commands as cli
    from indexer.cli import maintenance_commands, session
    from indexer.crawl import unit_of_work
    from tests.fakes import HashEmbedder
    from tests.runs import Inline

    made = {"hash": HashEmbedder("hash"), "other": HashEmbedder("other", dimension=32)}
    session.open_embedder = made.__getitem__  # type: ignore[assignment,misc]
    maintenance_commands.open_embedder = lambda name, **_: made[name]  # type: ignore[assignment,misc]
    session.Workers = lambda: nullcontext(Inline())  # type: ignore[assignment,misc]
    _warm(cli.main)
    for line in sys.stdin:
        order = Order(**json.loads(line))
        unit_of_work.COMMIT_AFTER = -1.0 if order.eager else 60.0
        with (
            tempfile.TemporaryFile("w+") as said,
            tempfile.TemporaryFile("w+") as calls,
        ):
            pid = os.fork()
            if pid == 0:
                _run(order, cli.main, said.fileno(), calls.fileno())
            print(pid, flush=True)
            _, status = os.waitpid(pid, 0)
            said.seek(0)
            calls.seek(0)
            ended = Ended(
                os.waitstatus_to_exitcode(status), int(calls.read() or 0), said.read()
            )
        print(json.dumps(asdict(ended)), flush=True)


def _warm(main: object) -> None:
    """What is read at the first use is read here, once for all that are forked."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "blog").mkdir()
        (Path(folder) / "blog" / "a.md").write_text(
            "# A\n\nBread rises in a cold room until the morning.\n"
        )
        assert callable(main)
        quiet = os.dup(2)
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            main(
                [
                    "--index",
                    f"{folder}/index",
                    "--model",
                    "hash",
                    "add",
                    f"{folder}/blog",
                ]
            )
            os.dup2(quiet, 2)


def _run(order: Order, main: object, said: int, calls: int) -> None:
    """The forked process; never returns."""
    from indexer.runtime.signals import heed
    from search.console import discard_unwritten_output
    from search.index.sqlite.vectors import building

    building.TAIL_LEAST = 2  # so that some commits write a vector file and some don't
    shim = ctypes.CDLL(None) if "LD_PRELOAD" in os.environ else None
    code = BROKEN
    try:
        os.dup2(said, 1)
        os.dup2(said, 2)
        if order.out:
            _print_to(order.out)
        heed()
        if order.most:
            resource.setrlimit(
                resource.RLIMIT_FSIZE, (order.most, resource.RLIM_INFINITY)
            )
        if shim is not None:
            shim.faults_arm(
                order.folder.encode(), order.how, ctypes.c_long(order.place), order.code
            )
        assert callable(main)
        code = main(order.argv)
    except (
        KeyboardInterrupt
    ):  # before there was anything to end well, as in indexer/__main__.py
        code = 130
    except BaseException:  # noqa: BLE001
        import traceback

        traceback.print_exc()
    finally:
        discard_unwritten_output()
        if shim is not None:
            os.write(calls, str(shim.faults_seen()).encode())
        sys.stderr.flush()
        os._exit(code)


def _print_to(out: str) -> None:
    if out == "a closed pipe":
        reading, writing = os.pipe()
        os.close(reading)
    else:
        writing = os.open(out, os.O_WRONLY)
    os.dup2(writing, 1)


if __name__ == "__main__":
    _serve()
