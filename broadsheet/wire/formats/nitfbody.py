"""The body of a NITF report as HTML of ours: what marks up words stays, what only names them goes.

NITF 3.x and 2.5 (IPTC, nitf.org): elements such as person, org, location, chron and num are
dissolved to their text; media become pictures; dateline, byline and notes become fields.
"""

from dataclasses import dataclass, field
from html import escape

from broadsheet.wire.formats.iptc import author_of, best_rendition, place_of
from broadsheet.wire.formats.parsed import Enclosure, ParsedPicture
from broadsheet.wire.formats.strict import (
    attribute,
    children,
    every,
    lines,
    local,
    number,
    words,
)
from broadsheet.wire.formats.tree import Element

_SAME = """
    p ul ol li dl dt dd pre blockquote q em strong b i sub sup code br hr table caption thead
    tbody tfoot tr th td h2 h3 h4 h5 h6
"""
_TAGS = {name: name for name in _SAME.split()} | {
    "hl1": "h2", "hl2": "h3", "bq": "blockquote", "abstract": "blockquote", "credit": "p",
    "fn": "p", "note": "p", "u": "em",
}  # fmt: skip
_KEPT = {"td": ("colspan", "rowspan"), "th": ("colspan", "rowspan"), "a": ("href",)}
_VOID = frozenset({"br", "hr"})
_GONE = frozenset({"nitf-table-metadata", "col", "colgroup", "alt-code", "datasource", "copyrite"})
_APART = frozenset({"person", "location", "postaddr", "name", "org", "event"})
_PICTURES = frozenset({"image", "photo", "picture", "graphic", ""})


@dataclass(slots=True)
class NitfBody:
    """What a NITF body holds, sorted; *html* is not sanitised yet.

    *heads* are the blocks whose byline and dateline were taken already.
    """

    html: str = ""
    headline: str = ""
    standfirst: str = ""
    authors: list[str] = field(default_factory=list)
    dateline: str = ""
    agency: str = ""
    credit: str = ""
    terms: str = ""
    notes: list[str] = field(default_factory=list)
    pictures: list[ParsedPicture] = field(default_factory=list)
    enclosures: list[Enclosure] = field(default_factory=list)
    heads: set[Element] = field(default_factory=set)


def read_body(nitf: Element | None) -> NitfBody:
    """Return what stands in <body> of a <nitf> element, whatever its version."""
    found = NitfBody()
    for body in children(nitf, "body"):
        for head in children(body, "body.head"):
            _read_head(head, found)
        for content in children(body, "body.content"):
            found.html += _inner(content, found).strip()
        for end in children(body, "body.end"):
            found.notes += lines([*children(end, "tagline"), *children(end, "bibliography")])
    return found


def _read_head(head: Element, found: NitfBody) -> None:
    for hedline in children(head, "hedline"):
        found.headline = found.headline or "".join(lines(children(hedline, "hl1"))[:1])
        found.standfirst = found.standfirst or escape("".join(lines(children(hedline, "hl2"))[:1]))
    abstract = [part for part in children(head, "abstract") if words(part)]
    if abstract:
        found.standfirst = _inner(abstract[0], found)
    found.notes += lines(children(head, "note"))
    found.agency = next(iter(lines(children(head, "distributor"))), "")
    rights = children(head, "rights")
    found.credit = next(iter(lines(part for r in rights for part in every(r, "rights.owner"))), "")
    found.terms = " ".join(filter(None, (_terms(part) for part in rights)))
    if found.standfirst == escape(found.headline):
        found.standfirst = ""
    _set_apart(head, found)


def _terms(rights: Element) -> str:
    """What the rights say besides whose they are."""
    said = [part for part in children(rights) if not local(part).startswith("rights.owner")]
    return " ".join(lines(said)) if children(rights) else words(rights)


def _set_apart(parent: Element, found: NitfBody) -> None:
    """Take the bylines and the dateline among the children of *parent* into their fields."""
    for byline in children(parent, "byline"):
        people = lines(every(byline, "person"))
        titles = lines(every(byline, "byttl", "bytag"))
        stated = words(byline)
        for title in titles:
            stated = stated.removesuffix(title).strip(" ,;")
        names = people or [stated or " ".join(titles)]
        found.authors += [author_of(name) for name in names if name.strip()]
    for dateline in children(parent, "dateline"):
        found.dateline = found.dateline or _place(dateline)


def _place(dateline: Element) -> str:
    places = list(every(dateline, "location"))
    if places:
        return place_of(_text_apart(places[0], ", "))
    dates = lines(every(dateline, "story.date"))
    stated = words(dateline)
    for date in dates:
        stated = stated.replace(date, "")
    return place_of(stated)


def _text_apart(element: Element, between: str) -> str:
    """Return the text of parts set side by side without punctuation of their own, joined."""
    parts = children(element)
    own = (element.text or "") + "".join(part.tail or "" for part in parts)
    return words(element) if own.strip() or not parts else between.join(lines(parts))


def _inner(element: Element, found: NitfBody) -> str:
    parts = [escape(element.text or "", quote=False)]
    for part in element:
        parts += [_outer(part, found), escape(part.tail or "", quote=False)]
    return "".join(parts)


def _outer(element: Element, found: NitfBody) -> str:
    name = local(element).lower()
    if not name or name in _GONE:
        return ""
    if name == "media":
        _read_media(element, found)
        return ""
    if name in ("byline", "dateline", "distributor"):
        _take_out(element, found)
        return ""
    if name == "note" and "editor" in attribute(element, "noteclass"):
        found.notes += lines([element])
        return ""
    return _written(name, element, found)


def _take_out(element: Element, found: NitfBody) -> None:
    """A byline or dateline inside a block: its parent is read as the head of the body is."""
    parent = element.getparent()
    if local(element) == "distributor":
        found.agency = found.agency or words(element)
    elif parent is not None and parent not in found.heads:
        found.heads.add(parent)
        _set_apart(parent, found)


def _written(name: str, element: Element, found: NitfBody) -> str:
    if name in _APART and children(element):
        return escape(_text_apart(element, ", " if name == "location" else " "), quote=False)
    if name == "frac-sep" and not words(element):
        return "/"
    if name == "frac":
        return " " + _inner(element, found)
    if name == "a":
        return f'<a href="{escape(attribute(element, "href"))}">{_inner(element, found)}</a>'
    tag = _TAGS.get(name, "")
    if tag in _VOID:
        return f"<{tag}>"
    inner = _inner(element, found)
    if not tag:
        return f"\n{inner}\n" if name in ("block", "nitf-table", "hedline") else inner
    return f"<{tag}{_attributes(name, element)}>{inner}</{tag}>"


def _attributes(name: str, element: Element) -> str:
    stated = ((key, attribute(element, key)) for key in _KEPT.get(name, ()))
    return "".join(f' {key}="{escape(value)}"' for key, value in stated if value)


def _read_media(media: Element, found: NitfBody) -> None:
    kind = attribute(media, "media-type").lower()
    references = [part for part in children(media, "media-reference") if _source(part)]
    if kind in _PICTURES or any("image/" in attribute(r, "mime-type") for r in references):
        if picture := _picture(media, references):
            found.pictures.append(picture)
        return
    found.enclosures += [
        Enclosure(
            _source(part), attribute(part, "mime-type"), None, attribute(part, "alternate-text")
        )
        for part in references
    ]


def _source(reference: Element) -> str:
    return attribute(reference, "source", "data-location", "href")


def _picture(media: Element, references: list[Element]) -> ParsedPicture | None:
    best = best_rendition(references, _width)
    if best is None:
        return None
    captions = children(media, "media-caption")
    producers = lines([*children(media, "media-producer"), *every(media, "credit")])
    credits = [
        credit for part in [best, *references] if (credit := attribute(part, "source-credit"))
    ]
    return ParsedPicture(
        url=_source(best),
        credit=next(iter(producers or credits), ""),
        caption=" ".join(lines(captions)),
        alt=attribute(best, "alternate-text"),
        terms=" ".join(lines(every(media, "copyrite", "rights"))),
        mime=attribute(best, "mime-type"),
        width=number(attribute(best, "width")),
        height=number(attribute(best, "height")),
    )


def _width(reference: Element) -> int | None:
    return number(attribute(reference, "width"))
