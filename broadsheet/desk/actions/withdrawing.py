"""Withdrawals that the desk decides about: asked for by a text of the wire, or taken back."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from broadsheet.accounts.models import User
from broadsheet.desk.actions.changes import refresh
from broadsheet.desk.actions.notices import withdraw
from broadsheet.desk.actions.pictures import wire_picture
from broadsheet.desk.actions.routing import following
from broadsheet.desk.models import Article, Intake, Notice, NoticeKind, WithdrawalRequest
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.wire.formats.doubts import MAY_WITHDRAW
from broadsheet.wire.models import Alias, Item, Status, Version
from broadsheet.wire.rules import names_item

NAMED_WITHIN = timedelta(days=7)
"""An item that is named by its last number only came within this time: numbers begin anew."""


def ask_withdrawal(version: Version) -> None:
    """Propose to the desk what a text asks to withdraw (docs/cases.md, 39). Asked twice: once.

    That may be the report it came for: a headline that looks like a code decides nothing.
    """
    item = version.item
    if MAY_WITHDRAW in version.flags and version.number > 1 and item.status != Status.CANCELED:
        WithdrawalRequest.objects.get_or_create(
            version=version, named=item.key[:200], defaults={"item": item}
        )
    named = " ".join(str(version.fields.get("withdraws") or "").split())[:200]
    if not named:
        return
    target = named_item(version.item, named)
    WithdrawalRequest.objects.get_or_create(version=version, named=named, defaults={"item": target})
    if target is not None:
        Intake.objects.filter(item=target).update(due_at=None)


def named_item(asking: Item, named: str) -> Item | None:
    """The item of the same agency that a text names, by key, alias or slug; None in doubt."""
    others = Item.objects.filter(source=asking.source_id).exclude(pk=asking.pk)
    exact = others.filter(key=named).first()
    alias = Alias.objects.filter(source=asking.source_id, value__in=[named, f"id:{named}"]).first()
    if exact or alias:
        return exact or (alias.item if alias and alias.item_id != asking.pk else None)
    recent = others.filter(first_seen__gt=clock.now() - NAMED_WITHIN).select_related("latest")
    fitting = [item for item in recent.iterator() if _is_named(item, named)]
    return fitting[0] if len(fitting) == 1 else None


def _is_named(item: Item, named: str) -> bool:
    slug = str(item.latest.fields.get("slugline") or "") if item.latest else ""
    return names_item(named, key=item.key, slug=slug)


def settle_request(request: WithdrawalRequest, *, confirm: bool, reason: str, by: User) -> None:
    """The desk withdraws what a text asked to take back, or says that it stays.

    Raises Refusal for a confirmation without a reason, or of what names no known item. Settled
    twice, the first stands.
    """
    with transaction.atomic():
        row = WithdrawalRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
        if row.settled_at is not None:
            return
        if confirm:
            _withdraw_named(row, reason, by)
        row.settled_at, row.settled_by, row.confirmed = clock.now(), by, confirm
        row.save(update_fields=["settled_at", "settled_by", "confirmed"])


def _withdraw_named(request: WithdrawalRequest, reason: str, by: User) -> None:
    item = request.item
    if item is None:
        raise Refusal(
            _("Nothing that came in has the name “%(name)s”.") % {"name": request.named},
            _("Find the report yourself and withdraw it."),
        )
    article = Article.objects.filter(item=item).first()
    if article is not None:
        withdraw(article, reason, by=by)
    Item.objects.filter(pk=item.pk).update(status=Status.CANCELED)
    reasons = [gettext_noop("The wire withdrew it.")]
    Intake.objects.filter(item=item).update(due_at=None, reasons=reasons)


def reinstate(article: Article, reason: str, *, by: User) -> Article:
    """Publish a withdrawn report again, at its address and with its first date; told to readers.

    Raises Refusal without a reason, or while the agency has not released it again.
    """
    if not reason.strip():
        raise Refusal(_("Publishing again needs a reason."), _("Readers will see it."))
    with transaction.atomic():
        row = Article.objects.select_for_update().get(pk=article.pk)
        if row.withdrawn_at is None:
            return row
        _readmit(row.item)
        row.write(withdrawn_at=None, **_following(row))
        Notice.objects.create(
            article=row, kind=NoticeKind.REINSTATEMENT, text=reason.strip(), by=by
        )
        refresh(row)
        return row


def _readmit(item: Item | None) -> None:
    """The wire's own withdrawal ends by a person's word, when the wire has released it again."""
    if item is None or item.latest is None:
        return
    if item.latest.status == Status.CANCELED:
        raise Refusal(
            _("The agency has withdrawn this report and not released it again."),
            _("Wait for it, or write a report of your own."),
        )
    item.status = item.latest.status
    item.save(update_fields=["status"])


def _following(article: Article) -> dict[str, object]:
    """What the wire sent while the report was withdrawn."""
    newest = article.item.latest if article.item else None
    if newest is None or newest == article.basis:
        return {}
    return following(article, newest, wire_picture(newest))


def readmit(item: Item) -> None:
    """Let staff make an article of an item that the wire withdrew and then released again.

    Raises Refusal while it has not.
    """
    with transaction.atomic():
        _readmit(Item.objects.select_for_update(of=("self",)).get(pk=item.pk))
