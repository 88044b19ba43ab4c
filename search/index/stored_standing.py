"""Standing questions as they are stored, and told of in an index: one JSON value.

Knows no database.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from search.errors import IndexDamaged
from search.index.stored_records import all_texts, record_of
from search.standing import Noted, Standing, StandingQuestion

KEY = "standing"  # of the row of meta that has the value


def standing_of(stored: str | None) -> Standing:
    """Read the value, None where none was written; raises IndexDamaged."""
    if stored is None:
        return Standing()
    try:
        values = json.loads(stored)
        # Lists become tuples again, each record checked by its fields.
        questions = tuple(map(_question_of, values.pop("questions")))
        return record_of(Standing, values | {"questions": questions})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(
            f"The standing questions of the index can't be read ({error}); see:"
            " blog-indexer doctor"
        ) from error


def stored_standing(standing: Standing) -> str:
    """Write the value."""
    return json.dumps(asdict(standing), ensure_ascii=False)


def _question_of(values: dict[str, object]) -> StandingQuestion:
    noted, seen = values["noted"], values["seen"]
    if not isinstance(noted, list) or not isinstance(seen, list):
        raise TypeError("not the form that is written")
    if not all_texts(*seen):
        raise TypeError("not the form that is written")
    made = tuple(record_of(Noted, one) for one in noted)
    return record_of(StandingQuestion, values | {"noted": made, "seen": tuple(seen)})
