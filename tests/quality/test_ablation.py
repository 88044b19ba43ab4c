"""The ablation still finds what it switches off: it reaches into modules by name."""

from __future__ import annotations

import pytest

from tests.benchmarks.ablation import parts

PARTS = parts()


@pytest.mark.parametrize("name", PARTS)
def test_each_part_can_be_switched_off(name):
    change, _, _ = PARTS[name]
    with change():  # raises where a module has no such name any more
        pass
