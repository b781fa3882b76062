"""Strict rendering: a name that a template does not know is an error, never an empty string.

The raw ``{{free_limit}}`` that a reference publication showed its readers must be impossible here
(DESIGN section 1). Django is lenient: ``{{ unknown }}`` prints nothing, and the operators of
``{% if %}`` swallow every error. So each unknown name is also noted, and `render` raises it.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, NoReturn

from django.template import Context
from django.template.loader import get_template

_unknown: ContextVar[list[str] | None] = ContextVar("unknown", default=None)


class UnknownName(Exception):
    """A template or a publisher's text asks for a name that nobody passed in."""

    silent_variable_failure = False


def _refuse(message: str) -> NoReturn:
    noted = _unknown.get()
    if noted is not None:
        noted.append(message)
    raise UnknownName(message) from None


class StrictContext(Context):
    """A template context that refuses names it does not hold."""

    def __getitem__(self, key: Any) -> Any:
        try:
            return super().__getitem__(key)
        except KeyError:
            _refuse(f"The template asks for '{key}', which is not passed in.")


class View:
    """Base of the frozen dataclasses that templates read: unknown attributes are errors."""

    __slots__ = ()

    def __getitem__(self, key: str) -> Any:
        try:
            return getattr(self, key)
        except AttributeError:
            _refuse(f"The template asks for '{key}', which {type(self).__name__} does not have.")


def render(template_name: str, context: Mapping[str, Any]) -> str:
    """Render a template with exactly these names.

    Raises UnknownName for any other name, in print, ``for`` and every form of ``if`` alike.
    """
    template = get_template(template_name)
    noted: list[str] = []
    token = _unknown.set(noted)
    try:
        text = str(template.template.render(StrictContext(dict(context))))  # type: ignore[attr-defined]
    finally:
        _unknown.reset(token)
    if noted:
        raise UnknownName(noted[0])
    return text
