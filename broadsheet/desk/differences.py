"""What changed between two bodies, paragraph by paragraph. Pure."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from broadsheet.kit import html

Kind = Literal["same", "gone", "new"]


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph's text and what became of it."""

    kind: Kind
    text: str


def difference(old: str, new: str) -> list[Passage]:
    """The passages of both bodies in order; `gone` only in the old one, `new` only in the new."""
    before, after = _texts(old), _texts(new)
    found: list[Passage] = []
    for tag, a, b, c, d in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Passage("same", text) for text in before[a:b]]
        else:
            found += [Passage("gone", text) for text in before[a:b]]
            found += [Passage("new", text) for text in after[c:d]]
    return found


def _texts(body: str) -> list[str]:
    return [" ".join(html.plain(block).split()) for block in html.paragraphs(body)]
