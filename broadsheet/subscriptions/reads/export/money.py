"""What the reader subscribed to and paid. Amounts are in minor units of their currency."""

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from broadsheet.accounts.models import User
from broadsheet.ledger.models import (
    Billing,
    Dispute,
    FailedCharge,
    Invoice,
    Payment,
    Refund,
    RefundOrder,
)
from broadsheet.subscriptions.models import (
    CardChange,
    Checkout,
    CouponUse,
    GiftSubscription,
    ImportedSubscription,
    Mandate,
    PaidPeriod,
    PartnerClaim,
    PartnerWish,
    Pause,
    PlanChange,
    PredebitNotice,
    Reminder,
    Subscription,
    Withdrawal,
)
from broadsheet.subscriptions.reads.export.kind import Kind

READER = {"reader": "The reader."}
BOOKS = "The number of the books' own journal."
TOLD = "How far the payment service has been told."
ANCHOR = "How the periods are numbered since the last change of plan or pause."
GIFT_SECRETS = {
    "key": "Opens the buyer's page of the gift.",
    "token": "Of the form it was bought with.",
    "ref": "Opens the buyer's page at the payment service.",
    "url": "Opens the buyer's page at the payment service.",
    "replaces": "Of the payment service.",
    "asked_at": "How far the payment service has been asked.",
    "codes": "How many codes were made.",
    "code_hash": "Of the code, which opens the gift.",
}
OPENS = "Opens the reader's page at the payment service."


def _of(model: type[Model], path: str, order: str) -> Any:
    """The rows whose `path` is the reader, in an order."""

    def rows(reader: User) -> QuerySet[Any]:
        return model._default_manager.filter(**{path: reader}).order_by(order, "pk")

    return rows


MONEY = (
    Kind(
        "brought-along", _("What you had elsewhere before"), ImportedSubscription,
        _of(ImportedSubscription, "reader", "imported_at"),
        (
            "source", "foreign_id", "their_plan", "version__plan__name", "paid_until",
            "complimentary", "cancelled", "gateway_ref", "state", "imported_at", "welcomed_at",
            "reminded_at", "invited_at",
        ),
        READER | {
            "made_by": "Staff's own record of the file, about many readers.",
            "made_account": "Whether the account was made with it.",
            "address_code": "Empty as long as there is an account.",
        },
    ),
    Kind(
        "billing-details", _("Billing details"), Billing, _of(Billing, "reader", "changed_at"),
        ("name", "address", "country", "region", "tax_number", "changed_at"), READER,
    ),
    Kind(
        "checkouts", _("Checkouts"), Checkout, _of(Checkout, "reader", "made_at"),
        (
            "version__plan__name", "amount", "opening_amount", "opening_periods", "trial_days",
            "coupon__code", "currency",
            "provider", "state", "problem", "made_at", "next",
        ),
        READER | {
            "key": "Known to the reader's browser and the payment service alone.",
            "ref": "Opens the reader's page at the payment service.", "url": OPENS,
            "replaces": TOLD, "asked_at": TOLD,
        },
        sums=("amount", "opening_amount"),
    ),
    Kind(
        "coupons", _("Coupons used"), CouponUse, _of(CouponUse, "reader", "taken_at"),
        ("coupon__code", "version__plan__name", "taken_at", "final_at", "opens", "closes"),
        READER | {"checkout": "Among the checkouts."},
    ),
    Kind(
        "partner-benefits", _("Partner benefits claimed"), PartnerClaim,
        _of(PartnerClaim, "reader", "claimed_at"),
        (
            "benefit__partner", "benefit__title", "code__code", "subject", "claimed_at",
            "ended_at",
        ),
        READER,
    ),
    Kind(
        "partner-wishes", _("Partner benefits waited for"), PartnerWish,
        _of(PartnerWish, "reader", "made_at"),
        ("benefit__partner", "benefit__title", "made_at"), READER,
    ),
    Kind(
        "subscriptions", _("Subscriptions"), Subscription, _of(Subscription, "reader", "anchor"),
        (
            "id", "version__plan__name", "version__price", "version__currency", "provider", "ref",
            "state", "anchor", "zone", "renews", "resumes_at", "trial_starts",
            "trial_ends", "cancelled_at", "grace_days",
            "ended_at", "end_reason", "card", "card_expires",
        ),
        READER | {
            "checkout": "Among the checkouts.", "renews_told": TOLD, "asked_at": TOLD,
            "heard_at": TOLD, "pay_url": OPENS, "base": ANCHOR, "terms": ANCHOR,
            "card_ref": "The payment service's own name of the card.", "card_page_at": TOLD,
        },
        sums=("version_price",), currency="version_currency",
    ),
    Kind(
        "paid-periods", _("Paid periods"), PaidPeriod,
        _of(PaidPeriod, "subscription__reader", "starts"),
        ("subscription", "number", "starts", "ends", "payment__invoice__label", "refunded_at"),
        {"before": "Among the changes of plan.", "rest": "Among the pauses."},
    ),
    Kind(
        "pauses", _("Pauses"), Pause, _of(Pause, "subscription__reader", "asked_at"),
        (
            "subscription", "number", "begins", "until", "state", "problem", "asked_at", "over_at",
        ),
        {"from_anchor": ANCHOR, "from_base": ANCHOR},
    ),
    Kind(
        "changes-of-plan", _("Changes of plan"), PlanChange,
        _of(PlanChange, "subscription__reader", "made_at"),
        (
            "subscription", "from_version__plan__name", "version__plan__name",
            "version__currency", "number", "at_once", "credit", "due", "state", "problem",
            "made_at", "expires_at", "taken_at",
        ),
        {
            "key": "Ours and the payment service's, so that nothing is charged twice.",
            "from_anchor": ANCHOR, "from_base": ANCHOR, "from_terms": ANCHOR,
            "pay_url": OPENS,
        },
        sums=("credit", "due"), currency="version_currency",
    ),
    Kind(
        "card-changes", _("Changes of the card"), CardChange,
        _of(CardChange, "subscription__reader", "at"),
        ("subscription", "before", "card", "expires", "at"),
    ),
    Kind(
        "mandates", _("Mandates"), Mandate, _of(Mandate, "subscription__reader", "since"),
        ("subscription", "method", "max_amount", "currency", "since", "valid_until", "state"),
        sums=("max_amount",),
    ),
    Kind(
        "debits-announced", _("Debits that were announced"), PredebitNotice,
        _of(PredebitNotice, "subscription__reader", "made_at"),
        (
            "subscription", "number", "amount", "currency", "due_at", "made_at", "sent_at",
            "opted_out_at",
        ),
        {"mail": "Among the mails, as long as those are kept."}, sums=("amount",),
    ),
    Kind(
        "reminders", _("Reminders"), Reminder, _of(Reminder, "subscription__reader", "made_at"),
        ("subscription", "number", "kind", "amount", "currency", "due_at", "made_at"),
        {"mail": "Among the mails, as long as those are kept."}, sums=("amount",),
    ),
    Kind(
        "withdrawals", _("Withdrawals from contracts"), Withdrawal,
        _of(Withdrawal, "subscription__reader", "at"),
        ("subscription", "name", "at", "amount", "currency"), {}, sums=("amount",),
    ),
    Kind(
        "gift-subscriptions", _("Gift subscriptions you gave"), GiftSubscription,
        _of(GiftSubscription, "buyer", "made_at"),
        (
            "version__plan__name", "amount", "currency", "buyer_email", "buyer_name",
            "recipient_email", "message", "send_on", "provider", "state", "problem", "made_at",
            "payment__invoice__label", "expires_at", "shown_at", "sent_at", "redeemed_at",
            "refunded_at",
        ),
        {
            "buyer": "The reader.", "redeemed_by": "Who reads by it is a third person.",
            "starts": "When somebody else reads.", "ends": "When somebody else reads.",
        } | GIFT_SECRETS,
        sums=("amount",),
    ),
    Kind(
        "gift-subscriptions-redeemed", _("Gift subscriptions you were given"), GiftSubscription,
        _of(GiftSubscription, "redeemed_by", "redeemed_at"),
        ("version__plan__name", "buyer_name", "message", "redeemed_at", "starts", "ends",
         "refunded_at", "state"),
        {
            "redeemed_by": "The reader.",
            **dict.fromkeys(
                ("buyer", "buyer_email", "recipient_email", "amount", "currency", "send_on",
                 "provider", "problem", "made_at", "payment", "expires_at", "shown_at", "sent_at"),
                "The buyer's: a third person.",
            ),
        } | GIFT_SECRETS,
    ),
    Kind(
        "invoices", _("Invoices and credit notes"), Invoice, _of(Invoice, "reader", "issued_at"),
        (
            "label", "issued_at", "credits__label", "buyer", "seller", "description",
            "period_from", "period_until", "net", "tax", "tax_name", "tax_rate", "rounding",
            "total", "currency", "place", "buyer_address", "buyer_number",
        ),
        READER | {
            "series": "Part of the label.", "number": "Part of the label.",
            "taxes": "On the invoice itself, line by line.", "ground": "On the invoice itself.",
            "code": "The paper's classification of what it sells.",
        },
        sums=("net", "tax", "rounding", "total"),
    ),
    Kind(
        "payments", _("Payments"), Payment, _of(Payment, "reader", "at"),
        ("at", "amount", "currency", "provider", "ref", "card", "invoice__label"),
        READER | {"journal": BOOKS}, sums=("amount",),
    ),
    Kind(
        "failed-charges", _("Charges that failed"), FailedCharge,
        _of(FailedCharge, "reader", "at"),
        ("at", "amount", "currency", "provider", "ref", "problem"), READER, sums=("amount",),
    ),
    Kind(
        "refunds-ordered", _("Refunds ordered"), RefundOrder,
        _of(RefundOrder, "payment__reader", "asked_at"),
        ("asked_at", "amount", "payment__currency", "payment__invoice__label", "reason"),
        {
            "key": "Ours and the payment service's, so that nothing is paid back twice.",
            "by": "Who of the staff ordered it is a third person.",
            "told_at": TOLD, "problem": TOLD,
        },
        sums=("amount",), currency="payment_currency",
    ),
    Kind(
        "refunds", _("Refunds"), Refund, _of(Refund, "payment__reader", "at"),
        ("at", "amount", "payment__currency", "provider", "ref", "payment__invoice__label",
         "invoice__label"),
        {"journal": BOOKS}, sums=("amount",), currency="payment_currency",
    ),
    Kind(
        "disputes", _("Payments disputed at the bank"), Dispute,
        _of(Dispute, "payment__reader", "at"),
        ("at", "step", "amount", "payment__currency", "provider", "ref",
         "payment__invoice__label", "invoice__label"),
        {"journal": BOOKS, "due_at": "Until when the paper may send evidence."}, sums=("amount",),
        currency="payment_currency",
    ),
)  # fmt: skip
