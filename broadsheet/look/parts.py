"""What the parts of a page are made of: frozen views that stages fill and templates read."""

from dataclasses import dataclass
from datetime import datetime

from broadsheet.look.strict import View


@dataclass(frozen=True, slots=True)
class LinkView(View):
    """A named link; `url` is root-relative; `current` marks where the reader is."""

    title: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class PaperView(View):
    """The paper as every page shows it. `origin` has no trailing slash; `zone` is an IANA name.

    On the pages of a second title `title` is its name and front, `tone` its colour, and nameplate,
    tagline, description and sections are its own. `titles` are the ways to the other titles.
    """

    name: str
    nameplate: str
    tagline: str
    language: str
    direction: str
    zone: str
    origin: str
    description: str
    device: str
    sections: tuple[LinkView, ...]
    pages: tuple[LinkView, ...]
    has_premium: bool
    demo: bool
    sells: bool = False
    titles: tuple[LinkView, ...] = ()
    title: LinkView | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class PictureView(View):
    """A picture with its own credit; sizes in pixels.

    `src` is a JPEG of `width` and `height` that everything can read; `srcset` (ready for the
    attribute) and `square` are WebP. `digital_source` is a code of IPTC's Digital Source Type.
    """

    src: str
    srcset: str
    square: str
    width: int
    height: int
    alt: str
    caption: str
    credit: str
    byline: str = ""
    copyright_notice: str = ""
    licence_page: str = ""
    digital_source: str = ""


@dataclass(frozen=True, slots=True)
class CardView(View):
    """An article as a list shows it. `access` is an access class; times are aware, paper's zone.

    `title` is the second title that it belongs to, where that must be told.
    """

    id: int
    url: str
    headline: str
    kicker: str
    standfirst: str
    section: LinkView
    byline: str
    agency: str
    published: datetime
    access: str
    news_value: int
    picture: PictureView | None
    title: LinkView | None = None


@dataclass(frozen=True, slots=True)
class NoticeView(View):
    """A notice the reader sees. `kind`: correction, clarification, hold or withdrawal."""

    kind: str
    label: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EnclosureView(View):
    """Sound or film that comes with a report, on the agency's server: a link, never fetched by us.

    `label` is "Audio" or "Video" in the active language, `size` ready to show or "", `length` in
    bytes as the agency states it or 0.
    """

    url: str
    label: str
    title: str
    mime: str
    size: str
    length: int


@dataclass(frozen=True, slots=True)
class ArticleView(View):
    """An article in full. `gated_html` is for those who have the right, the rest for everyone.

    `teaser_html` is what others get, or would if it were not open: it may end within a paragraph,
    while `open_html` and `gated_html` part the whole text between two paragraphs.
    `wire_date` is the wire's own date line ("17 October 2023 08:12 IST") or "".
    `disclosure` says who wrote and who reworked, computed from the field owners, or "".
    `later` is the report that grew out of this one.
    `topics` are the pages of what it is about, `authors` those of whom the byline names.
    """

    card: CardView
    dateline: str
    teaser_html: str
    open_html: str
    gated_html: str
    wire_date: str
    changed: datetime | None
    notices: tuple[NoticeView, ...]
    disclosure: str
    related: tuple[CardView, ...]
    canonical: str
    later: LinkView | None = None
    enclosures: tuple[EnclosureView, ...] = ()
    topics: tuple[LinkView, ...] = ()
    authors: tuple[LinkView, ...] = ()


@dataclass(frozen=True, slots=True)
class HeadView(View):
    """What the head of an article's page tells machines.

    `canonical` is where search engines are to find it, `robots` what they are asked or "";
    `properties` are meta elements as (attribute, name, content); `json_ld` is safe in a script.
    """

    canonical: str
    robots: str
    properties: tuple[tuple[str, str, str], ...]
    json_ld: str


@dataclass(frozen=True, slots=True)
class AdView(View):
    """A house ad in a named slot."""

    slot: str
    headline: str
    text: str
    link_text: str
    url: str
