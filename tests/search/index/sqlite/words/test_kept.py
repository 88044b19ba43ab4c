"""The answers about words that are kept for a generation."""

from search.index.sqlite.words import kept
from search.index.sqlite.words.kept import KeptWords, filled


def test_what_is_known_is_not_looked_for_again():
    known = {"a": 1}
    wanted = []

    def find(keys):
        wanted.append(keys)
        return dict.fromkeys(keys, 0)

    assert filled(known, ["a", "b", "b"], find) == {"a": 1, "b": 0}
    assert filled(known, ["b", "a"], find) == {"b": 0, "a": 1}
    assert wanted == [["b"]]


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    known: dict[int, int] = {}
    for number in range(20):
        assert filled(known, [number], lambda keys: dict.fromkeys(keys, 7)) == {
            number: 7
        }
        assert len(known) <= 3
    words = KeptWords()
    for begin in "abcdef":
        words.keep_beginning(begin, {3: [("one", 1), ("two", 1)]})
    assert list(words.beginnings) == ["f"]
