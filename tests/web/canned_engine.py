"""An engine that holds a few dozen articles in memory: filters, orders, pages and marks
words for real."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import replace
from datetime import date

from search.coverage_report import Coverage, NotWhole
from search.errors import ArticleUnknown, IndexMissing
from search.query.parser import parse
from search.standing import Noted, Standing, StandingQuestion
from search.text.folding import fold
from search.text.tags import folded
from search.types import (
    Answer,
    Article,
    Block,
    Facets,
    Filters,
    Highlight,
    Hit,
    HitPassage,
    IndexStatus,
    Nearby,
    Note,
    Overview,
    ShownBlock,
)

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)> & \"'}}{{7*7}} &lt;b&gt;"

LONG_TITLE = (
    "On the surprisingly long and winding history of a very small function, told by somebody who had to "
    "maintain it for eleven years, with_an_identifier_that_never_ends_and_cannot_be_broken_anywhere_at_all"
)

CODE = """The gradient is computed once and then kept:

def step(weights, gradient, rate=0.01):
    # the gradient goes downhill
    for i, g in enumerate(gradient):
        weights[i] -= rate * g

    return weights"""

MATHS = """The update of gradient descent with momentum is

$$
v_t = \\gamma v_{t-1} + \\eta \\nabla_\\theta J(\\theta)
$$

where $\\gamma$ is most often 0.9, so that a gradient that keeps its sign is felt ten times as strongly."""

PROSE = (
    "A gradient tells which way is down, not how far. Most of the trouble with training is in that second "
    "half: a step too long jumps over the valley, a step too short never gets there. What helps is to look "
    "at the loss and to change one thing at a time."
)

TABLE = "rate | gradient | loss\n0.1 | large | diverges\n0.01 | fine | falls"

# The kinds of a text's blocks, which blank lines part; the last may hold some itself.
KINDS = {
    CODE: ("paragraph", "code"),
    MATHS: ("paragraph", "math", "paragraph"),
    TABLE: ("table",),
}


def shown_blocks(text: str) -> tuple[ShownBlock, ...]:
    kinds = KINDS.get(text) or ("paragraph",) * (text.count("\n\n") + 1)
    blocks, at = [], 0
    for kind, part in zip(kinds, text.split("\n\n", len(kinds) - 1), strict=True):
        blocks.append(ShownBlock(at, at + len(part), kind))
        at += len(part) + 2
    return tuple(blocks) if text else ()


def passage(text: str, heading: str, url: str, score: float) -> HitPassage:
    return HitPassage(text, heading, url, (), score, blocks=shown_blocks(text))


def hit(number: int, title: str, text: str, **fields) -> Hit:
    url = fields.pop("url", f"http://127.0.0.1:1/posts/{number}/")
    heading = fields.pop("heading", "Training › The step size")
    passages = fields.pop("passages", None) or (
        passage(text, heading, f"{url}#step", 0.8),
    )
    base = Hit(
        url,
        title,
        "notes.example",
        "Ada Field",
        date(2024, 11, 28),
        0.9,
        "article",
        None,
        passages,
    )
    return replace(base, **fields)


def _special() -> list[Hit]:
    note = Note("Why a gradient is kept twice. Read this before touching the optimizer.", "the post",
                "Training", date(2025, 3, 2), "http://127.0.0.1:1/links/", 4)  # fmt: skip
    hostile_url = "javascript:alert(1)//<b>"
    hostile_passages = (passage(f"gradient {HOSTILE}", HOSTILE, hostile_url, 0.5),)
    post = "http://127.0.0.1:1/posts/0/"
    second = passage(MATHS, "Momentum", f"{post}#momentum", 0.6)
    third = passage(CODE, "Code › A plain loop", f"{post}#code", 0.5)
    first = passage(PROSE, "Training › The step size", f"{post}#step", 0.8)
    return [
        hit(0, "What the gradient does not say", PROSE, passages=(first, second, third)),
        hit(1, "Writing the gradient step by hand", CODE, heading="Code › A plain loop", also_at=(
            "https://planet.example/ada/writing-the-gradient-step-by-hand/", "http://notes.example/?p=1")),
        hit(2, "Momentum, with and without the formula", MATHS, published=date(2023, 5, 1)),
        hit(3, "梯度下降的一点笔记",
            "梯度（gradient）只告诉我们方向，并不告诉我们该走多远。步子太大会越过谷底。",
            site="笔记.example", author="李明", published=date(2022, 1, 9), heading="优化 › 学习率"),
        hit(4, "Le gradient n'est pas une réponse", "Le gradient dit où descendre, jamais jusqu'où. "
            "À l'usage, c'est l'œil posé sur la courbe qui décide, et l'on s'y habitue très bien.",
            site="carnet.example", author="Zoé Lefèvre", published=date(2021, 7, 14), heading=""),
        hit(5, LONG_TITLE, PROSE, published=None, author=""),
        hit(6, "Gradient checkpointing", "In the feed only: trading time for memory with gradient "
            "checkpoints.", evidence="summary", heading="", site="carnet.example"),
        hit(7, "The optimizer's memory", note.text, evidence="link", note=note, published=None, author="",
            site="elsewhere.example", heading="Training"),
        hit(8, f"gradient {HOSTILE}", "", url=hostile_url, site=HOSTILE, author=f"{HOSTILE} too",
            note=Note(HOSTILE, HOSTILE, HOSTILE, None, "javascript:alert(2)"), passages=hostile_passages,
            also_at=tuple(f"javascript:{HOSTILE}{n}" for n in range(7))),
        hit(9, "A table of rates", TABLE),
    ]  # fmt: skip


def _plain() -> list[Hit]:
    return [
        hit(n, f"Gradient diary, day {n}", f"Day {n}. {PROSE}", site="diary.example", author="Ben Aho",
            published=date(2010 + n % 9, 1 + n % 12, 3), score=0.6 - n / 200)
        for n in range(10, 40)
    ]  # fmt: skip


BOOKS = (
    Coverage(
        "http://127.0.0.1:1/feed.xml", "feed", "notes.example", shown=15, found=(("sitemaps", 29),),
        search="over", known=44, article=40, summary=1, missing=2, same=1,
        not_whole=(
            NotWhole("http://127.0.0.1:1/posts/6/", "Gradient checkpointing", "summary",
                     "the page holds no whole article"),
            NotWhole("http://127.0.0.1:1/posts/dead/", "", "nothing", "There is no such page (404)."),
            NotWhole("javascript:alert(3)", f"{HOSTILE} gap", "nothing", f"{HOSTILE} reason"),
        ),
    ),
    Coverage("file:///home/me/links.md", "linkpage", f"{HOSTILE} source", error=f"{HOSTILE} error",
             shown=1234, known=1234, article=1100, link=134, not_whole=tuple(
                 NotWhole(f"http://127.0.0.1:1/link/{n}", f"Link {n}", "link", "There is no such page (404).")
                 for n in range(134))),
    Coverage("javascript:alert(4)", "feed"),
)  # fmt: skip


# What is new for a standing question: articles by their place among the hits.
WATCHED = Standing(
    (
        StandingQuestion(
            "gradients",
            f"gradient {HOSTILE}",
            noted=tuple(
                Noted(n, n, f"2026-03-0{n}T08:00:00+00:00") for n in (9, 8, 7, 3)
            ),
        ),
    ),
    given=9,
)


class CannedEngine:
    """Finds the articles that hold any of the words. "unsure" makes it doubtful, "few"
    leaves three that answer, "boom" makes it fail, "gradeint" is a slip, "gradiant" may
    be one."""

    def __init__(self, *, missing: bool = False) -> None:
        self.hits = [*_special(), *_plain()]
        self.missing = missing
        self.watched = Standing()
        self.asked = 0  # questions
        self.began = threading.Event()  # set with the first question
        self.held = threading.Event()  # set: questions are answered; cleared: they wait
        self.held.set()

    def search(
        self,
        question,
        *,
        filters=None,
        sort="relevance",
        limit=10,
        offset=0,
        exact=False,
    ) -> Answer:
        filters = filters or Filters()
        self._require_index()
        self.asked += 1
        self.began.set()
        self.held.wait(10)
        if "boom" in question:
            raise RuntimeError("a secret from inside")
        mended = (
            None
            if exact or "gradeint" not in question
            else question.replace("gradeint", "gradient")
        )
        words = re.findall(r"\w+", parse(mended or question, filters).text.lower())
        found = [_marked(h, words) for h in self.hits if _fits(h, words, filters)]
        if sort == "newest":
            found.sort(key=lambda h: h.published or date(1970, 1, 1), reverse=True)
        answering = found[: 3 if "few" in words else None]
        if "unsure" in words:
            answering = []
        return Answer(
            question,
            7.9,
            len(answering),
            bool(answering),
            tuple(found[offset : offset + limit]),
            mended,
            _facets(answering),
            weaker=len(found) - len(answering),
            generation=7,
            suggested=question.replace("gradiant", "gradient")
            if "gradiant" in question
            else None,
        )

    def related(self, url, *, limit=10) -> Nearby:
        self._require_index()
        here = next((h for h in self.hits if h.url == url), None)
        if here is None:
            raise ArticleUnknown("The index holds no such article.")
        return Nearby(
            3.1,
            tuple(h for h in self.hits if h.url != url)[:limit],
            here.url,
            here.title,
        )

    def article(self, url) -> Article:
        self._require_index()
        found = next((h for h in self.hits if h.url == url), None)
        if found is None:
            raise ArticleUnknown("The index holds no such article.")
        return as_article(found)

    def similar(self, text, *, limit=10) -> Nearby:
        return Nearby(4.2, self.search(text, limit=limit).hits)

    def status(self) -> IndexStatus:
        self._require_index()
        sites = tuple(Counter(h.site for h in self.hits).most_common())
        years = tuple(sorted({h.published.year for h in self.hits if h.published}))
        return IndexStatus(
            40, 1234, sites, years, "2026-11-22T08:14:51+00:00", "canned"
        )

    def newest(self, filters=None, *, limit=10, offset=0) -> tuple[Article, ...]:
        self._require_index()
        found = [h for h in self.hits if _passes(h, filters or Filters())]
        found.sort(key=lambda h: h.published or date(1970, 1, 1), reverse=True)
        return tuple(map(_article, found[offset : offset + limit]))

    def overview(self) -> Overview:
        questions = ("Which way does the gradient go?", f"What is {HOSTILE}?")
        return Overview(self.newest(limit=5), questions)

    def coverage(self) -> tuple[Coverage, ...]:
        self._require_index()
        return BOOKS

    def standing(self) -> Standing:
        self._require_index()
        return self.watched

    def noted(self, asked, *, limit):
        known = dict(enumerate(self.hits))
        kept = [one for one in asked.noted if one.article in known]
        return [(one, known[one.article]) for one in kept][:limit]

    def holds(self, url) -> bool:
        return any(h.url == url and h.evidence == "article" for h in self.hits)

    def require_sound(self) -> None:
        pass

    def warm(self) -> None:
        self._require_index()

    def close(self) -> None:
        pass

    def _require_index(self) -> None:
        if self.missing:
            raise IndexMissing("There is no index in /nowhere yet.")


def as_article(found: Hit) -> Article:
    """The article of a hit: the blocks of its passages under their headings."""
    blocks = []
    for one in found.passages:
        if one.heading.strip():
            blocks.append(Block("heading", one.heading, 2))
        for block in one.blocks or shown_blocks(one.text):
            text = one.text[block.start : block.end]
            if text.strip():
                blocks.append(Block(block.kind, text, block.level, number=block.number))
    return Article(
        found.url,
        found.title,
        found.site,
        found.author,
        found.published,
        evidence=found.evidence,
        blocks=tuple(blocks) if found.evidence != "link" else (),
        notes=(found.note,) if found.note else (),
        dead_since=found.dead_since,
        archived=found.archived,
    )


def _facets(found: list[Hit]) -> Facets:
    def counts(values):
        return tuple(Counter(value for value in values if value).most_common())

    years = sorted(counts(h.published and h.published.year for h in found))
    return Facets(
        tuple(years),
        counts(h.site for h in found),
        counts(h.author for h in found),
        evidence=counts(h.evidence for h in found),
        tags=counts(tag for h in found for tag in h.tags),
        collections=counts(name for h in found for name in h.collections),
    )


def _fits(found: Hit, words: list[str], filters: Filters) -> bool:
    text = " ".join([found.title, *(p.text for p in found.passages)]).lower()
    return any(word in text for word in words) and _passes(found, filters)


def _article(found: Hit) -> Article:
    return Article(
        found.url,
        found.title,
        found.site,
        found.author,
        found.published,
        evidence=found.evidence,
        tags=found.tags,
        collections=found.collections,
    )


def _passes(found: Hit, filters: Filters) -> bool:
    day = found.published
    return (
        filters.site in ("", found.site)
        and filters.author.lower() in found.author.lower()
        and filters.evidence in ("", found.evidence)
        and folded(filters.tags) <= folded(found.tags)
        and folded(filters.without_tags).isdisjoint(folded(found.tags))
        and fold(filters.collection) in {"", *folded(found.collections)}
        and not (filters.after and (day is None or day < filters.after))
        and not (filters.before and (day is None or day > filters.before))
    )


def _marked(found: Hit, words: list[str]) -> Hit:
    pattern = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    passages = tuple(
        replace(
            p, highlights=tuple(Highlight(*m.span()) for m in pattern.finditer(p.text))
        )
        for p in found.passages
    )
    return replace(found, passages=passages)
