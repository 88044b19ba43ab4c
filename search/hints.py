"""The commands that messages name, completed by the index that they are meant for.

Messages are written without it, deep where no option is known; whoever prints one
completes it.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from search.index.open import IndexAddress, default_index_dir

# A command as messages name it. Nothing follows that names an index already, and the
# colon of "blog-web: cannot listen" is that of a sender.
_COMMAND = re.compile(
    r"\bblog-(?:indexer (?:add|backfill|backup|coverage|digest|doctor|evaluate|forget"
    r"|inbox|rebuild|remove|restore|rollback|show|sources|status|token|update"
    r"|watch (?:add|list|remove))|search|web)\b(?!:| --index)"
)


def with_index(text: str, index: IndexAddress, ledger: Path | None = None) -> str:
    """Let each command in the text repeat its index, unless that is the usual one, and
    the folder of the ledger, where one was named."""
    option = ""
    if (
        not isinstance(index, Path)
        or index.absolute() != default_index_dir().absolute()
    ):
        option = f" --index {shlex.quote(str(index))}"
    of_indexer = option
    if ledger is not None:
        of_indexer += f" --ledger {shlex.quote(str(ledger))}"

    def completed(found: re.Match[str]) -> str:
        # Neither a question nor the page needs a ledger.
        if found[0].startswith("blog-indexer"):
            return found[0] + of_indexer
        return found[0] + option

    return _COMMAND.sub(completed, text)
