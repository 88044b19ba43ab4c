"""kill -9, Ctrl-C and SIGTERM at any moment of a command: the index works, and the next
run completes it."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from contextlib import suppress

import pytest

from tests.torture.breaking import KILL, TEAR
from tests.torture.scale import rounds
from tests.torture.soundness import assert_sound

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="LD_PRELOAD as Linux has it"
)

# So many kills come before, or in the middle of, a system call on the files of the
# index. Among those are all of a commit, from the vector file's first byte to the
# ledger's COMMIT and the checkpoint at the end.
AT_CALLS, AT_TIMES = rounds(6, 240), rounds(2, 60)
INTERRUPTIONS = rounds(2, 60)


def assert_recovers(stage, scene, note) -> None:
    """What is there after it broke is sound, holds nothing but what was or is to be,
    and is completed."""
    print(note)  # shown when the test fails
    if stage.index.is_dir():
        assert_sound(stage.index)
        stage.assert_between(scene)
    stage.complete(scene)
    assert_sound(stage.index)


def test_kills_at_system_calls_leave_a_sound_index(stage):
    seed = random.randrange(1 << 30)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for number in range(AT_CALLS):
        scene = stage.scenes[number % len(stage.scenes)]
        place = chance.randint(1, scene.calls)
        note = (scene.name, place, ("kill", "tear")[number // len(stage.scenes) % 2])
        stage.set(scene)
        ended = stage.run(
            scene, KILL if note[2] == "kill" else TEAR, place, eager=number % 3 == 0
        )
        # Where it commits article by article its calls are others, and may be fewer.
        assert ended.code in (-signal.SIGKILL, 0), (note, ended)
        assert_recovers(stage, scene, note)


def broken_off(stage, scene, number: int, wait: float):
    """The scene, with a signal sent to it after so many seconds."""
    stage.set(scene)
    pid = stage.breaker.start(stage.order(scene, eager=True))
    time.sleep(wait)
    with suppress(ProcessLookupError):
        os.kill(pid, number)
    return stage.breaker.end()


def durations(stage) -> dict[str, float]:
    """About how long each scene takes just now, in seconds."""
    found = {}
    for scene in stage.scenes:
        stage.set(scene)
        begun = time.monotonic()
        stage.run(scene, eager=True)
        found[scene.name] = time.monotonic() - begun
    return found


def test_kills_at_random_times_leave_a_sound_index(stage):
    usual = durations(stage) if len(stage.scenes) < AT_TIMES else {}
    for number in range(AT_TIMES):
        scene = stage.scenes[number % len(stage.scenes)]
        wait = random.uniform(0, usual.get(scene.name, 0.2))
        ended = broken_off(stage, scene, signal.SIGKILL, wait)
        assert ended.code in (-signal.SIGKILL, 0), (scene.name, wait, ended)
        assert_recovers(stage, scene, (scene.name, wait))


def test_interruptions_at_random_times_end_well_and_keep_what_is_done(stage):
    usual = durations(stage) if len(stage.scenes) < INTERRUPTIONS else {}
    for number in range(INTERRUPTIONS):
        scene = stage.scenes[number % len(stage.scenes)]
        wait = random.uniform(0, usual.get(scene.name, 0.2))
        which = (signal.SIGINT, signal.SIGTERM)[number // len(stage.scenes) % 2]
        ended = broken_off(stage, scene, which, wait)
        # The shell sees minus the signal where it came before anything was set up.
        assert ended.code in (0, 130, -which), (scene.name, which, wait, ended)
        assert "Traceback" not in ended.said
        assert_recovers(stage, scene, (scene.name, which, wait))
