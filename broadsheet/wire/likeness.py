"""How alike two texts are, and the sketch by which like ones are found. Pure.

Runs of words ("shingles") are compared, and their overlap is counted in the shorter text: a copy
is often cut, which the share of the union (Jaccard) cannot see.
"""

import re
from hashlib import blake2b

SAME_ID = 0.2
"""Two texts under one id that share less than this are two reports (docs/cases.md, 16)."""

SAME_STORY = 0.5
"""Texts of two agencies that share this much are one text, edited at most (docs/cases.md, 20)."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
_FEWEST = 12
"""With fewer words than this nothing can be said of two texts."""
_ONE_IN = 16
_LEAST_SKETCH = 8

Shingle = tuple[str, ...]


def words(text: str) -> list[str]:
    """The words as they are compared: without case and punctuation."""
    return _WORD.findall(text.casefold())


def shingles(text: str, size: int) -> frozenset[Shingle]:
    """Every run of so many words; empty for a text that is too short to be compared."""
    found = words(text)
    if len(found) < max(size, _FEWEST):
        return frozenset()
    return frozenset(tuple(found[at : at + size]) for at in range(len(found) - size + 1))


def overlap(one: str, other: str, size: int = 3) -> float | None:
    """The share of the shorter text's runs that the other has, 0 to 1; None: nothing can be said.

    Runs of three see a report that was rewritten, runs of five one that was copied.
    """
    first, second = shingles(one, size), shingles(other, size)
    shorter = min(len(first), len(second))
    return len(first & second) / shorter if shorter else None


def headlines_alike(one: str, other: str) -> bool:
    """Whether half of all words of two headlines stand in both."""
    first, second = set(words(one)), set(words(other))
    return bool(first) and 2 * len(first & second) >= len(first | second)


def sketch(text: str) -> frozenset[int]:
    """One in sixteen of the text's runs of five words, as signed 64-bit numbers.

    Which ones are taken depends on the run alone, so that two texts that share runs share
    numbers. Of a short text the eight smallest are taken.
    """
    prints = sorted(_number(run) for run in shingles(text, 5))
    taken = [number for number in prints if number % _ONE_IN == 0]
    return frozenset(taken if len(taken) >= _LEAST_SKETCH else prints[:_LEAST_SKETCH])


def _number(run: Shingle) -> int:
    digest = blake2b("\0".join(run).encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def same_story(one: tuple[str, str], other: tuple[str, str]) -> float:
    """How much of the shorter text stands in the other, 0 when they are not one story.

    Each is (headline, text). Headlines that differ in their numbers tell of two events, however
    alike the texts are: "Day 2" is not "Day 21".
    """
    share = overlap(one[1], other[1], 5) or 0.0
    numbers = [{word for word in words(text[0]) if word.isdigit()} for text in (one, other)]
    apart = bool(numbers[0] and numbers[1]) and numbers[0] != numbers[1]
    return share if share >= SAME_STORY and not apart else 0.0
