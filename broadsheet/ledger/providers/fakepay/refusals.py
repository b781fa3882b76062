"""How Fakepay says no: a sentence, a remedy, and the HTTP status that carries them."""

from broadsheet.ledger.providers.base import GatewayRefused


class Refused(GatewayRefused):
    """A refusal with its HTTP status: 404 unknown, 409 not in this state, 422 not understood."""

    def __init__(self, problem: str, remedy: str, status: int = 409) -> None:
        super().__init__(problem, remedy)
        self.status = status


def unknown(what: str, ref: str) -> Refused:
    """There is no such thing under this reference."""
    return Refused(f"There is no {what} {ref[:60]!r}.", "Check the reference.", 404)


def invalid(problem: str, remedy: str) -> Refused:
    """The call itself is wrong."""
    return Refused(problem, remedy, 422)
