"""Fields in which editors name things, one a line; a script makes a search box of them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Media
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.desk.reads import authors, topics


class NamesInput(forms.Textarea):
    """A text box with a name on each line, which `names.js` makes comfortable where it runs.

    `suggestions` is the address of a screen that answers `?q=` with names.
    """

    def __init__(self, suggestions: str) -> None:
        super().__init__({"rows": 4, "spellcheck": "false"})
        self.suggestions = suggestions

    @property
    def media(self) -> Media:
        """The script."""
        return Media(js=["desk/names.js"])

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With what the script needs, in the editor's language."""
        more = {
            "data-suggestions": reverse(self.suggestions),
            "data-search": _("Search and add"),
            "data-remove": _("Remove “{}”"),
        }
        context: dict[str, Any] = super().get_context(name, value, (attrs or {}) | more)
        return context


class NamesField(forms.CharField):
    """Names, one a line; in the database what stands for them, one a line.

    `carried` stands for what stays although nobody knows it by name.
    """

    carried: Sequence[str] = ()
    address: str
    hint: Any
    named: Callable[[Sequence[str]], list[str]]
    meant: Callable[[Iterable[str]], dict[str, str]]

    def __init__(self, **options: Any) -> None:
        given: dict[str, Any] = {
            "required": False,
            "max_length": 4000,
            "widget": NamesInput(self.address),
            "help_text": self.hint,
        }
        super().__init__(**given | options)

    def prepare_value(self, value: Any) -> str:
        """The names; what was posted and could not be understood stays as it was typed."""
        return "\n".join(type(self).named(str(value or "").splitlines()))

    def clean(self, value: Any) -> str:
        """What stands for the names. Raises ValidationError that names each unknown one."""
        lines = [" ".join(line.split()) for line in str(super().clean(value)).splitlines()]
        names = [line for line in lines if line and line not in self.carried]
        meant = type(self).meant(names)
        unknown = [name for name in names if not meant[name]]
        if unknown:
            raise ValidationError([self.unknown(name) for name in unknown])
        kept = (meant.get(line, line) for line in lines if line)
        return "\n".join(dict.fromkeys(kept))

    def unknown(self, name: str) -> str:
        """What is said of a name that nobody knows."""
        raise NotImplementedError


class TopicsField(NamesField):
    """Topics by their names in the editor's language; English names and codes are understood too.

    Codes that are `carried` stay, known or not.
    """

    address = "desk_topics"
    hint = gettext_lazy(
        "One a line: a Media Topic of the IPTC by its name or code, or a topic of the paper's own."
    )
    named = staticmethod(topics.named)
    meant = staticmethod(topics.meant)

    def unknown(self, name: str) -> str:
        """With what may be meant."""
        near = topics.suggested(name) or topics.suggested(name.split()[0][:4])
        if not near:
            return _("There is no topic “%(name)s”.") % {"name": name}
        return _("There is no topic “%(name)s”. Is it one of these? %(near)s") % {
            "name": name,
            "near": "; ".join(suggestion.name for suggestion in near[:5]),
        }


class AuthorsField(NamesField):
    """Authors by their names, in the order of the byline."""

    address = "desk_authors"
    hint = gettext_lazy("One a line, in the order of the byline.")
    named = staticmethod(authors.authors_named)
    meant = staticmethod(authors.authors_meant)

    def unknown(self, name: str) -> str:
        """Somebody has to be added first: a page of theirs comes with it."""
        return _("There is no author “%(name)s”. Add the author first, under “The paper”.") % {
            "name": name
        }
