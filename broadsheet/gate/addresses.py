"""What is pressed at one address, and the answers made of it."""

import sys
from typing import NamedTuple

from broadsheet.gate.answers import Answer, Body, compose
from broadsheet.gate.codings import Coding, smallest
from broadsheet.gate.pressed import Page
from broadsheet.gate.rules import Face, Report

OVERHEAD = 2_000
"""Bytes an address costs beside its bodies, roughly."""

ANSWER_OVERHEAD = 1_000
"""Bytes an answer costs beside its body, roughly."""

NEVER = float("inf")

Key = tuple[Face, frozenset[Coding], str]
"""What tells the answers at one address apart: what of the decision shows, the codings that the
client takes equally, the cache rule."""


class Address:
    """Everything pressed at one address, and the answers made of it so far.

    `opens` and `closes` are Unix seconds, half-open, the narrowest of all variants: outside them
    the page is as if not there.
    """

    __slots__ = ("answers", "closes", "opens", "pages", "path", "plain", "report", "size")

    def __init__(self, path: str, pages: dict[str, Page]) -> None:
        # A page pressed over an article (its withdrawal, its redirect) hides what it was before.
        self.plain = "plain" in pages
        first = pages["plain"] if self.plain else pages.get("full") or next(iter(pages.values()))
        self.path = path
        self.pages = pages
        access = "open" if self.plain else sys.intern(first.access)
        # Without a teaser it was pressed before there was any time rule, and must not close yet.
        published = first.published if "teaser" in pages else 0
        self.report = Report(first.article, access, first.section, published)
        self.opens = max(page.not_before for page in pages.values())
        self.closes = min((page.not_after or NEVER) for page in pages.values())
        self.answers: dict[Key, Answer] = {}
        self.size = OVERHEAD + sum(len(page.body) for page in pages.values())

    def page(self, variant: str) -> Page | None:
        """The page of a decision's variant; with ads when none without ads was pressed."""
        name = variant.replace("full", "plain") if self.plain else variant
        return self.pages.get(name) or self.pages.get(name.removesuffix("_no_ads"))

    def made(self, page: Page, face: Face, coding: Coding) -> Body | None:
        """The body of an answer made before, under whatever cache rule: none is kept twice."""
        for (other, _, _), answer in self.answers.items():
            if answer.page is page and (other, answer.content.coding) == (face, coding):
                return answer.content
        return None

    def weigh(self) -> int:
        """Count the bytes of pages and answers anew; by how many they grew."""
        bodies = {id(page.body): len(page.body) for page in self.pages.values()}
        bodies |= {id(a.body): len(a.body) for a in self.answers.values()}
        before = self.size
        self.size = OVERHEAD + ANSWER_OVERHEAD * len(self.answers) + sum(bodies.values())
        return self.size - before


class Waiting(NamedTuple):
    """An answer that was made quickly and can be packed smaller."""

    address: Address
    key: Key
    page: Page
    filled: dict[str, str]

    def packed(self) -> Body:
        """The body in fewer bytes. May run beside everything else: it only reads."""
        return compose(self.page, self.filled, smallest(self.key[1]))
