"""How much of a text a model was not made for, and that a question in such writing goes
by its words."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.embedding.vocabulary import unknown_share
from search.engine import Engine
from search.index.open import open_index
from search.index.sqlite.writer import SqliteWriter
from search.types import Article, Block, Passage
from tests.torture.scale import rounds

LEAVEN = (
    "我家的小麦粉是从镇上的磨坊买来的，每个星期天早上都要做六个大面包，分给左邻右舍和远道来的客人一起吃，剩下的切片冻起来。"
    "酵母在温暖的面团里产生气体，面包因此变得松软，所以冬天要把盆放在炉子旁边，盖上湿布，让它慢慢地长到原来的两倍那么大。"
    "发酵的时间越长，味道越好，可是太久了会发酸，这时候只好加一点小苏打来补救，或者干脆把它当作下一次的老面留下来继续用。"
)
FOREIGN = {
    "stars": "晚上在山上看星星最清楚，城市里的灯光太亮了。我们带了望远镜和热茶。",
    "trains": "坐火车去海边要四个小时，路上可以看书。车站旁边有一家很好的面馆。",
    "cameras": "这台旧相机的快门声音很大，但是照片的颜色让人喜欢。胶卷越来越贵了。",
}


def share(text: str, pieces: list[str], unknown: str = "") -> float:
    """Of a text whose tokens are these pieces, in order; those of ``unknown`` are not
    in the vocabulary."""
    spans, at = [], 0
    for piece in pieces:
        at = text.index(piece, at)
        spans.append((at, at := at + len(piece)))
    return unknown_share(
        text,
        np.array(spans, np.int32).reshape(-1, 2),
        np.array([piece in unknown for piece in pieces], bool),
    )


def test_words_in_pieces_are_read_and_words_spelt_out_are_not():
    assert share("kettles whistle", ["ket", "tles", "whistle"]) == 0
    assert share("чай nginx", ["ч", "а", "й", "ng", "in", "x"]) == 0.5
    assert share("chai 北", ["chai", "北"], unknown="北") == 0.5


def test_single_letters_and_known_characters_are_words_of_their_own():
    assert share("a c 北京", ["a", "c", "北", "京"]) == 0
    assert share("é", ["é"]) == 0
    assert (
        unknown_share("北", np.array([[0, 1]] * 3, np.int32), np.zeros(3, bool)) == 1
    )  # in bytes


def test_where_nothing_is_written_or_the_window_ends_nothing_is_unread():
    assert share("", []) == share("12 + 3?", ["12", "3"]) == 0
    assert share("tea чай", ["tea"]) == 0


@settings(max_examples=rounds(100, 1000), deadline=None)
@given(st.text(max_size=30), st.data())
def test_it_is_a_share(text, data):
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=20)))
    spans = np.array(list(pairwise(places)), np.int32).reshape(-1, 2)
    unknown = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(spans), max_size=len(spans))),
        bool,
    )
    assert 0 <= unknown_share(text, spans, unknown) <= 1


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("how do I set up a web server for several domains?", 0, 0),
        ("comment configurer un serveur pour plusieurs domaines ?", 0, 0),
        ("Wie richte ich einen Webserver für mehrere Domains ein?", 0, 0),
        ("как настроить сервер для нескольких сайтов", 0.7, 1),
        ("πώς ρυθμίζω τον διακομιστή", 0.7, 1),
        ("サーバーの設定方法を教えてください", 0.5, 1),
        ("서버를 설정하는 방법은 무엇입니까", 1, 1),
        ("怎样配置多个域名的服务器", 0.5, 1),
    ],
)
def test_what_the_real_embedder_reads(real_embedder, text, low, high):
    assert low <= real_embedder.encode_query(text).unknown_share <= high


def test_a_question_that_the_model_cannot_read_finds_by_its_words(
    real_embedder, tmp_path
):
    """Its vector is that of "unknown, unknown, unknown", and lies near whatever else is
    unknown."""
    with SqliteWriter(tmp_path, real_embedder, splitter=1) as writer:
        for name, text in {**FOREIGN, "bread": LEAVEN}.items():
            article = Article(
                f"https://a.example/{name}", name, blocks=(Block("paragraph", text),)
            )
            writer.add([(article, [Passage(text)])])
        writer.commit()
    engine = Engine(open_index(tmp_path), embedder=real_embedder)
    try:
        answer = engine.search("面团为什么会产生气体？")
        assert answer.hits[0].title == "bread"
        passage = answer.hits[0].passages[0]
        assert passage.text[passage.answer.start : passage.answer.end].startswith(
            "酵母在温暖的面团里"
        )
        assert engine.search("发酵时间越长味道越好吗").confident
        assert not engine.search("怎样修理漏水的屋顶").confident
    finally:
        engine.close()
