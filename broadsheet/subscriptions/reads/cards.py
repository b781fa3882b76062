"""The card behind a subscription: what its reader sees of it, and when it can be changed."""

from django.utils.translation import gettext as _

from broadsheet.kit.say import Refusal
from broadsheet.ledger.gateways import lacks
from broadsheet.subscriptions.models import Subscription


def card_text(subscription: Subscription, paid_by: str) -> str:
    """Such as "•••• 4242 (04/29)"; `paid_by` is the card of the last payment, shown while the
    gateway did not say which one is kept."""
    if not subscription.card:
        return paid_by
    until = expiry_text(subscription.card_expires)
    return f"{subscription.card} ({until})" if until else subscription.card


def expiry_text(expires: str) -> str:
    """A last month such as "2029-04" as cards have it, "04/29"; "" stays so."""
    year, _dash, month = expires.partition("-")
    return f"{month}/{year[-2:]}" if month else ""


def has_fixed_card(subscription: Subscription) -> bool:
    """Whether its gateway cannot change what a running subscription is paid with."""
    return lacks(subscription.provider, "card")


def may_change_card(subscription: Subscription) -> bool:
    """Whether its reader can change the card now."""
    try:
        refuse_card_change(subscription)
    except Refusal:
        return False
    return True


def refuse_card_change(subscription: Subscription) -> None:
    """Raise Refusal, with the remedy, when the card cannot be changed now."""
    if has_fixed_card(subscription):
        words = _("The payment service cannot change the card of a subscription that is paid.")
        remedy = _("Cancel, and subscribe with the other card when the paid time is over.")
        raise Refusal(words, remedy)
    if not subscription.version.renews:
        words = _("This plan is paid once: no card is charged again.")
        raise Refusal(words, _("There is nothing to do."))
    if not (subscription.is_live and subscription.renews):
        words = _("Your subscription is cancelled: no card is charged again.")
        raise Refusal(words, _("Keep it first; then you can change the card."))
    if subscription.state == Subscription.PAST_DUE:
        words = _("The last charge failed.")
        remedy = _("Pay it with the other card; that one is then used for later charges as well.")
        raise Refusal(words, remedy)
