"""Reads what the wires send: feeds of the web, and the agencies' formats, as one kind of entry.

RSS, Atom, JSON Feed and ninjs are mended where they are broken. NewsML-G2, NITF and NewsML 1
are read strictly or not at all; IPTC 7901 and
ANPA 1312 are plain text.
"""

from collections.abc import Callable
from datetime import UTC, tzinfo
from functools import partial

from broadsheet.wire.formats import (
    anpa1312,
    atom,
    iptc7901,
    jsonfeed,
    mail,
    newsml1,
    newsmlg2,
    ninjs,
    nitf,
    plaintext,
    rss,
    strict,
)
from broadsheet.wire.formats.charset import decode
from broadsheet.wire.formats.parsed import (
    Enclosure,
    Entry,
    Parsed,
    ParsedPicture,
    Reading,
    UnreadableError,
)
from broadsheet.wire.formats.sniff import sniff

__all__ = ["FORMATS", "Enclosure", "Entry", "Parsed", "ParsedPicture", "parse"]

_READERS: dict[str, Callable[[str, Reading], Parsed]] = {
    "rss": rss.read,
    "atom": atom.read,
    "jsonfeed": jsonfeed.read,
    "ninjs": ninjs.read,
    "newsmlg2": newsmlg2.read,
    "nitf": nitf.read,
    "newsml1": newsml1.read,
    "iptc7901": iptc7901.read,
    "anpa1312": anpa1312.read,
}
_CHARACTERS: dict[str, Callable[[bytes, str | None], str]] = {
    "newsmlg2": partial(strict.characters, name="NewsML-G2"),
    "nitf": partial(strict.characters, name="NITF"),
    "newsml1": partial(strict.characters, name="NewsML 1"),
    "iptc7901": plaintext.characters,
    "anpa1312": plaintext.characters,
}
"""The formats that do not leave it to repair which characters the bytes mean."""
_WITH_STATUS = frozenset({"ninjs", "newsmlg2", "newsml1", "nitf"})
FORMATS = (*_READERS, "mail")
"""The formats that can be named instead of "auto"."""


def parse(
    data: bytes,
    *,
    content_type: str | None = None,
    url: str | None = None,
    format: str = "auto",
    zone: tzinfo = UTC,
) -> Parsed:
    """Read a feed; never raises, whatever the bytes are.

    *content_type* is the HTTP header, *url* where the bytes came from, *zone* what a date
    without a zone is in. What could not be read at all is told in ``problems``, each a
    sentence that says what to do, with no entries; what was mended is told in ``repairs``.
    """
    reading = Reading(url=url, zone=zone)
    name = format
    try:
        if format == "mail" or (format == "auto" and mail.is_mail(content_type)):
            name = "mail"
            return mail.read(data, reading)
        text = decode(data, content_type, reading)
        name = sniff(text, reading) if format == "auto" else format
        if name not in _READERS:
            raise UnreadableError(
                f"The format {name!r} is not known. Use one of {', '.join(FORMATS)}."
            )
        reading.has_status = name in _WITH_STATUS
        if name in _CHARACTERS:
            reading.repairs.clear()
            text = _CHARACTERS[name](data, content_type)
        return _READERS[name](text, reading)
    except UnreadableError as problem:
        return _nothing(problem.format if name == "auto" else name, reading, str(problem))
    except Exception as fault:
        sentence = f"Reading stopped at a fault of our own ({type(fault).__name__}: {fault})."
        return _nothing(name, reading, sentence + " Keep the bytes and report it.")


def _nothing(name: str, reading: Reading, problem: str) -> Parsed:
    return Parsed(name, repairs=tuple(reading.repairs), problems=(problem,))
