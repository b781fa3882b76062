"""ANPA 1312, the North American agencies' plain text, one report to a file.

Source: ANPA 1312 (1989, now with the IPTC) as the AP sends it: a transmission line, a line of
priority, category, keyword, date and word count, then header lines that begin with "^" and
end with "<" or "=", then the text, whose paragraphs begin with a tab.
"""

import re
from dataclasses import dataclass, field

from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.finish import finish_all
from broadsheet.wire.formats.iptc import author_of
from broadsheet.wire.formats.parsed import Draft, Parsed, Reading, UnreadableError
from broadsheet.wire.formats.plaintext import html_of, without_dateline
from broadsheet.wire.formats.signals import coded

_STX, _ETX = "\x02", "\x03"
_HEADER = re.compile(
    r"[\x16\x01\s]*([a-z])(\d{4})[\x1f ]?[a-z0-9-]*[ \t]*\n"
    r"([a-z]) ([a-z])[\x11-\x14]* +((?:am|pm|bc|ap)-[^\n]{1,100}?) {1,20}"
    r"(\d{1,2}-\d{1,2})(?: +\d{1,4})?[ \t]*(?:\n|$)",
    re.IGNORECASE,
)
_FILED = re.compile(r"\b[A-Z]{2}-[A-Z]{2}-(\d\d-\d\d-\d\d) (\d\d)(\d\d)GMT<?")
_KEYWORD = re.compile(r"(?:[A-Z]{2,3}-)+-?([^,]+)(.*?)(?:,\d+)?$")
_NOTE = re.compile(r"(?:eds\b|editor'?s'? note|ap (?:photo|video|graphic))", re.IGNORECASE)
_BYLINE = re.compile(r"by ", re.IGNORECASE)
_URGENCIES = {"f": 1, "u": 2, "b": 3, "r": 4, "d": 5, "z": 5}
_QUOTES = str.maketrans({"\x08": "", "\x10": " "})


def is_message(text: str) -> bool:
    """Whether the text begins with the two header lines of this format."""
    return _HEADER.match(text) is not None


def read(text: str, reading: Reading) -> Parsed:
    """Read one report. Raises UnreadableError when the text begins with no header."""
    if not is_message(text):
        raise UnreadableError(
            "This is no ANPA 1312: it does not begin with a transmission line and a line of"
            " priority, category, keyword and date. Ask the agency which format it sends."
        )
    entries = finish_all([text], lambda report: _draft(report, reading), reading)
    return Parsed("anpa1312", entries, tuple(reading.repairs), tuple(reading.problems))


@dataclass(slots=True)
class _Heads:
    """The header lines, sorted."""

    keyword: str = ""
    take: str = ""
    headline: str = ""
    byline: str = ""
    standfirst: str = ""
    notes: list[str] = field(default_factory=list)


def _draft(text: str, reading: Reading) -> Draft:
    header = _HEADER.match(text)
    if header is None or (_STX in text and _ETX not in text):
        raise UnreadableError(
            "The ANPA 1312 report has no end (ETX): it was cut off. Ask the agency to send it"
            " again."
        )
    filed = _FILED.search(text)
    rest = text[header.end() : filed.start() if filed else len(text)].replace(_ETX, "")
    lines = [_typeset(line.lstrip(_STX)) for line in rest.split("\n")]
    heads = _heads([line.strip("^<= ") for line in lines if line.startswith("^")])
    body, dateline, agency = without_dateline([x for x in lines if not x.startswith("^")])
    dated = None
    if filed:
        month, day, year = filed[1].split("-")
        dated = read_date(f"20{year}-{month}-{day}T{filed[2]}:{filed[3]}Z", reading.zone)
    return Draft(
        key=f"{header[1].lower()}{header[2]}:{dated:%Y-%m-%d}" if dated else "",
        signal=coded(heads.take),
        headline=heads.headline,
        standfirst=heads.standfirst,
        body=html_of(body),
        authors=[author_of(heads.byline)] if heads.byline else [],
        dateline=dateline,
        agency=agency,
        slugline=heads.keyword or header[5].strip(),
        ednote=" ".join(part for part in [heads.take, *heads.notes] if part),
        categories=[header[4].lower()],
        urgency=_URGENCIES.get(header[3].lower()),
        published=dated,
        updated=dated,
    )


def _heads(lines: list[str]) -> _Heads:
    """Keyword line, headline, then notes, byline with the writer's title, and a summary."""
    heads = _Heads()
    if lines and (found := _KEYWORD.match(lines[0])):
        heads.keyword, heads.take = found[1].strip(), found[2].strip(" ,")
        lines = lines[1:]
    for line in lines:
        if _NOTE.match(line):
            heads.notes.append(line)
        elif _BYLINE.match(line):
            heads.byline = line
        elif not heads.headline:
            heads.headline = line
        elif not heads.byline:
            heads.standfirst = f"{heads.standfirst} {line}".strip()
    return heads


def _typeset(line: str) -> str:
    """Marks of the teletype as the characters they stand for."""
    line = line.translate(_QUOTES).replace("``", "“").replace("''", "”")
    return line.replace(" _ ", " — ")
