"""The vocabulary costs nothing to import, and its reasons are all told in sentences."""

import subprocess
import sys
from typing import get_args

import pytest

from indexer.records import FetchError, LastingReason, PassingReason


def test_importing_the_vocabulary_loads_neither_sqlite_nor_the_network():
    program = (
        "import sys, indexer.records\n"
        "heavy = {'sqlite3', 'urllib3', 'numpy', 'socket', 'selectolax'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("reason", get_args(LastingReason))
def test_a_lasting_reason_makes_another_try_useless(reason):
    assert FetchError("https://a.example/", reason, "No.").permanent


@pytest.mark.parametrize("reason", get_args(PassingReason))
def test_a_passing_reason_does_not(reason):
    assert not FetchError("https://a.example/", reason, "No.").permanent
