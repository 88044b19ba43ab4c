"""kill -9 in the middle of what copies whole databases: the next writer leaves none."""

from __future__ import annotations

import random
import shutil
import signal
import sys

import pytest

from search.index.sqlite.undo.folders import PREVIOUS
from tests.torture.breaking import COUNT, KILL, Order
from tests.torture.scale import rounds
from tests.torture.soundness import assert_sound, state

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="LD_PRELOAD as Linux has it"
)

PLACES = rounds(2, 40)  # of each command, at random
COMMANDS = ("backup", "rollback", "restore", "doctor --repair")[: rounds(2, 4)]


@pytest.fixture(scope="module")
def laid(stage):
    """An index with a state before, a backup of it, and the folder of both."""
    scene = stage.scene("update")
    stage.set(scene)
    assert stage.run(scene).code == 0
    target = stage.folder / "backups"
    target.mkdir()
    argv = ["--index", str(stage.index), "backup", str(target / "a.tar")]
    assert stage.breaker.run(Order(argv, str(stage.folder))).code == 0
    base = shutil.copytree(stage.index, stage.folder / "laid")
    yield stage, base, target
    shutil.rmtree(target)
    shutil.rmtree(base)


def argv_of(command: str, target) -> list[str]:
    match command:
        case "backup":
            return ["backup", str(target / "b.tar")]
        case "restore":
            return ["restore", str(target / "a.tar")]
        case _:
            return command.split()


def set_out(stage, base, target, command: str) -> None:
    shutil.rmtree(stage.index, ignore_errors=True)
    shutil.copytree(base, stage.index)
    (target / "b.tar").unlink(missing_ok=True)
    if command.startswith("doctor"):
        from tests.indexer.maintenance.test_doctor import DERIVED, change

        change(stage.index, *DERIVED["schema"])  # answers stay what they are


@pytest.mark.parametrize("command", COMMANDS)
def test_a_killed_copy_is_cleared_away(laid, command):
    stage, base, target = laid
    before = state(base)
    names = {path.name for path in base.iterdir()}
    argv = ["--index", str(stage.index), *argv_of(command, target)]
    set_out(stage, base, target, command)
    whole = stage.breaker.run(Order(argv, str(stage.folder), COUNT))
    assert whole.code == 0, whole
    left = 0
    for place in random.sample(range(1, whole.calls + 1), min(PLACES, whole.calls)):
        set_out(stage, base, target, command)
        ended = stage.breaker.run(Order(argv, str(stage.folder), KILL, place))
        assert ended.code in (0, -signal.SIGKILL), (place, ended)
        left += {path.name for path in stage.index.iterdir()} > names
        assert_sound(stage.index)
        # The next run that writes.
        ended = stage.run(stage.scene("update"))
        assert ended.code in (0, 3), (place, ended)
        assert_sound(stage.index)
        if command in ("backup", "doctor --repair"):
            assert state(stage.index) == before, place
        found = {path.name for path in stage.index.iterdir()}
        strange = {
            name
            for name in found - names
            if not name.startswith("vectors-") and ".damaged-" not in name
        }
        assert strange == set(), (place, strange)
        assert sum(".damaged-" in name for name in found) <= 1, place
        assert {path.name for path in target.iterdir()} <= {"a.tar", "b.tar"}, place
        assert (stage.index / PREVIOUS).is_dir(), place
    print(f"{command}: {whole.calls} calls, {left} of {PLACES} kills left something")
