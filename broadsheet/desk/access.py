"""The access classes that staff can choose: the paper's four, and the rights that are sold.

Rights are described where they are sold, in a stage after the desk: it registers here who tells
them.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

ACCESS = [
    ("open", _("open to all")),
    ("registered", _("for registered readers")),
    ("metered", _("metered")),
    ("premium", _("premium")),
]
USUAL = "metered"
"""The class of what nobody gave one, as a section of the paper has it."""

Rights = Callable[[], Iterable[tuple[str, str]]]
_rights: list[Rights] = []


def register(rights: Rights) -> None:
    """Called once by who sells rights, when a process with Django starts: names and titles."""
    _rights[:] = [rights]


def classes() -> list[tuple[str, Any]]:
    """Every class that can be chosen, with how staff call it. One query."""
    known = dict(ACCESS)
    sold = [(name, title) for rights in _rights for name, title in rights() if name not in known]
    return [*ACCESS, *sold]


def with_none() -> list[tuple[str, Any]]:
    """The same after nothing at all."""
    return [("", "---------"), *classes()]


def shown(access: str) -> str:
    """A class by its name in a list; a right is its own name, so that no row costs a query."""
    return str(dict(ACCESS).get(access, access))


class AccessField(models.CharField[str, str]):
    """A column that holds an access class, or "" where that means something.

    Not by `choices`: these are read when a process starts, and rights are rows.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max_length": 40} | options)

    def deconstruct(self) -> Any:
        """In the database it is a text like others."""
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options

    def validate(self, value: Any, model_instance: Any) -> None:
        """Raise ValidationError for a class that there is not."""
        super().validate(value, model_instance)
        if value and value not in dict(classes()):
            raise ValidationError(
                _("There is no access class “%(name)s”. Choose one of the list."),
                params={"name": value},
            )

    def formfield(self, **options: Any) -> Any:
        """A choice that is read anew for each form."""
        return forms.ChoiceField(
            choices=with_none if self.blank else classes,
            required=not self.blank,
            label=options.get("label", capfirst(self.verbose_name)),
            help_text=options.get("help_text", self.help_text),
            initial=self.get_default(),
        )
