"""The topics a NewsML 1 document describes itself, for all of its items."""

from dataclasses import dataclass, field

from broadsheet.wire.formats.strict import attribute, children, every, in_language, lines
from broadsheet.wire.formats.tree import Element


@dataclass(slots=True)
class Topics:
    """The topics under *root*; their names are read once for each language."""

    root: Element
    _names: dict[str, dict[str, str]] = field(default_factory=dict)

    def names(self, language: str) -> dict[str, str]:
        """Return the names in the language, by code and by Duid."""
        if language not in self._names:
            self._names[language] = self._read(language)
        return self._names[language]

    def _read(self, language: str) -> dict[str, str]:
        found = {}
        for topic in every(self.root, "Topic"):
            descriptions = in_language(children(topic, "Description"), language)
            main = [d for d in descriptions if attribute(d, "Variant").lower() in ("", "name")]
            if name := next(iter(lines(main or descriptions)), ""):
                keys = [attribute(topic, "Duid"), *lines(children(topic, "FormalName"))]
                found.update(dict.fromkeys([key for key in keys if key], name))
        return found
