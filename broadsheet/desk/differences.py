"""What changed between texts: paragraph by paragraph, and within one word by word. Pure.

Of two bodies; and of three, where staff and the wire both went on from one text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from broadsheet.kit import html

Kind = Literal["same", "gone", "new"]
Whose = Literal["ours", "wire", "both"]
Blocks = tuple[str, ...]

ALIKE = 0.5
"""Two paragraphs that share this part of their words are one paragraph that was changed."""


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words: in both texts, only in the old one, or only in the new one."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """A place in three texts, each as blocks of HTML.

    `same`: nobody changed it. `ours`, `wire`: only that side did. `agreed`: both did the same.
    `conflict`: both did, and not the same.
    """

    kind: Literal["same", "ours", "wire", "agreed", "conflict"]
    base: Blocks
    ours: Blocks
    wire: Blocks


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
    return [_text(block) for block in html.paragraphs(body)]


def _text(block: str) -> str:
    return " ".join(html.plain(block).split())


def threeway(base: str, ours: str, wire: str) -> list[Part]:
    """Both texts against the one they were made from, block by block, in order.

    Blocks are compared as HTML: give all three in one spelling.
    """
    a, b, c = html.paragraphs(base), html.paragraphs(ours), html.paragraphs(wire)
    to_ours, to_wire = _counterparts(a, b), _counterparts(a, c)
    parts, i, j, k = [], 0, 0, 0
    for n in sorted(to_ours.keys() & to_wire.keys()):
        y, z = to_ours[n], to_wire[n]
        parts += _parts(a[i:n], b[j:y], c[k:z]) + _parts(a[n : n + 1], [b[y]], [c[z]])
        i, j, k = n + 1, y + 1, z + 1
    return parts + _parts(a[i:], b[j:], c[k:])


def merged(parts: Sequence[Part], choices: Mapping[int, Whose]) -> str:
    """One body of the parts: who alone changed a place has it, a conflict is ours unless chosen.

    `choices` is by the number of the part; "both" puts the wire's blocks after ours.
    """
    blocks: list[str] = []
    for number, part in enumerate(parts):
        whose = choices.get(number, "wire" if part.kind == "wire" else "ours")
        blocks += part.ours if whose in ("ours", "both") else ()
        blocks += part.wire if whose in ("wire", "both") else ()
    return "".join(blocks)


def _parts(base: Sequence[str], ours: Sequence[str], wire: Sequence[str]) -> list[Part]:
    if not (base or ours or wire):
        return []
    a, b, c = tuple(base), tuple(ours), tuple(wire)
    if b == c:
        return [Part("same" if a == b else "agreed", a, b, c)]
    if a in (b, c):
        return [Part("wire" if a == b else "ours", a, b, c)]
    return [Part("conflict", a, b, c)]


def _counterparts(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """For each old block its place among the new ones, as it was or changed; in rising order."""
    found: dict[int, int] = {}
    for tag, a, b, c, d in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            found |= dict(zip(range(a, b), range(c, d), strict=True))
            continue
        for n in range(a, b):
            alike = (m for m in range(c, d) if _likeness(_text(old[n]), _text(new[m])) >= ALIKE)
            place = next(alike, None)
            if place is not None:
                found[n], c = place, place + 1
    return found


NEGATIONS = frozenset(
    {"not", "no", "never", "nobody", "nothing", "denies", "deny", "denied", "false", "untrue"}
    | {"nicht", "kein", "keine", "keiner", "nie", "niemand", "nichts", "dementiert", "falsch"}
)
"""Words that turn a headline into its opposite, in the languages the desk speaks."""


def moved(then: str, now: str) -> bool:
    """Whether a headline says something else now: over half its words changed, or a denial came.

    The measure is of docs/cases.md, 31.
    """
    before, after = _bare(then), _bare(now)
    if SequenceMatcher(a=before, b=after, autojunk=False).ratio() < ALIKE:
        return True
    return _denials(before) != _denials(after)


def _bare(headline: str) -> list[str]:
    words = (word.strip(".,:;!?\"'()«»„“”‘’…–-") for word in headline.casefold().split())
    return [word for word in words if word]


def _denials(words: Sequence[str]) -> int:
    return sum(word in NEGATIONS or word.endswith(("n't", "n’t")) for word in words)


def marks(old: str, new: str) -> tuple[Words, ...]:
    """Two single texts, word by word."""
    return tuple(_changes(old.split(), new.split()))
