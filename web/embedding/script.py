"""The script of the search box as it is served: without comments and indents.

No line's sense hangs on either: tests/web/embedding runs it in a browser.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "static" / "embed.js"


@cache
def script() -> str:
    """Return the script as browsers get it."""
    lines = map(str.strip, SOURCE.read_text(encoding="utf-8").splitlines())
    kept = [line for line in lines if line and not line.startswith("//")]
    return "\n".join(kept) + "\n"
