"""Fields in which editors name things, one a line; a script makes a search box of them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Media
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.desk.reads import topics


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


class TopicsField(forms.CharField):
    """Topics by their names in the editor's language; as codes, one a line, in the database.

    Also understood are English names and codes. `carried` are codes that stay, known or not.
    """

    carried: Sequence[str] = ()

    def __init__(self, **options: Any) -> None:
        given: dict[str, Any] = {
            "required": False,
            "max_length": 4000,
            "widget": NamesInput("desk_topics"),
            "help_text": gettext_lazy(
                "One a line: a Media Topic of the IPTC by its name or code, or a topic of the"
                " paper's own."
            ),
        }
        super().__init__(**given | options)

    def prepare_value(self, value: Any) -> str:
        """Names instead of codes; what was posted and could not be understood stays as typed."""
        return "\n".join(topics.named(str(value or "").splitlines()))

    def clean(self, value: Any) -> str:
        """The codes. Raises ValidationError that names what nobody knows, and what may be meant."""
        lines = [" ".join(line.split()) for line in str(super().clean(value)).splitlines()]
        names = [line for line in lines if line and line not in self.carried]
        codes = topics.meant(names)
        unknown = [name for name in names if not codes[name]]
        if unknown:
            raise ValidationError([_unknown(name) for name in unknown])
        kept = (codes.get(line, line) for line in lines if line)
        return "\n".join(dict.fromkeys(kept))


def _unknown(name: str) -> str:
    near = topics.suggested(name) or topics.suggested(name.split()[0][:4])
    if not near:
        return _("There is no topic “%(name)s”.") % {"name": name}
    return _("There is no topic “%(name)s”. Is it one of these? %(near)s") % {
        "name": name,
        "near": "; ".join(suggestion.name for suggestion in near[:5]),
    }
