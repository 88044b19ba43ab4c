"""Made-up words, and the search for their traces in every byte of a folder's files."""

from __future__ import annotations

import random
from pathlib import Path

from search.text.tokenizer import vocabulary

# Bytes of a word that are looked for: the full text cuts words, as it stems them and
# leaves out the letters that two have in common.
PIECE = 6


def made_up(count: int = 40, seed: int = 13) -> list[str]:
    """Words of no language, some with an accent that the full text leaves out."""
    chance = random.Random(seed)
    words = []
    for number in range(count):
        letters = [
            chance.choice("bdfgkmpqvwxz") + chance.choice("aeiou") for _ in "1234567"
        ]
        words.append("".join(letters) + ("é" if number % 5 == 0 else "n"))
    return words


def pieces(word: str) -> set[bytes]:
    forms = {word, word[:-1], *vocabulary(word)}
    encoded = {form.encode(code) for form in forms for code in ("utf-8", "utf-16-le")}
    return {
        form[at : at + PIECE] for form in encoded for at in range(len(form) - PIECE + 1)
    }


def traces(folder: Path, words: list[str]) -> dict[str, list[str]]:
    """The files below a folder with a piece of a word in them, and the words."""
    by_piece = {piece: word for word in words for piece in pieces(word)}
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes().lower() if path.is_file() else b""
        windows = {data[at : at + PIECE] for at in range(len(data) - PIECE + 1)}
        if held := {by_piece[piece] for piece in by_piece.keys() & windows}:
            found[path.relative_to(folder).as_posix()] = sorted(held)
    return found
