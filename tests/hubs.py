"""Models as a hub publishes them, and as its library keeps them once they are
fetched."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.sites import Site

COMMIT = "0123456789abcdef0123456789abcdef01234567"

# The environment's names for what the hub's library does, and where.
OF_HUB = (
    "HF_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE", "SENTENCE_TRANSFORMERS_HOME",
)  # fmt: skip


def be_at_home(patch: pytest.MonkeyPatch, home: Path) -> None:
    """Have what is fetched lie in this folder, and nothing of the hub set but that."""
    for name in OF_HUB:
        patch.delenv(name, raising=False)
    patch.setenv("HF_HOME", str(home))


def files_of(model: Path) -> dict[str, Path]:
    return {
        path.relative_to(model).as_posix(): path
        for path in sorted(model.rglob("*"))
        if path.is_file()
    }


def keep(home: Path, name: str, model: Path) -> Path:
    """A model that was fetched before, under HF_HOME: its snapshot, of links to
    blobs."""
    kept = home / "hub" / f"models--{name.replace('/', '--')}"
    snapshot = kept / "snapshots" / COMMIT
    for folder in (kept / "refs", kept / "blobs", snapshot):
        folder.mkdir(parents=True)
    (kept / "refs" / "main").write_text(COMMIT)
    for number, (path, file) in enumerate(files_of(model).items()):
        blob = kept / "blobs" / f"{number:040x}"
        blob.write_bytes(file.read_bytes())
        link = snapshot / path
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    return snapshot


def publish(site: Site, name: str, model: Path) -> None:
    """Put a model on a hub, as its library asks for it."""
    files = files_of(model)
    about = json.dumps({"id": name, "sha": COMMIT, "siblings": []})
    for path in ("", "/revision/main", f"/revision/{COMMIT}"):
        site.put(f"/api/models/{name}{path}", about, kind="application/json")
    tree = [
        {"type": "file", "path": path, "size": file.stat().st_size, "oid": sha1(file)}
        for path, file in files.items()
    ]
    # Older versions of the library ask for the branch.
    for revision in (COMMIT, "main"):
        site.put(
            f"/api/models/{name}/tree/{revision}?recursive=true&expand=false",
            json.dumps(tree),
            kind="application/json",
        )
    for path, file in files.items():
        site.put(
            f"/{name}/resolve/{COMMIT}/{path}",
            file.read_bytes(),
            headers=(("X-Repo-Commit", COMMIT),),
        )


def sha1(file: Path) -> str:
    return hashlib.sha1(file.read_bytes(), usedforsecurity=False).hexdigest()
