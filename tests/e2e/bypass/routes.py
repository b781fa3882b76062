"""Every address the paper has: what is pressed, and what the newsroom's URL map answers."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

GROUP = re.compile(r"\(\?P<(\w+)>((?:[^()]|\([^()]*\))*)\)")
SAMPLES = {"uuid": "00000000-0000-4000-8000-000000000000", "path": "x", "slug": "x"}
FIXED = {
    "app_name": "desk", "model_name": "article", "app_label": "desk", "content_type_app": "desk",
    "content_type_model": "article", "name": "ninjs",
}  # fmt: skip


def pressed(home: Path) -> list[str]:
    """The address of every pressed page; notices without an address are left out."""
    store = f"file:{home}/pressed.sqlite3?mode=ro"
    with closing(sqlite3.connect(store, uri=True)) as database:
        rows = database.execute("SELECT DISTINCT path FROM page WHERE path LIKE '/%'").fetchall()
    return sorted(path for (path,) in rows)


def newsroom(part: str, numbers: list[int]) -> list[str]:
    """A request for each pattern of the URL map, once for each article's number it may take.

    `part` is the first segment of the addresses wanted; "!desk": of all but the desk's.
    """
    every = set(_below(get_resolver(), "/", numbers))
    unwanted = part.startswith("!")
    return sorted(p for p in every if p.startswith(f"/{part.removeprefix('!')}/") != unwanted)


def _below(resolver: URLResolver, before: str, numbers: list[int]) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            for start in _filled(pattern, before, numbers):
                yield from _below(pattern, start, numbers)
        else:
            yield from _filled(pattern, before, numbers)


def _filled(pattern: URLPattern | URLResolver, before: str, numbers: list[int]) -> list[str]:
    if isinstance(pattern.pattern, RoutePattern):
        text = str(pattern.pattern)
        for name, converter in pattern.pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower()
            value = FIXED.get(name, SAMPLES.get(kind, "NUMBER"))
            text = re.sub(rf"<(?:\w+:)?{name}>", value, text)
    else:
        text = GROUP.sub(lambda m: FIXED.get(m[1], "NUMBER"), str(pattern.pattern))
        text = re.sub(r"\\([-./])", r"\1", text).lstrip("^").rstrip("$")
        text = re.sub(r"\\[AZ]|\(\?:[^)]*\)\??|[\[(].*?[\])][*+?]?|\.\*|\?$", "", text)
    if "NUMBER" not in text:
        return [before + text]
    return [before + text.replace("NUMBER", str(number)) for number in numbers]
