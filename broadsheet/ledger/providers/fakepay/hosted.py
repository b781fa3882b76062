"""The pages the payer sees: what to do on each request. What they look like is in `pages`."""

from broadsheet.ledger.providers.fakepay import cards, pages
from broadsheet.ledger.providers.fakepay.events import mode
from broadsheet.ledger.providers.fakepay.gateway import Outcome
from broadsheet.ledger.providers.fakepay.http import Answer, Counter, Request, see_other
from broadsheet.ledger.providers.fakepay.refusals import Refused


def show(counter: Counter, _request: Request, ref: str) -> Answer:
    """The form, or a page saying why there is none."""
    agreement = counter.gateway.agreement(ref)
    if agreement.state in ("open", "past_due"):
        return pages.form(agreement, {})
    return pages.over(agreement, 200 if agreement.anchor else 410)


def pay(counter: Counter, request: Request, ref: str) -> Answer:
    """Charge the card; a second click gets the same way back and pays nothing."""
    agreement = counter.gateway.agreement(ref)
    if agreement.state == "active":
        return see_other(agreement.return_url)
    if agreement.state in ("closed", "ended"):
        return pages.over(agreement, 410)
    fields = request.form()
    number, expiry, cvc = (fields.get(name, "") for name in ("number", "expiry", "cvc"))
    wrong = cards.problems(number, expiry, cvc, counter.gateway.now())
    if wrong:
        return pages.form(agreement, wrong, 422)
    return _answer(counter, counter.gateway.pay(ref, cards.read_number(number)))


def _answer(counter: Counter, outcome: Outcome) -> Answer:
    agreement = outcome.agreement
    if mode(counter.gateway.book) == "first":
        counter.deliveries.deliver(agreement.ref)
    if outcome.kind == "too_late":
        return pages.over(agreement, 410)
    if outcome.kind == "failed":
        return pages.form(agreement, {"": outcome.problem}, 402)
    return see_other(agreement.return_url)


def cancel(counter: Counter, _request: Request, ref: str) -> Answer:
    """Leave without paying; whoever has paid meanwhile is sent where payers go."""
    agreement = counter.gateway.cancel(ref)
    return see_other(agreement.cancel_url if not agreement.anchor else agreement.return_url)


def absent(refused: Refused) -> Answer:
    """A page for a refusal: no such agreement."""
    return pages.absent(refused.status)
