"""The addresses of databases: what is taken as typed, what is refused, and that no secret
is ever repeated, whichever command it was given to."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import search.__main__
import web.__main__
from indexer.cli import commands
from search.errors import IndexAddressError
from search.index.open import index_address, index_of
from search.index.server_address import ServerAddress, without_secrets

SECRET = "hunter2"
SECRETS = (
    "postgresql://me:hunter2@db/blogs",
    "postgres://me:hunter2@db:5433/blogs?sslmode=require",
    "postgresql://:hunter2@/blogs",
    "postgresql://me:hun@ter2hunter2@db/blogs",
    "postgresql://me:x/hunter2@db/blogs",
    "postgresql://me:x?hunter2@db/blogs",
    "postgresql://me:x#hunter2@db/blogs",
    "postgresql://me:hunter2",
    "postgresql://db/blogs?password=hunter2",
    "postgresql://db/blogs?user=me&p%61ssword=hunter2",
    "postgresql://db/blogs?PASSWORD=hunter2",
    "postgresql://db/blogs?sslpassword=hunter2",
    "postgresql://db/blogs?oauth_client_secret=hunter2",
    "postgresql://db/blogs?scram_client_key=hunter2",
    "postgresql://db/blogs?port=hunter2",
    "postgresql:/me:hunter2@db/blogs",
    "postgresql:me:hunter2@db/blogs",
    "PostgreSQL://me:hunter2@db/blogs",
    "mysql://me:hunter2@db/blogs",
    "postgresql://me:my hunter2@db/blogs",
    "host=db password=hunter2 dbname=blogs",
    "dbname=blogs password = hunter2",
)
GOOD = {
    "postgresql://db/blogs": "db+5432+blogs",
    "postgres://me@DB.example:5433/blogs": "db.example+5433+blogs",
    "postgresql://me@db": "db+5432+me",
    "postgresql:///blogs": "localhost+5432+blogs",
    "postgresql:///blogs?host=/run/postgresql": "%2Frun%2Fpostgresql+5432+blogs",
    "postgresql://postgres@/blogs?host=/work/pg": "%2Fwork%2Fpg+5432+blogs",
    "postgresql://me%40corp@db/my%20blogs": "db+5432+my%20blogs",
    "postgresql://[2001:db8::1]:5433/blogs": "2001%3Adb8%3A%3A1+5433+blogs",
    "postgresql://one:1,two:2/blogs?target_session_attrs=any": "one,two+1,2+blogs",
    "postgresql:///?service=blogs": "blogs+",
    "postgresql://?service=blogs&dbname=other": "blogs+other",
    "postgresql://db/blogs?passfile=/home/me/.pgpass&sslkey=/k": "db+5432+blogs",
}


@pytest.mark.parametrize("text", SECRETS)
def test_an_address_with_a_secret_is_refused_without_repeating_it(text, capsys):
    with pytest.raises(IndexAddressError) as refused:
        index_address(text)
    said = "".join(traceback.format_exception(refused.value))
    assert SECRET not in said.replace(repr(text), "")
    assert SECRET not in str(refused.value)
    with pytest.raises(IndexAddressError) as refused:
        index_of({"BLOGSEARCH_INDEX": text})
    assert str(refused.value).startswith("BLOGSEARCH_INDEX: ")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [text for text in SECRETS if ":hunter2@" in text or "password=hunter2" in text],
)
def test_a_refusal_says_where_a_password_may_stand(text):
    with pytest.raises(IndexAddressError, match=r"PGPASSWORD|name a folder"):
        index_address(text)
    if text.startswith(("postgresql://", "postgres://")):
        with pytest.raises(IndexAddressError, match=r"PGPASSWORD.*\.pgpass.*service="):
            index_address(text)


COMMANDS = {
    "blog-indexer": lambda *given: commands.main([*given]),
    "blog-search": lambda *given: search.__main__.main([*given]),
    "blog-web": lambda *given: web.__main__.main([*given]),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("text", SECRETS)
def test_no_command_repeats_it(command, text, capsys):
    words = {"blog-indexer": ["status"], "blog-search": ["bread"], "blog-web": []}
    for options in (
        ["--index", text],
        [f"--index={text}"],
        # With a space in it argparse takes it for words of the question.
        *([[f"--idx={text}"]] if " " not in text else []),
        ["--port", text],
    ):
        with pytest.raises(SystemExit) as ended:
            COMMANDS[command](*words[command], *options)
        assert ended.value.code == 2
        said = "".join(capsys.readouterr())
        # What is no address of a database at all can't be told from any other word.
        if options[0] == "--index" or text.startswith("postgres"):
            assert SECRET not in said
    if command == "blog-indexer":
        with pytest.raises(SystemExit):
            COMMANDS[command](text, "status")
        if text.startswith("postgres"):
            assert SECRET not in "".join(capsys.readouterr())


@pytest.mark.parametrize("command", COMMANDS)
def test_an_environment_with_a_secret_ends_every_command(command, monkeypatch, capsys):
    monkeypatch.setenv("BLOGSEARCH_INDEX", SECRETS[0])
    words = {"blog-indexer": ["status"], "blog-search": ["bread"], "blog-web": []}
    assert COMMANDS[command](*words[command]) == 2
    said = "".join(capsys.readouterr())
    assert "BLOGSEARCH_INDEX: The address holds a password" in said
    assert SECRET not in said


@pytest.mark.parametrize(("text", "slug"), GOOD.items())
def test_an_address_is_kept_as_typed_and_names_its_database(text, slug):
    address = index_address(text)
    assert isinstance(address, ServerAddress)
    assert str(address) == text
    assert address.slug({}) == slug
    assert "/" not in slug


def test_what_an_address_leaves_out_is_taken_from_the_environment():
    elsewhere = {"PGHOST": "far", "PGPORT": "7", "PGDATABASE": "d", "PGUSER": "u"}
    assert ServerAddress("postgresql://").slug(elsewhere) == "far+7+d"
    assert ServerAddress("postgresql://near/x").slug(elsewhere) == "near+7+x"
    of_service = {"PGSERVICE": "blogs"}
    assert ServerAddress("postgresql://").slug(of_service) == "blogs+"
    assert ServerAddress("postgresql://db/x").slug(of_service) == "db+5432+x"


def test_two_databases_never_share_a_name():
    alike = ("postgresql://a/b+c", "postgresql://a+b/c", "postgresql://a/b%2Fc",
             "postgresql:///?service=a", "postgresql://a", "postgresql:///a")  # fmt: skip
    assert len({ServerAddress(text).slug({}) for text in alike}) == len(alike)


def test_a_text_without_an_address_stays_as_it_is():
    for text in ("no index here", "see postgresql://me@db/blogs, then ask", "postgres"):
        assert without_secrets(text) == text
    cut = without_secrets("unrecognized arguments: a postgresql://me:x y@db/b c")
    assert cut == "unrecognized arguments: a postgresql://…"


WORD = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="%&=")
    , min_size=1, max_size=12
)  # fmt: skip


@given(WORD, WORD, st.sampled_from(["{}:{}@db/x", "{}@db/x?password={}", ":{1}@/{0}"]))
def test_whatever_is_in_a_password_it_is_refused(user, secret, form):
    assume(not {*user} & {*"/?@#"})
    with pytest.raises(IndexAddressError) as refused:
        ServerAddress("postgresql://" + form.format(user, secret))
    if len(secret) > 6:
        assert secret not in str(refused.value)
