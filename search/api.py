"""The JSON form of an answer: what GET /api/search and blog-search --json give."""

from __future__ import annotations

from search.types import Answer, Hit


def as_json(answer: Answer) -> dict[str, object]:
    """The answer in the form of GET /api/search."""
    return {
        "query": answer.query,
        "corrected": answer.corrected,
        "took_ms": answer.took_ms,
        "total": answer.total,
        "confident": answer.confident,
        "results": [_hit_as_json(hit) for hit in answer.hits],
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
        "passages": [
            {
                "text": p.text,
                "heading": p.heading,
                "url": p.url,
                "highlights": [[span.start, span.end] for span in p.highlights],
                "answer": [p.answer.start, p.answer.end] if p.answer else None,
                "score": p.score,
            }
            for p in hit.passages
        ],
    }
