"""The words for how much of an article is indexed: one vocabulary for every face.

State itself is stored and served as codes; only people read these.
"""

from __future__ import annotations

from search.coverage_report import Held
from search.types import Evidence

State = Evidence | Held

STATE_WORDS: dict[State, str] = {
    "article": "full text",
    "summary": "summary only",
    "link": "link only",
    "nothing": "not indexed",
}
WIDEST_STATE = max(map(len, STATE_WORDS.values()))  # characters, for columns
