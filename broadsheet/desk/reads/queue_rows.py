"""The rows of every queue in one shape: what happened, when, from whom, where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from wagtail.admin.models import EditingSession

from broadsheet.desk.models import (
    Article,
    Intake,
    Likeness,
    Notice,
    NoticeKind,
    WithdrawalRequest,
)
from broadsheet.desk.reads.queues import Queue
from broadsheet.desk.wording import reason_text
from broadsheet.wire.models import Fetch, Item, Status, Version


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of a queue. `tone` colours the status: good, quiet, warn or bad.

    `people`: who has it locked or open. `section_id` None: in no section yet.
    """

    headline: str
    source: str
    when: datetime | None
    status: str
    tone: str
    details: tuple[str, ...] = ()
    section: str = ""
    section_id: int | None = None
    item: int | None = None
    article: int | None = None
    notice: int | None = None
    fetch: int | None = None
    request: int | None = None
    likeness: int | None = None
    version: int | None = None
    published: bool = False
    path: str = ""
    people: str = ""


def rows_of(queue: Queue, found: Iterable[Any]) -> list[QueueRow]:
    """The rows of what a page of a queue holds; one more query, for who is editing what."""
    things = list(found)
    people = _editing([number for thing in things if (number := _article_of(thing))])
    return [_row(queue, thing, people) for thing in things]


def item_row(item: Item) -> QueueRow:
    """An item as the list of all that came in shows it."""
    return _of_item(item, {})


def _row(queue: Queue, thing: Any, people: dict[int, str]) -> QueueRow:
    if isinstance(thing, Item):
        return _of_item(thing, people)
    if isinstance(thing, Intake):
        return _of_intake(thing)
    if isinstance(thing, WithdrawalRequest):
        return _of_request(thing, people)
    if isinstance(thing, Likeness):
        return _of_likeness(thing, people)
    if isinstance(thing, Fetch):
        return _of_fetch(thing)
    if isinstance(thing, Notice):
        return _of_notice(thing, people)
    return _of_article(queue.name, thing, people)


def _article_of(thing: Any) -> int | None:
    if isinstance(thing, Article):
        return thing.pk
    if isinstance(thing, Notice):
        return thing.article_id
    item = thing.item if isinstance(thing, WithdrawalRequest | Likeness) else thing
    article = getattr(item, "article", None) if isinstance(item, Item) else None
    return article.pk if article else None


def _editing(numbers: list[int]) -> dict[int, str]:
    """Who has which of these articles open in the editor."""
    sessions = EditingSession.objects.available().filter(
        content_type=ContentType.objects.get_for_model(Article),
        object_id__in=[str(number) for number in numbers],
    )
    names: dict[int, list[str]] = {}
    for session in sessions.select_related("user"):
        known = names.setdefault(int(session.object_id), [])
        if str(session.user) not in known:
            known.append(str(session.user))
    return {number: ", ".join(known) for number, known in names.items()}


def _people(article: Article, editing: dict[int, str]) -> str:
    said = []
    if article.locked:
        who = article.locked_by or _("somebody")
        said.append(_("locked by %(who)s") % {"who": who})
    if article.pk in editing:
        said.append(_("open at %(who)s") % {"who": editing[article.pk]})
    return " · ".join(said)


def _standing(article: Article) -> dict[str, Any]:
    """What every row about an article says of it."""
    return {
        "article": article.pk,
        "item": article.item_id,
        "section": article.section.name,
        "section_id": article.section_id,
        "published": article.live and not article.withdrawn_at and not article.held,
        "path": article.path or "",
    }


def _of_item(item: Item, editing: dict[int, str]) -> QueueRow:
    article: Article | None = getattr(item, "article", None)
    intake: Intake | None = getattr(item, "intake", None)
    status, tone = _status(item, article, intake)
    latest: Any = item.latest
    about: dict[str, Any] = {"item": item.pk}
    if article is not None:
        about = _standing(article) | {"people": _people(article, editing)}
        details: tuple[str, ...] = (note,) if (note := _note(article)) else ()
    else:
        details = tuple(map(reason_text, intake.reasons)) if intake else ()
        if intake and intake.section:
            about |= {"section": intake.section.name, "section_id": intake.section_id}
    return QueueRow(
        headline=(article.shown_headline if article else "") or latest.headline or item.key,
        source=item.source.agency,
        when=latest.received_at,
        version=latest.number,
        status=status,
        tone=tone,
        details=details,
        **about,
    )


def _status(item: Item, article: Article | None, intake: Intake | None) -> tuple[str, str]:
    if item.status == Status.CANCELED or (article and article.withdrawn_at):
        return pgettext("status", "withdrawn"), "bad"
    if article is None and intake is not None and intake.outcome == Intake.Outcome.DISCARDED:
        return pgettext("status", "discarded"), "quiet"
    if article is None:
        return pgettext("status", "waits for the desk"), "warn"
    if article.held:
        return pgettext("status", "held"), "bad"
    if article.waiting_id:
        return pgettext("status", "update waits"), "warn"
    if not article.live:
        return pgettext("status", "draft"), "quiet"
    return pgettext("status", "published"), "good"


def _note(article: Article) -> str:
    if article.withdrawn_at:
        return ""
    words = {
        "headline": _("headline"), "standfirst": _("summary"), "picture": _("picture"),
        "body": _("body"),
    }  # fmt: skip
    owned = [words[field] for field in words if field in article.owned]
    return _("ours: %(fields)s") % {"fields": ", ".join(owned)} if owned else ""


def _of_intake(intake: Intake) -> QueueRow:
    item, latest = intake.item, intake.item.latest
    section = intake.section
    waits = intake.due_at is None
    status = pgettext("status", "waits for the desk")
    return QueueRow(
        headline=(latest.headline if latest else "") or item.key,
        source=item.source.agency,
        when=intake.at if waits else intake.due_at,
        version=latest.number if latest else None,
        status=status if waits else pgettext("status", "appears then"),
        tone="warn" if waits else "quiet",
        details=tuple(map(reason_text, intake.reasons)),
        section=section.name if section else "",
        section_id=section.pk if section else None,
        item=item.pk,
    )


def _of_request(asked: WithdrawalRequest, editing: dict[int, str]) -> QueueRow:
    item = asked.item
    article: Article | None = getattr(item, "article", None) if item else None
    about: dict[str, Any] = {"item": item.pk if item else asked.version.item_id}
    if article is not None:
        about = _standing(article) | {"people": _people(article, editing)}
    headline = str(article or "") or (item.latest.headline if item and item.latest else "")
    unknown = () if item else (_("Nothing that came in has this name."),)
    asks = _("“%(headline)s” asks to withdraw it.") % {"headline": asked.version.headline}
    return QueueRow(
        headline=headline or asked.named,
        source=asked.version.item.source.agency,
        when=asked.at,
        status=pgettext("status", "asked to withdraw"),
        tone="bad",
        details=(asks, *unknown),
        request=asked.pk,
        **about,
    )


def _of_likeness(likeness: Likeness, editing: dict[int, str]) -> QueueRow:
    article, first = likeness.item.article, likeness.like
    same = _("Same story as “%(headline)s” from %(agency)s.")
    return QueueRow(
        headline=str(article),
        source=likeness.item.source.agency,
        when=likeness.at,
        status=pgettext("status", "told twice"),
        tone="warn",
        details=(same % {"headline": first.article, "agency": first.source.agency},),
        likeness=likeness.pk,
        people=_people(article, editing),
        **_standing(article),
    )


def _of_fetch(fetch: Fetch) -> QueueRow:
    return QueueRow(
        headline=fetch.name,
        source=f"{fetch.feed.source.agency} ({fetch.feed})",
        when=fetch.at,
        status=pgettext("status", "unreadable"),
        tone="bad",
        details=tuple(_(problem) for problem in fetch.problems),
        fetch=fetch.pk,
    )


def _of_notice(notice: Notice, editing: dict[int, str]) -> QueueRow:
    article = notice.article
    return QueueRow(
        headline=str(article),
        source=article.item.source.agency if article.item else "",
        when=notice.at,
        status=str(NoticeKind(notice.kind).label),
        tone="bad" if notice.kind == NoticeKind.WITHDRAWAL else "warn",
        details=(notice.text,),
        notice=notice.pk,
        people=_people(article, editing),
        **_standing(article),
    )


def _of_article(queue: str, article: Any, editing: dict[int, str]) -> QueueRow:
    when, status, tone, details = _happened(queue, article)
    return QueueRow(
        headline=str(article),
        source=article.item.source.agency if article.item else _("our own"),
        when=when,
        status=status,
        tone=tone,
        details=details,
        people=_people(article, editing),
        **_standing(article),
    )


def _happened(queue: str, article: Any) -> tuple[datetime | None, str, str, tuple[str, ...]]:
    """When, what, how grave, in which words."""
    if queue == "updates":
        waiting = article.waiting
        signal = _(waiting.signal) if waiting.signal else ""
        status = signal or pgettext("status", "update waits")
        return waiting.received_at, status, "bad" if signal else "warn", (_headline(waiting),)
    if queue == "stale":
        status = pgettext("status", "headline may be stale")
        return article.stale_since, status, "warn", (_headline(article.item.latest),)
    if queue == "later":
        status = pgettext("status", "appears then")
        return article.appears, status, "quiet", ()
    if queue == "expiring":
        return article.ends, pgettext("status", "ends then"), "warn", ()
    holds = [n for n in article.notices.all() if n.kind == NoticeKind.HOLD]
    by_desk = pgettext("status", "held by the desk")
    status = by_desk if article.held_by_desk else pgettext("status", "held by the agency")
    return (holds[0].at, status, "bad", (holds[0].text,)) if holds else (None, status, "bad", ())


def _headline(version: Version) -> str:
    return _("The wire, version %(number)s: %(headline)s") % {
        "number": version.number, "headline": version.headline,
    }  # fmt: skip
