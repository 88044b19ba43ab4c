"""The commands that messages name, completed by the index that they are meant for.

Messages are written without it, deep where no option is known; whoever prints one
completes it.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from search.index.open import default_index_dir

# A command as messages name it. Nothing follows that names an index already, and the
# colon of "blog-web: cannot listen" is that of a sender.
_COMMAND = re.compile(
    r"\bblog-(?:indexer (?:add|backfill|backup|coverage|doctor|evaluate|forget|rebuild"
    r"|remove|restore|rollback|show|sources|status|update)|search|web)\b(?!:| --index)"
)


def with_index(text: str, index: Path) -> str:
    """Let each command in the text repeat its index, unless that is the usual one."""
    if index.absolute() == default_index_dir().absolute():
        return text
    option = f" --index {shlex.quote(str(index))}"
    return _COMMAND.sub(lambda found: found[0] + option, text)
