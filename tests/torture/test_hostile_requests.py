"""Every strange header with every method at every address, at the real server."""

from __future__ import annotations

import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tests.torture.scale import FULL
from tests.web.hostile_requests import EVERY, FORGING, request
from tests.web.made import made_index
from tests.web.serving import serving

pytestmark = pytest.mark.skipif(
    not FULL, reason="tests/web/server/test_hostile_requests.py holds the same shortly"
)


def test_no_request_is_an_error_of_ours_or_forges_the_log(tmp_path):
    made_index(tmp_path / "index", 60)
    with (
        open(tmp_path / "log", "w+b") as log,
        serving(tmp_path / "index", log=log, BLOGSEARCH_LOG="full") as server,
    ):

        def ask(one):
            with socket.create_connection(server.at, timeout=60) as sock:
                parts = []
                with suppress(ConnectionError):
                    sock.sendall(request(*one))
                    while part := sock.recv(65536):
                        parts.append(part)
            return b"".join(parts)[9:12].decode() or "none", one

        with ThreadPoolExecutor(4) as pool:
            answered = list(pool.map(ask, EVERY))
        statuses = Counter(status for status, _ in answered)
        print(f"\n{len(EVERY)} requests: {dict(statuses)}")
        # A suggestion finds no place where two questions are being answered.
        fine = {str(status) for status in (*range(200, 500), 503)}
        wrong = [one for status, one in answered if status not in fine]
        assert wrong == []
        log.seek(0)
        lines = log.read().decode().split("\n")
    assert len(lines) >= len(EVERY)
    for line in lines:
        assert line.isprintable()
        assert not line.startswith(FORGING)
        assert line.startswith(("{", "WARNING ", "ERROR ", "    ")) or not line
        assert "Traceback" not in line
