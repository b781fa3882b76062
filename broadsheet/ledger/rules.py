"""Double entry: which accounts a payment or a refund touches, and the seal of a journal. Pure."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import NamedTuple

SALES = "sales"
TAX = "tax"


class Line(NamedTuple):
    """One posting: debits are positive, credits negative, in minor units."""

    account: str
    amount: int


def gateway_account(provider: str) -> str:
    """The account that says what a gateway holds for us."""
    return f"gateway:{provider}"


def payment_lines(provider: str, total: int, tax: int) -> tuple[Line, ...]:
    """A payment of `total`, of which `tax` is owed to the tax office."""
    lines = (
        Line(gateway_account(provider), total),
        Line(SALES, tax - total),
        Line(TAX, -tax),
    )
    return tuple(line for line in lines if line.amount)


def refund_lines(provider: str, total: int, tax: int) -> tuple[Line, ...]:
    """A refund of `total` is the payment the other way round."""
    return tuple(Line(a, -amount) for a, amount in payment_lines(provider, total, tax))


def is_balanced(lines: Iterable[Line]) -> bool:
    """Whether debits and credits add up to nothing."""
    return sum(line.amount for line in lines) == 0


def seal(key: bytes, before: str, *facts: object) -> str:
    """The seal of a journal: an HMAC-SHA256 (RFC 2104) over its facts and the seal before it.

    So no posting can be changed, left out or slipped in between without the paper's secret.
    """
    text = json.dumps([before, *facts], separators=(",", ":"), sort_keys=True, default=str)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def tax_share(tax: int, part: int, whole: int) -> int:
    """The tax inside `part` of a payment of `whole` that held `tax`, halves upwards."""
    return (2 * tax * part + whole) // (2 * whole)
