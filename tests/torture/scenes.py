"""The runs that are broken: what each does to which index, and what that is when
nothing breaks."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.sites import Site, serving
from tests.torture.breaking import COUNT, Breaker, Ended, Order, build_shim
from tests.torture.soundness import state

BREAD = "rises slowly in a cold room because yeast works less below ten degrees, and flour takes up water."
WATER = "speaks of kayaks in deep cold water, of the wind that blows there and of how long the way back is."


@dataclass(frozen=True)
class Scene:
    """One command over a copy of an index; ``calls`` and ``after`` are of a run that
    isn't broken."""

    name: str
    argv: list[str]
    base: Path | None
    before: dict[str, object]
    after: dict[str, object]
    calls: int


class Stage:
    """The indexes and the sources they are made from, in one folder."""

    def __init__(self, folder: Path, breaker: Breaker, site: Site) -> None:
        self.folder = folder
        self.index = folder / "index"
        self.breaker = breaker
        self._blog, self._notes = folder / "blog", folder / "notes"
        self._write(self._blog, range(4))
        self._write(self._notes, range(10, 12))
        self._serve(site)
        feed = site.url("/feed.xml")
        base = self._prepared(
            ["add", str(self._blog), str(self._notes)],
            ["add", "--allow-private", "--feed-only", feed],
        )
        self._write(self._blog, range(2, 6), edition="second")
        (self._blog / "1.md").unlink()
        self.scenes = [
            self._scene("add", ["add", str(self._notes)], None),
            self._scene("update", ["update", "--allow-private"], base),
            self._scene("rebuild", ["--model", "other", "rebuild"], base),
            self._scene("forget", ["forget", (self._blog / "2.md").as_uri()], base),
            self._scene("remove", ["remove", str(self._notes)], base),
            self._scene("backfill", ["backfill", "--allow-private", feed], base),
        ]

    def scene(self, name: str) -> Scene:
        return next(scene for scene in self.scenes if scene.name == name)

    def set(self, scene: Scene) -> None:
        """Lay out the index as it is before the scene."""
        shutil.rmtree(self.index, ignore_errors=True)
        if scene.base is not None:
            shutil.copytree(scene.base, self.index)

    def order(
        self, scene: Scene, how: int = COUNT, place: int = 0, **more: object
    ) -> Order:
        model = [] if "--model" in scene.argv else ["--model", "hash"]
        argv = ["--index", str(self.index), "--delay", "0", *model, *scene.argv]
        return Order(argv, str(self.index), how, place, **more)  # type: ignore[arg-type]

    def run(
        self, scene: Scene, how: int = COUNT, place: int = 0, **more: object
    ) -> Ended:
        return self.breaker.run(self.order(scene, how, place, **more))

    def assert_between(self, scene: Scene) -> None:
        """Each article is as it was before or as it is to be; none is lost that is in
        both."""
        held = state(self.index)
        for url, what in held.items():
            assert what in (scene.before.get(url), scene.after.get(url)), (
                scene.name,
                url,
            )
        assert not held or scene.before.keys() & scene.after.keys() <= held.keys(), (
            scene.name
        )

    def complete(self, scene: Scene) -> None:
        """Run it again, unbroken: what was to be done is done."""
        ended = self.run(scene)
        for _ in range(20):
            if (
                ended.code != 75
            ):  # a worker of the run before, forked and not yet executed, holds the lock still
                break
            time.sleep(0.1)
            ended = self.run(scene)
        assert ended.code in (0, 2, 3), ended  # else nothing was left to do
        assert state(self.index) == scene.after, ended

    def _scene(self, name: str, argv: list[str], base: Path | None) -> Scene:
        scene = Scene(name, argv, base, {}, {}, 0)
        self.set(scene)
        before = state(self.index) if base else {}
        ended = self.run(scene)
        assert ended.code == 0, ended
        after = state(self.index)
        assert after != before, name
        return Scene(name, argv, base, before, after, ended.calls)

    def _prepared(self, *commands: list[str]) -> Path:
        for argv in commands:
            ended = self.run(Scene("", argv, None, {}, {}, 0))
            assert ended.code == 0, ended
        return Path(shutil.copytree(self.index, self.folder / "base"))

    @staticmethod
    def _write(folder: Path, numbers: range, edition: str = "first") -> None:
        folder.mkdir(exist_ok=True)
        for number in numbers:
            (folder / f"{number}.md").write_text(
                f"---\ntitle: Post {number}\n---\n\nBread number{number} of the {edition} edition {BREAD}\n\n"
                f"## More\n\nThe second part number{number} {WATER}\n",
                encoding="utf-8",
            )

    @staticmethod
    def _serve(site: Site) -> None:
        paths = [f"/2024/01/0{day}/post-{day}/" for day in range(1, 7)]
        for number, path in enumerate(paths, 20):
            site.post(path, f"Post {number}", f"Bread number{number} {BREAD} " * 4)
        site.feed(
            *((path, f"Post {20 + number}") for number, path in enumerate(paths[:2]))
        )
        places = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in paths)
        site.put(
            "/sitemap.xml",
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>',
            kind="application/xml",
        )


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage with everything it takes; in memory where files can be, as fsync is slow
    elsewhere."""
    memory = Path("/dev/shm")  # noqa: S108
    with tempfile.TemporaryDirectory(
        prefix="stage-", dir=memory if memory.is_dir() else None
    ) as name:
        folder = Path(name)
        breaker = Breaker(build_shim(folder))
        try:
            with serving() as site:
                yield Stage(folder, breaker, site)
        finally:
            breaker.close()
