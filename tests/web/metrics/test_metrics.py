"""/metrics: read by a parser that keeps to the format, and true under many threads."""

from __future__ import annotations

import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.console import version
from search.errors import IndexDamaged
from tests.web.canned_engine import BOOKS, CannedEngine
from web import create_app
from web.engine_gate import gate_of
from web.error_responses import Busy
from web.metrics.counts import BOUNDS, Counts
from web.metrics.exposition import Metric, Sample, exposition, number
from web.settings import Settings, SettingsError, from_environment

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)')
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


def parsed(text: str) -> dict[tuple[str, frozenset], float]:
    """The samples of an exposition, by name and labels.

    A reader after the documentation of the format, which is stricter than Prometheus
    itself: each metric's HELP and TYPE come once, before its samples, which stand
    together; histograms are cumulative and end with +Inf.
    """
    assert text.endswith("\n")
    samples, kinds, described, name = {}, {}, set(), ""
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            name = line.split(" ")[2]
            assert NAME.fullmatch(name)
            assert name not in described
            described.add(name)
        elif line.startswith("# TYPE "):
            _, _, of, kind = line.split(" ")
            assert of == name
            assert kind in ("counter", "gauge", "histogram")
            kinds[name] = kind
        else:
            full, labels, value = sample(line)
            endings = (
                ("_bucket", "_sum", "_count") if kinds[name] == "histogram" else ("",)
            )
            assert full in [name + ending for ending in endings]
            assert (full, labels) not in samples
            samples[full, labels] = value
    for name, kind in kinds.items():
        assert (kind == "counter") == name.endswith("_total")
        if kind == "histogram":
            check_histogram(name, samples)
    return samples


def sample(line: str) -> tuple[str, frozenset, float]:
    """Name, labels and value of a line."""
    name = NAME.match(line)[0]
    rest, labels = line[len(name) :], []
    if rest.startswith("{"):
        at = 1
        while rest[at] != "}":
            key, value, comma = LABEL.match(rest[: rest.rindex("}")], at).groups()
            labels.append((key, re.sub(r"\\.", lambda found: ESCAPES[found[0]], value)))
            at += len(f'{key}=""') + len(value) + len(comma)
        rest = rest[at + 1 :]
    space, _, value = rest.partition(" ")
    assert space == ""
    assert re.fullmatch(r"[+-]?(Inf|NaN|[0-9.]+(e[+-]?[0-9]+)?)", value)
    return name, frozenset(labels), float(value)


def check_histogram(name: str, samples) -> None:
    buckets = {}
    for (full, labels), value in samples.items():
        if full == f"{name}_bucket":
            own = dict(labels)
            buckets.setdefault(frozenset(own.items() - {("le", own["le"])}), []).append(
                (float(own["le"]), value)
            )
    assert buckets
    for labels, found in buckets.items():
        bounds, counts = zip(*found, strict=True)
        assert list(bounds) == sorted(bounds)
        assert bounds[-1] == float("inf")
        assert list(counts) == sorted(counts)
        assert samples[f"{name}_count", labels] == counts[-1]
        assert (f"{name}_sum", labels) in samples


@pytest.fixture
def app(engine, tmp_path):
    return create_app(Settings(index=tmp_path, metrics=True), engine)


@pytest.fixture
def scrape(app):
    """Reads one value, or all with the name, as Prometheus would."""

    def read(name: str, **labels: str) -> float:
        answer = app.test_client().get("/metrics")
        assert answer.status_code == 200
        assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
        return parsed(answer.text)[name, frozenset(labels.items())]

    return read


def asked(scrape, kind: str = "question") -> dict[str, float]:
    outcomes = ("answered", "refused", "invalid", "busy", "error")
    found = {
        one: scrape("blogsearch_questions_total", kind=kind, outcome=one)
        for one in outcomes
    }
    return {outcome: count for outcome, count in found.items() if count}


def test_there_is_no_such_page_unless_it_is_wanted(client):
    assert client.get("/metrics").status_code == 404
    assert from_environment({}).metrics is False
    assert from_environment({"BLOGSEARCH_METRICS": "1"}).metrics is True
    with pytest.raises(SettingsError, match="BLOGSEARCH_METRICS must be 1 or 0"):
        from_environment({"BLOGSEARCH_METRICS": "yes"})


def test_it_counts_what_questions_came_to(app, scrape):
    client = app.test_client()
    assert asked(scrape) == {}
    for question in ("gradient", "gradient step", "unsure gradient", "%3F"):
        client.get(f"/api/search?q={question}")
    client.get("/?q=gradient")  # the page asks the same way
    client.get("/api/search?q=boom")
    client.get("/api/suggest?q=gradient")
    client.get("/api/similar?text=gradient")
    assert asked(scrape) == {"answered": 3, "refused": 1, "invalid": 1, "error": 1}
    assert asked(scrape, "suggestion") == asked(scrape, "text") == {"answered": 1}
    # Of those that got an answer.
    assert scrape("blogsearch_question_seconds_count", kind="question") == 4


def test_it_counts_whom_it_had_no_time_for(app, engine, scrape):
    gate = gate_of(app)
    gate._patience = 0.01
    engine.held.clear()
    with ThreadPoolExecutor(2) as threads:
        for _ in range(2):
            threads.submit(app.test_client().get, "/api/search?q=gradient")
        while engine.asked < 2:
            assert engine.began.wait(10)
        assert app.test_client().get("/api/search?q=gradient").status_code == 503
        engine.held.set()
    assert asked(scrape) == {"answered": 2, "busy": 1}
    with pytest.raises(Busy):
        gate.turn_away(3)
    assert scrape("blogsearch_turned_away_total") == 1
    assert asked(scrape) == {"answered": 2, "busy": 1}


def test_it_tells_what_is_held_and_since_when(scrape):
    assert scrape("blogsearch_build_info", version=version()) == 1
    assert scrape("blogsearch_articles") == 40
    assert scrape("blogsearch_passages") == 1234
    assert scrape("blogsearch_sources") == len(BOOKS)
    assert scrape("blogsearch_sources_failed") == 1
    changed = datetime(2026, 11, 22, 8, 14, 51, tzinfo=UTC)
    assert scrape("blogsearch_updated_timestamp_seconds") == changed.timestamp()
    assert scrape("blogsearch_index_readable") == 1


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_prometheus_s_own_linter_finds_no_fault(app):
    for path in ("/api/search?q=gradient", "/api/search?q=boom"):
        app.test_client().get(path)
    text = app.test_client().get("/metrics").text
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_model_is_told_once_it_is_there(app, scrape):
    assert scrape("blogsearch_model_loaded") == 1
    gate_of(app).expect_model()
    assert scrape("blogsearch_model_loaded") == 0


@pytest.mark.parametrize("fault", ["missing", "damaged"])
def test_an_index_that_can_t_be_read_is_a_figure_too(
    engine, scrape, fault, monkeypatch
):
    def damaged():
        raise IndexDamaged("a secret from inside")

    if fault == "missing":
        engine.missing = True
    else:
        monkeypatch.setattr(engine, "require_sound", damaged)
    assert scrape("blogsearch_index_readable") == 0
    assert asked(scrape) == {}
    with pytest.raises(KeyError):
        scrape("blogsearch_articles")


def test_it_tells_nothing_of_who_asked_what(app):
    client = app.test_client()
    client.get("/api/search?q=gradient+descent&site=notes.example")
    text = client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).text
    for secret in ("descent", "notes.example", "192.0.2", "127.0.0.1", "canned"):
        assert secret not in text


def test_a_stranger_s_host_gets_none_of_it(app):
    answer = app.test_client().get("/metrics", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "blogsearch_" not in answer.text
    foreign = {"Origin": "https://evil.example"}
    assert app.test_client().get("/metrics", headers=foreign).status_code == 403


def test_a_scraper_s_requests_are_no_questions_of_its_client(tmp_path):
    settings = Settings(index=tmp_path, metrics=True, per_minute=1)
    client = create_app(settings, CannedEngine()).test_client()
    assert [client.get("/metrics").status_code for _ in range(5)] == [200] * 5


def test_no_count_is_lost_between_threads():
    counts = Counts()

    def ask(number: int) -> None:
        for _ in range(500):
            counts.note("question", "answered", 0.25)
            counts.note_failure("text", "error")
            counts.note_turned_away()
            if number == 0:  # somebody reads meanwhile
                parsed(exposition(counts.metrics()))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(8)))
    found = parsed(exposition(counts.metrics()))
    question = frozenset({("kind", "question")})
    assert found["blogsearch_question_seconds_sum", question] == 1000.0
    assert found["blogsearch_question_seconds_count", question] == 4000
    assert found["blogsearch_turned_away_total", frozenset()] == 4000
    failed = frozenset({("kind", "text"), ("outcome", "error")})
    assert found["blogsearch_questions_total", failed] == 4000


@given(st.lists(st.floats(0, 100), max_size=30))
def test_a_bucket_holds_all_that_took_no_longer(seconds):
    counts = Counts()
    for one in seconds:
        counts.note("question", "answered", one)
    found = parsed(exposition(counts.metrics()))
    for bound in BOUNDS:
        labels = frozenset({("kind", "question"), ("le", number(bound))})
        within = sum(one <= bound for one in seconds)
        assert found["blogsearch_question_seconds_bucket", labels] == within


@given(st.text(), st.text(), st.floats(allow_nan=False, allow_infinity=False))
def test_any_text_is_read_back_as_it_was(about, value, measured):
    about, value = (
        re.sub(r"[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", " ", one)
        for one in (about, value)
    )
    metric = Metric("a", "gauge", about, (Sample(measured, {"label": value}),))
    text = exposition([metric])
    assert text.count("\n") == 3
    assert parsed(text) == {("a", frozenset({("label", value)})): measured}
