from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from search.errors import IndexAddressError
from search.index.open import default_index_dir
from search.index.server_address import ServerAddress
from tests.torture.scale import rounds
from web.settings import Settings, SettingsError, from_environment

NUMBERS = ["BLOGSEARCH_PORT", "BLOGSEARCH_THREADS", "BLOGSEARCH_AT_ONCE", "BLOGSEARCH_PER_MINUTE",
           "BLOGSEARCH_PROXIES"]  # fmt: skip


def test_an_empty_environment_gives_the_defaults():
    assert from_environment({}) == Settings()
    assert Settings().index == default_index_dir()
    assert (Settings().host, Settings().port) == ("127.0.0.1", 8000)


def test_every_variable_is_read():
    told = from_environment(
        {
            "BLOGSEARCH_INDEX": "/srv/index",
            "BLOGSEARCH_HOST": "0.0.0.0",
            "BLOGSEARCH_PORT": " 9000 ",
            "BLOGSEARCH_ALLOWED_HOSTS": "search.example, ,blogs.example",
            "BLOGSEARCH_THREADS": "4",
            "BLOGSEARCH_AT_ONCE": "3",
            "BLOGSEARCH_PER_MINUTE": "60",
            "BLOGSEARCH_PROXIES": "1",
            "BLOGSEARCH_ORIGINS": "https://Blog.example/, http://localhost:3000",
            "BLOGSEARCH_LOG": "full",
        }
    )
    hosts = frozenset({"search.example", "blogs.example"})
    assert told == Settings(
        Path("/srv/index"), "0.0.0.0", 9000, hosts, 4, 3, 60, 1,
        frozenset({"https://blog.example", "http://localhost:3000"}), "full",
    )  # fmt: skip


@pytest.mark.parametrize(
    "origin", ["blog.example", "https://blog.example/path", "ftp://blog.example", "https://", "null",
               "https://me@blog.example", "https://*.example https://b.example/x", "http://[::1"],
)  # fmt: skip
def test_an_origin_must_be_one(origin):
    with pytest.raises(SettingsError, match="BLOGSEARCH_ORIGINS"):
        Settings(origins=frozenset({origin}))


def test_a_log_must_be_one_of_three():
    with pytest.raises(SettingsError, match="plain, full, off"):
        Settings(log="loud")
    with pytest.raises(SettingsError, match="proxies"):
        Settings(proxies=11)


def test_blank_variables_count_as_absent():
    assert (
        from_environment(
            dict.fromkeys([*NUMBERS, "BLOGSEARCH_INDEX", "BLOGSEARCH_HOST"], " ")
        )
        == Settings()
    )


def test_a_home_directory_is_expanded():
    assert (
        from_environment({"BLOGSEARCH_INDEX": "~/index"}).index == Path.home() / "index"
    )


def test_an_index_may_be_on_a_server():
    address = ServerAddress("postgresql://me@db/blogs")
    assert from_environment({"BLOGSEARCH_INDEX": str(address)}).index == address
    with pytest.raises(IndexAddressError, match=r"BLOGSEARCH_INDEX: .*PGPASSWORD"):
        from_environment({"BLOGSEARCH_INDEX": "postgresql://me:hunter2@db/blogs"})


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["many", "-1", "1.5", "²", "9" * 5000])
def test_what_is_no_number_is_named(name, value):
    with pytest.raises(SettingsError, match=name):
        from_environment({name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "65536"), ("THREADS", "0"), ("AT_ONCE", "65")]
)
def test_a_number_out_of_range_says_the_range(name, value):
    with pytest.raises(SettingsError, match="must be between"):
        from_environment({f"BLOGSEARCH_{name}": value})


@pytest.mark.parametrize("host", ["", " ", "http://localhost", "a b", "me@here"])
def test_a_host_must_be_a_host(host):
    with pytest.raises(SettingsError, match="host"):
        Settings(host=host)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.9", "localhost", "::1", "[::1]", "app.localhost"]
)
def test_bound_to_loopback_only_its_own_names_are_answered(host):
    answered = Settings(host=host).answered_hosts
    assert answered == {"localhost", "127.0.0.1", "::1", host.strip("[]")}


def test_bound_wider_every_name_is_answered_unless_some_were_given():
    assert Settings(host="0.0.0.0").answered_hosts is None
    named = Settings(
        host="0.0.0.0", allowed_hosts=frozenset({"Search.Example"})
    ).answered_hosts
    assert named is not None
    assert "search.example" in named


def test_a_star_allows_every_name():
    assert Settings(allowed_hosts=frozenset({"*"})).answered_hosts is None


@hypothesis_settings(max_examples=rounds(100, 1000), deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*NUMBERS, "BLOGSEARCH_HOST", "BLOGSEARCH_ALLOWED_HOSTS"]),
        st.text(),
    )
)
def test_any_environment_gives_settings_or_a_sentence(env):
    try:
        from_environment(env)
    except SettingsError as error:
        assert str(error).endswith(".")  # noqa: PT017  # both outcomes are right, this holds for one


def test_threads_are_shared_between_questions_texts_and_pages():
    assert (Settings().at_once, Settings().texts_at_once) == (2, 1)
    assert Settings(threads=8).page_threads == 5
    few = Settings(threads=1, at_once=1)
    assert (few.texts_at_once, few.page_threads) == (1, 2)
