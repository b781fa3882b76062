"""The paper's payment gateway as a test sees it, and what is in the books of a reader."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Page

from broadsheet.gate.passes import derived_key
from tests.e2e.house import House, broadsheet
from tests.waiting import wait_until

GOOD, DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"


@dataclass(frozen=True, slots=True)
class Till:
    """Fakepay beside a served demo paper, with its knobs."""

    house: House

    def ask(self, method: str, path: str, **data: Any) -> dict[str, Any]:
        """A request with the gateway's key."""
        secret = (self.house.home / "secret_key").read_bytes()
        key = derived_key(secret, "fakepay key").hex()
        answer = httpx.request(
            method, f"{self.url}{path}", json=data or None, timeout=60,
            headers={"authorization": f"Bearer {key}"},
        )  # fmt: skip
        assert answer.status_code < 300, answer.text
        return dict(answer.json())

    @property
    def url(self) -> str:
        """Where it listens, as the processes' words say."""
        words = self.house.children()["fakepay"].words
        return words[words.index("--url") + 1]

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=60).status_code == 200
        except (httpx.HTTPError, KeyError):
            return False

    def webhooks(self, mode: str) -> None:
        """How webhooks come: a mode of the gateway (docs/operating.md has the table)."""
        self.ask("POST", "/control/webhooks", mode=mode)

    def agreements(self, address: str) -> list[dict[str, Any]]:
        """What the gateway holds for an address."""
        every = self.ask("GET", "/control/agreements")["agreements"]
        return [agreement for agreement in every if agreement["email"] == address]

    def is_quiet(self) -> bool:
        """Whether no webhook waits to be delivered."""
        every = self.ask("GET", "/control/deliveries")["deliveries"]
        return not any(delivery["waiting"] for delivery in every)


def fill_card(page: Page, number: str) -> None:
    """Fill in the gateway's form."""
    page.fill("input[name=number]", number)
    page.fill("input[name=expiry]", "12/40")
    page.fill("input[name=cvc]", "123")


def pay_button(page: Page) -> Any:
    """The button that pays."""
    return page.locator("form:has(input[name=number]) button")


def code_for(house: House, address: str) -> str:
    """The newest code mailed to an address."""
    found: list[str] = []

    def arrived() -> bool:
        rows = house.rows(
            'SELECT text FROM accounts_mail WHERE "to"=%s ORDER BY id DESC LIMIT 1', address
        )
        found[:] = re.findall(r"[A-Z0-9]{3,4}-[A-Z0-9]{3,4}", rows[0][0]) if rows else []
        return bool(found)

    wait_until(arrived, what=f"a code for {address}")
    return found[0]


def books(house: House, address: str) -> dict[str, int]:
    """How often each thing happened to the reader with this address."""
    (reader,) = house.rows("SELECT id FROM accounts_user WHERE email=%s", address)[0]

    def count(sql: str, value: object = reader) -> int:
        return int(house.rows(f"SELECT count(*) FROM {sql}", value)[0][0])

    mails = "accounts_mail WHERE subject LIKE 'Your subscription: %' AND \"to\"=%s"
    if house.database:
        mails = mails.replace("%'", "%%'")
    return {
        "live": count("subscriptions_subscription WHERE state<>'ended' AND reader_id=%s"),
        "subscriptions": count("subscriptions_subscription WHERE reader_id=%s"),
        "payments": count("ledger_payment WHERE reader_id=%s"),
        "invoices": count("ledger_invoice WHERE reader_id=%s"),
        "welcomes": count(mails, address),
        "charged": sum(a["paid"] for a in Till(house).agreements(address)),
    }


PAID_ONCE = {
    "live": 1, "subscriptions": 1, "payments": 1, "invoices": 1, "welcomes": 1, "charged": 1,
}  # fmt: skip
NOTHING_PAID = dict.fromkeys(PAID_ONCE, 0)


def check_books(house: House) -> None:
    """The ledger must agree with itself."""
    more = {"BROADSHEET_DATABASE_URL": house.database} if house.database else {}
    done = broadsheet(house.home, "check_ledger", **more)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def quiet_in_the_end(house: House) -> Iterator[Till]:
    """The gateway; when it has told all that there is to tell, the books must balance."""
    till = Till(house)
    yield till
    be_quiet(till)
    check_books(house)


def be_quiet(till: Till) -> None:
    """Let the gateway behave well again, and wait until every webhook is delivered."""
    till.webhooks("normal")
    wait_until(till.is_quiet, what="every webhook is delivered")
