"""Parts of one series are told by their titles."""

import pytest

from search.text.title_series import are_one_series, common_title


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("My rules for making things, Part 1", "My Rules for Making Things, Part 3"),
        ("Data Part 2: Active Learning", "Data, part 3 – Data Generation"),
        ("Is it humanizing? (I)", "Is it humanizing? (II)"),
        ("Highlights of 2019", "Highlights of 2020"),
        ("Audio, pt. one", "Audio"),
        ("Kochen III", "Kochen II"),
        ("Java 反序列化漏洞（一） - 前置知识", "Java 反序列化漏洞（三） - 前置知识"),
        ("Monday links", "Monday links"),
    ],
)
def test_a_series(one, other):
    assert are_one_series(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Part 1", "Part 2"),
        ("2019", "2020"),
        ("", ""),
        ("Why I moved", "Why you moved"),
        ("The party of one", "The party of two"),
        ("Attention", "Attention is costly"),
    ],
)
def test_no_series(one, other):
    assert not are_one_series(one, other)


def test_a_part_that_comes_first_leaves_what_follows():
    assert common_title("Part 2: The second year") == "the second year"
