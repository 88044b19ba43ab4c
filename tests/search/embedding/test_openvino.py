"""The quick runtime reports to nobody: what would is never imported."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(
    find_spec("openvino") is None, reason="no OpenVINO for this machine"
)

# In the place of the package that openvino.tools.ovc reports with.
REPORTER = """
import os, pathlib
pathlib.Path(os.environ["MARK"]).touch()
class Telemetry:
    def __init__(self, *args, **kwargs): pass
    def __getattr__(self, name): return lambda *args, **kwargs: None
"""
WATCHED = """
import sys
def note(event, args):
    if event.startswith("socket."):
        print("socket", event, args)
sys.addaudithook(note)
"""
USE = """
from search.embedding.embedder import open_embedder
assert len(open_embedder().encode_query("why does bread rise").vector) == 384
"""
MODULES = """
print(*(name for name in sys.modules if "openvino" in name and sys.modules[name]))
"""


@pytest.fixture
def run(tmp_path):
    """A fresh process in which the reporting package is there: what it printed, and if
    that package was imported."""
    (tmp_path / "openvino_telemetry").mkdir()
    (tmp_path / "openvino_telemetry" / "__init__.py").write_text(REPORTER)
    for name in ("main", "stats_processor", "utils"):
        (tmp_path / "openvino_telemetry" / f"{name}.py").write_text(REPORTER)
    mark = tmp_path / "mark"
    environment = os.environ | {
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "MARK": str(mark),
    }

    def run(code: str) -> tuple[str, bool]:
        done = subprocess.run(
            [sys.executable, "-c", WATCHED + code + MODULES],
            env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout, mark.exists()

    return run


def test_openvino_by_itself_would_report(run):
    """Else the test below could not fail."""
    _, reported = run("import openvino")
    assert reported


def test_nothing_that_reports_is_imported_and_no_socket_made(run):
    printed, reported = run(USE)
    assert not reported
    assert "openvino._pyopenvino" in printed
    assert "openvino_telemetry" not in printed
    assert "openvino.tools" not in printed
    assert "socket" not in printed


def test_the_runtime_needs_neither_torch_nor_what_comes_with_it(run):
    heavy = "torch", "transformers", "sentence_transformers", "huggingface_hub"
    printed, _ = run(f"{USE}print(sorted({{*{heavy}}} & {{*sys.modules}}))")
    assert printed.startswith("[]")
