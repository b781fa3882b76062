"""What every page of one press run shares: the paper, its zone, the ads, the stylesheet."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from broadsheet.accounts.models import ConsentPolicy
from broadsheet.ads.reads import ads
from broadsheet.desk.models import Article, TimeRule
from broadsheet.desk.reads import paper_view, title_views
from broadsheet.gate.policy import Turn
from broadsheet.kit import clock
from broadsheet.kit.env import DEFAULT_ORIGIN
from broadsheet.kit.html import absolute
from broadsheet.look.parts import AdView, LinkView, PaperView
from broadsheet.look.stylesheet import FOLDER, stylesheet
from broadsheet.press.models import Standing
from broadsheet.subscriptions.models import LinkPolicy, Plan

CORRECTIONS, CHOICES = "/corrections/", "/account/choices/"


@dataclass(frozen=True, slots=True)
class Frame:
    """Shared by all pages of a run; `now` is the moment the run sees.

    `authority` names reports in feeds (RFC 4151); `hub` is the WebSub hub's address or "";
    `turns` are the time rules of access; `gives` says that subscribers may give articles away;
    `place_script` is the address of the script that notes how far a reader got. `titles` is the
    paper as each second title shows it, by the title's number.
    """

    paper: PaperView
    ads: dict[str, AdView | None]
    stylesheet: str
    now: datetime
    authority: str = "localhost"
    hub: str = ""
    turns: tuple[Turn, ...] = ()
    gives: bool = False
    place_script: str = ""
    titles: Mapping[int, PaperView] = field(default_factory=dict)

    def of(self, title: int | None) -> "Frame":
        """The frame of a second title's pages, by its number; None for the paper itself.

        One that is newer than the frame has the paper's: when it came, all was announced.
        """
        paper = self.titles.get(title or 0)
        return replace(self, paper=paper) if paper else self

    @property
    def zone(self) -> ZoneInfo:
        """The paper's zone."""
        return ZoneInfo(self.paper.zone)

    def stays_open(self, article: Article) -> bool:
        """Whether it is open by itself and no time rule closes it, now or ever: only then may its
        text stand where the gate does not decide, as in feeds."""
        if article.own_access != "open":
            return False
        published, section = article.first_published_at or self.now, article.section_id or 0
        age = (self.now - published).total_seconds()
        return not any(
            turn.access != "open"
            and not 0 < turn.until <= age
            and (not turn.sections or section in turn.sections)
            and (not turn.classes or "open" in turn.classes)
            for turn in self.turns
        )

    def page(
        self, path: str, title: str, *, description: str = "", show_ads: bool = False
    ) -> dict[str, Any]:
        """The context that look/base.html asks for."""
        return {
            "paper": self.paper,
            "ads": self.ads,
            "stylesheet": self.stylesheet,
            "title": title,
            "description": description or self.paper.description,
            "canonical": absolute(self.paper.origin, path),
            "today": self.now.astimezone(self.zone),
            "show_ads": show_ads,
        }


def origin() -> str:
    """The only origin of links: the setting, else what `serve` stored, else the default port."""
    return _origin(Standing.objects.first())


def _origin(standing: Standing | None) -> str:
    if settings.ORIGIN:
        return str(settings.ORIGIN)
    return (standing.origin if standing else "") or DEFAULT_ORIGIN


def authority_of(address: str) -> str:
    """The host of an origin as the name of reports in feeds, "" for one that nobody owns."""
    host = urlsplit(address).hostname or ""
    return "" if ":" in host or host.endswith("localhost") or host.startswith("127.") else host


def make_frame() -> Frame:
    """Read what all pages share, once for a run."""
    standing = Standing.objects.first()
    address = _origin(standing)
    paper = _paper(address)
    return Frame(
        paper=paper,
        ads=ads(),
        stylesheet=stylesheet_address(),
        now=clock.now(),
        authority=(standing.authority if standing else "") or authority_of(address) or "localhost",
        hub=settings.WEBSUB_HUB,
        turns=TimeRule.turns(),
        gives=LinkPolicy.current().gifts_a_month > 0,
        place_script=_address(*_script("place.js")),
        titles=title_views(paper),
    )


def _paper(address: str) -> PaperView:
    """The paper with what the press adds: whether it sells, and its page of corrections."""
    paper = paper_view(address)
    pages = paper.pages
    if all(page.url != CORRECTIONS for page in pages):
        pages = (*pages, LinkView(_("Corrections"), CORRECTIONS))
    if ConsentPolicy.current().purposes():
        pages = (*pages, LinkView(_("Privacy choices"), CHOICES))
    return replace(paper, pages=pages, sells=Plan.objects.filter(on_sale=True).exists())


def stylesheet_address() -> str:
    """The address of today's stylesheet, its hash in the name; the file is made when missing."""
    return _address(*_stylesheet())


def _address(text: str, name: str) -> str:
    path = Path(settings.HOME) / "static" / "look" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return f"/static/look/{name}"


@lru_cache(maxsize=1)
def _stylesheet() -> tuple[str, str]:
    text = stylesheet()
    return text, f"paper.{_digest(text)}.css"


@lru_cache
def _script(name: str) -> tuple[str, str]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    stem, _, ending = name.partition(".")
    return text, f"{stem}.{_digest(text)}.{ending}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
