"""What changed between two bodies: paragraph by paragraph, and within one word by word. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from broadsheet.kit import html

Kind = Literal["same", "gone", "new"]

ALIKE = 0.5
"""Two paragraphs that share this part of their words are one paragraph that was changed."""


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words: in both texts, only in the old one, or only in the new one."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph and what became of it: `same`, `gone`, `new`, or `changed` within."""

    kind: Literal["same", "gone", "new", "changed"]
    words: tuple[Words, ...]


def difference(old: str, new: str) -> list[Passage]:
    """The passages of both bodies in order."""
    before, after = _texts(old), _texts(new)
    found: list[Passage] = []
    for tag, a, b, c, d in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [_whole("same", text) for text in before[a:b]]
        else:
            found += _replaced(before[a:b], after[c:d])
    return found


def _replaced(before: Sequence[str], after: Sequence[str]) -> Iterator[Passage]:
    """Changed paragraphs beside each other; what has no counterpart is gone or new."""
    left = list(before)
    for text in after:
        place = next((i for i, one in enumerate(left) if _likeness(one, text) >= ALIKE), None)
        if place is None:
            yield _whole("new", text)
            continue
        yield from (_whole("gone", one) for one in left[:place])
        yield Passage("changed", tuple(_changes(left[place].split(), text.split())))
        left = left[place + 1 :]
    yield from (_whole("gone", one) for one in left)


def _whole(kind: Kind, text: str) -> Passage:
    return Passage(kind, (Words(kind, text),))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(a=one.split(), b=other.split(), autojunk=False).ratio()


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Words]:
    for tag, a, b, c, d in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Words("same", " ".join(before[a:b]))
            continue
        if a < b:
            yield Words("gone", " ".join(before[a:b]))
        if c < d:
            yield Words("new", " ".join(after[c:d]))


def _texts(body: str) -> list[str]:
    return [" ".join(html.plain(block).split()) for block in html.paragraphs(body)]
