"""Deliveries out of order or signed with a wrong secret, over HTTP: one of everything."""

import httpx

from tests.e2e.house import House
from tests.e2e.test_money_survives import CARD, Buyer
from tests.e2e.till import (
    DECLINED,
    NOTHING_PAID,
    PAID_ONCE,
    Till,
    books,
)
from tests.waiting import wait_until

UNTAKEN = "SELECT count(*) FROM ledger_event WHERE taken_at IS NULL"


def pay_and_leave(buyer: Buyer) -> str:
    """A card that is declined, one that pays, and no way back to the paper; the reference."""
    buyer.do("sign_up", "choose")
    declined = httpx.post(buyer.hosted, data=CARD | {"number": DECLINED}, timeout=60)
    assert declined.status_code == 402
    buyer.pay()
    return buyer.hosted.rpartition("/")[2]


def settled_by_webhooks(house: House, till: Till, address: str) -> None:
    wait_until(till.is_quiet, what="every webhook is delivered")
    wait_until(lambda: house.rows(UNTAKEN)[0][0] == 0, what="every event is taken up")
    assert books(house, address) == PAID_ONCE


def kinds(house: House, ref: str) -> list[str]:
    rows = house.rows("SELECT kind FROM ledger_event WHERE ref=%s ORDER BY id", ref)
    return [row[0] for row in rows]


def test_money_case_03_deliveries_in_reverse_end_in_one_of_each(
    paying_house: House, till: Till
) -> None:
    with Buyer(paying_house, "rhea@tarn.example") as buyer:
        till.webhooks("held")
        ref = pay_and_leave(buyer)
        assert books(paying_house, buyer.address) == NOTHING_PAID | {"charged": 1}
        till.webhooks("reversed")
        settled_by_webhooks(paying_house, till, buyer.address)
        assert kinds(paying_house, ref) == ["agreement.paid", "charge.failed"]
        buyer.come_back()
        assert buyer.read()
        assert books(paying_house, buyer.address) == PAID_ONCE


def test_money_case_07_a_delivery_signed_wrongly_is_refused_kept_and_taken_when_signed_rightly(
    paying_house: House, till: Till
) -> None:
    refused = "SELECT problem FROM ledger_delivery WHERE problem<>'' ORDER BY id"
    before = len(paying_house.rows(refused))
    with Buyer(paying_house, "seth@tarn.example") as buyer:
        till.webhooks("missigned")
        ref = pay_and_leave(buyer)
        settled_by_webhooks(paying_house, till, buyer.address)
    problems = [row[0] for row in paying_house.rows(refused)[before:]]
    assert len(problems) == 2, "one for each event"
    assert all("The webhook's signature is wrong." in problem for problem in problems)
    assert sorted(kinds(paying_house, ref)) == ["agreement.paid", "charge.failed"]
    every = till.ask("GET", "/control/deliveries")["deliveries"]
    mine = [entry for entry in every if entry["ref"] == ref]
    assert [entry["outcome"] for entry in mine] == ["200"] * 2
    assert all(entry["tries"] >= 2 for entry in mine), "more when an answer was slow"


def test_money_case_07_a_stranger_with_a_wrong_secret_hears_400(paying_house: House) -> None:
    headers = {"Fakepay-Signature": "t=1,v1=00", "Content-Type": "application/json"}
    answer = httpx.post(
        f"{paying_house.url}/webhooks/fakepay/", content=b"{}", headers=headers, timeout=60
    )
    assert answer.status_code == 400
