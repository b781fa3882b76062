"""What a wire tells by its headline alone, and what in a text is meant for editors only.

Agencies code signals into headlines where the format has no field for them (Reuters:
CORRECTED, STORY WITHDRAWN; AP: Correction:, KILL; dpa: HOLD HOLD HOLD).
"""

import re

from broadsheet.kit.html import cut, linear, paragraphs, plain
from broadsheet.wire.formats.parsed import Kind, Signal

_END = r"(?=\s*(?:[:(/–—-]|$))"
_CODED: tuple[tuple[re.Pattern[str], Signal], ...] = (
    (re.compile(r"\W*(?i:test\b.{0,40}\b(?:please|pls|kindly)\s+(?:ignore|disregard))"), "test"),
    (re.compile(r"\W*(?:TEST(?:\W+TEST)*\W*$|(?i:this is (?:only )?a test\b))"), "test"),
    (re.compile(rf"\W*(?:STORY )?WITHDRAWN\b{_END}|\W*STORY WITHDRAWN\b"), "withdrawal"),
    (re.compile(rf"\W*(?:BULLETIN |MANDATORY |URGENT )*KILL{_END}"), "withdrawal"),
    (re.compile(rf"\W*HOLD(?:\W+HOLD)*{_END}"), "hold"),
    (
        re.compile(rf"\W*(?:UPDATE \d+\s*-\s*)?(?:CORRECTED|CORRECTION|CORRECTS){_END}"),
        "correction",
    ),
    (re.compile(r"\W*(?i:corrected|correction|corrects)\s*[:(–—]"), "correction"),
    (
        re.compile(rf"\W*(?:CLARIFICATION|CLARIFIED){_END}|\W*(?i:clarification)\s*:"),
        "clarification",
    ),
    (re.compile(rf"\W*(?:MEDIA |PRESS )?(?:ADVISORY|DAYBOOK){_END}"), "advisory"),
    (
        re.compile(r"\W*(?i:eds|editors|note to editors|attention editors|editors' note)\s*:"),
        "advisory",
    ),
)
_REFILE = re.compile(r"\W*REFILE\b")
_NOT_FOR_PUBLICATION = re.compile(
    r"(?:[*#•–—-]+\s*)?the following information is not (?:intended )?for publication",
    re.IGNORECASE,
)
_EDS = re.compile(r"\W*(?:EDS|Eds|EDITORS|NOTE TO EDITORS)\s*:")
_TEASING = re.compile(
    r"(?:\[?(?:…|\.\.\.)\]?|(?i:continue reading|read more|read the full story)\W*)$"
)
_FEW, _SHORT = 40, 120


def coded(headline: str) -> Signal:
    """Return the signal a headline is coded with, else ""."""
    return next((signal for pattern, signal in _CODED if pattern.match(headline)), "")


def is_refile(headline: str) -> bool:
    """Whether the headline says the story is sent again for a slip that needs no note."""
    return bool(_REFILE.match(headline))


def without_ednote(body: str) -> tuple[str, str]:
    """Return the sanitised body and, apart, what in it is addressed to editors.

    That is a first paragraph "EDS: …", and everything from a line "The following
    information is not for publication" on.
    """
    blocks = paragraphs(body)
    notes = []
    if blocks and _EDS.match(plain(blocks[0])):
        notes.append(plain(blocks.pop(0)))
    for number, block in enumerate(blocks):
        text = linear(block)
        if found := _NOT_FOR_PUBLICATION.search(text):
            is_whole = not text[: found.start()].strip()
            kept, note = ("", block) if is_whole else cut(block, found.start())
            notes.append(plain("\n".join([note, *blocks[number + 1 :]])))
            blocks[number:] = [kept] if kept else []
            break
    return "\n".join(blocks), "\n".join(notes)


def before_ednote(text: str) -> str:
    """Return the part of a plain text that may be published."""
    found = _NOT_FOR_PUBLICATION.search(text)
    return text[: found.start()].rstrip() if found else text


def kind_of(signal: Signal, standfirst: str, body: str) -> Kind:
    """Tell news from what must never be public, and from a mere teaser."""
    if signal == "advisory" or signal == "test":
        return signal
    text = plain(body)
    count = len(text.split())
    if not count or (count < _SHORT and _TEASING.search(text)):
        return "teaser"
    is_summary_again = " ".join(text.split()) == " ".join(standfirst.split())
    return "teaser" if count < _FEW and is_summary_again else "news"
