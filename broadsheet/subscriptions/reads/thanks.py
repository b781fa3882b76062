"""What a reader has just paid for, and the page to go back to."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from broadsheet.desk.models import Article
from broadsheet.kit import clock
from broadsheet.kit.money import show
from broadsheet.look.strict import View
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.reads.account import next_price
from broadsheet.subscriptions.reads.offers import benefits_of, every_text, known


@dataclass(frozen=True, slots=True)
class ThanksView(View):
    """The newest payment of a subscription; in its trial nothing is `paid`, and there is no
    invoice. `until` is in the paper's zone; `invoice` the label of the invoice; `price` what the
    next charge takes. `next` is the page the reader came from, "" for none, and `headline` its
    article's, "" when it is another page."""

    plan: str
    paid: str
    until: datetime
    price: str
    every: str
    benefits: tuple[str, ...]
    email: str
    invoice: str
    next: str
    headline: str
    renews: bool


def thanks_view(subscription: Subscription) -> ThanksView:
    """The view for a subscription that has a paid period, or is in its trial."""
    language, version = get_language() or "en", subscription.version
    period = subscription.periods.select_related("payment__invoice").last()
    # Whoever pays later than the first time came from the account, not from that article.
    next_ = "" if period and period.number else subscription.checkout.next
    until = period.ends if period else subscription.anchor
    return ThanksView(
        plan=version.plan.name,
        paid=show(period.payment.money, language) if period else "",
        until=until.astimezone(ZoneInfo(subscription.zone)),
        price=show(next_price(subscription), language),
        every=every_text(version.interval),
        benefits=tuple(benefit.title for benefit in benefits_of(version, known())),
        email=subscription.reader.email,
        invoice=period.payment.invoice.label if period else "",
        next=next_,
        headline=_headline(next_),
        renews=version.renews,
    )


def _headline(next_: str) -> str:
    path = urlsplit(next_).path
    found = Article.objects.visible(clock.now()).filter(path=path) if path else None
    article = found.first() if found is not None else None
    return article.shown_headline if article else ""
