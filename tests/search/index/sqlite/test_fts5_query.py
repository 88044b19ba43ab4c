"""Words and phrases as the full text index is asked for them; a real index answers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.errors import QueryError
from search.index.sqlite import schema
from search.index.sqlite.fulltext import FullText, IndexedText
from search.index.sqlite.schema import open_database
from search.index.sqlite.words.fts5_query import match_expression, phrase, term
from search.query.lexical import any_word
from search.query.parser import Query, parse
from search.text.folding import fold
from search.text.languages import STEMMERS
from search.text.tokenizer import has_word
from tests.search.index.sqlite.matching import lexical
from tests.search.query.test_parser import typed
from tests.torture.scale import rounds

quick = settings(max_examples=rounds(150, 1000), deadline=None)
ALL = sorted(STEMMERS)


def fulltext(tmp_path, *texts, language=""):
    db = open_database(tmp_path / "x.sqlite")
    schema.migrate(db)
    made = FullText(db)
    made.rederive()
    made.put(
        1,
        (
            (n, IndexedText("", "[]", text, False, language))
            for n, text in enumerate(texts, start=1)
        ),
    )
    return made


def any_of(query, languages):
    return match_expression(any_word(query, languages))


def found(made, match):
    return [number for number, _ in lexical(made._db, match, 10)]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    return fulltext(tmp_path_factory.mktemp("empty"), "a b c")


@quick
@given(typed)
def test_whatever_is_typed_can_be_asked(empty, text):
    try:
        query = parse(text)
    except QueryError:
        return
    match = any_of(query, ALL)
    assert match or not (query.words or query.phrases)
    found(empty, match)  # raises where FTS5 reads some of it as syntax
    for one in (*query.phrases, *query.excluded):
        found(empty, phrase(one, ALL))


@quick
@given(st.text(max_size=40).filter(has_word), st.sampled_from(["", *ALL]))
def test_a_text_is_found_by_itself(empty, text, language):
    row = [(7, IndexedText("", "[]", text, False, language))]
    empty.put(7, row)
    try:
        assert 7 in found(empty, any_of(Query(text, (text,)), [language]))
        assert 7 in found(empty, phrase(text, [language]))
    finally:
        empty.drop(7, row)


def test_any_word_but_every_phrase(tmp_path):
    made = fulltext(
        tmp_path,
        "a policy gradient method",
        "a gradient of policy",
        "methods of training",
        "torch.as_strided(x)",
    )
    assert sorted(found(made, any_of(parse("policies methods"), [""]))) == [1, 2, 3]
    assert found(made, any_of(parse('"policy gradient" training'), [""])) == [1]
    assert found(made, any_of(parse("torch.as_strided"), [""])) == [4]
    assert found(made, any_of(parse('title:x OR "as_strided"'), [""])) == [4]
    assert any_of(Query("text"), ALL) == ""


def test_writing_without_spaces_is_found_by_its_parts(tmp_path):
    made = fulltext(
        tmp_path,
        "今天学习机器学习。",
        "天气很好",
        "한국어 기계학습을 배운다",
        "ภาษาไทยง่ายมาก",
    )
    assert found(made, any_of(parse("什么是机器学习？"), ["zh"])) == [1]
    assert found(made, any_of(parse("“机器学习”"), ["zh"])) == [1]
    assert found(made, any_of(parse("기계학습"), ["ko"])) == [3]
    assert found(made, any_of(parse("ภาษาไทย"), ["th"])) == [4]


@pytest.mark.parametrize(
    ("asked", "first", "others"),
    [
        ("C++", "written in C++ by hand", "vitamin C and some more"),
        ("C#", "the C# language here", "play it in C or D"),
        ("F#", "an F# compiler there", "press F to go on"),
        (".NET", "on .NET and beyond", "the fishing net is wet"),
        ("node.js", "a node.js server runs", "a node of the graph"),
        (r"\nabla", r"where $\nabla f$ is zero", "the word alone"),
        ("1.24.1", "since numpy 1.24.1 it works", "1 of 24 apples, 1 pear"),
        ("1.24", "since numpy 1.24.1 it works", "24 apples"),
        ("E0502", "error[E0502]: cannot borrow", "error E0503"),
        ("IndexIDMap2", "faiss.IndexIDMap2(index)", "an index map"),
        ("torch.as_strided", "use torch.as_strided(x)", "light the torch"),
        ("as_strided", "use torch.as_strided(x)", "a stride"),
        ("strided", "use torch.as_strided(x)", "astride the horse"),
        ("map", "faiss.IndexIDMap2(index)", "maple trees"),
        ("--no-cache-dir", "pip install --no-cache-dir x", "there is no cat in it"),
        ("-xzf", "by tar -xzf it", "an xzf"),
        ("#hashtag", "with #hashtag in it", "nothing at all"),
        ("joe@example.org", "write to joe@example.org", "joe wrote"),
        ("pre-training", "after pretraining it", "a train"),
        ("pre-training", "after pre training it", "a train"),
        ("pretraining", "after pre-training it", "a train"),
        ("16GB", "with 16 GB of it", "16 of a GBR"),
        ("H264", "an H.264 film", "an h of 2 64"),
        ("H.264", "an H264 film", "264 of h"),
        ("RFC2616", "see RFC 2616", "see RFC 2617"),
        ("1.5GB", "with 1.5 GB of it", "1 of 5 GB"),
        ("802.11ac", "by 802.11 ac", "by 802.11 n"),
        ("10000", "some 10,000 of them", "10 of them, 000"),
        ("10,000", "some 10000 of them", "10 of them, 000"),
    ],
)
def test_what_is_typed_is_found_as_typed(tmp_path, asked, first, others):
    made = fulltext(tmp_path, others, first)
    assert found(made, term(asked, ["en"]))[:1] == [2]


def test_the_exact_form_comes_first(tmp_path):
    made = fulltext(
        tmp_path,
        "the hashtag of old",
        "the #hashtag of old",
        "nabla of it",
        r"\nabla of it",
    )
    assert found(made, term("#hashtag", [""])) == [2, 1]
    assert found(made, term(r"\nabla", [""])) == [4, 3]
    assert found(made, phrase(r"\nabla", [""])) == [4]


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("16 GB", "with 16GB of it"),
        ("H 264", "an H264 film"),
        ("RFC 2616", "see RFC2616"),
        ("Python 3.11", "on python3.11"),
        ("1.5 GB", "with 1.5GB of it"),
        ("100 km", "100km/h"),
    ],
)
def test_a_number_and_its_name_find_what_is_written_as_one_word(tmp_path, asked, text):
    made = fulltext(tmp_path, "nothing of it", text)
    query = parse(asked)
    assert len(query.words) == 2
    number = next(word for word in query.words if word[0].isdigit())
    assert found(made, term(number, [""])) == [2]
    assert found(made, phrase(asked, [""])) == [2]
    assert found(made, phrase(text, [""])) == [2]
    assert found(made, phrase(f"with {asked} of", [""])) == (
        [2] if "with" in text else []
    )


@pytest.mark.parametrize(
    ("language", "written", "typed"),
    [
        ("fr", "le cœur de ma sœur", "coeur de ma soeur"),
        ("da", "et smørrebrød med ost", "smorrebrod med"),
        ("pl", "w Łodzi i Gdańsku", "lodzi i gdansku"),
        ("en", "from Łódź to Ærø", "lodz to aero"),
    ],
)
def test_letters_are_folded_in_phrases(tmp_path, language, written, typed):
    made = fulltext(tmp_path, written, typed, "et cetera", language=language)
    assert sorted(found(made, phrase(typed, [language]))) == [1, 2]
    assert sorted(found(made, phrase(written, [language]))) in ([1], [1, 2])
    for word in written.split():
        assert 1 in found(made, term(word, [language]))


LETTERS = st.text("aàæøłđþœıßceilnrsty", min_size=3, max_size=9)


@quick
@given(LETTERS, st.sampled_from(["", *ALL]))
def test_with_or_without_accents_a_word_is_the_same(empty, word, language):
    """Stemmers may take other endings off a word without its accents."""
    bare = fold(word)
    rows = [(8, word), (9, bare)]
    placed = [(n, IndexedText("", "[]", text, False, language)) for n, text in rows]
    empty.put(8, placed)
    try:
        assert {8, 9} <= set(found(empty, term(bare, [language])))
        assert {8, 9} <= set(found(empty, term(word, [language])))
    finally:
        empty.drop(8, placed)


@pytest.mark.parametrize(
    ("language", "text", "asked"),
    [
        (
            "de",
            "Meine Fotobearbeitung am Rechner",
            ["Bearbeitung", "fotobearbeitungen", "Foto", "Rechnern"],
        ),
        (
            "de",
            "Die Bäckereien öffnen",
            ["Bäckerei", "backerei", "Baeckerei", "öffnet"],
        ),
        (
            "fr",
            "L’environnement virtuel s’installe",
            ["environnements", "d'environnement", "virtuels", "installer"],
        ),
        ("fr", "une connexion sécurisée", ["securisee", "sécurisées"]),
        ("nl", "De gebruikersnaam is lang", ["naam", "gebruikersnamen"]),
        ("ru", "Он читает книги", ["книга", "читать"]),
    ],
)
def test_inflected_compound_and_elided_words(tmp_path, language, text, asked):
    made = fulltext(tmp_path, text, language=language)
    assert [
        word for word in asked if found(made, term(word, ["en", language])) != [1]
    ] == []


def test_the_word_itself_comes_before_its_compounds(tmp_path):
    made = fulltext(
        tmp_path, "eine Fotobearbeitung mehr", "eine Bearbeitung mehr", language="de"
    )
    assert found(made, term("Bearbeitung", ["de"])) == [2, 1]
