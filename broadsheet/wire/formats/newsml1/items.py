"""One NewsItem of NewsML 1 as a draft: identification, management, the metadata around the text."""

import re
from datetime import datetime
from html import escape

from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.iptc import (
    SIGNAL_OF,
    author_of,
    place_of,
    signal_of,
    status_of,
    topic_of,
)
from broadsheet.wire.formats.newsml1.components import (
    Components,
    above,
    enclosures_of,
    language_of,
    pictures_of,
    summary_beside,
    text_of,
)
from broadsheet.wire.formats.newsml1.topics import Topics
from broadsheet.wire.formats.parsed import Draft, Reading, UnreadableError
from broadsheet.wire.formats.strict import (
    attribute,
    child,
    children,
    every,
    in_language,
    lines,
    number,
    words,
)
from broadsheet.wire.formats.tree import Element

_DELETE = frozenset({"delete", "kill", "cancel", "withdraw"})
_UNIQUE = 12
_SUBJECTS = ("Subject", "SubjectMatter", "SubjectDetail", "SubjectQualifier")


def draft_of(item: Element, topics: Topics, reading: Reading) -> Draft:
    """Return a NewsItem as a draft. Raises UnreadableError for an Update, which states changes
    to an earlier revision instead of the news.
    """
    key, version, names = _identity(item)
    if children(item, "Update"):
        raise UnreadableError(
            f"NewsItem {key} is an Update to an earlier revision (line {item.sourceline}), which"
            " cannot be read by itself. Ask the agency to send whole revisions."
        )
    components = Components(item)
    report = components.report
    around = above(report) if report is not None else list(children(item, "NewsComponent"))
    draft = Draft(key=key, version=version, aliases=names, language=language_of(report))
    _read_management(draft, child(item, "NewsManagement"), reading)
    _read_lines(draft, around, report)
    draft.headline = draft.headline or words(child(item, "Identification", "NameLabel"))
    _read_metadata(draft, topics, around, reading)
    draft.pictures += pictures_of(components)
    draft.enclosures += enclosures_of(item)
    if not around and draft.status == "usable":
        draft.signal = draft.signal or "advisory"
    return draft


def _identity(item: Element) -> tuple[str, str, list[str]]:
    """The key without the revision, which is the same for all (Functional Specification, 5.3),
    the revision, and further names: the public identifier, and the id with the moment of the
    first creation, since some agencies give every revision another DateId.

    Some state no identity but a unique Duid; without either the item goes by headline and date.
    """
    stated = child(item, "Identification", "NewsIdentifier")
    revision = child(stated, "RevisionId")
    parts = [words(child(stated, name)) for name in ("ProviderId", "DateId", "NewsItemId")]
    public = words(child(stated, "PublicIdentifier"))
    key = _without_revision(public, words(revision) + attribute(revision, "Update"))
    if all(parts):
        key = f"urn:newsml:{':'.join(parts)}"
    if not key and len(duid := attribute(child(item, "NewsComponent"), "Duid")) >= _UNIQUE:
        key = duid
    names = [f"id:{public}"] if parts[2] and parts[2] in public and public != key else []
    first = words(child(item, "NewsManagement", "FirstCreated"))
    if first and all(parts):
        names.append(f"first:{parts[0]}:{parts[2]}:{first}")
    return key, words(revision), names


def _without_revision(public: str, revision: str) -> str:
    for ending in (revision, revision.rstrip("NUA")):
        if ending and public.endswith(":" + ending):
            return public.removesuffix(":" + ending)
    return public


def _read_management(draft: Draft, management: Element | None, reading: Reading) -> None:
    status = attribute(child(management, "Status"), "FormalName")
    orders = [attribute(part, "FormalName").lower() for part in children(management, "Instruction")]
    draft.published = _date(management, "FirstCreated", reading)
    draft.updated = _date(management, "ThisRevisionCreated", reading)
    draft.published = draft.published or draft.updated
    stated = child(management, "Urgency")
    urgency = number(attribute(stated, "FormalName") or words(stated))
    draft.urgency = urgency if urgency in range(1, 10) else None
    if status.lower() == "embargoed":
        _read_embargo(draft, management, reading)
    else:
        draft.status, draft.flags = status_of(status)
        _read_expiry(draft, management, reading)
    if _DELETE & set(orders):
        draft.status = "canceled"
    kinds = [attribute(part, "FormalName") for part in children(management, "NewsItemType")]
    draft.signal = SIGNAL_OF[draft.status] or signal_of([*orders, *kinds])
    derived = child(management, "DerivedFrom")
    draft.evolved_from = re.sub(r":\d+[NUA]?$", "", attribute(derived, "NewsItem"))
    draft.ednote = _notes(management)


def _read_embargo(draft: Draft, management: Element | None, reading: Reading) -> None:
    """An embargo lasts until the stated change of status; without one it withholds the item."""
    change = child(management, "StatusWillChange")
    draft.embargo = _date(change, "DateAndTime", reading)
    draft.embargo_as_sent = words(child(change, "DateAndTime"))


def _read_expiry(draft: Draft, management: Element | None, reading: Reading) -> None:
    """A usable item that will be withheld or canceled at a stated time expires then."""
    change = child(management, "StatusWillChange")
    future, _ = status_of(attribute(child(change, "FutureStatus"), "FormalName"))
    if draft.status == "usable" and future != "usable":
        draft.expires = _date(change, "DateAndTime", reading)
        draft.expires_as_sent = words(child(change, "DateAndTime"))


def _date(parent: Element | None, name: str, reading: Reading) -> datetime | None:
    return read_date(words(child(parent, name)), reading.zone)


def _notes(management: Element | None) -> str:
    notes = lines(every(management, "EditorialNote", "Comment"))
    properties = children(management, "Property")
    notes += [
        attribute(part, "Value")
        for part in properties
        if "note" in attribute(part, "FormalName").lower()
    ]
    return "\n".join(notes)


def _read_lines(draft: Draft, around: list[Element], report: Element | None) -> None:
    """Read the news lines nearest to the report, and the report itself."""
    draft.headline = _line(draft, around, "HeadLine")
    html, nitf = text_of(report, draft.headline)
    draft.headline = draft.headline or nitf.headline
    summary = _line(draft, around, "SubHeadLine") or summary_beside(report)
    draft.body, draft.standfirst = html, escape(summary, quote=False) or nitf.standfirst
    byline = _line(draft, around, "ByLine")
    draft.authors = [author_of(byline)] if byline else nitf.authors
    draft.dateline = place_of(_line(draft, around, "DateLine")) or nitf.dateline
    copyrights = _line(draft, around, "CopyrightLine")
    draft.credit = _line(draft, around, "CreditLine") or copyrights or nitf.credit
    draft.usage_terms = _line(draft, around, "RightsLine") or nitf.terms
    draft.slugline = _line(draft, around, "SlugLine")
    draft.categories += [
        text for part in around for text in lines(every(child(part, "NewsLines"), "KeywordLine"))
    ]
    draft.pictures, draft.enclosures = list(nitf.pictures), list(nitf.enclosures)
    draft.ednote = "\n".join(part for part in [draft.ednote, *nitf.notes] if part)


def _line(draft: Draft, around: list[Element], name: str) -> str:
    for component in around:
        found = in_language(list(every(child(component, "NewsLines"), name)), draft.language)
        if texts := lines(found):
            return texts[0]
    return ""


def _read_metadata(draft: Draft, topics: Topics, around: list[Element], reading: Reading) -> None:
    """Read who sends it, on what terms, and what it is about, of all components around it."""
    parties = [
        attribute(part, "FormalName")
        for name in ("Provider", "Source", "Creator")
        for component in around
        for part in every(child(component, "AdministrativeMetadata", name), "Party")
    ]
    draft.agency = next((name for name in parties if name), "")
    for component in around:
        rights = child(component, "RightsMetadata")
        terms = lines(every(rights, "UsageType", "Geography", "Limitations"))
        draft.usage_terms = draft.usage_terms or " ".join(terms)
        ends = lines(every(rights, "EndDate"))
        draft.expires = draft.expires or next((read_date(end, reading.zone) for end in ends), None)
        draft.expires_as_sent = draft.expires_as_sent or next(iter(ends), "")
        _read_subjects(draft, topics, child(component, "DescriptiveMetadata"))


def _read_subjects(draft: Draft, topics: Topics, about: Element | None) -> None:
    names = topics.names(draft.language)
    codes = [attribute(p, "FormalName") for p in every(about, *_SUBJECTS)]
    draft.topics += [topic_of(code) for code in codes]
    labels = [attribute(part, "Topic").lstrip("#") for part in children(about, "TopicOccurrence")]
    draft.categories += [names[key] for key in [*codes, *labels] if key in names]
    for part in [*children(about, "Property")]:
        if attribute(part, "FormalName").lower() == "keyword":
            draft.categories.append(attribute(part, "Value"))
    draft.categories += [attribute(part, "FormalName") for part in children(about, "Genre")]
