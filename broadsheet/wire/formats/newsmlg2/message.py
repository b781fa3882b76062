"""A message and its items: which picture belongs to which text, and what the header says."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from broadsheet.wire.formats.iptc import last_part, signal_of
from broadsheet.wire.formats.newsmlg2.codes import Aliases, aliases_of, code_of
from broadsheet.wire.formats.newsmlg2.pictures import is_usable, picture_of
from broadsheet.wire.formats.parsed import ParsedPicture, Signal
from broadsheet.wire.formats.strict import attribute, child, children, every, local
from broadsheet.wire.formats.tree import Element

_REFERRING = ("link", "remoteContent", "itemRef")
PICTURES = frozenset({"picture", "graphic"})
"""The classes of items that are one picture in several renditions."""


@dataclass(slots=True)
class Message:
    """The items to be read, the header's signal, and pictures by the guid of their text."""

    common: Aliases = field(default_factory=dict)
    signal: Signal = ""
    items: list[Element] = field(default_factory=list)
    pictures: dict[str, list[ParsedPicture]] = field(default_factory=dict)

    def aliases(self, item: Element) -> Aliases:
        """What the catalogues in the header and in the item say."""
        return {**self.common, **aliases_of(item)}


def open_message(root: Element, names: tuple[str, ...]) -> Message:
    """Return the items under *root*, each picture given to the text it came with."""
    if local(root) != "newsMessage":
        return Message(items=[root])
    header = child(root, "header")
    items = [item for part in children(root, "itemSet") for item in children(part, *names)]
    signals = [code_of(signal, {}) for signal in children(header, "signal")]
    message = Message(aliases_of(header), signal_of(signals), items)
    _give_pictures(message)
    return message


def nature_of(item: Element, aliases: Aliases) -> str:
    """Return the class of a news item: "text", "picture", "composite", … ; "" when not stated."""
    return last_part(code_of(child(item, "itemMeta", "itemClass"), aliases))


def _give_pictures(message: Message) -> None:
    """A picture that several texts could claim, or none, stays an item by itself."""
    texts: dict[str, Element] = {}
    pictures: list[Element] = []
    for item in message.items:
        nature = nature_of(item, message.aliases(item))
        if local(item) == "newsItem" and nature == "text":
            texts[attribute(item, "guid")] = item
        elif local(item) == "newsItem" and nature in PICTURES:
            pictures.append(item)
    said = _Said.by(message.items, texts.keys() - {""})
    given = set()
    for picture in pictures:
        owners = said.owners(picture)
        text = texts[owners.pop()] if len(owners) == 1 else None
        if text is None or not is_usable(picture, message.aliases(picture), text):
            continue
        if found := picture_of(picture):
            message.pictures.setdefault(attribute(text, "guid"), []).append(found)
            given.add(id(picture))
    message.items = [item for item in message.items if id(item) not in given]


@dataclass(slots=True)
class _Said:
    """What the items of a message say of each other, by guid."""

    texts: set[str]
    naming: dict[str, set[str]] = field(default_factory=dict)
    groups: dict[str, list[set[str]]] = field(default_factory=dict)

    @classmethod
    def by(cls, items: list[Element], texts: set[str]) -> "_Said":
        """Read the references of all texts and packages once."""
        said = cls(texts)
        for item in items:
            guid = attribute(item, "guid")
            for name in _references(every(item, *_REFERRING)) if guid in texts else ():
                said.naming.setdefault(name, set()).add(guid)
            for group in every(item, "group"):
                members = _references(group)
                for name in members:
                    said.groups.setdefault(name, []).append(members)
        return said

    def owners(self, picture: Element) -> set[str]:
        """The texts that name the picture, or that it names; else those in a group with it;
        else, where the message has one text only, that one.
        """
        guid = attribute(picture, "guid")
        named = self.naming.get(guid, set()) | (
            self.texts & _references(every(picture, *_REFERRING))
        )
        if named:
            return named
        if guid in self.groups:
            return {text for members in self.groups[guid] for text in members & self.texts}
        return set(self.texts) if len(self.texts) == 1 else set()


def _references(parts: Iterable[Element]) -> set[str]:
    return {attribute(part, "residref") for part in parts if isinstance(part.tag, str)} - {""}
