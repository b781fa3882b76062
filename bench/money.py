"""Money: checkout to full article, webhooks, the account page, the renewal run, the figures.

`python -m bench.money [SUBSCRIPTIONS [MONTHS]]`, 2,000 and 24 unless told. The gateway is Fakepay's
engine in the same process, so its work is in the figures. The paper is SQLite in a temporary home,
or the empty database of BROADSHEET_DATABASE_URL. The renewal run is done in a process of its own
that is killed (SIGKILL) when a third is booked; another one does the rest.
"""

import json
import os
import resource
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import money_paper as paper

HOOKS, TIMES, YEARS = 300, 9, 5


def main() -> int:
    """Print the figures; returns 1 when a renewal was lost or done twice."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    months = int(sys.argv[2]) if len(sys.argv) > 2 else 24
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
        home = Path(folder) / "var"
        till = paper.start(home)
        version = paper.make_plan()
        checkout(till, version)
        webhooks(till)
        account(till, version)
        figures(version, count, months)
        sound = renewals(home, till, version, count)
    return 0 if sound else 1


def row(name: str, *values: str) -> None:
    """A line of the output."""
    print(f"  {name:<44}{'   '.join(values)}", flush=True)


@contextmanager
def counted() -> Any:
    """Queries, and seconds of the clock and of the processor, in a dict when it is over."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    found: dict[str, float] = {}
    with CaptureQueriesContext(connection) as met:
        began, used = time.perf_counter(), time.process_time()
        yield found
        found["ms"] = (time.perf_counter() - began) * 1000
        found["cpu"] = (time.process_time() - used) * 1000
    found["queries"] = len(met)


def browser(reader: Any) -> Any:
    """A browser in which the reader is signed in."""
    from django.test import Client

    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    return client


def checkout(till: Any, version: Any) -> None:
    """From the button to the pass with which the gate serves the full article."""
    from broadsheet.accounts.models import User
    from broadsheet.subscriptions.models import Checkout

    print("Checkout to full article: our server's work, medians")
    runs: dict[str, list[dict[str, float]]] = {"button": [], "back": [], "thanks": []}
    for number in range(TIMES):
        reader = User.objects.create_user(f"buyer{number}@lantern.example")
        client = browser(reader)
        with counted() as found:
            sent = client.post("/subscribe/monthly/", {"version": version.pk})
        assert sent.status_code == 302, sent.status_code
        runs["button"].append(found)
        key = Checkout.objects.get(reader=reader)
        till.pay(key.ref, paper.CARD)
        with counted() as found:
            back = client.get(f"/subscribe/return/{key.key}/")
        assert "Set-Cookie" in str(back.cookies), "the pass comes with the answer"
        runs["back"].append(found)
        with counted() as found:
            client.get(back["Location"] if back.status_code == 302 else "/account/")
        runs["thanks"].append(found)
    told = ("the button: order, way to the gateway", "back: asked, booked, grants, pass",
            "the page after it")  # fmt: skip
    for name, found in zip(told, runs.values(), strict=True):
        row(name, *_medians(found))


def _medians(found: list[dict[str, float]]) -> tuple[str, str, str]:
    middle = {key: statistics.median(one[key] for one in found) for key in found[0]}
    return (f"{middle['ms']:7.1f} ms", f"{middle['cpu']:7.1f} ms processor",
            f"{middle['queries']:.0f} queries")  # fmt: skip


def webhooks(till: Any) -> None:
    """Signed webhooks over the view, one after the other; then what they announced is settled."""
    from django.test import Client

    from broadsheet.ledger.providers.fakepay.signing import HEADER, sign
    from broadsheet.subscriptions import actions
    from broadsheet.subscriptions.models import Subscription

    print("Webhooks")
    refs, client = list(Subscription.objects.values_list("ref", flat=True)), Client()

    def one(number: int) -> bool:
        body = json.dumps({"id": f"evt_{number}", "type": "charge.paid",
                           "ref": refs[number % len(refs)],
                           "created": datetime.now(UTC).isoformat()}).encode()  # fmt: skip
        signed = {HEADER: sign([paper.SECRET], body, int(time.time()))}
        answer = client.post("/webhooks/fakepay/", body, content_type="application/json",
                             headers=signed)  # fmt: skip
        assert answer.status_code == 200, answer.content
        return True

    row(
        "taken in and stored", f"{HOOKS / _seconds(lambda: [one(n) for n in range(HOOKS)]):7.0f} /s"
    )
    taken = _seconds(lambda: [actions.take_events() for _ in range(HOOKS // 50)])
    row("asked about and booked", f"{HOOKS / taken:7.0f} /s")


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def account(till: Any, version: Any) -> None:
    """The account of a reader with sixty invoices."""
    from broadsheet.accounts.models import User
    from broadsheet.kit import clock
    from broadsheet.ledger.models import Invoice
    from broadsheet.subscriptions import actions

    reader = User.objects.create_user("old@lantern.example")
    begun = datetime.now(UTC)
    order = actions.open_checkout(till, reader, version, "/")
    till.pay(order.ref, paper.CARD)
    later = begun + timedelta(days=365.25 * YEARS)
    till.gateway.set_clock(later)
    with clock.standing_at(later):
        actions.settle(till, str(order.ref))
        client = browser(reader)
        client.get("/account/")
        runs = []
        for _ in range(TIMES):
            with counted() as found:
                assert client.get("/account/").status_code == 200
            runs.append(found)
    print(f"Account page with {Invoice.objects.filter(reader=reader).count()} invoices")
    row("the page", *_medians(runs))


def renewals(home: Path, till: Any, version: Any, count: int) -> bool:
    """Every reader's month is over, and the gateway has charged: nothing of it is booked yet."""
    from broadsheet.ledger.models import Payment
    from broadsheet.subscriptions.models import PaidPeriod

    booked = PaidPeriod.objects.filter(subscription__gte=paper.BASE, number=1).count
    till.gateway.close()
    (home / "fakepay.sqlite3").unlink()
    till = paper.till(home)
    at = paper.ago(paper.AGE)
    print(f"Renewal run for {count:,} subscriptions")
    seeding = _seconds(
        lambda: paper.subscribe(version, count, at, paper.agree(till.gateway, count, at))
    )
    paper.analyse()
    charging = _seconds(lambda: till.gateway.set_clock(datetime.now(UTC)))
    row("(seeded; charged by the gateway)", f"{seeding:7.0f} s", f"{charging:7.0f} s")
    till.gateway.close()
    killed = _run_in_child(home, lambda: booked() >= count // 3)
    row("killed after", f"{killed[0]:7.0f} s", f"{booked():,} booked")
    ended = _run_in_child(home, lambda: False, later=timedelta(minutes=20))
    total = killed[0] + ended[0]
    used = (killed[1] + ended[1]) / count * 1000
    row("all booked after", f"{total:7.0f} s", f"{count / total:.0f} /s",
        f"{used:.1f} ms processor each", f"{ended[2]:.0f} MB at most")  # fmt: skip
    return (
        booked() == count
        and Payment.objects.filter(period__subscription__gte=paper.BASE).count() == 2 * count
    )


def _run_in_child(
    home: Path, kill_when: Callable[[], bool], later: timedelta = timedelta(0)
) -> tuple[float, float, float]:
    """The worker's turns in another process, until nothing is left or it is killed.

    `later` by its clock: whoever was asked about when it was killed rests for a quarter of an hour.
    Returns seconds, seconds of the processor, and its largest memory in MB.
    """
    from django.db import connections

    connections.close_all()
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        os._exit(_turns(home, later))
    looks = 0
    while True:
        gone, _status, used = os.wait4(child, os.WNOHANG)
        if gone:
            spent = used.ru_utime + used.ru_stime
            return time.perf_counter() - began, spent, used.ru_maxrss / 1024
        looks += 1
        # To count what is booked takes a while itself.
        if looks % 20 == 0 and kill_when():
            os.kill(child, signal.SIGKILL)
        time.sleep(0.25)


def _turns(home: Path, later: timedelta) -> int:
    from broadsheet.kit import clock
    from broadsheet.subscriptions import actions

    paper.till(home)
    with clock.standing_at(clock.now() + later):
        while actions.ask_again(seconds=60):
            actions.end_due()
    return 0


def figures(version: Any, count: int, months: int) -> None:
    """The sums by month of as many subscriptions with so many months each; taken back again."""
    from django.db import transaction

    print(f"Figures of {count:,} subscriptions with {months} months each")
    with transaction.atomic():
        first = paper.ago(timedelta(days=30.44 * months - 10))
        seeding = _seconds(lambda: _seed_months(version, count, months, first))
        row("(seeded)", f"{seeding:7.0f} s")
        _sum_and_show()
        transaction.set_rollback(True)


def _seed_months(version: Any, count: int, months: int, first: datetime) -> None:
    paper.subscribe(version, count, first)
    paper.go_on(count, months, first)
    paper.analyse()


def _sum_and_show() -> None:
    from broadsheet.accounts.models import User
    from broadsheet.ledger.models import ClosedDay
    from broadsheet.subscriptions import actions
    from broadsheet.subscriptions.models import MonthSum, PaidPeriod

    ClosedDay.objects.create(day=datetime.now(UTC).toordinal(), journal=0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken = _seconds(actions.sum_up)
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    row("summed up", f"{taken:7.1f} s", f"{PaidPeriod.objects.count():,} periods",
        f"{MonthSum.objects.count():,} sums", f"{more:.0f} MB more memory")  # fmt: skip
    client = browser(User.objects.create_superuser("pia@lantern.example"))
    for name in ("funnel", "mrr", "churn", "retention", "plans", "limit"):
        client.get(f"/desk/business/figures/{name}/")
        with counted() as found:
            assert client.get(f"/desk/business/figures/{name}/").status_code == 200
        row(f"screen {name}", *_medians([found]))


if __name__ == "__main__":
    sys.exit(main())
