"""The JSON forms: what GET /api/search, /api/related, /api/similar and blog-search
--json give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from search.coverage_report import Coverage
from search.types import Answer, Facets, Hit, Nearby


def as_json(answer: Answer) -> dict[str, object]:
    """The answer in the form of GET /api/search."""
    return {
        "query": answer.query,
        "corrected": answer.corrected,
        "suggested": answer.suggested,
        "took_ms": answer.took_ms,
        "generation": answer.generation,
        "total": answer.total,
        "weaker": answer.weaker,
        "confident": answer.confident,
        "facets": _facets_as_json(answer.facets),
        "results": list(map(_hit_as_json, answer.hits)),
    }


def related_as_json(found: Nearby) -> dict[str, object]:
    """The articles near to one in the form of GET /api/related."""
    return {"url": found.url, "title": found.title, **similar_as_json(found)}


def similar_as_json(found: Nearby) -> dict[str, object]:
    """The articles near to a text in the form of GET /api/similar."""
    return {
        "took_ms": found.took_ms,
        "results": list(map(_hit_as_json, found.hits)),
    }


def coverage_as_json(report: Sequence[Coverage]) -> dict[str, object]:
    """Return the form of blog-indexer coverage --json."""
    return {"sources": [asdict(one) | {"found": dict(one.found)} for one in report]}


def _facets_as_json(facets: Facets) -> dict[str, object]:
    """Pairs, as the order of an object's names says nothing."""
    return {
        "years": list(map(list, facets.years)),
        "sites": list(map(list, facets.sites)),
        "authors": list(map(list, facets.authors)),
        "languages": list(map(list, facets.languages)),
        "evidence": list(map(list, facets.evidence)),
        "tags": list(map(list, facets.tags)),
        "collections": list(map(list, facets.collections)),
    }


def _hit_as_json(hit: Hit) -> dict[str, object]:
    return {
        "url": hit.url,
        "title": hit.title,
        "site": hit.site,
        "author": hit.author,
        "published": hit.published.isoformat() if hit.published else None,
        "score": hit.score,
        "evidence": hit.evidence,
        "note": hit.note.text if hit.note else None,
        "also_at": list(hit.also_at),
        "dead_since": hit.dead_since.isoformat() if hit.dead_since else None,
        "archived": hit.archived or None,
        "tags": list(hit.tags),
        "collections": list(hit.collections),
        "passages": [
            {
                "text": p.text,
                "blocks": [[block.start, block.end, block.kind] for block in p.blocks],
                "heading": p.heading,
                "url": p.url,
                "highlights": [[span.start, span.end] for span in p.highlights],
                "answer": [p.answer.start, p.answer.end] if p.answer else None,
                "score": p.score,
            }
            for p in hit.passages
        ],
    }
