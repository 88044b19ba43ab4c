"""kill -9 at any system call of a forgetting: the next run that writes leaves no byte of
it in any file, nor does a backup that is made then."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from tests.torture.breaking import COUNT, KILL, TEAR, Breaker, Order, build_shim
from tests.torture.scale import rounds
from tests.torture.soundness import assert_sound, state
from tests.traces import made_up, traces

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="LD_PRELOAD as Linux has it"
)

WORDS = made_up()
KILLS = rounds(3, 300)


class Folder:
    """An index of two folders of posts, one of which holds all the words."""

    def __init__(self, place: Path, breaker: Breaker) -> None:
        self.index, self.base, self.out = place / "index", place / "base", place / "out"
        self.post = place / "told" / "1.md"
        self._breaker = breaker
        for name, told in (("told", " ".join(WORDS)), ("other", "nothing else")):
            (place / name).mkdir()
            for number in (1, 2, 3):
                words = told if number == 1 else f"number{number}"
                text = f"# Post {number} {words}\n\nBread {words} rises slowly.\n"
                (place / name / f"{number}.md").write_text(text)
            assert self.run("add", str(place / name)).code == 0
        shutil.copytree(self.index, self.base)

    def reset(self) -> None:
        shutil.rmtree(self.index)
        shutil.copytree(self.base, self.index)

    def run(self, *command: str, how: int = COUNT, place: int = 0):
        argv = ["--index", str(self.index), "--model", "hash", *command]
        return self._breaker.run(Order(argv, str(self.index), how, place))


@pytest.fixture(scope="module")
def folder():
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        breaker = Breaker(build_shim(Path(name)))
        try:
            yield Folder(Path(name), breaker)
        finally:
            breaker.close()


@pytest.mark.parametrize("which", ["forget", "remove"])
def test_no_kill_leaves_a_word(folder, which):
    url = folder.post.as_uri()
    command = (
        ("forget", url) if which == "forget" else ("remove", str(folder.post.parent))
    )
    folder.reset()
    assert len(traces(folder.index, WORDS)) >= 2
    whole = folder.run(*command)
    assert whole.code == 0, whole
    assert traces(folder.index, WORDS) == {}
    for number in range(KILLS):
        place = 1 + number * whole.calls // KILLS
        folder.reset()
        ended = folder.run(*command, how=(KILL, TEAR)[number % 2], place=place)
        assert ended.code in (-signal.SIGKILL, 0), (place, ended)
        assert_sound(folder.index)
        assert folder.run("update").code == 0
        if url in state(folder.index):  # it was killed before anything was gone
            assert folder.run(*command).code == 0
        assert traces(folder.index, WORDS) == {}, (which, place)
        assert_sound(folder.index)
        shutil.rmtree(folder.out, ignore_errors=True)
        folder.out.mkdir()
        assert folder.run("backup", str(folder.out / "b.tar")).code == 0
        assert traces(folder.out, WORDS) == {}, (which, place)
