"""Dates of feeds: as they are written, never as today's clock has them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from indexer.sources.feed.dates import FeedDates
from indexer.sources.feeds import parse_feed

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATEST = datetime(2027, 11, 22, tzinfo=UTC)
MAY_7 = date(2019, 5, 7)


def days(*written: str, language: str = "") -> list[date | None]:
    items = "".join(
        f"<item><title>{number}</title><link>/{number}</link><pubDate>{text}</pubDate></item>"
        for number, text in enumerate(written)
    )
    declared = f"<language>{language}</language>" if language else ""
    body = f"<rss version='2.0'><channel>{declared}{items}</channel></rss>"
    feed = parse_feed(body.encode(), "http://weir.example/feed", now=NOW)
    return [item.day for item in feed.items]


@pytest.mark.parametrize(
    "written",
    [
        "2019/05/07", "2019/5/7 08:00", "2019.05.07", "2019. 5. 7.", "2019. 05. 07. 오후 3:00",
        "2019年5月7日 08:00", "2019년 05월 07일", "20190507", "20190507T080000Z", "201905070800",
        "Tue May 07 08:00:00 +0000 2019", "Tue May  7 08:00:00 UTC 2019", "May 7, 2019 8:00 AM",
        "Вт, 07 мая 2019 08:00:00 +0300", "Вт, 07 май 2019 08:00:00 +0300", "07 трав 2019",
        "wt., 07 maj 2019 08:00:00 +0200", "út, 07 kvě 2019 08:00:00 +0200", "7. května 2019",
        "uto, 07 svi 2019 08:00:00 +0200", "7. svibnja 2019.", "ti, 07 touko 2019 08:00:00 +0300",
        "7. toukokuuta 2019 klo 8.00", "7 Mayıs 2019 Salı", "2019. május 7., kedd", "2019 m. gegužės 7 d.",
        "Τρίτη, 7 Μαΐου 2019", "07 Май 2019", "7 травня 2019 р.", "Tue, 07 May 19 08:00:00 GMT",
        "1557216000", "1557216000000",
    ],
)  # fmt: skip
def test_the_day_is_what_is_written(written):
    assert days(written) == [MAY_7]


def test_a_name_of_two_months_goes_by_the_language():
    assert days("7. listopada 2019.", language="hr") == [date(2019, 10, 7)]
    assert days("7 listopada 2019", language="pl") == [date(2019, 11, 7)]


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("de", date(2019, 4, 3)), ("fr-FR", date(2019, 4, 3)), ("en-GB", date(2019, 4, 3)),
        ("pt_BR", date(2019, 4, 3)), ("en", date(2019, 3, 4)), ("en-us", date(2019, 3, 4)), ("", None),
    ],
)  # fmt: skip
def test_numbers_alone_go_by_the_language(language, day):
    assert days("03/04/2019 10:00", language=language) == [day]
    assert days("03-04-2019", language=language) == [day]


def test_another_day_of_the_feed_tells_more_than_its_language():
    found = days("03/04/2019", "17/04/2019", language="en-us")
    assert found == [date(2019, 4, 3), date(2019, 4, 17)]
    assert days("03/04/2019", "03/17/2019", language="it") == [
        date(2019, 3, 4),
        date(2019, 3, 17),
    ]
    # Each of these is plain, and they don't tell how a third is meant.
    assert days("17/04/2019", "03/17/2019", "03/04/2019") == [
        date(2019, 4, 17),
        date(2019, 3, 17),
        None,
    ]


@pytest.mark.parametrize("written", ["2019", "May 2019", "-05-07", "Tuesday", "07"])
def test_what_is_not_written_is_not_filled_in(written):
    assert days(written) == [None]


def test_a_month_alone_is_its_first_day():
    assert days("2019-05") == [date(2019, 5, 1)]


def test_the_time_of_day_stays_where_the_day_is_the_same():
    dates = FeedDates(LATEST)
    late = datetime(2019, 5, 8, 3, 30, tzinfo=UTC)
    written = "Tue, 07 May 2019 20:30:00 -0700"
    assert dates.moment(written, late) == late
    assert dates.local_day(written, late) == MAY_7
    # A parser's other reading goes.
    other = datetime(2019, 11, 1, tzinfo=UTC)
    assert dates.moment("2019/05/07", other) == datetime(2019, 5, 7, tzinfo=UTC)


def test_json_feeds_too():
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "language": "de",
        "items": [{"id": "1", "url": "http://weir.example/1", "date_published": text}
                  for text in ("2019/05/07", "07/05/2019")],
    }  # fmt: skip
    items = parse_feed(json.dumps(feed).encode(), "http://weir.example/f", now=NOW)
    assert [item.day for item in items.items] == [MAY_7, MAY_7]
