"""The word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from unicodedata import normalize


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that looks most like `word`, whatever the case of its letters."""
    by_fold = {name.casefold(): name for name in sorted(known)}
    close = get_close_matches(normalize("NFC", word).casefold(), list(by_fold), n=1, cutoff=cutoff)
    return by_fold[close[0]] if close else None


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """` (did you mean …?)` or nothing: a number is no misspelling of another."""
    found = None if str(word).isdecimal() else closest(str(word), known)
    return f" (did you mean {found}?)" if found else ""


def there_is(word: str, known: Iterable[str]) -> str:
    """` (there is …)` or nothing: for what a source has renamed rather than somebody misspelt."""
    found = closest(word, known)
    return f" (there is {found})" if found else ""
