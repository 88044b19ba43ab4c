"""What the tests of kills and of failing disks share: it takes seconds to lay out."""

from __future__ import annotations

import pytest

from tests.torture.scenes import staged


@pytest.fixture(scope="session")
def stage():
    with staged() as laid:
        yield laid
