"""The IPTC's Media Topics: what a code is called, what it belongs to, which older code it replaces.

The vocabulary is `media_topics.tsv` beside this file, the IPTC's (cv.iptc.org/newscodes/mediatopic)
under CC BY 4.0. Codes are QCodes, "medtop:04000000". One that is not in it is kept as it came: the
IPTC adds topics every half year, and agencies have vocabularies of their own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ALIAS = "medtop:"
ADDRESS = "http://cv.iptc.org/newscodes/mediatopic/"
"""The alias and the address of the vocabulary (IPTC NewsCodes, catalog of the G2 standards)."""

_SUBJECT = "subj:"
_FILE = Path(__file__).with_name("media_topics.tsv")


@dataclass(frozen=True, slots=True)
class MediaTopic:
    """One topic. `broader` is the code it belongs to, "" at the top; `german` is "" for a few.

    `subject` is the old subject code that the IPTC matches it with, or "". A retired topic is still
    named where it was given, and not given any more.
    """

    code: str
    broader: str
    english: str
    german: str
    subject: str
    retired: bool

    def name(self, language: str) -> str:
        """What it is called in a language ("de", "en-gb"): German, else English."""
        return self.german or self.english if language.startswith("de") else self.english


@cache
def vocabulary() -> dict[str, MediaTopic]:
    """Every topic by its code, each below the one it belongs to; read once."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    topics = (
        MediaTopic(
            code=ALIAS + code,
            broader=broader and ALIAS + broader,
            english=english,
            german=german,
            subject=subject and _SUBJECT + subject,
            retired=bool(retired),
        )
        for code, broader, english, german, subject, retired in rows
    )
    return {topic.code: topic for topic in topics}


@cache
def _replacing() -> dict[str, str]:
    """For each old subject code the Media Topic that took its place, the one in use first."""
    matched = [topic for topic in vocabulary().values() if topic.subject]
    matched.sort(key=lambda topic: topic.retired)
    found: dict[str, str] = {}
    for topic in matched:
        found.setdefault(topic.subject, topic.code)
    return found


def canonical(code: str) -> str:
    """A subject's code as the paper keeps it: a Media Topic where the IPTC matches an old one.

    "MEDTOP:04000000" and "subj:04000000" are "medtop:04000000"; what is unknown stays as it is.
    """
    text = " ".join(code.split())
    alias, _, rest = text.partition(":")
    plain = f"{alias.lower()}:{rest.strip()}"
    if plain.startswith((ALIAS, _SUBJECT)):
        return _replacing().get(plain, plain)
    return text


def address_of(code: str) -> str:
    """The IPTC's own address of a Media Topic, known here or not."""
    return ADDRESS + code.removeprefix(ALIAS)


def listed(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes as the paper keeps them, each once, in their order."""
    return tuple(dict.fromkeys(kept for code in codes if (kept := canonical(code))))


def above(code: str) -> tuple[str, ...]:
    """The codes that a topic belongs to, the nearest first; none for an unknown one."""
    found, topic = [], vocabulary().get(code)
    while topic is not None and topic.broader:
        found.append(topic.broader)
        topic = vocabulary().get(topic.broader)
    return tuple(found)


@cache
def labels(language: str) -> dict[str, str]:
    """What each topic is called among all others: with its code where two have one name."""
    names = {code: topic.name(language) for code, topic in vocabulary().items()}
    often: dict[str, int] = {}
    for name in names.values():
        often[name.casefold()] = often.get(name.casefold(), 0) + 1
    return {
        code: name if often[name.casefold()] == 1 else f"{name} ({code})"
        for code, name in names.items()
    }


@cache
def _named(language: str) -> dict[str, str]:
    return {label.casefold(): code for code, label in labels(language).items()}


def meant(text: str, language: str) -> str:
    """The code meant by a name in the language, else in English, or by a code; "" for none."""
    words = " ".join(text.split()).casefold()
    for named in (_named(language), _named("en")):
        if words in named:
            return named[words]
    code = canonical(words if ":" in words else ALIAS + words)
    return code if code in vocabulary() else ""


def matching(text: str, language: str, most: int = 12) -> tuple[str, ...]:
    """Codes of topics in use whose names hold all words of a text: those that begin with it first,
    then the broader ones.
    """
    words = text.casefold().split()
    if not words:
        return ()
    found = [code for code, name in _in_use(language) if all(word in name for word in words)]
    names = labels(language)

    def order(code: str) -> tuple[bool, int, str]:
        name = names[code].casefold()
        return not name.startswith(words[0]), len(above(code)), name

    return tuple(sorted(found, key=order)[:most])


def _in_use(language: str) -> Iterator[tuple[str, str]]:
    topics = vocabulary()
    for code, label in labels(language).items():
        if not topics[code].retired:
            yield code, label.casefold()
