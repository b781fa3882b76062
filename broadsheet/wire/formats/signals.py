"""What a wire tells by its headline alone, and what in a text is meant for editors only.

Agencies code signals into headlines where the format has no field for them (Reuters:
CORRECTED, STORY WITHDRAWN; AP: Correction:, KILL; dpa: HOLD HOLD HOLD).
"""

import re

from broadsheet.kit.html import cut, linear, paragraphs, plain
from broadsheet.wire.formats.parsed import Kind, Signal

_END = r"(?=\s*(?:[:(/–—]|$))"
_HYPHEN = r"(?=\s*(?:[:(/–—-]|$))"
_ALARM = r"(?:URGENT |BULLETIN |MANDATORY )"
_CODED: tuple[tuple[re.Pattern[str], Signal], ...] = (
    (re.compile(r"\W*(?i:test\b.{0,40}\b(?:please|pls|kindly)\s+(?:ignore|disregard))"), "test"),
    (re.compile(r"\W*(?:TEST(?:\W+TEST)*\W*$|(?i:this is (?:only )?a test\W*$))"), "test"),
    (re.compile(r"\W*(?:WITHDRAWN\W*$|STORY WITHDRAWN\b)"), "withdrawal"),
    (
        re.compile(
            rf"\W*(?:{_ALARM}*KILL\W*$|KILL\W+KILL\b"
            rf"|(?:URGENT )?(?:BULLETIN|MANDATORY) KILL{_HYPHEN})"
        ),
        "withdrawal",
    ),
    (
        re.compile(
            r"\W*(?:ACHTUNG:? STORNIERUNG\b"
            r"|(?:STORNIERUNG|ZURÜCKGEZOGEN|ANNULATION|ANNULÉ)\W*$)"
        ),
        "withdrawal",
    ),
    (re.compile(r"\W*HOLD(?:\W+HOLD\b|\W*$)"), "hold"),
    (
        re.compile(rf"\W*(?:UPDATE \d+\s*-\s*)?(?:CORRECTED|CORRECTION|CORRECTS){_HYPHEN}"),
        "correction",
    ),
    (re.compile(r"\W*(?i:corrected|correction|corrects|ap corrects)\s*[:(–—]"), "correction"),
    (
        re.compile(r"\W*(?i:berichtigung|korrektur|rectificatif|fe de errores)\s*[:(–—]"),
        "correction",
    ),
    (
        re.compile(rf"\W*(?:CLARIFICATION|CLARIFIED){_HYPHEN}|\W*(?i:clarification)\s*:"),
        "clarification",
    ),
    (re.compile(rf"\W*(?:MEDIA |PRESS |NEWS )?(?:ADVISORY|DAYBOOK){_END}"), "advisory"),
    (re.compile(r"\W*(?:MEDIA |PRESS |NEWS )?BUDGET\W*$"), "advisory"),
    (
        re.compile(r"\W*(?i:eds|editors|note to editors|attention editors|editors' note)\s*:"),
        "advisory",
    ),
)
_BEFORE_KNOWN = re.compile(
    r"\W*(?:(?:URGENT|BULLETIN|MANDATORY|STORY|ACHTUNG)\W+)*(?:KILL|KILLED|WITHDRAWN|WITHDRAWAL"
    r"|RETRACTION|STORNIERUNG|ZURÜCKGEZOGEN|ANNULATION|ANNULÉ)(?:\s*[:(/–—-]\s*|\s+)(?=\w)"
)
_MAYBE = re.compile(
    r"\W*(?:test|this is|story|withd|bulletin|mand|urgent|kill|hold|update|correct|corrig|clari"
    r"|media|press|news|advis|daybook|budget|eds|editors|note to|attention|refile|wrapup"
    r"|achtung|berichtig|korrektur|stornier|annul|rectif|fe de|ap)",
    re.IGNORECASE,
)
_REFILE = re.compile(r"\W*(?:UPDATE \d+\s*-\s*)?REFILE\b")
_UPDATE = re.compile(r"\W*(?:[A-Z]+-)*(?:UPDATE|WRAPUP) \d+\b")
_NAME = (
    r"(?:[A-Za-z]{2,12}[ -])?[\w#][\w:./@#+=&?%-]*\d[\w:./@#+=&?%-]*"
    r"|(?:urn|tag):\S+|[A-Z]{2}--?[\w-]+"
)
_TARGET = rf"(?:[\"'“„‘«]+(?P<quoted>[^\"”“’»\n]{{2,200}}?)[\"'”“’»]+|(?P<bare>{_NAME}))"
_THING = r"(?P<thing>item|story|report|message|dispatch|article|file|take|meldung|text|dépêche)"
_BY = (
    r"(?:\s+(?:slugged|headlined|titled|numbered|number|nr\.?|no\.?|id|slug"
    r"|with (?:the )?(?:id|slug|number)|mit der nummer))?\s*[:#]?\s*"
)
_WITHDRAWING = (
    re.compile(
        rf"(?:^|[\n.!:;–-]\s*|\b(?:please|pls|bitte|must|editors,?)\s+)(?:mandatory\s+)?"
        rf"(?:kill|withdraw|delete|disregard|annul|streichen sie|löschen sie)\s+"
        rf"(?:the\s+|die\s+|our\s+|earlier\s+){{0,2}}{_THING}{_BY}{_TARGET}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b{_THING}\s+(?:slugged|numbered|headlined|with (?:the )?(?:id|slug))\s*:?\s*"
        rf"{_TARGET},?\s+(?:is|has been|was|must be|should be)"
        r" (?:withdrawn|killed|annulled|disregarded)",
        re.IGNORECASE,
    ),
)
_WITHDRAWING_WORDS = ("kill", "withdraw", "delete", "disregard", "annul", "streichen", "löschen")
_JOINED = re.compile(r"(?=.*[A-Za-z])(?=.*\d)\w+(?:[:./@#+=&?%-]+\w+)+")
_NEAR_THE_START = 800
NOT_FOR_PUBLICATION = re.compile(
    r"(?:[*#•–—-]+\s*)?(?:(?:the )?following information is not (?:intended )?for publication"
    r"|(?:die )?folgenden informationen sind nicht zur ver(?:ö|oe)ffentlichung)",
    re.IGNORECASE,
)
"""The line from which on a text is for editors only (dpa and those who follow it)."""
_MARKS_OF_NOTES = (
    "or publication", "OR PUBLICATION", "or Publication", "zur Ver", "zur ver", "ZUR VER",
)  # fmt: skip
_EDS = re.compile(r"\W*(?:EDS|Eds|EDITORS|NOTE TO EDITORS)\s*:")
_TEASING = re.compile(
    r"(?:\[?(?:…|\.\.\.)\]?|(?i:continue reading|read more|read the full story)\W*)$"
)
_END_OF_TEXT = 100
_FEW, _SHORT = 40, 120


def coded(headline: str) -> Signal:
    """Return the signal a headline is coded with beyond mistake, else "" (others are doubts)."""
    if not _MAYBE.match(headline):
        return ""
    return next((signal for pattern, signal in _CODED if pattern.match(headline)), "")


def withdrawn_by(text: str) -> str:
    """Return the id or slug of the item that *text* tells editors to withdraw, else "".

    So agencies withdraw where the format has no field for it (dpa: "Please kill item dpa 157").
    """
    start = text[:_NEAR_THE_START]
    low = start.lower()
    if not any(word in low for word in _WITHDRAWING_WORDS):
        return ""
    for pattern in _WITHDRAWING:
        for found in pattern.finditer(start):
            if name := _named(found):
                return name
    return ""


def _named(found: re.Match[str]) -> str:
    """What is named. "Article 370" is law: an article has a quoted name, or an id of letters and
    digits.
    """
    name = str(found["quoted"] or found["bare"]).strip().rstrip(".,;:)")
    is_law = found["thing"].lower() == "article" and not found["quoted"]
    return "" if is_law and not _JOINED.fullmatch(name) else name


def after_withdrawal(headline: str) -> str:
    """Return the headline that stands behind a code such as "KILL: ", else ""."""
    found = _BEFORE_KNOWN.match(headline)
    return headline[found.end() :].strip() if found else ""


def is_update(headline: str) -> bool:
    """Whether the headline counts a further version ("UPDATE 2-…", "WRAPUP 3-…")."""
    return bool(_UPDATE.match(headline))


def is_refile(headline: str) -> bool:
    """Whether the headline says the story is sent again for a slip that needs no note."""
    return bool(_REFILE.match(headline))


def without_ednote(body: str) -> tuple[str, str, str]:
    """Return the sanitised body, its text and, apart, what in it is addressed to editors.

    That is a first paragraph "EDS: …", and everything from a line "The following
    information is not for publication" on.
    """
    text = linear(body)
    if not _EDS.match(text) and not any(mark in text for mark in _MARKS_OF_NOTES):
        return body, text, ""
    blocks = paragraphs(body)
    notes = []
    if blocks and _EDS.match(plain(blocks[0])):
        notes.append(plain(blocks.pop(0)))
    for number, block in enumerate(blocks):
        told = linear(block)
        if found := NOT_FOR_PUBLICATION.search(told):
            is_whole = not told[: found.start()].strip()
            kept, note = ("", block) if is_whole else cut(block, found.start())
            notes.append(plain("\n".join([note, *blocks[number + 1 :]])))
            blocks[number:] = [kept] if kept else []
            break
    body = "\n".join(blocks)
    return body, linear(body), "\n".join(notes)


def before_ednote(text: str) -> str:
    """Return the part of a plain text that may be published."""
    found = NOT_FOR_PUBLICATION.search(text)
    return text[: found.start()].rstrip() if found else text


def kind_of(signal: Signal, standfirst: str, text: str) -> Kind:
    """Tell news from what must never be public, and from a mere teaser, by the body's text."""
    if signal == "advisory" or signal == "test":
        return signal
    if not text or text.isspace():
        return "teaser"
    if _TEASING.search(text.rstrip()[-_END_OF_TEXT:]) and len(text.split(None, _SHORT)) < _SHORT:
        return "teaser"
    words = text.split(None, _FEW)
    is_summary_again = len(words) < _FEW and words == standfirst.split()
    return "teaser" if is_summary_again else "news"
