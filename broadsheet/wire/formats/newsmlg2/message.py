"""A message and its items: which picture belongs to which text, and what the header says."""

from dataclasses import dataclass, field

from broadsheet.wire.formats.iptc import last_part, signal_of
from broadsheet.wire.formats.newsmlg2.codes import Aliases, aliases_of, code_of
from broadsheet.wire.formats.newsmlg2.pictures import is_usable, picture_of
from broadsheet.wire.formats.parsed import ParsedPicture, Signal
from broadsheet.wire.formats.strict import attribute, child, children, every, local
from broadsheet.wire.formats.tree import Element

PICTURES = frozenset({"picture", "graphic"})
"""The classes of items that are one picture in several renditions."""


@dataclass(slots=True)
class Message:
    """The items to be read, the header's signal, and pictures by the guid of their text."""

    header: Element | None = None
    signal: Signal = ""
    items: list[Element] = field(default_factory=list)
    pictures: dict[str, list[ParsedPicture]] = field(default_factory=dict)

    def aliases(self, item: Element) -> Aliases:
        """What the catalogues in the header and in the item say."""
        return aliases_of(self.header, item)


def open_message(root: Element, names: tuple[str, ...]) -> Message:
    """Return the items under *root*, each picture given to the text it came with."""
    if local(root) != "newsMessage":
        return Message(items=[root])
    header = child(root, "header")
    items = [item for part in children(root, "itemSet") for item in children(part, *names)]
    signals = [code_of(signal, {}) for signal in children(header, "signal")]
    message = Message(header, signal_of(signals), items)
    _give_pictures(message)
    return message


def nature_of(item: Element, aliases: Aliases) -> str:
    """Return the class of a news item: "text", "picture", "composite", … ; "" when not stated."""
    return last_part(code_of(child(item, "itemMeta", "itemClass"), aliases))


def _give_pictures(message: Message) -> None:
    """A picture that several texts could claim, or none, stays an item by itself."""
    texts: list[Element] = []
    pictures: list[Element] = []
    for item in message.items:
        nature = nature_of(item, message.aliases(item))
        if local(item) == "newsItem" and attribute(item, "guid"):
            (pictures if nature in PICTURES else texts if nature == "text" else []).append(item)
    given = []
    for picture in pictures:
        owners = _owners(picture, texts, message)
        aliases = message.aliases(picture)
        found = picture_of(picture) if is_usable(picture, aliases) else None
        if len(owners) == 1 and found:
            message.pictures.setdefault(attribute(owners[0], "guid"), []).append(found)
            given.append(picture)
    message.items = [item for item in message.items if item not in given]


def _owners(picture: Element, texts: list[Element], message: Message) -> list[Element]:
    """The texts that name the picture, or that it names; else those in a group with it; else,
    where the message has one text only, that one.
    """
    guid = attribute(picture, "guid")
    named = [
        text
        for text in texts
        if guid in _references(text) or attribute(text, "guid") in _references(picture)
    ]
    if named:
        return named
    groups = [
        refs
        for package in message.items
        for group in every(package, "group")
        if guid in (refs := _references(group, deep=False))
    ]
    if groups:
        return [t for t in texts if any(attribute(t, "guid") in refs for refs in groups)]
    return texts if len(texts) == 1 else []


def _references(element: Element, *, deep: bool = True) -> set[str]:
    parts = every(element, "link", "remoteContent", "itemRef") if deep else element
    return {attribute(part, "residref") for part in parts if isinstance(part.tag, str)} - {""}
