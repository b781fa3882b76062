"""What a reader allowed to be taken regularly, and that each debit was announced in time."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.models.subscription import Subscription
from broadsheet.subscriptions.rules import Flaw, debit_flaw, mandate_rule

WHY: dict[Flaw, tuple[str, str]] = {
    "ended": ("the mandate had ended", "Give it back, and look at the mandate at the gateway."),
    "opted_out": ("the reader had opted out", "Give it back: who opts out pays nothing more."),
    "ceiling": ("the mandate allows less", "Give it back: a dearer plan needs a new mandate."),
    "missing": ("no notice of it was sent", "See that the worker runs and mail leaves the outbox."),
    "late": ("its notice was sent too late", "See that the worker runs and mail leaves in time."),
}


class Mandate(models.Model):
    """A reader's bank may be debited for a subscription, at most `max_amount` minor units a time.

    Only where a rule of `MANDATE_RULES` holds for the currency. The gateway does not tell what the
    bank wrote down: `max_amount` is what is agreed to without asking the reader again, the limit
    of the rule, or the price where that is more. `valid_until` is None until it is revoked.
    """

    CARD, UPI, EMANDATE = "card", "upi", "emandate"
    ACTIVE, ENDED = "active", "ended"
    METHODS: ClassVar[dict[str, object]] = {
        CARD: _("card"), UPI: _("UPI"), EMANDATE: _("bank account"),
    }  # fmt: skip

    subscription = models.OneToOneField(Subscription, models.CASCADE, related_name="mandate")
    method = models.CharField(max_length=8)
    max_amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    since = models.DateTimeField(default=clock.now)
    valid_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, default=ACTIVE)

    def __str__(self) -> str:
        return f"{self.subscription}: {self.method}"

    def check_charge(self, number: int, amount: int, at: datetime) -> None:
        """Raise Refusal, with why, for a debit for period `number` that may not be taken at `at`.

        Whoever takes a charge by our own clock asks this first. Where the gateway charges by its
        clock, the charge is booked, and the night's check asks.
        """
        flaw = self.flaw(number, amount, at)
        if flaw:
            problem, remedy = WHY[flaw]
            raise Refusal(f"{amount} {self.currency} may not be taken: {problem}.", remedy)

    def flaw(self, number: int, amount: int, at: datetime) -> Flaw | None:
        """What is wrong with a debit; None when it may be taken."""
        rule = mandate_rule(self.currency, at.date())
        if rule is None:
            return None
        mine = [n for n in self.subscription.notices.all() if n.number == number]
        sent = [n.sent_at for n in mine if n.sent_at is not None and n.amount >= amount]
        out = [n.opted_out_at for n in mine if n.opted_out_at is not None]
        return debit_flaw(
            rule, amount, at, noticed=min(sent, default=None), opted_out=min(out, default=None),
            ceiling=self.max_amount, ends=self.valid_until,
        )  # fmt: skip


class PredebitNotice(models.Model):
    """The reader was told of the debit for period `number` before it is taken.

    `sent_at` is when the mail left the outbox; `opted_out_at` when the reader stopped the renewal
    after it. Another amount, of a planned change of plan, is another notice.
    """

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="notices")
    number = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField(default=clock.now)
    mail = models.ForeignKey("accounts.Mail", models.SET_NULL, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)
    opted_out_at = models.DateTimeField(null=True)

    class Meta:
        """A debit is announced once."""

        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["subscription", "number", "amount"], name="notice_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription} ({self.number})"
