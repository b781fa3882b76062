"""From the wire to articles: versions are taken in their order, each in one transaction."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from broadsheet.accounts.models import User
from broadsheet.desk.actions.again import take_again
from broadsheet.desk.actions.changes import refresh
from broadsheet.desk.actions.likeness import compare
from broadsheet.desk.actions.pictures import wire_picture
from broadsheet.desk.actions.rights import withdraw_named
from broadsheet.desk.actions.routing import follow, new_article, route
from broadsheet.desk.actions.telling import told
from broadsheet.desk.actions.withdrawing import ask_withdrawal
from broadsheet.desk.models import (
    CURSOR,
    Article,
    Cursor,
    Intake,
    Notice,
    NoticeKind,
    Picture,
    Section,
)
from broadsheet.desk.reads.routing import RuleBook, rule_book, section_by_category
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.press_log.models import Subject, announce
from broadsheet.wire.models import Item, Status, Version

logger = logging.getLogger(__name__)

UNTAKEN = {
    "outcome": Intake.Outcome.HELD,
    "reasons": [gettext_noop("It could not be taken in: the log of the paper says why.")],
    "due_at": None,
}
BATCH = 20
"""Versions that are judged by the rules as they were at the first of them."""


def catch_up() -> int:
    """Take every wire version that the desk has not taken; returns how many.

    Safe to call from several processes: the cursor's row is locked for each version. Withdrawals
    are carried out before anything else. Pictures are noted here, and fetched elsewhere.
    """
    Cursor.objects.get_or_create(name=CURSOR)
    _withdraw_waiting()
    publish_due()
    taken = seen = 0
    book = None
    while (version := _next()) is not None:
        book = rule_book() if book is None or seen % BATCH == 0 else book
        seen += 1
        _withdraw_waiting()
        taken += _taken(version, book)
    take_again()
    return taken


def _withdraw_waiting() -> None:
    """Carry out what the wire withdraws further on; taking it again in its turn changes nothing."""
    position = Cursor.objects.values_list("position", flat=True).get(name=CURSOR)
    waiting = Version.objects.filter(sequence__gt=position, status=Status.CANCELED)
    for version in waiting:
        try:
            _withdraw_ahead(version, withdraw_by_wire)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("Version %s withdraws, and could not be taken.", version.pk)
            _withdraw_ahead(version, _darken)


def _withdraw_ahead(version: Version, how: Callable[[Article, Version], None]) -> None:
    with transaction.atomic():
        articles = Article.objects.select_for_update(of=("self",))
        article = articles.filter(item=version.item_id, withdrawn_at=None).first()
        if article is not None:
            how(article, version)


def _next() -> Version | None:
    position = Cursor.objects.values_list("position", flat=True).get(name=CURSOR)
    waiting = Version.objects.filter(sequence__gt=position).select_related(
        "item__source", "fetch__feed"
    )
    return waiting.order_by("sequence").first()


def _taken(version: Version, book: RuleBook) -> int:
    """Take a version; one that cannot be taken is set aside, and those behind it go on.

    A fault of the database is raised: it will be over, and nothing is wrong with the version.
    """
    try:
        return _take_once(version, book)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Version %s could not be taken.", version.pk)
        with transaction.atomic():
            return _set_aside(version)


def _set_aside(version: Version) -> int:
    """What the desk sees of a version that it could not take: the item, or that it waits."""
    article = Article.objects.select_for_update().filter(item=version.item_id).first()
    if article is None:
        Intake.objects.update_or_create(item=version.item, defaults=UNTAKEN)
    elif version.status == Status.CANCELED:
        _darken(article, version)
    else:
        article.write(waiting=version)
    return Cursor.objects.filter(name=CURSOR, position__lt=version.sequence).update(
        position=version.sequence
    )


def _darken(article: Article, _: Version) -> None:
    """Gone from every surface, though readers cannot be told why."""
    article.write(withdrawn_at=article.withdrawn_at or clock.now())
    announce(Subject.ARTICLE, article.pk, at_once=True)


def _take_once(version: Version, book: RuleBook) -> int:
    with transaction.atomic():
        cursor = Cursor.objects.select_for_update().get(name=CURSOR)
        if cursor.position >= version.sequence:
            return 0
        if version.applies:
            withdraw_named(version)
            picture = wire_picture(version) if version.status == Status.USABLE else None
            _take(version, picture, book)
        cursor.position = version.sequence
        cursor.save(update_fields=["position"])
        return 1


def _take(version: Version, picture: Picture | None, book: RuleBook) -> None:
    if version.status == Status.USABLE:
        compare(version)
    ask_withdrawal(version)
    article = Article.objects.select_for_update().filter(item=version.item_id).first()
    if article is None:
        route(version, picture, book)
    elif version.status == Status.CANCELED:
        withdraw_by_wire(article, version)
    elif article.withdrawn_at is None:
        follow(article, version, picture)


def publish_due() -> int:
    """Publish what waited for its embargo, by the rules as they are now; returns how many.

    The cursor's row is locked, as for a new version: nothing is published twice.
    """
    due = Intake.objects.filter(due_at__lte=clock.now()).order_by("due_at")
    numbers = list(due.values_list("item", flat=True))
    done, book = 0, rule_book() if numbers else None
    for pk in numbers:
        item = Item.objects.select_related("source", "latest__fetch__feed").get(pk=pk)
        if item.latest is not None and book is not None:
            done += _publish_due(pk, book)
    return done


def _publish_due(item: int, book: RuleBook) -> int:
    Cursor.objects.get_or_create(name=CURSOR)
    with transaction.atomic():
        Cursor.objects.select_for_update().get(name=CURSOR)
        intake = Intake.objects.select_related("item__latest__fetch", "item__source").get(item=item)
        if intake.due_at is None or intake.due_at > clock.now() or intake.item.latest is None:
            return 0
        if Article.objects.filter(item=item).exists():
            Intake.objects.filter(item=item).update(due_at=None)
            return 0
        route(intake.item.latest, wire_picture(intake.item.latest), book)
        return int(Article.objects.filter(item=item).exists())


def withdraw_by_wire(article: Article, version: Version) -> None:
    """The agency withdraws: whatever staff hold, the report is gone from every surface."""
    if article.withdrawn_at is None:
        article.write(withdrawn_at=clock.now())
        text = told(version, gettext_noop("The agency has withdrawn this report."))
        Notice.objects.create(
            article=article, kind=NoticeKind.WITHDRAWAL, text=text, version=version
        )
    refresh(article, at_once=True)


def section_for(item: Item) -> int | None:
    """The section that an article of an item would stand in: the rules' choice, one of the wire's
    own categories, else the paper's first. None in a paper without sections.
    """
    chosen = Intake.objects.filter(item=item).values_list("section", flat=True).first()
    if chosen is not None:
        return chosen
    named = item.latest.fields.get("categories", []) if item.latest else []
    sections = sorted(Section.objects.all(), key=lambda section: section.title_id is not None)
    fitting = section_by_category([str(name) for name in named], sections)
    found = fitting or next(iter(sections), None)
    return found.pk if found else None


def make_article(item: Item, *, by: User) -> Article:
    """A draft from an item that no rule published, for staff to finish and publish.

    Raises Refusal when the wire withdrew the item or there is no section to put it in.
    """
    with transaction.atomic():
        Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        existing = Article.objects.filter(item=item).first()
        if existing:
            return existing
        if item.latest is None or item.status == Status.CANCELED:
            raise Refusal(_("The wire has withdrawn this report."), _("It cannot be published."))
        intake = Intake.objects.filter(item=item).first()
        section = section_for(item)
        if section is None:
            raise Refusal(_("The paper has no section yet."), _("Add a section first."))
        access = intake.access if intake else "metered"
        picture = wire_picture(item.latest)
        article = new_article(item.latest, section, access, picture, live=False)
        article.write(shown_headline=article.full_headline[:300])
        return article
