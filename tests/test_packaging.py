"""What is installed is what is used: imports, pyproject.toml and the lock files
agree."""

import ast
import configparser
import email
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("search", "indexer", "web")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
EXTRA = [requirement for extra in EXTRAS.values() for requirement in extra]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(requirements: list[str]) -> set[str]:
    return {
        normal(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements
    }


def pins(file: str) -> dict[str, str]:
    """Each pinned requirement with the lines that belong to it."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return {
        f"{normal(match[1])}=={match[2]}": match[3]
        for match in re.finditer(
            r"^([\w.-]+)==(\S+)(.*(?:\n    .*)*)", text, re.MULTILINE
        )
    }


def imported() -> set[str]:
    found = set()
    for module in (path for package in OURS for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - set(OURS)


def test_every_import_is_declared() -> None:
    declared = names(PROJECT["project"]["dependencies"] + EXTRA)
    distributions = packages_distributions()

    assert [
        m
        for m in sorted(imported())
        if not declared & {normal(d) for d in distributions.get(m, [m])}
    ] == []


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements-dev.lock", PROJECT["dependency-groups"]["dev"] + EXTRA),
    ],
)
def test_the_lock_holds_every_dependency_with_hashes(
    file: str, wanted: list[str]
) -> None:
    locked = pins(file)

    assert names(wanted) - {"torch"} <= {pin.split("==")[0] for pin in locked}
    assert [pin for pin, lines in locked.items() if "--hash=sha256:" not in lines] == []


def test_the_development_lock_is_the_running_one_and_more() -> None:
    assert set(pins("requirements.lock")) < set(pins("requirements-dev.lock"))


def test_what_runs_over_a_folder_needs_nothing_of_the_extras() -> None:
    locked = {pin.split("==")[0] for pin in pins("requirements.lock")}

    assert sorted(EXTRAS) == ["mcp", "postgres"]
    assert [
        name
        for name in locked
        if re.search("psycopg|pgvector|postgres|^mcp|uvicorn|starlette", name)
    ] == []


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_the_lock_names_no_index_and_brings_neither_cuda_nor_reports(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")

    assert (
        re.findall(
            r"index-url|find-links|://|^(?:nvidia|cuda|triton|torch|openvino-telemetry)\b.*",
            text,
            re.MULTILINE,
        )
        == []
    )


def test_the_version_is_in_the_changelog_once_it_is_released() -> None:
    headings = re.findall(
        r"^## \[(.+?)\]",
        (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )

    assert headings[0] == "Unreleased" or headings[0] == PROJECT["project"]["version"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as an index gets it: built from the unpacked source distribution."""
    made = tmp_path_factory.mktemp("made")
    source = made / "source"
    kept = shutil.ignore_patterns("__pycache__")
    for package in OURS:
        shutil.copytree(ROOT / package, source / package, ignore=kept)
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    sdist = built("sdist", source)
    with tarfile.open(sdist) as archive:
        archive.extractall(made / "unpacked", filter="data")
    (unpacked,) = (made / "unpacked").iterdir()
    with zipfile.ZipFile(built("wheel", unpacked)) as archive:
        yield archive


def built(kind: str, source: Path) -> Path:
    """What the build backend that pyproject.toml names makes of a source folder."""
    code = f"from setuptools import build_meta as b; print(b.build_{kind}('dist'))"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=source, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    return source / "dist" / made.stdout.split()[-1]


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(
    wheel: zipfile.ZipFile,
) -> None:
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert held == {
        path.relative_to(ROOT).as_posix()
        for package in OURS
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_says_what_an_index_shows(wheel: zipfile.ZipFile) -> None:
    (name,) = (one for one in wheel.namelist() if one.endswith(".dist-info/METADATA"))
    told = email.message_from_bytes(wheel.read(name))
    project = PROJECT["project"]

    assert (told["Name"], told["Version"]) == (project["name"], project["version"])
    assert told["License-Expression"] == "MIT"
    assert told["Description-Content-Type"] == "text/markdown"
    assert "# Blogsearch" in told.get_payload()
    wanted = told.get_all("Requires-Dist")
    assert names(project["dependencies"]) <= names(wanted)
    assert set(told.get_all("Provides-Extra")) == set(project["optional-dependencies"])


def test_the_wheel_s_commands_lead_to_functions(wheel: zipfile.ZipFile) -> None:
    (name,) = (one for one in wheel.namelist() if "entry_points" in one)
    parsed = configparser.ConfigParser()
    parsed.read_string(wheel.read(name).decode())
    commands = dict(parsed["console_scripts"])

    assert commands == PROJECT["project"]["scripts"]
    for target in commands.values():
        module, function = target.split(":")
        source = wheel.read(module.replace(".", "/") + ".py").decode()
        assert f"def {function}(" in source
