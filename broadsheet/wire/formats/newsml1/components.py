"""The nested news components: which content is the report, which are pictures beside it."""

from collections import Counter

from broadsheet.kit.html import from_text
from broadsheet.wire.formats.inlinehtml import read_html
from broadsheet.wire.formats.iptc import best_rendition
from broadsheet.wire.formats.nitfbody import NitfBody, read_body
from broadsheet.wire.formats.parsed import Enclosure, ParsedPicture
from broadsheet.wire.formats.strict import (
    attribute,
    child,
    children,
    every,
    language,
    lines,
    local,
    number,
    words,
)
from broadsheet.wire.formats.tree import Element

_PICTURES = frozenset({"photo", "picture", "graphic", "image", "animation"})
_SUMMARIES = frozenset({"summary", "abstract", "teaser", "lead"})
_BESIDE = _SUMMARIES | {"caption", "headline", "title", "byline"}
_MAIN = frozenset({"main", "body"})
_FILES = {
    "photo": ("jpeg", "jpg", "png", "gif", "webp"),
    "audio": ("mp3", "wav", "m4a", "ogg"),
    "video": ("mp4", "mov", "webm", "mpeg"),
}
_OTHER = frozenset({"audio", "video", "sound"})


class Components:
    """The components of one item, looked through once: where pictures are, and lines of their own.

    Work grows with the number of contents times the depth, which the XML parser bounds.
    """

    def __init__(self, item: Element) -> None:
        contents = list(every(item, "ContentItem"))
        self.pictures = [part for part in contents if _is_picture(part)]
        self._with_picture = {part for picture in self.pictures for part in above(picture)}
        lined = [part for part in self._with_picture if children(part, "NewsLines")]
        self._lined_below = Counter(outer for part in lined for outer in above(part))
        texts = [part for part in contents if _is_text(part) and _has_data(part)]
        texts = [part for part in texts if not (_roles(part) & _BESIDE or self._is_caption(part))]
        main = [part for part in texts if _nearest_role(part) in _MAIN]
        self.report = next(iter(main or texts), None)
        """The content item of the report: one in a component of the role Main, else the first
        with text that is neither caption nor summary."""

    def _is_caption(self, text: Element) -> bool:
        """Text in a component with a picture, deeper than the report stands."""
        if _nearest_role(text) in _MAIN:
            return False
        return any(part in self._with_picture for part in above(text)[:-1])

    def owner(self, picture: Element) -> Element:
        """Return the component that is the picture: the outermost that holds neither the report
        nor a second picture with lines of its own.
        """
        around = set(above(self.report)) if self.report is not None else set()
        own = picture
        for component in above(picture):
            if component in around or self._lined_below[component] > 1:
                break
            own = component
        return own


def summary_beside(report: Element | None) -> str:
    """Return the text of the component beside the report that is a lead or a summary."""
    for component in above(report)[:2] if report is not None else []:
        for part in children(component, "NewsComponent"):
            if role_of(part) in _SUMMARIES:
                return words(next(every(part, "DataContent"), None))
    return ""


def kind_of_media(content: Element) -> str:
    """Return "text", "photo", "audio" …, told by MediaType, MimeType or Format."""
    stated = attribute(child(content, "MediaType"), "FormalName").lower()
    mime = attribute(child(content, "MimeType"), "FormalName").lower()
    if stated == "complexdata" or not stated:
        kind = mime.partition("/")[0]
        stated = {"image": "photo"}.get(kind, kind)
    if stated:
        return stated
    return "text" if _has_data(content) else _kind_of_file(content)


def _kind_of_file(content: Element) -> str:
    """By the format, else by the end of the file's name, for agencies that state no type."""
    named = attribute(content, "Href").lower().rpartition(".")[2]
    stated = attribute(child(content, "Format"), "FormalName").lower()
    return next((kind for kind, ends in _FILES.items() if stated in ends or named in ends), "")


def _is_text(content: Element) -> bool:
    return kind_of_media(content) in ("text", "application", "news")


def _is_picture(content: Element) -> bool:
    return kind_of_media(content) in _PICTURES and bool(attribute(content, "Href"))


def _has_data(content: Element) -> bool:
    return bool(words(child(content, "DataContent")))


def above(content: Element) -> list[Element]:
    """Return the components around a content item, the innermost first."""
    return [part for part in content.iterancestors() if local(part) == "NewsComponent"]


def _roles(content: Element) -> set[str]:
    return {role_of(part) for part in above(content)}


def _nearest_role(content: Element) -> str:
    return next((role for part in above(content) if (role := role_of(part))), "")


def role_of(component: Element) -> str:
    """Return the role of a component in lower case."""
    return attribute(child(component, "Role"), "FormalName").lower()


def text_of(content: Element | None, headline: str) -> tuple[str, NitfBody]:
    """Return the content as HTML not sanitised yet, and what a NITF inside says besides."""
    data = child(content, "DataContent")
    if content is None or data is None:
        return "", NitfBody()
    inner = children_of_any(data)
    nitf = next((part for part in inner if local(part) == "nitf"), None)
    if nitf is not None:
        body = read_body(nitf)
        return body.html, body
    if inner:
        whole = inner[0] if local(inner[0]) in ("html", "body") else data
        inline = read_html(whole, headline)
        return inline.html, NitfBody(dateline=inline.dateline)
    text = data.text or ""
    return (text if _is_html(content, text) else from_text(text)), NitfBody()


def children_of_any(element: Element) -> list[Element]:
    """Return the child elements in whatever namespace."""
    return [part for part in element if isinstance(part.tag, str)]


def _is_html(content: Element, text: str) -> bool:
    stated = attribute(child(content, "Format"), "FormalName").lower()
    stated += attribute(child(content, "MimeType"), "FormalName").lower()
    return "html" in stated or (text.lstrip().startswith("<") and "plain" not in stated)


def pictures_of(components: Components) -> list[ParsedPicture]:
    """Return the pictures of an item, each with the lines of its own component."""
    shown: dict[Element, list[Element]] = {}
    for picture in components.pictures:
        shown.setdefault(components.owner(picture), []).append(picture)
    return [_picture(owner, parts) for owner, parts in shown.items()]


def _picture(component: Element, contents: list[Element]) -> ParsedPicture:
    best = best_rendition(contents, lambda content: _measure(content, "Width"))
    content = best if best is not None else contents[0]
    rights = lines(every(component, "UsageType", "RightsLine", "Limitations"))
    mime = attribute(child(content, "MimeType"), "FormalName")
    return ParsedPicture(
        url=attribute(content, "Href"),
        credit=_line(component, "CreditLine", "CopyrightLine", "ByLine"),
        caption=_caption(component),
        alt=_line(component, "HeadLine"),
        terms=" ".join(rights),
        mime=mime if "/" in mime else "",
        width=_measure(content, "Width"),
        height=_measure(content, "Height"),
    )


def _line(component: Element, *names: str) -> str:
    return next((text for n in names for text in lines(every(component, n)) if text), "")


def _caption(component: Element) -> str:
    texts = [c for c in every(component, "ContentItem") if _is_text(c) and _has_data(c)]
    texts = [c for c in texts if _nearest_role(c) not in ("title", "headline", "byline")]
    found = lines(data for part in texts for data in children(part, "DataContent"))
    return next(iter(found), "") or _line(component, "CaptionLine", "SubHeadLine")


def _measure(content: Element, name: str) -> int | None:
    properties = every(child(content, "Characteristics"), "Property")
    stated = {attribute(p, "FormalName").lower(): number(attribute(p, "Value")) for p in properties}
    return stated.get(name.lower())


def enclosures_of(item: Element) -> list[Enclosure]:
    """Return the sound and film that come with an item."""
    return [
        Enclosure(
            attribute(content, "Href"),
            attribute(child(content, "MimeType"), "FormalName"),
            number(words(child(content, "Characteristics", "SizeInBytes"))),
        )
        for content in every(item, "ContentItem")
        if attribute(content, "Href") and kind_of_media(content) in _OTHER
    ]


def language_of(content: Element | None) -> str:
    """Return the language stated nearest to a content item, in lower case if it is a bare code."""
    for component in above(content) if content is not None else []:
        stated = attribute(child(component, "DescriptiveMetadata", "Language"), "FormalName")
        if stated:
            return stated.lower() if len(stated) in (2, 3) else stated
    return language(content)
