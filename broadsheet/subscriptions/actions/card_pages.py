"""The way to another card for a running subscription: a page at the gateway, nothing charged."""

from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.ledger.providers.base import Provider
from broadsheet.subscriptions.actions.settling import settle
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.reads.cards import refuse_card_change


def open_card_page(provider: Provider, subscription: Subscription, return_url: str) -> str:
    """The address of a page at the gateway where the reader types another card in.

    The gateway is asked first, so that the card of before is known. Raises GatewaySilent, and
    Refusal when the card cannot be changed now; then nothing is changed.
    """
    refuse_card_change(subscription)
    settle(provider, subscription.ref)
    subscription.refresh_from_db()
    refuse_card_change(subscription)
    language = Paper.load().language
    url = provider.open_card_page(subscription.ref, return_url=return_url, language=language)
    Subscription.objects.filter(pk=subscription.pk).update(card_page_at=clock.now())
    return url
