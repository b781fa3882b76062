"""One item of NewsML-G2 as a draft: management, content metadata, rights, body."""

from datetime import datetime
from html import escape

from broadsheet.wire.formats.dates import read_date
from broadsheet.wire.formats.iptc import (
    SIGNAL_OF,
    author_of,
    last_part,
    place_of,
    signal_of,
    status_of,
)
from broadsheet.wire.formats.newsmlg2.codes import (
    Aliases,
    code_of,
    is_below,
    name_of,
    party_of,
    text_of,
)
from broadsheet.wire.formats.newsmlg2.content import Content, content_of
from broadsheet.wire.formats.newsmlg2.message import PICTURES, Message, nature_of
from broadsheet.wire.formats.newsmlg2.pictures import (
    bare_picture,
    enclosures_of,
    notice_of,
    picture_of,
    terms_of,
)
from broadsheet.wire.formats.parsed import Draft, Reading, Signal, UnreadableError
from broadsheet.wire.formats.strict import (
    attribute,
    child,
    children,
    in_language,
    language,
    lines,
    local,
    number,
    words,
)
from broadsheet.wire.formats.tree import Element

_SUMMARIES = frozenset({"summary", "teaser", "lead"})
_NEWS = frozenset({"", "text", "picture", "graphic", "composite", "audio", "video", "animation"})


def draft_of(item: Element, message: Message, reading: Reading) -> Draft:
    """Return an item as a draft. Raises UnreadableError for one without a guid: it could be
    neither updated nor withdrawn.
    """
    guid = attribute(item, "guid")
    if not guid:
        raise UnreadableError(
            f"A <{local(item)}> (line {item.sourceline}) has no guid, so that nothing could be"
            " updated or withdrawn by it. Ask the agency to send it again with one."
        )
    aliases = message.aliases(item)
    meta, about = child(item, "itemMeta"), child(item, "contentMeta")
    wanted = attribute(child(about, "language"), "tag") or language(item)
    draft = Draft(key=guid, version=attribute(item, "version"), language=wanted)
    draft.status, draft.flags = status_of(code_of(child(meta, "pubStatus"), aliases))
    _read_times(draft, meta, about, reading)
    draft.signal = SIGNAL_OF[draft.status] or _signal(item, message, aliases)
    draft.headline = text_of(about, wanted, "headline") or text_of(meta, wanted, "title")
    content = content_of(item, draft.headline)
    _read_text(draft, content, about)
    _read_parties(draft, item, content)
    _read_subjects(draft, about, aliases)
    _read_names(draft, meta, about)
    draft.ednote = "\n".join([*lines(children(meta, "edNote")), *content.nitf.notes])
    draft.pictures = [*message.pictures.get(guid, []), *content.nitf.pictures]
    is_picture = nature_of(item, aliases) in PICTURES
    if picture := picture_of(item) if is_picture else bare_picture(item):
        draft.pictures.append(picture)
    draft.enclosures = [*enclosures_of(item), *content.nitf.enclosures]
    return draft


def _read_times(
    draft: Draft, meta: Element | None, about: Element | None, reading: Reading
) -> None:
    """Read the dates (NewsML-G2: <embargoed/> is an embargo that ends by a new version of the
    item only).
    """

    def date(parent: Element | None, name: str) -> datetime | None:
        return read_date(words(child(parent, name)), reading.zone)

    draft.updated = date(meta, "versionCreated") or date(about, "contentModified")
    created = date(meta, "firstCreated") or date(about, "contentCreated")
    draft.published = created or draft.updated
    draft.expires = date(meta, "expires")
    draft.expires_as_sent = words(child(meta, "expires"))
    draft.embargo = date(meta, "embargoed")
    stated = child(meta, "embargoed")
    draft.embargo_as_sent = None if stated is None else words(stated)


def _signal(item: Element, message: Message, aliases: Aliases) -> Signal:
    """The message's test signal, else the item's own; what is no news item is for editors."""
    meta = child(item, "itemMeta")
    stated = [*children(meta, "signal"), *children(meta, "role")]
    genres = [code_of(g, aliases) for g in children(child(item, "contentMeta"), "genre")]
    advice = [genre for genre in genres if last_part(genre).startswith("advis")]
    own = signal_of([*(code_of(part, aliases) for part in stated), *advice])
    is_news = local(item) in ("newsItem", "packageItem") and nature_of(item, aliases) in _NEWS
    return message.signal or (own if is_news or own == "test" else "advisory")


def _read_text(draft: Draft, content: Content, about: Element | None) -> None:
    wanted, nitf = draft.language, content.nitf
    draft.headline = draft.headline or nitf.headline
    parts = in_language(children(about, "description"), wanted)
    parts = [part for part in parts if last_part(attribute(part, "role")) != "caption"]
    best = [part for part in parts if last_part(attribute(part, "role")) in _SUMMARIES]
    below = [part for part in children(about, "headline") if is_below(part)]
    summary = next(iter(lines(best or parts) or lines(below)), "")
    draft.body = content.html
    draft.standfirst = escape(summary, quote=False) or nitf.standfirst
    place = child(about, "located")
    located = name_of(place, wanted) or attribute(place, "literal")
    stated = place_of(text_of(about, wanted, "dateline"))
    draft.dateline = stated or content.dateline or place_of(located)
    draft.slugline = text_of(about, wanted, "slugline")
    urgency = number(words(child(about, "urgency")))
    draft.urgency = urgency if urgency in range(1, 10) else None


def _read_parties(draft: Draft, item: Element, content: Content) -> None:
    wanted, about = draft.language, child(item, "contentMeta")
    bylines = lines(in_language(children(about, "by"), wanted)) or content.nitf.authors
    draft.authors = [author_of(name) for name in bylines] or _writers(about, wanted)
    provider = child(item, "itemMeta", "provider")
    holder = party_of(child(item, "rightsInfo", "copyrightHolder"), wanted)
    sources = [party_of(part, wanted) for part in children(about, "infoSource")]
    named = name_of(provider, wanted) or attribute(provider, "literal") or holder
    named = named or next((name for name in sources if name), "")
    draft.agency = named or content.nitf.agency or party_of(provider, wanted)
    draft.credit = text_of(about, wanted, "creditline") or notice_of(item, wanted)
    draft.usage_terms = terms_of(item, wanted)


def _writers(about: Element | None, wanted: str) -> list[str]:
    """The creators by name, and the contributors who are said to have written."""
    writers = children(about, "creator")
    for part in children(about, "contributor"):
        if last_part(attribute(part, "role")) in ("author", "writer", "reporter"):
            writers.append(part)
    return [name_of(part, wanted) for part in writers]


def _read_subjects(draft: Draft, about: Element | None, aliases: Aliases) -> None:
    """Codes and names of the subjects; a code with sameAs counts under both."""
    for subject in children(about, "subject"):
        same = [code_of(part, aliases) for part in children(subject, "sameAs")]
        iptc = [code for code in same if code.startswith(("medtop:", "subj:"))]
        draft.topics += [code for code in (code_of(subject, aliases), *iptc) if ":" in code]
        named = name_of(subject, draft.language)
        draft.categories.append(named or attribute(subject, "literal"))
    draft.categories += lines(in_language(children(about, "keyword"), draft.language))


def _read_names(draft: Draft, meta: Element | None, about: Element | None) -> None:
    """Other identities: altId, the previous version under another guid, what it evolved from.

    A seeAlso names another report and is no identity (docs/cases.md, 30).
    """
    for part in [*children(meta, "altId"), *children(about, "altId")]:
        draft.aliases.append(f"alt:{attribute(part, 'type', 'environment')}:{words(part)}")
    for link in children(meta, "link"):
        relation = last_part(attribute(link, "rel", "reluri"))
        stated = attribute(link, "residref", "href")
        if stated and relation == "previousversion":
            draft.aliases.append(f"id:{stated}")
        elif stated and relation in ("evolvedfrom", "isderivedfrom", "derivedfrom"):
            draft.evolved_from = draft.evolved_from or stated
