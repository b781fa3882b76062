"""Strict rendering: a name that a template does not know is an error, never an empty string.

The raw ``{{free_limit}}`` that a reference publication showed its readers must be impossible here
(DESIGN section 1). Django is lenient in three places (print, if, for); the two classes below close
all three: `StrictContext` for top-level names, `View` for the attributes of what is passed in.
"""

from collections.abc import Mapping
from typing import Any

from django.template import Context
from django.template.loader import get_template


class UnknownName(Exception):
    """A template or a publisher's text asks for a name that nobody passed in."""

    silent_variable_failure = False


class StrictContext(Context):
    """A template context that refuses names it does not hold."""

    def __getitem__(self, key: Any) -> Any:
        try:
            return super().__getitem__(key)
        except KeyError:
            raise UnknownName(f"The template asks for '{key}', which is not passed in.") from None


class View:
    """Base of the frozen dataclasses that templates read: unknown attributes are errors."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        try:
            return getattr(self, key)
        except AttributeError:
            message = f"The template asks for '{key}', which {type(self).__name__} does not have."
            raise UnknownName(message) from None


def render(template_name: str, context: Mapping[str, Any]) -> str:
    """Render a template with exactly these names.

    Raises UnknownName for any other name, in print, ``if`` and ``for`` alike.
    """
    template = get_template(template_name)
    return str(template.template.render(StrictContext(dict(context))))  # type: ignore[attr-defined]
