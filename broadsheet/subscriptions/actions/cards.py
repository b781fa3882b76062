"""Which card later charges are taken from, as the gateway says; its reader is told of a change."""

from datetime import datetime

from broadsheet.ledger.providers.base import Standing
from broadsheet.subscriptions.actions import mails
from broadsheet.subscriptions.models import CardChange, Subscription


def take_card(subscription: Subscription, standing: Standing, asked_at: datetime) -> None:
    """Note the card that is kept. Another one than before is written down, and told by mail once,
    wherever it was changed: on the gateway's card page, or by paying with it.

    An answer that was asked for before the last one came (`asked_at`) says nothing of it. Not
    saved: the subscription.
    """
    card, heard_at = standing.card, subscription.heard_at
    if card is None or (heard_at is not None and heard_at > asked_at):
        return
    before, is_other = subscription.card, subscription.card_ref not in ("", card.ref)
    subscription.card, subscription.card_ref = card.said, card.ref
    subscription.card_expires = card.expires
    if not is_other:
        return
    subscription.card_page_at = None
    CardChange.objects.create(
        subscription=subscription, before=before, card=card.said, expires=card.expires
    )
    if subscription.is_live:
        mails.card_changed(subscription, before)
