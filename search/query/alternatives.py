"""Words and phrases of a question of which one has to be there: rye OR "spelt flour".

Says which parts an OR joins; nothing is looked for here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from search.text.tokenizer import has_word

Part = re.Match[str]

OR = "OR"  # in capitals, as in Google: "or" is a word of the question


def alternatives(
    parts: Sequence[Part], is_operator: Callable[[Part], bool]
) -> list[range]:
    """Return the places of parts that are joined, an OR at every second place.

    OR binds what stands beside it: in ``a b OR c d`` one of b and c has to be there. An
    OR beside anything but a word or a phrase is a word itself, and so is one at either
    end. ``is_operator`` tells of a part if it is no text.
    """
    found: list[range] = []
    for place in range(1, len(parts) - 1):
        beside = (parts[place - 1], parts[place + 1])
        if not is_or(parts[place]) or not all(map(_is_text, beside)):
            continue
        if any(map(is_operator, beside)):
            continue
        begin = place - 1
        if found and found[-1].stop == place:
            begin = found.pop().start
        found.append(range(begin, place + 2))
    return found


def is_or(part: Part) -> bool:
    """Tell if a part is the word OR in capitals."""
    return part[0] == OR


def _is_text(part: Part) -> bool:
    return not (part["minus"] or is_or(part)) and has_word(part[0])
