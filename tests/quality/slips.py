"""Seeded typing slips in judged questions, and names that no sample post has."""

from __future__ import annotations

import random
import re

from search.text.languages import STOP_WORDS

_PLAIN = re.compile(r"(?<!\S)[a-z]{5,}(?=[?.,]?(?!\S))")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Of human slips most are a letter left out, or two swapped.
_KINDS = ("drop", "swap", "vowel", "mistake", "insert", "double")
_WEIGHTS = (32, 24, 13, 14, 9, 8)

NAMES = """
Linus Torvalds, Guido van Rossum, Bjarne Stroustrup, Grace Hopper, Dennis Ritchie, Donald Knuth, Edsger Dijkstra,
Leslie Lamport, Fabrice Bellard, Armin Ronacher, Brendan Eich, Vint Cerf, Ingmar Bergman, Haruki Murakami,
kubernetes, terraform, ansible, grafana, cockroachdb, polars, pydantic, fastapi, celery, deno, vite, mocha, tmux, nixos,
ikea, fedora, godot, krita, thinkpad, helix, wireshark, prettier
""".replace("\n", " ").split(",")


def with_slips(question: str, count: int, known: set[str]) -> tuple[str, set[str]]:
    """The question with a slip in each of so many of its known words, and the slips."""
    rng = random.Random(f"{count} {question}")
    places = [
        found.span()
        for found in _PLAIN.finditer(question)
        if found[0] in known and found[0] not in STOP_WORDS
    ]
    made = set()
    for start, end in sorted(rng.sample(places, min(count, len(places))), reverse=True):
        slip = _slip(question[start:end], rng)
        made.add(slip)
        question = question[:start] + slip + question[end:]
    return question, made


def _slip(word: str, rng: random.Random) -> str:
    slip = word
    while slip == word:
        (kind,) = rng.choices(_KINDS, _WEIGHTS)
        at = rng.randrange(1, len(word))
        before, letter, after = word[:at], word[at], word[at + 1 :]
        slip = {
            "drop": before + after,
            "swap": before[:-1] + letter + before[-1] + after,
            "vowel": before
            + (rng.choice("aeiou") if letter in "aeiou" else letter)
            + after,
            "mistake": before + rng.choice(_LETTERS) + after,
            "insert": before + rng.choice(_LETTERS) + letter + after,
            "double": before + letter + letter + after,
        }[kind]
    return slip
