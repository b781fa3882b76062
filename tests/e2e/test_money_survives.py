"""kill -9 of each process between two steps of a purchase: one charge, one invoice, one mail."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email import message_from_bytes
from itertools import count
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from lxml import html

from tests.e2e.conftest import demo_paper
from tests.e2e.house import House, free_port
from tests.e2e.till import PAID_ONCE, Till, books, check_books, code_for
from tests.waiting import PATIENCE, wait_until

NUMBERS = count(1)
CARD = {"number": "4242424242424242", "expiry": "12/40", "cvc": "123"}


class Postbox:
    """A real SMTP server's handler: what arrived, by address."""

    def __init__(self) -> None:
        self.arrived: list[tuple[str, str]] = []
        self.port = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content)
        for to in envelope.rcpt_tos:
            self.arrived.append((to, str(mail["subject"])))
        return "250 OK"

    def welcomes(self, address: str) -> int:
        """Every copy that arrived."""
        return sum(to == address and subject.startswith("Your subscription:")
                   for to, subject in self.arrived)  # fmt: skip


@pytest.fixture(scope="module")
def postbox() -> Iterator[Postbox]:
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    postbox.port = controller.port
    yield postbox
    controller.stop()


@pytest.fixture(scope="module")
def house(
    postbox: Postbox, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    home = tmp_path_factory.mktemp("surviving") / "var"
    mail = {"BROADSHEET_MAIL_URL": f"smtp://127.0.0.1:{postbox.port}"}
    with demo_paper(request, home, **mail) as house:
        yield house


class Buyer:
    """A reader with a browser's cookies, who repeats what was not answered, as people do."""

    def __init__(self, house: House, address: str = "") -> None:
        self.house = house
        self.address = address or f"kai{next(NUMBERS)}@tarn.example"
        self.client = httpx.Client(base_url=house.url, timeout=60)
        self.wanted = house.addresses("premium")[0]
        self.hosted = self.back = ""

    def __enter__(self) -> "Buyer":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def patiently(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = ask()
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                return answer
            assert time.monotonic() < deadline, answer
            time.sleep(0.2)

    def post(self, address: str, **data: str) -> httpx.Response:
        """Load the form, send it; both again when nobody answered."""

        def ask() -> httpx.Response:
            page = self.client.get(address, follow_redirects=True)
            if page.status_code >= 500:
                return page
            fields = next(f for f in html.fromstring(page.text).forms if f.method == "POST").fields
            return self.client.post(str(page.url), data=dict(fields) | data)

        return self.patiently(ask)

    def sign_up(self) -> None:
        answer = self.post("/accounts/signup/", email=self.address)
        code = code_for(self.house, self.address)
        self.post(answer.headers["location"], code=code)

    def choose(self) -> None:
        answer = self.post(f"/subscribe/smart-essential/?next={self.wanted}")
        self.hosted = answer.headers["location"]

    def pay(self) -> None:
        answer = self.patiently(lambda: httpx.post(self.hosted, data=CARD, timeout=60))
        assert answer.status_code == 303, answer.text
        self.back = answer.headers["location"]

    def come_back(self) -> None:
        answer = self.patiently(lambda: self.client.get(self.back))
        assert answer.status_code == 200, answer.text
        assert "Thank you" in answer.text
        assert f'href="{self.wanted}"' in answer.text

    def read(self) -> bool:
        return "article-full" in self.patiently(lambda: self.client.get(self.wanted)).text

    STEPS = ("sign_up", "choose", "pay", "come_back")

    def do(self, *steps: str) -> None:
        for step in steps:
            getattr(self, step)()


def kill(house: House, role: str) -> None:
    process = house.children()[role]
    os.kill(process.pid, signal.SIGKILL)

    def is_back() -> bool:
        found = house.children().get(role)
        is_new = found is not None and found.pid != process.pid
        return is_new and house.is_up() and Till(house).is_up()

    wait_until(is_back, what=f"{role} is back")


def has_the_same_end(house: House, postbox: Postbox, buyer: Buyer, role: str) -> None:
    """The mail leaves twice only when the worker dies at it."""
    assert buyer.read()
    assert books(house, buyer.address) == PAID_ONCE
    wait_until(lambda: postbox.welcomes(buyer.address) > 0, what="the mail arrived")
    assert postbox.welcomes(buyer.address) <= (2 if role == "worker" else 1)


@pytest.mark.parametrize("role", ["gate", "newsroom", "worker", "fakepay"])
def test_a_purchase_survives_the_death_of_a_process_after_any_step(
    house: House, postbox: Postbox, role: str
) -> None:
    """Four buyers, each one step further than the one before, when the process is killed."""
    with ExitStack() as stack:
        buyers = [stack.enter_context(Buyer(house)) for _ in Buyer.STEPS]
        for done, buyer in enumerate(buyers, start=1):
            buyer.do(*Buyer.STEPS[:done])
        kill(house, role)
        for done, buyer in enumerate(buyers, start=1):
            buyer.do(*Buyer.STEPS[done:])
            has_the_same_end(house, postbox, buyer, role)
    wait_until(Till(house).is_quiet, what="every webhook is delivered")
    for buyer in buyers:
        assert books(house, buyer.address) == PAID_ONCE
    check_books(house)


@pytest.mark.parametrize(("role", "step"), [
    ("newsroom", "choose"), ("fakepay", "choose"), ("fakepay", "pay"), ("newsroom", "come_back"),
    ("worker", "come_back"), ("fakepay", "come_back"),
])  # fmt: skip
def test_a_purchase_survives_a_death_in_the_middle_of_a_step(
    house: House, postbox: Postbox, role: str, step: str
) -> None:
    steps = Buyer.STEPS
    with Buyer(house) as buyer:
        buyer.do(*steps[: steps.index(step)])
        doing = threading.Thread(target=buyer.do, args=(step,))
        doing.start()
        time.sleep(random.uniform(0.0, 0.12))
        kill(house, role)
        doing.join(2 * PATIENCE)
        assert not doing.is_alive()
        buyer.do(*steps[steps.index(step) + 1 :])
        has_the_same_end(house, postbox, buyer, role)
    check_books(house)
