"""The manifest and a source's coverage as they are stored: JSON.

Knows no database. What is damaged raises ValueError, KeyError or TypeError.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields

from search.coverage_report import Coverage, NotWhole
from search.index.stored_records import all_texts, record_of
from search.manifest import Manifest

# Names under which older programs stored these fields, and newer ones still do.
_STORED_NAMES = {
    "cosine_foreign": "foreign",
    "cosine_own": "own",
    "max_sim_foreign": "met",
    "max_sim_own": "met_own",
}


def manifest_of(stored: str) -> Manifest:
    """Read a manifest."""
    # By name: a field that this program doesn't know is left out.
    found = json.loads(stored)
    values = {}
    for field in fields(Manifest):
        name = _STORED_NAMES.get(field.name, field.name)
        if name in found:  # an older program stored less
            values[field.name] = found[name]
    return record_of(Manifest, values)


def stored_manifest(manifest: Manifest) -> str:
    """Write a manifest."""
    values = asdict(manifest).items()
    return json.dumps({_STORED_NAMES.get(name, name): value for name, value in values})


def coverage_of(stored: Mapping[str, object]) -> Coverage:
    """Read one source's coverage, as json.loads gives it."""
    values = {f.name: stored[f.name] for f in fields(Coverage) if f.name in stored}
    found, not_whole = stored["found"], stored["not_whole"]
    if not isinstance(found, dict) or not isinstance(not_whole, list):
        raise TypeError("not the form that is written")
    if not all_texts(*found) or not all(isinstance(n, int) for n in found.values()):
        raise TypeError("not the form that is written")
    values["found"] = tuple(found.items())
    values["not_whole"] = tuple(record_of(NotWhole, one) for one in not_whole)
    return record_of(Coverage, values)


def coverage_values(source: Coverage) -> dict[str, object]:
    """Return one source's coverage as values for JSON."""
    # Pairs would come back as lists; nobody else reads them by place.
    return asdict(source) | {"found": dict(source.found)}
