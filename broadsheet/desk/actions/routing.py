"""Carrying out what the rules decide: an article, or an Intake that says why there is none."""

from datetime import datetime

from django.utils.translation import gettext_noop

from broadsheet.desk.actions.changes import give_address, refresh, unfit
from broadsheet.desk.actions.telling import tell_of_corrections, tell_of_the_hold
from broadsheet.desk.models import Article, Intake, Picture
from broadsheet.desk.reads.routing import (
    RuleBook,
    candidate,
    likenesses_of,
    offered,
    recalled_items,
    told_first,
)
from broadsheet.desk.routing import Decision, best, decide
from broadsheet.desk.rules import ends_at
from broadsheet.kit import clock
from broadsheet.wire.models import Status, Version


def route(version: Version, picture: Picture | None, book: RuleBook) -> None:
    """Let the rules of a book decide about a version whose item has no article.

    Nothing, where staff discarded the item.
    """
    if Intake.objects.filter(item=version.item_id, by_desk=True).exists():
        return
    if version.item.status == Status.USABLE:
        decision = decided(version, book)
    else:
        withdrawn = version.item.status == Status.CANCELED
        reason = gettext_noop("The wire withdrew it.")
        unreleased = gettext_noop("The wire does not release it.")
        decision = Decision("held", (reason if withdrawn else unreleased,))
    _keep(version, decision)
    if decision.outcome == "published" and decision.section is not None:
        _publish(version, decision, decision.section, picture)


def decided(version: Version, book: RuleBook) -> Decision:
    """What the rules make of a version now, whichever of its feeds they ask for.

    In whatever order they brought it, the outcome is the same.
    """
    at, item = clock.now(), version.item
    judged = candidate(
        version,
        at,
        item.source,
        copies=told_first(likenesses_of([item]).get(item.pk, [])),
        recalled=bool(recalled_items([item])),
    )
    feeds: list[int | None] = [arrival.feed_id for arrival in version.arrivals.all()]
    return best(
        decide(offered(version, judged, book.sections, at, feed), book.routes)
        for feed in feeds or [None]
    )


def _keep(version: Version, decision: Decision) -> None:
    Intake.objects.update_or_create(
        item=version.item,
        defaults={
            "outcome": decision.outcome,
            "rule": decision.route.name if decision.route else "",
            "section_id": decision.section,
            "access": decision.access,
            "queue": decision.queue,
            "due_at": decision.due,
            "reasons": list(decision.reasons),
            "search_text": version.headline.casefold()[:300],
        },
    )


def _publish(version: Version, by: Decision, section: int, picture: Picture | None) -> None:
    now = clock.now()
    article = new_article(
        version, section, by.access, picture, live=True, first_published_at=now,
        last_published_at=now, rule_topics=by.route.topics if by.route else "",
    )  # fmt: skip
    give_address(article)
    refresh(article)


def new_article(
    version: Version, section: int, access: str, picture: Picture | None, **more: object
) -> Article:
    """An article that follows a version, in the section of this number."""
    urgency = version.urgency or 5
    article = Article(
        item=version.item,
        basis=version,
        section_id=section,
        access=access,
        wire_picture=picture,
        news_value=max(1, min(5, 6 - (urgency + 1) // 2)),
        held=version.item.status == Status.WITHHELD,
        wire_embargo_until=version.embargo_until,
        **more,
    )
    article.wire_expires = expiry_of(article, version)
    article.save(force_insert=True)
    return article


def follow(article: Article, version: Version, picture: Picture | None) -> None:
    """An article follows a version as far as it may; readers are told what the agency put right,
    and that it checks the report."""
    since = article.basis
    article.write(**following(article, version, picture))
    if article.basis_id == version.pk:
        tell_of_corrections(article, since, version)
    if version.status == Status.WITHHELD:
        tell_of_the_hold(article, version)
    refresh(article)


def following(article: Article, version: Version, picture: Picture | None) -> dict[str, object]:
    """What the wire's columns become by a version: what staff own stays; with the body in staff's
    hands, or with a text that readers must not get, the version waits. One that changes only what
    always follows the wire (its byline, terms, topics) is taken at once.
    """
    same_text = article.basis is not None and article.basis.content_hash == version.content_hash
    columns: dict[str, object] = {
        "wire_embargo_until": version.embargo_until,
        "wire_expires": expiry_of(article, version),
        "held": version.status == Status.WITHHELD or article.held_by_desk,
    }
    if version.status == Status.USABLE and (
        (article.body is not None and not same_text) or unfit(version)
    ):
        columns["waiting"] = version
    elif version.status == Status.USABLE:
        columns |= {"basis": version, "waiting": None, "wire_picture": picture}
    return columns


def expiry_of(article: Article, version: Version) -> datetime | None:
    """When a report comes off the site, by the wire's word and the source's licence."""
    days = version.item.source.online_days
    return ends_at(version.expires, article.first_published_at, days)
