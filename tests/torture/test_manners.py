"""A month of hourly updates against servers that log everything: what blog owners count
against a reader."""

from __future__ import annotations

import email.utils
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import Message

import pytest

from tests.runs import Runs
from tests.servers import Script, Served, scripted
from tests.sites import page, rss, text
from tests.torture.scale import rounds

HOURS = rounds(9, 30 * 24)
TURN = 4  # the hour, of each day or once for all, at which something happens to a blog


@dataclass(frozen=True)
class Visit:
    """One request: hours since the beginning, and what it said and was told."""

    hour: float
    path: str
    said: Message
    told: Served

    @property
    def condition(self) -> tuple[str, str]:
        return self.said["If-None-Match"] or "", self.said["If-Modified-Since"] or ""


@dataclass
class Blog(Script):
    """A feed of three posts. ``marks`` gives a reply's validators, by the number of the
    feed's edition and of the request; ``answer`` may give another reply in the place of
    the one that is there."""

    runs: Runs = None  # type: ignore[assignment]
    begin: datetime = None  # type: ignore[assignment]
    marks: Callable[[int, int], dict[str, str]] = lambda edition, asked: {
        "ETag": f'W/"e-{edition}"'
    }
    answer: Callable[[Blog, str], Served | None] = lambda blog, path: None
    extra: dict[str, str] = field(default_factory=dict)
    every: int = 9  # hours between two editions
    visits: list[Visit] = field(default_factory=list)

    @property
    def hour(self) -> float:
        return (self.runs.now - self.begin).total_seconds() / 3600

    def take(self, path: str, headers: Message) -> Served:
        with self.lock:
            told = self.answer(self, path) or self._page(path)
            mine = dict(told.headers)
            known = {headers["If-None-Match"], headers["If-Modified-Since"]} - {None}
            if told.status == 200 and known & {
                mine.get("ETag"),
                mine.get("Last-Modified"),
            }:
                told = replace(told, status=304)
            told = replace(
                told,
                headers=(
                    *told.headers,
                    ("Set-Cookie", f"id={len(self.visits)}; Path=/"),
                ),
            )
            self.visits.append(Visit(self.hour, path, headers, told))
            return told

    def _page(self, path: str) -> Served:
        edition = int(self.hour // self.every)
        kind, body = "text/html; charset=utf-8", ""
        if path in ("/feed", "/moved", "/away"):
            posts = tuple((f"/{n}", f"Post {n}") for n in range(edition, edition + 3))
            kind, body = "application/rss+xml", rss(self.base, posts)
        elif path[1:].isdigit():
            edition, body = 0, page(f"Post {path}", text(int(path[1:]) + 1))
        else:
            return Served(b"no", 404)
        told = (
            {"Content-Type": kind} | self.extra | self.marks(edition, len(self.visits))
        )
        return Served(body.encode(), headers=tuple(told.items()))

    def polls(self, path: str = "/feed") -> list[Visit]:
        return [visit for visit in self.visits if visit.path == path]


Answer = Callable[[Blog, str], Served | None]


def refusing(status: int, retry_after: Callable[[Blog], str | None]) -> Answer:
    """Once a day everything there is refused."""

    def answer(blog: Blog, path: str) -> Served | None:
        if int(blog.hour) % 24 != TURN:
            return None
        pause = retry_after(blog)
        return Served(b"", status, (("Retry-After", pause),) if pause else ())

    return answer


def refusing_a_post(blog: Blog, path: str) -> Served | None:
    """The feed is given, and then one of its posts is not."""
    refuses = int(blog.hour) % 24 == TURN and path[1:].isdigit()
    return Served(b"", 429, (("Retry-After", "16200"),)) if refuses else None


def from_then_on(status: int, to: str = "/") -> Answer:
    told = Served(b"", status, (("Location", to),))
    return lambda blog, path: told if path == "/feed" and blog.hour >= TURN else None


def for_a_while(told: Served) -> Answer:
    """Three hours a day."""
    return lambda blog, path: (
        told if path == "/feed" and TURN <= blog.hour % 24 < TURN + 3 else None
    )


def date_of(blog: Blog, hours: float) -> str:
    return email.utils.format_datetime(
        blog.runs.now + timedelta(hours=hours), usegmt=True
    )


def day(edition: int, asked: int) -> dict[str, str]:
    return {"Last-Modified": email.utils.formatdate(1.7e9 + edition, usegmt=True)}


def odd(edition: int, asked: int) -> dict[str, str]:
    return {
        "ETag": f"'un,quo\"ted; {edition}",
        "Last-Modified": "Sunday, the 2nd, at noon",
    }


def of_two_minds(edition: int, asked: int) -> dict[str, str]:
    return day(edition, asked) if asked % 2 else {"ETag": f'"{edition}"'}


BUSY = (("Content-Type", "text/html"), ("ETag", '"busy"'))
BLOGS: dict[str, dict[str, object]] = {
    "weak": {},
    "odd": {"marks": odd},
    "date": {"marks": day},
    "new mark, same body": {
        "marks": lambda edition, asked: {"ETag": f'"{asked}"'},
        "every": 10**6,
    },
    "changes its mind": {"marks": of_two_minds},
    "neither": {"marks": lambda edition, asked: {}},
    "max-age": {"extra": {"Cache-Control": "public, max-age=9000"}},
    "a year": {"extra": {"Cache-Control": "max-age=31536000"}},
    "429": {"answer": refusing(429, lambda blog: "16200")},
    "503": {"answer": refusing(503, lambda blog: date_of(blog, 4.5))},
    "429 unsaid": {"answer": refusing(429, lambda blog: None)},
    "429 of a post": {"answer": refusing_a_post, "every": TURN},
    "301": {"answer": from_then_on(301, "/moved")},
    "308": {"answer": from_then_on(308, "/moved")},
    "302": {"answer": from_then_on(302, "/away")},
    "307": {"answer": from_then_on(307, "/away")},
    "410": {"answer": from_then_on(410)},
    "500": {"answer": for_a_while(Served(b"", 500))},
    "404": {"answer": for_a_while(Served(b"", 404))},
    "no feed": {
        "answer": for_a_while(Served(b"<html>We'll be back soon</html>", headers=BUSY))
    },
}


@pytest.fixture(scope="module")
def month(tmp_path_factory, workers) -> Iterator[dict[str, Blog]]:
    """The blogs after a month."""
    runs = Runs(tmp_path_factory.mktemp("manners") / "index", workers)
    with ExitStack() as stack:
        blogs: dict[str, Blog] = {}
        for name, about in BLOGS.items():
            blog = stack.enter_context(scripted(make=Blog))
            blog.runs, blog.begin = runs, runs.now
            for key, value in about.items():
                setattr(blog, key, value)
            blogs[name] = blog
        runs.add(*(f"{blog.base}/feed" for blog in blogs.values()))
        for _ in range(HOURS):
            runs.later(hours=1)
            runs.update()
        yield blogs


def test_no_body_is_sent_twice_without_a_condition(month):
    for name, blog in month.items():
        whole = [
            visit
            for visit in blog.visits
            if visit.told.status not in (301, 302, 307, 308)
        ]
        bare = Counter(visit.path for visit in whole if not any(visit.condition))
        assert {path: count for path, count in bare.items() if count > 1} == {}, name


def test_validators_go_back_as_they_were_last_served(month):
    stale = []
    for name, blog in month.items():
        last: defaultdict[str, tuple[str, str]] = defaultdict(lambda: ("", ""))
        for visit in blog.visits:
            mine = dict(visit.told.headers)
            given = mine.get("ETag", ""), mine.get("Last-Modified", "")
            if (
                any(visit.condition)
                and visit.condition != last[visit.path]
                and any(last[visit.path])
            ):
                stale.append((name, visit.path, visit.condition, last[visit.path]))
            if visit.told.status in (200, 304) and any(given):
                last[visit.path] = given
    assert stale == []


def test_there_is_no_cookie_and_no_referer_and_the_agent_says_who_it_is(month):
    for visit in itertools.chain.from_iterable(blog.visits for blog in month.values()):
        said = {name.lower(): value for name, value in visit.said.items()}
        assert not {"cookie", "referer", "authorization", "from"} & set(said)
        assert said["user-agent"].startswith("Blogsearch/")
        assert "(+" in said["user-agent"]


def gaps(visits: list[Visit]) -> list[float]:
    return [after.hour - before.hour for before, after in itertools.pairwise(visits)]


@pytest.mark.parametrize(("name", "hours"), [("max-age", 2.5), ("a year", 24)])
def test_no_feed_is_polled_while_it_is_fresh(month, name, hours):
    found = gaps(month[name].polls())
    assert len(found) >= HOURS // (hours + 1)
    assert all(hours <= gap < hours + 2 for gap in found)


@pytest.mark.parametrize(
    ("name", "hours"), [("429", 4.5), ("503", 4.5), ("429 unsaid", 1)]
)
def test_nothing_is_asked_before_retry_after(month, name, hours):
    visits = month[name].visits
    refused = [n for n, visit in enumerate(visits) if visit.told.status in (429, 503)]
    assert len(refused) == 1 + (HOURS - TURN) // 24
    for n in refused:
        assert all(after.hour - visits[n].hour >= hours for after in visits[n + 1 :])


def test_who_refuses_a_post_is_not_asked_for_the_feed_either_in_the_runs_that_follow(
    month,
):
    visits = month["429 of a post"].visits
    refused = [visit for visit in visits if visit.told.status == 429]
    assert refused
    for one in refused:  # two may be under way at once
        later = [visit.hour for visit in visits if visit.hour > one.hour]
        assert min(later, default=one.hour + 5) - one.hour >= 4.5
        assert sum(visit.hour == one.hour for visit in refused) <= 2


@pytest.mark.parametrize("name", ["301", "308"])
def test_a_permanent_redirect_moves_the_feed_for_good(month, name):
    moved = [visit for visit in month[name].visits if visit.told.status == int(name)]
    assert [visit.hour for visit in moved] == [TURN]
    after = [visit.path for visit in month[name].visits if visit.hour > TURN]
    assert "/feed" not in after
    assert after.count("/moved") == HOURS - TURN


@pytest.mark.parametrize("name", ["302", "307"])
def test_a_passing_redirect_does_not_move_it(month, name):
    assert len(month[name].polls()) == HOURS + 1
    assert len(month[name].polls("/away")) == HOURS + 1 - TURN


def test_a_feed_that_is_gone_is_not_asked_for_again(month):
    assert [visit.hour for visit in month["410"].polls()] == list(range(TURN + 1))


@pytest.mark.parametrize("name", ["500", "404", "no feed"])
def test_a_feed_that_fails_for_a_while_is_asked_with_what_was_known(month, name):
    polls = month[name].polls()
    assert len(polls) == HOURS + 1
    assert all(any(visit.condition) for visit in polls[1:])
    days = 1 + HOURS // 24
    assert sum(visit.told.status == 200 for visit in polls) <= 1 + HOURS // 9 + 2 * days


def test_a_month_in_figures(month):
    """What docs/reliability.md says, printed by ``pytest -s``."""
    visits = [visit for blog in month.values() for visit in blog.visits]
    statuses = Counter(visit.told.status for visit in visits)
    print(
        f"\n{HOURS} hours, {len(month)} blogs, {len(visits)} requests: {dict(statuses)}"
    )
    assert statuses[304] > statuses[200] / 2
