"""NITF, the IPTC's news text format: 3.x, and 2.5 as DTD-based agencies still send it."""

from datetime import datetime

from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.finish import finish_all
from broadsheet.wire.formats.iptc import SIGNAL_OF, signal_of, status_of, topic_of
from broadsheet.wire.formats.nitfbody import read_body
from broadsheet.wire.formats.parsed import (
    Draft,
    Parsed,
    Reading,
    Signal,
    Status,
    UnreadableError,
)
from broadsheet.wire.formats.strict import (
    attribute,
    child,
    children,
    every,
    language,
    load_strictly,
    local,
    number,
    words,
)
from broadsheet.wire.formats.tree import Element

_STATUS = ("management-status", "management-doc-status")
_PLACES = ("city", "county-dist", "state-prov", "region")


def read(text: str, reading: Reading) -> Parsed:
    """Read one NITF document. Raises UnreadableError when it is not well formed, or none."""
    root = load_strictly(text, "NITF")
    if local(root) != "nitf":
        raise UnreadableError(
            f"This is no NITF: its root element is <{local(root)[:40]}>, not <nitf>."
            " Set the feed's format to auto, or ask the agency which format it sends."
        )
    entries = finish_all([root, *_orders(root)], lambda part: _read(part, reading), reading)
    return Parsed("nitf", entries, tuple(reading.repairs), tuple(reading.problems))


def _orders(root: Element) -> list[Element]:
    """The docdata that says of another document that it is withheld or withdrawn."""
    docdata = [part for head in children(root, "head") for part in children(head, "docdata")]
    return [part for part in docdata if _order(part) != "usable" and _referred(part)]


def _referred(docdata: Element) -> str:
    return attribute(docdata, "management-doc-idref")


def _order(docdata: Element) -> Status:
    return status_of(attribute(docdata, "management-idref-status"))[0]


def _read(part: Element, reading: Reading) -> Draft:
    if local(part) == "docdata":
        status = _order(part)
        note = " ".join(attribute(msg, "info") for msg in children(part, "ed-msg"))
        return Draft(key=_referred(part), status=status, signal=SIGNAL_OF[status], ednote=note)
    return draft_of(part, reading)


def draft_of(root: Element, reading: Reading) -> Draft:
    """Return a <nitf> element as a draft."""
    head, docdata = child(root, "head"), child(root, "head", "docdata")
    body = read_body(root)
    status, flags = _management(docdata)
    embargo, embargo_as_sent = _embargo(docdata, reading)
    topics, names = _subjects(head)
    issued, changed = _dates(root, head, docdata, reading)
    return Draft(
        key=attribute(child(docdata, "doc-id"), "id-string"),
        aliases=[*_corrected(docdata), *_story_of_the_day(docdata, issued)],
        version=_version(docdata),
        status=status,
        signal=SIGNAL_OF[status] or _signal(head, docdata),
        headline=body.headline or words(child(head, "title")),
        standfirst=body.standfirst,
        body=body.html,
        authors=body.authors,
        dateline=body.dateline,
        language=attribute(root, "baselang") or language(child(root, "body")),
        agency=body.agency or attribute(child(docdata, "doc.copyright"), "holder") or body.credit,
        credit=body.credit,
        usage_terms=body.terms or _terms(docdata),
        ednote="\n".join([*_messages(docdata), *body.notes]),
        slugline=_slugline(head),
        categories=[*names, *_keywords(head, docdata)],
        topics=topics,
        urgency=_urgency(docdata),
        published=issued,
        updated=changed,
        embargo=embargo,
        embargo_as_sent=embargo_as_sent,
        expires=_date(docdata, "date.expire", reading),
        expires_as_sent=_stated_date(docdata, "date.expire"),
        pictures=body.pictures,
        enclosures=body.enclosures,
        flags=flags,
    )


def _management(docdata: Element | None) -> tuple[Status, list[str]]:
    """The state, and flags; an embargo and an advisory are stated in its place."""
    stated = attribute(docdata, *_STATUS).lower()
    return ("usable", []) if stated in ("embargoed", "advisory") else status_of(stated)


def _embargo(docdata: Element | None, reading: Reading) -> tuple[datetime | None, str | None]:
    """The embargo as read and as sent: a release stated as such, or later than the issue."""
    issue = _date(docdata, "date.issue", reading)
    release, sent = _date(docdata, "date.release", reading), _stated_date(docdata, "date.release")
    if attribute(docdata, *_STATUS).lower() == "embargoed":
        return release, sent
    is_later = release is not None and (issue is None or release > issue)
    is_unread = release is None and bool(sent)
    return (release, sent) if is_later or is_unread else (None, None)


def _signal(head: Element | None, docdata: Element | None) -> Signal:
    kinds = [attribute(part, "tobject.type") for part in children(head, "tobject")]
    kinds += [
        attribute(part, "tobject.property.type")
        for tobject in children(head, "tobject")
        for part in children(tobject, "tobject.property")
    ]
    kinds += [attribute(docdata, "management-status", "management-doc-status")]
    kinds += [attribute(part, "msg-type") for part in children(docdata, "ed-msg")]
    return signal_of(kinds) or ("correction" if children(docdata, "correction") else "")


def _version(docdata: Element | None) -> str:
    """The version; with a generation before it where there is one, as each counts anew in it."""
    key = child(docdata, "du-key")
    stated = [attribute(key, "generation"), attribute(key, "version")]
    return ".".join(part for part in stated if part)


def _corrected(docdata: Element | None) -> list[str]:
    """A correction is a version of the document that it says it corrects."""
    stated = [attribute(part, "id-string") for part in children(docdata, "correction")]
    return [f"id:{key}" for key in stated if key]


def _story_of_the_day(docdata: Element | None, issued: datetime | None) -> list[str]:
    """A further name: the dynamic use key, which is created daily and repeated for the later
    versions of a story, and which some agencies keep when doc-id changes with each.
    """
    key = child(docdata, "du-key")
    if issued is None or not attribute(key, "key") or not attribute(key, "version", "generation"):
        return []
    return [f"du-key:{attribute(key, 'key')}:{attribute(key, 'part')}:{issued:%Y-%m-%d}"]


def _dates(
    root: Element, head: Element | None, docdata: Element | None, reading: Reading
) -> tuple[datetime | None, datetime | None]:
    """When it was issued, and when it was last changed by the publication or its history."""
    issued = _date(docdata, "date.issue", reading)
    stated = [attribute(part, "date.publication") for part in children(head, "pubdata")]
    stated += [attribute(part, "norm") for part in children(head, "revision-history")]
    dates = [found for text in stated if (found := read_date(text, reading.zone))]
    issued = issued or min(dates, default=None)
    return issued, max([issued, *dates] if issued else dates, default=None)


def _date(docdata: Element | None, name: str, reading: Reading) -> datetime | None:
    return read_date(_stated_date(docdata, name), reading.zone)


def _stated_date(docdata: Element | None, name: str) -> str:
    element = child(docdata, name)
    return attribute(element, "norm") or words(element)


def _urgency(docdata: Element | None) -> int | None:
    urgency = number(attribute(child(docdata, "urgency"), "ed-urg"))
    return urgency if urgency in range(1, 10) else None


def _subjects(head: Element | None) -> tuple[list[str], list[str]]:
    """The codes, and the names in order: type, matter, detail of each subject."""
    topics, names = [], []
    for part in every(head, "tobject.subject"):
        scheme = attribute(part, "tobject.subject.ipr") or "IPTC"
        code = attribute(part, "tobject.subject.refnum", "tobject.subject.code")
        if code.strip("0"):
            topics.append(topic_of(code, "" if scheme == "IPTC" else scheme))
        kinds = ("type", "matter", "detail", "qualifier")
        names += [attribute(part, f"tobject.subject.{kind}") for kind in kinds]
    return topics, names


def _keywords(head: Element | None, docdata: Element | None) -> list[str]:
    """Keywords, scope, series, and what and where the report is about."""
    found = [attribute(part, "key") for part in every(docdata, "keyword")]
    found += [attribute(part, "scope") for part in children(docdata, "doc-scope")]
    for content in children(docdata, "identified-content"):
        for part in children(content):
            found.append(words(part) or attribute(part, "value"))
    for place in children(docdata, "evloc"):
        found += [attribute(place, name) for name in _PLACES] or []
    return found


def _slugline(head: Element | None) -> str:
    stated = {attribute(part, "name"): attribute(part, "content") for part in every(head, "meta")}
    return stated.get("slug") or stated.get("slugline") or stated.get("anpa-keyword") or ""


def _messages(docdata: Element | None) -> list[str]:
    """What is said to editors: messages, what a correction corrects, the place in a series."""
    found = [attribute(part, "info") for part in children(docdata, "ed-msg")]
    found += [attribute(part, "info") for part in children(docdata, "correction")]
    for part in children(docdata, "series"):
        name, number_, total = (
            attribute(part, f"series.{what}") for what in ("name", "part", "totalpart")
        )
        found.append(f"Series: {name}, {number_ or '?'}/{total.strip('0') or '?'}" if name else "")
    return [text for text in found if text]


def _terms(docdata: Element | None) -> str:
    names = ("type", "limitations", "geography")
    rights = children(docdata, "doc.rights")
    return " ".join(text for part in rights for name in names if (text := attribute(part, name)))
