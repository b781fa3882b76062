"""Take over what the gateway says of a gift: paid, given back, disputed; each thing once."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.money import Money, show
from broadsheet.ledger.actions import Purchase, book_dispute, book_fee, book_gift, book_refund
from broadsheet.ledger.models import Billing, Dispute, Fee, Payment, Refund
from broadsheet.ledger.providers.base import Charge, Provider, Standing
from broadsheet.ledger.taxes.rules import UNKNOWN
from broadsheet.subscriptions.actions import mails as subscribers
from broadsheet.subscriptions.actions.gifts import mails
from broadsheet.subscriptions.actions.gifts.granting import sync_gift
from broadsheet.subscriptions.actions.gifts.sending import new_code, send_if_due
from broadsheet.subscriptions.actions.terms import Unbooked
from broadsheet.subscriptions.gift_rules import expires
from broadsheet.subscriptions.models import GiftSubscription
from broadsheet.subscriptions.reads.offers import period_text


def ask_about_gift(provider: Provider, gift: GiftSubscription) -> GiftSubscription:
    """Ask the gateway about a gift that it knows, and book what is new.

    Raises GatewaySilent, and Refusal for a price that nobody agreed to.
    """
    return settle_gift(provider, provider.look_up(gift.ref or "")) or gift


def settle_gift(provider: Provider, standing: Standing) -> GiftSubscription | None:
    """Book what is new of a gift; None when the gateway's object is none. Nothing is booked twice.

    An answer that was overtaken on its way is left alone. Raises Refusal for a price that nobody
    agreed to: then nothing is booked.
    """
    paper = Paper.load()
    found = GiftSubscription.objects.filter(key=standing.key, provider=provider.name)
    while found.exists():
        with transaction.atomic(), translation.override(paper.language):
            gift = _locked(found.values_list("pk", flat=True).get())
            if gift is not None:
                _check(gift, standing)
                _take(gift, standing, paper)
                return gift
    return None


def _locked(pk: int) -> GiftSubscription | None:
    """The gift, locked after whoever redeemed it; None when somebody did so meanwhile."""
    rows = GiftSubscription.objects.filter(pk=pk)
    holder = rows.values_list("redeemed_by", flat=True).get()
    User.objects.select_for_update(no_key=True).filter(pk=holder).first()
    rows.select_for_update().get()
    gift = rows.select_related("version__plan", "buyer", "payment__invoice", "redeemed_by").get()
    return gift if gift.redeemed_by_id == holder else None


def _check(gift: GiftSubscription, standing: Standing) -> None:
    agreed = (gift.amount, gift.currency)
    said = [(standing.amount, standing.currency)]
    said += [(c.amount, c.currency) for c in standing.charges if c.paid]
    other_ref = gift.ref not in (None, standing.ref)
    if other_ref or any(sum_ != agreed for sum_ in said) or len(said) > 2:
        language = Paper.load().language
        words = _("The payment service says %(theirs)s for gift %(number)d, agreed was %(ours)s.")
        facts = {
            "theirs": show(Money(*said[-1]), language), "number": gift.pk,
            "ours": show(gift.money, language),
        }  # fmt: skip
        raise Unbooked(words % facts, _("Nothing was booked. Look it up at the payment service."))


def _take(gift: GiftSubscription, standing: Standing, paper: Paper) -> None:
    gift.ref, gift.problem, gift.asked_at = standing.ref, "", clock.now()
    if standing.state == "closed" and gift.state == GiftSubscription.OPEN:
        gift.state = GiftSubscription.LEFT
    gift.save()
    paid = next((charge for charge in standing.charges if charge.paid), None)
    if paid is None:
        return
    if gift.payment is None:
        _take_payment(gift, paid, paper)
    assert gift.payment is not None
    if not _is_overtaken(gift.payment, standing):
        _take_money(gift, gift.payment, standing, paper.time_zone)


def _take_payment(gift: GiftSubscription, charge: Charge, paper: Paper) -> None:
    version = gift.version
    facts = {"plan": version.plan.name, "length": period_text(version.interval)}
    what = _("Gift subscription: %(plan)s, %(length)s") % facts
    purchase = Purchase(
        reader=gift.buyer,
        seller=paper.name,
        description=f"{paper.name}: {what}"[:200],
        period_from=None,
        period_until=None,
        tax_name=version.tax_name,
        tax_rate=version.tax_rate,
        zone=paper.time_zone,
        buyer=Billing.of(gift.buyer) if gift.buyer else UNKNOWN,
        address=gift.email,
    )
    payment = book_gift(gift.provider, charge, purchase)
    gift.payment = payment or Payment.objects.get(provider=gift.provider, ref=charge.ref)
    gift.state = GiftSubscription.PAID
    gift.expires_at = expires(charge.at, paper.time_zone)
    code = new_code(gift)
    gift.save()
    mails.bought(gift, code)
    send_if_due(gift)


def _is_overtaken(payment: Payment, standing: Standing) -> bool:
    """Whether the books know more of disputes than this answer. Of refunds they may: one that was
    booked may come back from the bank, and is gone then."""
    steps = sum(1 if disputed.state == "open" else 2 for disputed in standing.disputes)
    return steps < payment.disputes.count()


def _take_money(gift: GiftSubscription, payment: Payment, standing: Standing, zone: str) -> None:
    _take_fees(payment, standing)
    refunds = set(payment.refunds.values_list("ref", flat=True))
    for refunded in standing.refunds:
        if refunded.ref not in refunds:
            refund = book_refund(payment, refunded, zone)
            if refund is not None:
                mails.refunded(gift, refund)
    for disputed in standing.disputes:
        for step in book_dispute(payment, disputed, zone):
            if step.step == Dispute.OPEN:
                subscribers.dispute_opened(step)
    _take_state(gift, payment)


def _take_fees(payment: Payment, standing: Standing) -> None:
    kept = [(c.ref, c.fee, c.at) for c in standing.charges if c.paid and c.fee]
    kept += [(d.ref, d.fee, d.at) for d in standing.disputes if d.fee]
    booked = set(Fee.objects.filter(payment=payment).values_list("ref", flat=True))
    for ref, fee, at in kept:
        if ref not in booked:
            book_fee(payment, ref, fee, at)


def _take_state(gift: GiftSubscription, payment: Payment) -> None:
    """Given back whole, or held by the buyer's bank, it opens nothing; won again, it does."""
    back = sum(Refund.objects.filter(payment=payment).values_list("amount", flat=True))
    signs = {Dispute.OPEN: 1, Dispute.WON: -1}
    steps = Dispute.objects.filter(payment=payment).values_list("step", "amount")
    held = sum(signs.get(step, 0) * amount for step, amount in steps)
    gone = back >= payment.amount or held > 0
    if gone == (gift.refunded_at is not None):
        return
    gift.refunded_at = clock.now() if gone else None
    if back >= payment.amount:
        gift.forget_recipient()
    gift.save()
    sync_gift(gift)
    if gone and gift.redeemed_by is not None:
        mails.ended(gift)
