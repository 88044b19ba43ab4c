"""Pages of videos and podcasts, shaped as YouTube, Vimeo and podcast hosts serve
them."""

from __future__ import annotations

import json
from datetime import date

import pytest

from indexer.documents.known_sites import own_address
from indexer.documents.read_page import read
from indexer.extract.page import ExtractError
from tests.runs import Runs, results
from tests.sites import serving, text

WATCH = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
NOTES = "How a cold kiln cracks glaze.\n\n0:00 Intro\n1:15 The first crack\n\nSlides: https://kiln.example/s"


def youtube(player: dict) -> bytes:
    return (
        '<!DOCTYPE html><html lang="en"><head><title>Cold kilns - YouTube</title>'
        '<meta name="description" content="How a cold kiln cracks ..."><meta property="og:type"'
        ' content="video.other"></head><body><script nonce="x">var ytInitialPlayerResponse = '
        f"{json.dumps(player)};var meta = document.createElement('meta');</script>"
        "<script>var ytInitialData = {};</script></body></html>"
    ).encode()


def about(*nodes: dict, kind: str = "website", body: str = "") -> bytes:
    data = json.dumps(nodes[0] if len(nodes) == 1 else {"@graph": nodes})
    return (
        f'<html lang="en"><head><title>Page | Host</title><meta property="og:type" content="{kind}">'
        f'<script type="application/ld+json">{data}</script></head><body>{body}</body></html>'
    ).encode()


def test_a_video_of_youtube_is_its_whole_description():
    player = {
        "videoDetails": {
            "title": "Cold kilns",
            "author": "Kiln Club",
            "shortDescription": NOTES,
        },
        "microformat": {
            "playerMicroformatRenderer": {"publishDate": "2021-03-04T01:02:03-08:00"}
        },
    }
    found = read(youtube(player), WATCH, content_type="text/html")
    assert found.whole
    assert found.page is not None
    assert (found.page.title, found.page.author, found.page.site) == (
        "Cold kilns",
        "Kiln Club",
        "YouTube",
    )
    assert found.page.published == date(2021, 3, 4)
    assert "The first crack" in " ".join(block.text for block in found.blocks)


@pytest.mark.parametrize(
    ("body", "url", "sentence"),
    [
        (
            youtube({"playabilityStatus": {"reason": "Video unavailable"}}),
            WATCH,
            "Video unavailable",
        ),
        (b"<script>var ytInitialPlayerResponse = {broken", WATCH, "can't be read"),
        (
            b"<p>Before you continue</p>",
            "https://consent.youtube.com/m?continue=x",
            "consent",
        ),
    ],
)
def test_a_video_that_is_not_to_be_had_is_refused_in_a_sentence(body, url, sentence):
    with pytest.raises(ExtractError, match=sentence):
        read(body, url, content_type="text/html")


@pytest.mark.parametrize(
    "url",
    [
        "https://youtu.be/dQw4w9WgXcQ?t=42",
        "https://m.youtube.com/watch?feature=share&v=dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
    ],
)
def test_a_video_has_one_address(url):
    assert own_address(url) == WATCH


def test_a_channel_is_no_video():
    assert own_address("https://www.youtube.com/@kilns/videos") == ""


VIDEO = {
    "@type": "VideoObject", "name": "Glaze talk", "description": "A talk about ash. " * 9,
    "uploadDate": "2019-05-06", "author": {"@type": "Person", "name": "Ines Halvorsen"},
}  # fmt: skip


def test_a_page_that_is_a_video_is_its_description_not_its_comments():
    comments = f"<div class=stream><p>{text(3)}</p><p>{text(4)}</p></div>"
    found = read(about(VIDEO, kind="video.other", body=comments), "https://v.example/1")
    assert found.page is not None
    assert (found.page.title, found.page.author) == ("Glaze talk", "Ines Halvorsen")
    assert found.page.published == date(2019, 5, 6)
    assert [block.text for block in found.blocks] == [VIDEO["description"].strip()]


def test_an_article_that_shows_a_video_stays_the_article():
    body = f"<article><h1>My kiln</h1><p>{text(5)}</p><p>{text(6)}</p></article>"
    for nodes in ([VIDEO], [VIDEO, {"@type": "BlogPosting", "headline": "My kiln"}]):
        found = read(about(*nodes, body=body), "https://b.example/kiln")
        assert found.page is not None
        assert found.page.title != "Glaze talk"
        assert text(5)[:40] in found.blocks[-2].text


EPISODE = {
    "@type": "PodcastEpisode", "name": "12: Ash", "datePublished": "2020-02-03",
    "description": f"<p>{text(8)}</p><ul><li>Links of the show</li></ul>",
    "partOfSeries": {"@type": "PodcastSeries", "name": "Kiln Hour"},
}  # fmt: skip


def test_an_episode_of_a_podcast_has_its_show_notes():
    found = read(about(EPISODE, body="<p>Listen now</p>"), "https://p.example/12")
    assert found.page is not None
    assert (found.page.title, found.page.published) == ("12: Ash", date(2020, 2, 3))
    assert [block.kind for block in found.blocks] == ["paragraph", "item"]


def test_an_episode_with_a_transcript_has_the_transcript():
    body = f"<article><h1>12: Ash</h1>{''.join(f'<p>{text(n)}</p>' for n in range(20, 26))}</article>"
    found = read(about(EPISODE, body=body), "https://p.example/12")
    assert text(25)[:40] in " ".join(block.text for block in found.blocks)


def test_a_link_page_leads_to_recordings(tmp_path, workers):
    with serving() as site:
        site.put("/talk", about(VIDEO, kind="video.other"))
        site.put("/12", about(EPISODE, body="<p>Listen now</p>"))
        kinds = {
            "talk": "Talk",
            "12": "Pod",
            "talk?x=1": "Again",
            "12?x=1": "Once more",
        }
        links = "".join(
            f"- 2024-05-06 [{name}]({site.url('/')}{path}) ash\n"
            for path, name in kinds.items()
        )
        site.put("/links.md", f"# L\n\n{links}", kind="text/markdown")
        runs = Runs(tmp_path / "index", workers)
        found = results(runs.add(site.url("/links.md")))
        assert found[site.url("/talk")] == found[site.url("/12")] == "article"
        talk = runs.articles()[site.url("/talk")]
        assert (talk.title, talk.notes[0].anchor_text) == ("Glaze talk", "Talk")


def test_an_item_with_nothing_but_a_recording_is_held_by_its_show_notes(
    tmp_path, workers
):
    with serving() as site:
        item = f"<item><title>13: Clay</title><guid isPermaLink='false'>x13</guid><description>{text(9)}"
        item += f"</description><enclosure url='{site.url('/13.mp3')}' type='audio/mpeg' length='9'/></item>"
        feed = f"<rss version='2.0'><channel><title>Kiln Hour</title>{item}</channel></rss>"
        site.put("/feed.xml", feed, kind="application/rss+xml")
        site.put("/13.mp3", b"ID3", kind="audio/mpeg")
        runs = Runs(tmp_path / "index", workers)
        runs.add(site.url("/feed.xml"))
        (held,) = runs.articles().values()
        assert (held.title, held.evidence) == ("13: Clay", "summary")
        assert held.url == site.url("/13.mp3")
