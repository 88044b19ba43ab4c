"""What was typed, read as words, phrases, exclusions and filters."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.errors import QueryError
from search.query.days import parse_day
from search.query.parser import Query, parse
from search.text.tokenizer import has_word
from search.types import Filters
from tests.torture.scale import rounds

CODES = {
    "empty",
    "too-long",
    "control-characters",
    "bad-date",
    "bad-language",
    "unsupported",
    "nothing-to-search",
}
quick = settings(max_examples=rounds(200, 1000), deadline=None)

SYNTAX = [
    '"', "-", "OR", "AND", "NOT", "NEAR(", ")", "*", "^", "+", ":", "title:", "a", "site:x.org", "“", "”",
    "{", "}", "author:", "before:2021", "'", "''", "C++", "机器学习", "-b", "\\", "é", "_", "\u0345",
]  # fmt: skip

typed = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(SYNTAX),
        max_size=12,
    ).flatmap(lambda parts: st.sampled_from(["".join(parts), " ".join(parts)])),
)


def read(text):
    try:
        return parse(text)
    except QueryError as error:
        return error


def code_of(text):
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert str(caught.value).endswith(".")
    return caught.value.code


@quick
@given(typed)
def test_whatever_is_typed_is_read_or_refused_with_a_reason(text):
    query = read(text)
    if isinstance(query, QueryError):
        assert query.code in CODES
        return
    assert has_word(query.text)


@quick
@given(st.lists(st.text("abcdefgh", min_size=3, max_size=8), min_size=1, max_size=8))
def test_plain_words_are_kept_in_order(words):
    query = parse(" ".join(words))
    assert query.text.split() == words
    assert set(query.words) <= set(words)
    assert query.words


def test_words_phrases_and_exclusions():
    query = parse('training a "policy gradient" -keras -"hot take" agent')
    assert query == Query(
        text="training a policy gradient agent",
        words=("training", "agent"),
        phrases=("policy gradient",),
        excluded=("keras", "hot take"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "git rebase -i HEAD~3",
        "tar -xzf archive.tar.gz",
        "docker run -it ubuntu bash",
        "ls -la | grep -v x",
        "git merge --no-ff topic",
        "what does rm -rf do",
        "explain tar -xvf",
        "python -m venv",
        "set -euo pipefail",
        "java -jar app.jar",
        "find . -name test -type f",
        "ffmpeg -i in.mp4 -c copy out.mp4",
        "gcc -Wall -O2 main.c",
        "gcc -march=native",
        "curl -fsSL https://a.example/x.sh | sh",
        "openssl req -x509 -newkey rsa:4096 -keyout key.pem",
        "mysql -uroot -p",
        "npm install -g typescript",
        "git commit -am message",
        "terraform apply -auto-approve",
        "sudo kill -9 1234",
        "the option -n of head",
        "cut -d, -f1 file.csv",
        "ps -ef",
        "netstat -tulpn",
        "make -j4",
    ],
)
def test_an_option_of_a_command_excludes_nothing(text):
    query = parse(text)
    assert query.excluded == ()
    assert query.text == text


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("python -snake", ("snake",)),
        ("jaguar -car", ("car",)),
        ("git -svn", ("svn",)),
        ("java -oop", ("oop",)),
        ("framework -js", ("js",)),
        ("transformers -rnn -lstm", ("rnn", "lstm")),
        ("cat -dog", ("dog",)),
        ("make bread -sugar", ("sugar",)),
        ("docker networking -swarm", ("swarm",)),
        ("bash tutorial -zsh", ("zsh",)),
        ("machine learning -AI", ("AI",)),
        ("pets -猫", ("猫",)),
        ('git rebase -"it"', ("it",)),
        ('tar -"xzf"', ("xzf",)),
        ('oranges -"5 apples"', ("5 apples",)),
        ("how to open archive.tar.gz -windows", ("windows",)),
    ],
)
def test_a_minus_before_a_word_or_phrase_excludes_it(text, excluded):
    assert parse(text).excluded == excluded


COMMON_WORDS = [
    "gardening", "keras", "kitchen", "mercury", "novel", "planet", "snake", "windows",
]  # fmt: skip


@quick
@given(
    st.lists(st.sampled_from(COMMON_WORDS), min_size=1, max_size=4),
    st.lists(st.sampled_from(COMMON_WORDS), min_size=1, max_size=3, unique=True),
    st.sampled_from(["", "git", "python", "find", "tar"]),
)
def test_words_are_excluded_wherever_the_minus_stands(words, excluded, command):
    asked = " ".join([command, *words, *(f"-{word}" for word in excluded)])
    query = parse(asked)
    assert query.excluded == tuple(excluded)
    assert query.text.split() == [*command.split(), *words]


@quick
@given(
    st.sampled_from(["git", "tar", "find", "what is ls", "python", "in the garden"]),
    st.lists(st.sampled_from("abcdefgxzABX"), min_size=1, max_size=4),
)
def test_single_letters_are_never_excluded(command, letters):
    options = " ".join(f"-{letter}" for letter in letters)
    assert parse(f"{command} {options}").excluded == ()


def test_operators_become_filters():
    query = parse(
        'SITE:https://www.Example.org/blog author:"Ada Lovelace" after:2021 before:2022-05 engines'
    )
    assert query.text == "engines"
    assert query.filters == Filters(
        "example.org", "Ada Lovelace", date(2021, 1, 1), date(2022, 4, 30)
    )


def test_typed_operators_win_over_given_filters_and_leave_the_others():
    given_filters = Filters(site="a.org", author="Ada", after=date(2020, 1, 1))
    assert parse("x site:b.org", given_filters).filters == Filters(
        "b.org", "Ada", date(2020, 1, 1)
    )


@pytest.mark.parametrize("name", ["de", "DE", "de-AT", "German", "deutsch"])
def test_a_language_goes_by_code_or_name(name):
    assert parse(f"x lang:{name}").filters == Filters(language="de")


@pytest.mark.parametrize(
    "quoted",
    ['"two words"', "“two words”", "„two words“", "« two words »", "＂two words＂"],
)
def test_all_kinds_of_quotation_marks(quoted):
    assert parse(f"{quoted} more").phrases == ("two words",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("foo:bar", ("foo:bar",)),
        ("https://a.org/b", ("https://a.org/b",)),
        ('"unbalanced mark', ("unbalanced", "mark")),
        ("C++ and C#", ("C++", "C#")),
        ("torch.as_strided", ("torch.as_strided",)),
        ("returns -1 with --flag", ("returns", "-1", "--flag")),
        ("well-known — really", ("well-known", "really")),
        ("to be or not to be", ("to", "be", "or", "not")),
        ("don’t panic", ("panic",)),
        ("was ist ein Vektor", ("Vektor",)),
        ("机器学习", ("机器", "器学", "学习")),
        ("用Python编写", ("Python", "用", "编写")),
        ("기계학습", ("기계", "계학", "학습")),
        ("site: example", ("site:", "example")),
        ("same same", ("same",)),
    ],
)
def test_terms(text, words):
    assert parse(text).words == words


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \t\n\u200b", "empty"),
        ("x" * 2001, "too-long"),
        ("a\0b", "control-characters"),
        ("a\x1b[31m", "control-characters"),
        ("\ud800", "control-characters"),
        ("site:a.org after:2021", "nothing-to-search"),
        ("-word", "nothing-to-search"),
        ("?!", "nothing-to-search"),
        ('""', "nothing-to-search"),
        ("x before:tomorrow", "bad-date"),
        ("x after:2021-02-30", "bad-date"),
        ("x lang:quite-unknown", "bad-language"),
        ("x -site:a.org", "unsupported"),
    ],
)
def test_refusals(text, code):
    assert code_of(text) == code


def test_as_long_as_allowed():
    assert parse("x" * 2000).words


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2021", date(2021, 1, 1)),
        ("2024-02", date(2024, 2, 1)),
        ("2021-5", date(2021, 5, 1)),
        (" 2021/05/03 ", date(2021, 5, 3)),
        ("2021-13", None),
        ("2021-02-29", None),
        ("2021-00", None),
        ("21", None),
        ("yesterday", None),
    ],
)
def test_days(text, first):
    assert parse_day(text) == first


@quick
@given(st.dates(date(1970, 1, 1), date(2999, 12, 31)))
def test_every_day_lies_within_its_month_and_year(day):
    assert parse_day(f"{day:%Y}") == day.replace(month=1, day=1)
    assert parse_day(f"{day:%Y-%m}") == day.replace(day=1)
    assert parse_day(f"{day:%Y-%m-%d}") == day
    assert parse(f"x before:{day}").filters.before < day


def test_one_of_the_words_that_or_joins_has_to_be_there():
    query = parse('rye OR "spelt flour" OR oats bread')
    assert query == Query(
        text="rye spelt flour oats bread",
        words=("rye", "oats", "bread"),
        alternatives=(("rye", "spelt flour", "oats"),),
    )
    assert query.likely_phrases == ("spelt flour",)


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("old rye OR spelt bread", (("rye", "spelt"),)),
        ("a OR b c OR d", (("a", "b"), ("c", "d"))),
        ("“cold room” OR “warm room”", (("cold room", "warm room"),)),
        ("C++ OR C#", (("C++", "C#"),)),
        ("(rye OR spelt)", (("(rye", "spelt)"),)),
        ("to be OR not to be", (("be", "not"),)),
        ("rye OR rye", (("rye",),)),
        ("foo:bar OR baz", (("foo:bar", "baz"),)),
        ("rye or spelt", ()),
        ("OR gate", ()),
        ("rye OR", ()),
        ("rye OR OR spelt", ()),
        ("rye OR -spelt", ()),
        ("rye OR ?", ()),
        ('"rye OR spelt"', ()),
    ],
)
def test_or_in_capitals_binds_what_stands_beside_it(text, alternatives):
    assert parse(text).alternatives == alternatives


def test_words_of_a_title_are_asked_for_and_have_to_be_there():
    query = parse('intitle:Rye how long INTITLE:"sour dough"')
    assert query == Query(
        text="Rye how long sour dough",
        words=("Rye", "long"),
        titled=("Rye", "sour dough"),
    )
    assert parse("intitle:rye").is_bound
    assert parse("intitle:rye OR").titled == ("rye",)


@pytest.mark.parametrize(
    "text",
    [
        "x site:a.org OR site:b.org",
        "x OR author:Ann",
        "intitle:rye OR intitle:spelt",
        "-intitle:rye x",
    ],
)
def test_an_operator_where_it_says_nothing_is_refused(text):
    assert code_of(text) == "unsupported"


OPERATORS_SINCE = ("intitle:",)


@quick
@given(typed)
def test_a_question_without_operators_that_came_later_is_read_as_before(text):
    query = read(text)
    if isinstance(query, QueryError):
        return
    # In the words of programs before: all of this is empty.
    is_new = " OR " in f" {text} " or any(
        one in text.lower() for one in OPERATORS_SINCE
    )
    later = (query.titled, query.alternatives, query.likely_phrases, query.is_bound)
    assert is_new or later == ((), (), (), False)


@quick
@given(
    st.lists(
        st.lists(st.sampled_from(COMMON_WORDS), min_size=1, max_size=3, unique=True),
        min_size=1,
        max_size=4,
    )
)
def test_every_group_is_kept_as_it_was_typed(groups):
    query = parse(" ".join(" OR ".join(words) for words in groups))
    assert query.alternatives == tuple(
        tuple(words) for words in groups if len(words) > 1
    )
    assert query.text.split() == [word for words in groups for word in words]
