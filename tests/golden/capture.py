"""Capture of the sample index's answers as files, which no change of layout may change.

It must not import the code: it runs `python -m indexer`, `-m search` and `-m web`, of
PYTHONPATH where that is set, else of this checkout.

    python -m tests.golden.capture             list what differs from the golden files
    python -m tests.golden.capture --record    write the golden files
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.golden import questions
from tests.golden.differences import differences

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("data")
SOURCES = ("notebook/feed.xml", "kettle-hill/atom.xml", "til.md")
LIMIT = 3  # articles an answer, where the request names no other number
LONGEST = 160  # characters of a text that is kept whole
WIDEST = 110  # characters of a value that stands on one line
SECONDS = 180  # for one command
AT_ONCE = 2

# These differ from run to run; `low` and `high` with the path of the sample.
VOLATILE = {"took_ms", "generation", "low", "high", "making_seconds", "question_ms"}
NO_NAME = r"The name (\S+) (?:cannot be resolved just now|was not resolved in time)\."
PATTERNS = [
    (NO_NAME, r"There is no host called \1."),  # where there is no network at all
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)?", "TIME"),
    (r"\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d UTC", "TIME"),
    (r"\b[\d,.]+ (ms|MB)\b", r"N \1"),
    (r"127\.0\.0\.1:\d+", "HOST"),
]
PLAIN_HEADERS = {"Content-Length", "Date", "Server"}
PROGRESS = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ ")


@dataclass(frozen=True)
class Place:
    """The folder that a capture works in; takes its traces out of texts and values."""

    folder: Path

    @property
    def sample(self) -> Path:
        return self.folder / "sample"

    def text(self, text: str) -> str:
        """Leave out of a text what differs from run to run."""
        for written in {str(self.folder), quote(str(self.folder), safe="")}:
            text = text.replace(written, "/TMP")
        for pattern, stand_in in PATTERNS:
            text = re.sub(pattern, stand_in, text)
        return text

    def value(self, value: object) -> object:
        """Do the same in JSON, shorten its long texts and round its floats."""
        if isinstance(value, dict):
            items = {
                self.text(key): one for key, one in value.items() if key not in VOLATILE
            }
            return {key: self.value(one) for key, one in items.items()}
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, float):
            return round(value, 3)
        return brief(self.text(value)) if isinstance(value, str) else value


def brief(text: str) -> str:
    """Give a long text by its ends, its length and its digest."""
    if len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[:60]} […] {text[-40:]} ({len(text)} characters, {digest})"


def named(params: questions.Params) -> str:
    """Name a request by its parameters."""
    return brief("&".join(f"{name}={value}" for name, value in params.items()))


def pretty(value: object, indent: str = "") -> str:
    """Write JSON over as many lines as a diff needs: what is short stays on one."""
    line = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if not isinstance(value, dict | list) or len(indent) + len(line) <= WIDEST:
        return line
    deeper = indent + " "
    if isinstance(value, list):
        return (
            "[\n"
            + ",\n".join(deeper + pretty(one, deeper) for one in value)
            + f"\n{indent}]"
        )
    lines = (
        f"{deeper}{json.dumps(key, ensure_ascii=False)}: {pretty(value[key], deeper)}"
        for key in sorted(value)
    )
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def environment() -> dict[str, str]:
    """Give the programs' environment: the code that is meant, no settings of a user."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BLOGSEARCH_")
    }
    code = os.environ.get("PYTHONPATH") or str(ROOT)
    return kept | {
        "PYTHONPATH": code,
        "PYTHONUTF8": "1",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "OMP_NUM_THREADS": "1",
        # Else answers would go by what the processor is quick in.
        "BLOGSEARCH_PRECISION": "f32",
    }


def run(place: Place, command: str, index: str = "index") -> object:
    """Run a command line; its exit code and what it printed."""
    module, *arguments = shlex.split(command.replace("{sample}", str(place.sample)))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            module,
            *arguments,
            "--index",
            str(place.folder / index),
        ],
        cwd=place.folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    output = printed(place, done.stdout)
    if command.endswith(
        " status"
    ):  # its lines come in the order in which the pages were done
        output = sorted(output)
    return {
        "exit": done.returncode,
        "stdout": output,
        "stderr": told(place, done.stderr),
    }


def printed(place: Place, text: str) -> Any:
    """Read what was printed, as JSON where it is, else as lines."""
    try:
        return place.value(json.loads(text))
    except ValueError:
        return [brief(line.rstrip()) for line in place.text(text).splitlines()]


def told(place: Place, text: str) -> list[str]:
    """Sort the lines of standard error, and leave out blank ones and progress."""
    lines = [line.rstrip() for line in text.splitlines() if not PROGRESS.match(line)]
    return sorted(place.text(line) for line in lines if line)


@contextmanager
def serving(place: Place) -> Iterator[str]:
    """Serve the index at the address given, which has no slash at its end."""
    options = ["--index", str(place.folder / "index"), "--port", "0"]
    server = subprocess.Popen(
        [sys.executable, "-m", "web", *options],
        cwd=place.folder,
        env=environment() | {"BLOGSEARCH_LOG": "off"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    with server:
        try:
            assert server.stdout is not None
            found = re.search(r"http://[\d.]+:\d+", server.stdout.readline())
            assert found, "the server does not start"
            await_model(found[0])
            yield found[0]
        finally:
            server.terminate()


def await_model(address: str) -> None:
    """Wait until questions are answered: on a busy machine they may not be at once."""
    deadline = time.monotonic() + SECONDS
    while ask(f"{address}/api/search?q=bread")[0] == HTTPStatus.SERVICE_UNAVAILABLE:
        assert time.monotonic() < deadline, "the model is not loaded"
        time.sleep(0.1)


def ask(address: str) -> tuple[int, dict[str, str], str]:
    """Ask the server; gives status, headers and body, whatever the status."""
    try:
        answer = urllib.request.urlopen(address, timeout=SECONDS)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, dict(answer.headers), answer.read().decode()


class Capture:
    """Indexes the sample and writes what it answers, a file for each group."""

    def __init__(self, place: Place, out: Path) -> None:
        self._place = place
        self._out = out

    def all(self) -> None:
        """Index the sample, then ask from every side."""
        shutil.copytree(ROOT / "docs" / "sample", self._place.sample)
        added = "indexer add " + " ".join(f"{{sample}}/{name}" for name in SOURCES)
        self._write("add", {added: run(self._place, added)})
        shutil.copytree(self._place.folder / "index", self._place.folder / "copy")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            parts = [pool.submit(part) for part in (self._changes, self._web)]
            ran = pool.map(partial(run, self._place), questions.READING)
            self._write("commands", dict(zip(questions.READING, ran, strict=True)))
        for part in parts:
            part.result()

    def _changes(self) -> None:
        done = [(line, run(self._place, line, "copy")) for line in questions.CHANGING]
        self._write(
            "changes", [{"command": line, "result": result} for line, result in done]
        )

    def _web(self) -> None:
        groups = {
            "search": ("/api/search", questions.SEARCHES),
            "related": ("/api/related", questions.RELATED),
            "similar": ("/api/similar", questions.SIMILAR),
        }
        with serving(self._place) as address:
            for name, (path, asked) in groups.items():
                answers = {
                    named(params): self._search(address + path, params)
                    for params in asked
                }
                self._write(name, answers)
            bad = {
                brief(path): self._answer(address + path)
                for path in questions.BAD_REQUESTS
            }
            self._write("bad-requests", bad)
            about = {
                path: self._answer(address + path, headers=True)
                for path in questions.ABOUT
            }
            self._write("about", about)
            for name, path in questions.PAGES.items():
                self._page(name, address, path)

    def _search(self, address: str, params: questions.Params) -> object:
        sample = self._place.sample.as_uri()
        filled = {
            name: str(value).replace("{sample}", sample)
            for name, value in params.items()
        }
        return self._answer(f"{address}?{urlencode({'limit': LIMIT} | filled)}")

    def _answer(self, address: str, *, headers: bool = False) -> object:
        status, known, body = self._ask(address)
        about: dict[str, object] = {"type": known["Content-Type"]}
        if headers:
            about = {
                name: value
                for name, value in known.items()
                if name not in PLAIN_HEADERS
            }
        return {"status": status, "body": printed(self._place, body)} | about

    def _page(self, name: str, address: str, path: str) -> None:
        status, known, body = self._ask(address + path)
        about = f"<!-- {path} {status} {known['Content-Type']} -->\n"
        (self._out / f"{name}.html").write_text(about + self._place.text(body), "utf-8")

    def _ask(self, address: str) -> tuple[int, dict[str, str], str]:
        return ask(address.replace("{sample}", self._place.sample.as_uri()))

    def _write(self, name: str, value: object) -> None:
        (self._out / f"{name}.json").write_text(pretty(value) + "\n", "utf-8")


def capture(out: Path) -> None:
    """Write all golden files into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        Capture(Place(Path(folder).resolve()), out).all()


def names(folder: Path) -> list[str]:
    """List the golden files of a folder."""
    return sorted(path.name for path in folder.iterdir())


def main(argv: Sequence[str] | None = None) -> int:
    """Record, or compare: the exit code is 1 where something differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--record", action="store_true", help="write the golden files")
    if parser.parse_args(argv).record:
        shutil.rmtree(GOLDEN, ignore_errors=True)
        capture(GOLDEN)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        capture(out)
        found = {
            name: differences(GOLDEN / name, out / name)
            for name in sorted({*names(GOLDEN), *names(out)})
        }
    for name, lines in found.items():
        if lines:
            print(f"{name}\n  " + "\n  ".join(lines))
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
