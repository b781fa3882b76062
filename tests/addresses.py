"""Every address the newsroom answers, as its URLconf has them, to be walked by tests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.urls import Resolver404, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize

SAMPLES = ("1", "x", "ninjs", "pause", "page", "json", "abcdef12", "2026-03-01")
"""What may stand for a part of an address; the first ones that fit are taken."""


@dataclass(frozen=True, slots=True)
class Address:
    """One line of the URLconf. `pattern` is as written there, `path` one address that fits it."""

    pattern: str
    path: str
    name: str
    view: Callable[..., Any]

    @property
    def is_exempt(self) -> bool:
        """Whether Django asks no CSRF token of it."""
        return bool(getattr(self.view, "csrf_exempt", False))


def every_address() -> Iterator[Address]:
    """All of them, in the order in which Django tries them."""
    yield from _walked(get_resolver(), "", [""], "")


def _walked(resolver: URLResolver, written: str, forms: list[str], space: str) -> Iterator[Address]:
    for one in resolver.url_patterns:
        pattern = written + str(one.pattern)
        below = [start + end for start in forms for end in _forms(one.pattern)]
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _walked(one, pattern, below, inner)
        else:
            path = _path(below, one.callback)
            if path is not None:
                name = f"{space}{one.name}" if one.name else ""
                yield Address(pattern, path, name, one.callback)


def _forms(pattern: Any) -> list[str]:
    """The pattern as texts in which "%s" stands for each part that differs."""
    written = pattern.regex.pattern.removeprefix("^")
    return [form % dict.fromkeys(names, "%s") for form, names in normalize(written)]


def _path(forms: list[str], view: Callable[..., Any]) -> str | None:
    """An address that leads to the view, None for one that an earlier line answers.

    Raises LookupError when no sample fits.
    """
    for form in forms:
        for parts in product(SAMPLES, repeat=form.count("%s")):
            path = "/" + form % parts
            if _answers(path) is view:
                return path
    if any("%s" not in form for form in forms):
        return None
    raise LookupError(f"no sample leads to {forms}: add one that does to SAMPLES")


def _answers(path: str) -> Callable[..., Any] | None:
    try:
        return resolve(path).func
    except Resolver404:
        return None
