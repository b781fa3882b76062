"""What in a headline lets one doubt that readers are meant: wide, since it decides nothing.

Beside the few codes that are unmistakable (`signals.coded`) agencies write many more, each in its
own way. A headline that looks like one of them is held for the desk and never changes a status.
"""

import re

_START = r"^[\W\d_]*"
_CODE = r"\s*(?:[:/(–—]|-)"
_WORKING = r"(?:story|report|item|article|photo|picture|dispatch|message|meldung)"
_ENDED = r"(?:killed|withdrawn|retracted|recalled|cancelled|canceled|annulled|zurückgezogen)"
_EDITORIAL = r"(?:media|press|news|photo|picture|video|graphics?|editorial|service|coverage)"

_WITHDRAWING = (
    rf"{_START}(?-i:(?:(?:URGENT|BULLETIN|FLASH|MANDATORY|ADVISORY|STORY|PHOTO|BC|ACHTUNG)\W+)*"
    rf"(?:KILL|WITHDRAWN|WITHDRAWAL|RETRACTION|RETRACTED|RECALL|ELIMINATION|CANCELLED|CANCELED"
    rf"|STORNIERUNG|STORNO|ZURÜCKGEZOGEN|ANNULATION|ANNULÉ|ANULADO))(?:{_CODE}|\W*$)",
    rf"{_START}(?-i:(?:URGENT|BULLETIN|FLASH|MANDATORY)\W+KILL)\b",
    rf"{_START}(?-i:KILL)\W+(?-i:KILL)\b",
    r"^\W*[(\[](?-i:KILL|WITHDRAWN|WITHDRAWAL)[)\]]",
    rf"{_START}{_WORKING}\s+(?:is\s+|has\s+been\s+|was\s+)?{_ENDED}\s*(?:[:/(–—-]|$)",
    rf"{_START}(?:retraction|withdrawal|elimination|annulation|stornierung)\s*[:(–—]",
    r"[-–—(\[]\s*(?-i:KILL|WITHDRAWN|STORNIERUNG)\W*$",
)
_NOT_FOR_READERS = (
    rf"{_START}(?:strictly\s+)?embargo(?:ed\b|\s*[:(–—-]|\s+(?:until|till)\b)",
    r"[(\[]\s*(?:strictly\s+)?embargo(?:ed)?\b|\b(?:under embargo|embargoed) (?:until|till)\b",
    r"\bsperrfrist\b|\bsous embargo\b|\bembargado\b|\bsperrvermerk\b",
    r"\bnot (?:intended )?for (?:publication|release|broadcast|distribution|use)\b"
    r"|\bnicht zur ver(?:ö|oe)ffentlichung\b|\bne pas (?:diffuser|publier)\b|\bno publicar\b",
    r"\b(?:do not|don't|must not be) (?:publish(?:ed)?|broadcast|transmit)\b"
    r"|\bplease do not (?:use|run|release)\b|[:–—-]\s*do not (?:use|run|release)\b",
    r"\bfor (?:internal use|planning purposes|editors only|guidance only|information only)\b"
    r"|\binternal use only\b",
    rf"{_START}{_EDITORIAL}\s+(?:advisory|advisories)\b",
    rf"{_START}(?:\w+\s)?advisor(?:y|ies)(?:\s*[:(–—]|\s+-|\W*$)|{_START}(?-i:ADVISORY)\b",
    rf"{_START}(?:[\w']+\s){{0,3}}(?:daybook|day book|tagesvorschau|terminvorschau)\b",
    rf"{_START}(?-i:(?:NEWS )?BUDGET)(?:\s*[:(/–—-]|\W*$)|{_START}(?-i:BC--?\w)",
    rf"{_START}test(?:ing)?\s+(?:message|story|item|only|alert|feed|transmission|article|dispatch"
    r"|wire|e-?mail|push|nachricht|meldung)\b",
    rf"{_START}(?-i:TEST(?:ING)?)(?:{_CODE}|\W*$)|[-–—:(\[]\s*(?-i:TEST)\W*$",
    rf"{_START}this is (?:only )?a test\b|{_START}test\w*meldung\b|{_START}dies ist ein test\b",
    r"\b(?:please|pls|kindly|bitte)\s+(?:ignore|disregard|ignorieren|nicht beachten)\b",
    rf"{_START}(?:ignore|disregard)(?:{_CODE}|\s+(?:this|previous|earlier)\b)",
    rf"{_START}(?-i:HOLD)(?:\s*[:(/–—]|\s+-|\W+HOLD\b|\W*$)|^\W*[(\[](?-i:HOLD)[)\]]",
    rf"{_START}(?:eds|editors?|note to (?:the )?editors?|editors?['’]s? note|attention editors"
    r"|redaktionen|avis aux r[ée]dactions|note aux r[ée]dactions)\s*(?:[:(–—]|-\s)",
    r"\bhinweis an die redaktion|\bredaktioneller hinweis\b|\bachtung,? redaktion",
)
_WITHDRAWS = re.compile("|".join(_WITHDRAWING), re.IGNORECASE)
_DOUBTED = re.compile("|".join(_NOT_FOR_READERS), re.IGNORECASE)
_MAYBE = re.compile(
    r"kill|withdr|retract|recall|eliminat|cancel|annul|anulado|storn|zurückgez|embargo|embargado"
    r"|sperr|not (?:int|for)|nicht|ne pas|no publ|do not|don't|must not|internal"
    r"|for (?:plan|edit|guid|info)"
    r"|advisor|budget|daybook|day book|vorschau|bc-|test|please|pls|kindly|bitte|ignor|disreg"
    r"|hold|eds|editor|redaktion|r[ée]daction",
    re.IGNORECASE,
)

MAY_WITHDRAW = "may-withdraw"
"""The flag of a text that looks as if it took its own report back."""

NOT_FOR_READERS = "not-for-readers"
"""The flag of a text that may be meant for editors only."""

_LONGEST_LINE = 100


def doubts_about(headline: str, text: str = "") -> list[str]:
    """Return the flags of what a headline, or a short first line of the text, lets one doubt."""
    first, _, _ = text[: 2 * _LONGEST_LINE].lstrip().partition("\n")
    return _doubts(headline) or (_doubts(first) if len(first) <= _LONGEST_LINE else [])


def _doubts(headline: str) -> list[str]:
    if not _MAYBE.search(headline):
        return []
    if _WITHDRAWS.search(headline):
        return [MAY_WITHDRAW]
    return [NOT_FOR_READERS] if _DOUBTED.search(headline) else []
