"""The units of docs/deploy/systemd, judged by systemd, and the launchd agents, read by
plistlib and run by their shell."""

from __future__ import annotations

import os
import plistlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from indexer.cli.exit_codes import BUSY, SOME_FAILED, TERMINATED

DEPLOY = Path(__file__).parents[2] / "docs/deploy"
SYSTEM = sorted((DEPLOY / "systemd").glob("*.*"))
USER = sorted((DEPLOY / "systemd/user").glob("*.*"))
SERVICES = [path for path in SYSTEM if path.suffix == ".service"]
AGENTS = sorted((DEPLOY / "launchd").glob("*.plist"))
# Tenths, of 100. Measured with systemd 252: 11 for both.
MOST_EXPOSED = 12
judged = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed"
)


@pytest.fixture
def analyze(tmp_path):
    """Runs systemd-analyze over copies of units whose programs are there."""

    def run(*arguments: str, units: list[Path], expected: int = 0) -> str:
        copies = [tmp_path / path.name for path in units]
        for path, copy in zip(units, copies, strict=True):
            text = path.read_text(encoding="utf-8")
            text, found = re.subn(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text)
            assert found == (path.suffix == ".service")
            copy.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["systemd-analyze", *arguments, *copies],
            capture_output=True,
            text=True,
            env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
        )
        assert done.returncode == expected, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@judged
@pytest.mark.parametrize(("options", "units"), [((), SYSTEM), (("--user",), USER)])
def test_systemd_understands_every_line(analyze, options, units):
    assert {path.suffix for path in units} == {".service", ".timer"}
    assert analyze(*options, "verify", units=units) == ""


@judged
def test_systemd_would_say_if_it_did_not(analyze, tmp_path):
    wrong = tmp_path / "wrong" / "wrong.service"
    wrong.parent.mkdir()
    text = SERVICES[0].read_text(encoding="utf-8")
    wrong.write_text(text.replace("ProtectClock", "ProtectClok"), encoding="utf-8")
    assert "ProtectClok" in analyze("verify", units=[wrong])


@judged
@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.stem)
def test_a_service_is_shut_in(analyze, service):
    limit = ("--offline=true", f"--threshold={MOST_EXPOSED}")
    analyze("security", *limit, units=[service])
    # The judge does judge.
    analyze("security", "--offline=true", "--threshold=1", units=[service], expected=1)


@pytest.mark.parametrize("folder", [DEPLOY / "systemd", DEPLOY / "systemd/user"])
def test_what_is_no_failure_of_an_update_is_none_for_systemd(folder):
    told = (folder / "blogsearch-update.service").read_text(encoding="utf-8")
    codes = re.search(r"(?m)^SuccessExitStatus=(.*)$", told)[1]
    assert set(map(int, codes.split())) == {SOME_FAILED, BUSY, TERMINATED}


def test_both_services_are_shut_in_alike():
    guards = r"(?m)^(?:Protect|Private|Restrict|System|NoNew|Capab|User|State).*$"
    web, update = (
        re.findall(guards, service.read_text(encoding="utf-8"))
        for service in sorted(SERVICES, reverse=True)
    )
    assert web == update
    assert len(web) > 20


@pytest.mark.parametrize("agent", AGENTS, ids=lambda path: path.stem)
def test_an_agent_runs_the_command_in_the_user_s_folder(agent, tmp_path):
    told = plistlib.loads(agent.read_bytes())
    assert told["Label"] == agent.stem
    assert told["Umask"] == 0o077
    logs, programs = tmp_path / "Library/Logs", tmp_path / ".local/bin"
    logs.mkdir(parents=True)
    programs.mkdir(parents=True)
    for name in ("blog-web", "blog-indexer"):
        fake = programs / name
        fake.write_text(f'#!/bin/sh\necho "{name} $*"\n')
        fake.chmod(0o755)
    subprocess.run(told["ProgramArguments"], env={"HOME": str(tmp_path)}, check=True)
    (log,) = logs.iterdir()
    wanted = {"web": "blog-web \n", "update": "blog-indexer update\n"}
    part = agent.stem.rpartition(".")[2]
    assert (log.name, log.read_text()) == (f"blogsearch-{part}.log", wanted[part])


def test_the_agents_and_the_timers_update_at_the_same_times():
    told = plistlib.loads((DEPLOY / "launchd/blogsearch.update.plist").read_bytes())
    times = [(time["Hour"], time["Minute"]) for time in told["StartCalendarInterval"]]
    assert times == [(hour, 17) for hour in range(0, 24, 6)]
    for path in SYSTEM + USER:
        if path.suffix == ".timer":
            assert "OnCalendar=*-*-* 00/6:17:00" in path.read_text(encoding="utf-8")
