"""The pages the payer sees: what to do on each request. What they look like is in `pages`."""

from collections.abc import Mapping

from broadsheet.ledger.providers.fakepay import cards, pages
from broadsheet.ledger.providers.fakepay.agreements import Agreement
from broadsheet.ledger.providers.fakepay.cards import Card
from broadsheet.ledger.providers.fakepay.changes import Wanted
from broadsheet.ledger.providers.fakepay.events import mode
from broadsheet.ledger.providers.fakepay.gateway import Outcome
from broadsheet.ledger.providers.fakepay.http import Answer, Counter, Request, see_other
from broadsheet.ledger.providers.fakepay.refusals import Refused


def show(counter: Counter, _request: Request, ref: str) -> Answer:
    """The form, or a page saying why there is none."""
    agreement = counter.gateway.agreement(ref)
    if agreement.state in ("open", "past_due"):
        return pages.form(agreement, {})
    if wanted := _to_pay(counter, agreement):
        return pages.form(agreement, {"": wanted.problem} if wanted.problem else {}, 200, wanted)
    return pages.over(agreement, 200 if agreement.anchor else 410)


def _to_pay(counter: Counter, agreement: Agreement) -> Wanted | None:
    return counter.gateway.to_pay(agreement) if agreement.state == "active" else None


def pay(counter: Counter, request: Request, ref: str) -> Answer:
    """Charge the card; a second click gets the same way back and pays nothing."""
    agreement = counter.gateway.agreement(ref)
    wanted = _to_pay(counter, agreement)
    if agreement.state == "active" and wanted is None:
        return see_other(agreement.return_url)
    if agreement.state in ("closed", "ended"):
        return pages.over(agreement, 410)
    fields = request.form()
    if wanted is not None and "kept" in fields:
        return _pay(counter, agreement, wanted, agreement.kept, fields)
    number, expiry, cvc = (fields.get(name, "") for name in ("number", "expiry", "cvc"))
    wrong = cards.problems(number, expiry, cvc, counter.gateway.now())
    if wrong:
        return pages.form(agreement, wrong, 422, wanted)
    return _pay(counter, agreement, wanted, cards.read_number(number, expiry), fields)


def _pay(
    counter: Counter,
    agreement: Agreement,
    wanted: Wanted | None,
    card: Card,
    fields: Mapping[str, str],
) -> Answer:
    """With a card whose bank asks, on the bank's page first."""
    said = fields.get("bank", "")
    if card.conduct == "asks" and said not in ("yes", "no"):
        return pages.bank(agreement, fields, wanted)
    outcome = counter.gateway.pay(agreement.ref, card, confirmed=said == "yes")
    return _answer(counter, outcome, wanted)


def _answer(counter: Counter, outcome: Outcome, wanted: Wanted | None) -> Answer:
    agreement = outcome.agreement
    if mode(counter.gateway.book) == "first":
        counter.deliveries.deliver(agreement.ref)
    if outcome.kind == "too_late":
        return pages.over(agreement, 410)
    if outcome.kind == "failed":
        return pages.form(agreement, {"": outcome.problem}, 402, wanted)
    return see_other(agreement.return_url)


def cancel(counter: Counter, _request: Request, ref: str) -> Answer:
    """Leave without paying; whoever has paid meanwhile is sent where payers go."""
    agreement = counter.gateway.cancel(ref)
    return see_other(agreement.cancel_url if not agreement.anchor else agreement.return_url)


def absent(refused: Refused) -> Answer:
    """A page for a refusal: no such agreement."""
    return pages.absent(refused.status)
