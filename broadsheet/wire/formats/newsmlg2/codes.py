"""QCodes: what a code means by the item's own catalogue, written with the usual alias."""

from collections.abc import Mapping

from broadsheet.wire.formats.iptc import alias_of, topic_of
from broadsheet.wire.formats.strict import attribute, child, children, in_language, words
from broadsheet.wire.formats.tree import Element

Aliases = Mapping[str, str]
"""From an alias that the catalogue states to the usual one for the same vocabulary."""


def aliases_of(*parents: Element | None) -> Aliases:
    """Return what the <catalog> elements inside say. A catalogue that is only referred to by
    its address is never fetched: its aliases are then taken as the IPTC's are usually written.
    """
    schemes = [
        scheme
        for parent in parents
        for catalog in children(parent, "catalog")
        for scheme in children(catalog, "scheme")
    ]
    stated = ((attribute(s, "alias"), alias_of(attribute(s, "uri"))) for s in schemes)
    return {alias: usual for alias, usual in stated if alias and usual}


def code_of(element: Element | None, aliases: Aliases) -> str:
    """Return the QCode of an element, by its qcode or its uri, else its literal, else ""."""
    alias, colon, code = attribute(element, "qcode").partition(":")
    if colon:
        return f"{aliases.get(alias, alias)}:{code}"
    return topic_of(attribute(element, "uri")) or attribute(element, "literal")


def name_of(element: Element | None, language: str) -> str:
    """Return the name an element gives, in the language if there is one in it."""
    names = in_language(children(element, "name"), language)
    main = [name for name in names if not attribute(name, "role").endswith("mnemonic")]
    return next((text for name in main or names if (text := words(name))), "")


def party_of(element: Element | None, language: str) -> str:
    """Return the name of a party, else its literal, else its code without the alias."""
    stated = name_of(element, language) or attribute(element, "literal")
    return stated or attribute(element, "qcode").partition(":")[2].strip()


def text_of(parent: Element | None, language: str, *path: str) -> str:
    """Return the text at a path, of several the one in the language and of the best rank."""
    *above, last = path
    holder = child(parent, *above) if above else parent
    found = in_language(children(holder, last), language)
    found = [part for part in found if words(part)]
    found = [part for part in found if not is_below(part)]
    main = [part for part in found if attribute(part, "role").lower().endswith("main")]
    ranked = sorted(main or found, key=lambda part: attribute(part, "rank") or "~")
    return words(ranked[0]) if ranked else ""


def is_below(part: Element) -> bool:
    """A headline of the second rank ("hld:subHeadline") is none when there is a first one."""
    return attribute(part, "role").lower().endswith("subheadline")
