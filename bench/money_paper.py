"""A paper with many subscriptions, and their gateway in the same process: for `bench.money`."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BASE = 10_000_000
"""Keys of seeded rows begin above it, so that the paper's own never meet them."""

CARD, SECRET, AMOUNT, NET = "4242424242424242", "whsec", 30000, 25424
AGE = timedelta(days=32)
"""Since the seeded readers paid: their month is over, and so is none of the days of grace."""


def start(home: Path) -> Any:
    """Settings, tables, the plan; returns the gateway's engine, in this process."""
    for name in ("run", "journal", "blobs", "media", "static"):
        (home / name).mkdir(parents=True, exist_ok=True)
    os.environ["BROADSHEET_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.config.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["*"]
    settings.ENV = replace(settings.ENV, payments_url=f"fakepay://key:{SECRET}@localhost:1")
    call_command("migrate", verbosity=0)
    return till(home)


def till(home: Path) -> Any:
    """The gateway, opened anew, as the one in force."""
    from broadsheet.ledger import gateways
    from broadsheet.ledger.providers.fakepay.direct import Direct
    from broadsheet.ledger.providers.fakepay.gateway import Gateway

    engine = Gateway(home / "fakepay.sqlite3", url="http://fakepay.example", announces=False)
    provider = Direct(engine, SECRET)
    gateways._made = lambda _url: provider  # type: ignore[assignment]
    return provider


def make_plan() -> Any:
    """A month for 300.00 INR, 18 % tax inside; returns its terms."""
    from broadsheet.config.init import make_groups
    from broadsheet.desk.models import Paper
    from broadsheet.subscriptions import actions
    from broadsheet.subscriptions.models import MeterPolicy, Plan, PlanVersion

    make_groups()
    Paper.objects.create(name="The Lantern", language="en-gb", time_zone="Asia/Kolkata")
    MeterPolicy.load()
    actions.make_entitlements()
    plan = Plan.objects.create(slug="monthly", name="Monthly")
    facts = {
        "price": AMOUNT, "currency": "INR", "unit": "month", "count": 1, "tax_name": "GST",
        "tax_rate": 1800, "tax_included": True, "entitlements": ["unlimited", "premium"],
    }  # fmt: skip
    actions.set_terms(plan, PlanVersion(**facts))
    return plan.current


def agree(gateway: Any, count: int, at: datetime) -> dict[str, tuple[str, str]]:
    """So many readers agree and pay at the gateway; its agreements and charges by our key."""
    from broadsheet.kit.periods import Interval
    from broadsheet.ledger.providers.base import Order

    gateway.stop_clock(at)
    facts = {
        "amount": AMOUNT, "currency": "INR", "interval": Interval("month", 1),
        "zone": "Asia/Kolkata", "seller": "The Lantern", "description": "Monthly",
        "language": "en-gb", "return_url": "http://x/r", "cancel_url": "http://x/c",
    }  # fmt: skip
    from broadsheet.ledger.providers.fakepay.cards import read_number

    with gateway.batch():
        for number in range(count):
            order = Order(key=f"seed-{number}", email=_email(number), **facts)  # type: ignore[arg-type]
            gateway.pay(gateway.open_checkout(order).ref, read_number(CARD))
    rows = gateway.book.rows(
        "SELECT a.key AS key, a.ref AS ref, c.ref AS charge FROM agreement a"
        " JOIN charge c ON c.agreement = a.ref"
    )
    return {row["key"]: (row["ref"], row["charge"]) for row in rows}


def _email(number: int) -> str:
    return f"reader{number}@lantern.example"


def subscribe(
    version: Any, count: int, at: datetime, agreed: dict[str, tuple[str, str]] | None = None
) -> None:
    """The same readers in our books, with their first period, in bulk; without a gateway's
    agreements under names of our own."""
    from django.db import transaction

    from broadsheet.ledger.actions.entering import NUMBER
    from broadsheet.press_log.models import Counter

    known = agreed or {f"seed-{n}": (f"agr-{n}", f"chg-{n}") for n in range(count)}
    places = [(n, BASE + n, *known[f"seed-{n}"]) for n in range(count)]
    with transaction.atomic():
        for rows in (_people(places, version, at), _books(places, at), _periods(places, at)):
            for some in rows:
                type(some[0])._default_manager.bulk_create(some, batch_size=500)
        Counter.objects.update_or_create(name=NUMBER, defaults={"value": BASE + count - 1})


Places = list[tuple[int, int, str, str]]


def _people(places: Places, version: Any, at: datetime) -> Any:
    from broadsheet.accounts.models import User
    from broadsheet.subscriptions.models import Checkout, Subscription

    yield [User(pk=pk, email=_email(n), password="!") for n, pk, _ref, _charge in places]
    money = {"version": version, "provider": "fakepay"}
    yield [
        Checkout(
            pk=pk, key=f"seed-{n}", reader_id=pk, amount=AMOUNT, currency="INR", ref=ref,
            state="paid", made_at=at, asked_at=at, **money,
        )
        for n, pk, ref, _charge in places
    ]  # fmt: skip
    yield [
        Subscription(
            pk=pk, reader_id=pk, checkout_id=pk, ref=ref, anchor=at, zone="Asia/Kolkata",
            grace_days=7, heard_at=at, **money,
        )
        for _n, pk, ref, _charge in places
    ]  # fmt: skip


def _books(places: Places, at: datetime) -> Any:
    from broadsheet.ledger.models import Invoice, Journal, Payment, Posting

    yield [
        Journal(number=pk, kind="payment", ref=f"fakepay:{charge}", at=at, seal="seeded")
        for _n, pk, _ref, charge in places
    ]
    lines = (("gateway:fakepay", AMOUNT), ("deferred", -NET), ("tax:GST:1800", NET - AMOUNT))
    yield [
        Posting(journal_id=pk, account=account, amount=amount, currency="INR")
        for _n, pk, _ref, _charge in places
        for account, amount in lines
    ]
    money = {"currency": "INR", "reader_id": None}
    yield [
        Invoice(
            pk=pk, series="seed", number=n + 1, label=f"SEED-{n}", issued_at=at, buyer=_email(n),
            seller="The Lantern", description="Monthly", net=NET, tax=AMOUNT - NET,
            tax_name="GST", tax_rate=1800, total=AMOUNT, **money,
        )
        for n, pk, _ref, _charge in places
    ]  # fmt: skip
    yield [
        Payment(
            pk=pk, provider="fakepay", ref=charge, amount=AMOUNT, at=at, invoice_id=pk,
            journal_id=pk, **money,
        )
        for _n, pk, _ref, charge in places
    ]  # fmt: skip


def _periods(places: Places, at: datetime) -> Any:
    from broadsheet.kit.periods import Interval, start_of
    from broadsheet.ledger.models import Deferral
    from broadsheet.ledger.rules import days_of
    from broadsheet.subscriptions.models import PaidPeriod

    ends = start_of(at, 1, Interval("month", 1), "Asia/Kolkata")
    first, until = days_of(at, ends, "Asia/Kolkata")
    yield [
        PaidPeriod(pk=pk, subscription_id=pk, number=0, starts=at, ends=ends, payment_id=pk)
        for _n, pk, _ref, _charge in places
    ]
    yield [
        Deferral(
            pk=pk, payment_id=pk, journal_id=pk, zone="Asia/Kolkata", amount=NET, currency="INR",
            first=first, until=until, since=first,
        )
        for _n, pk, _ref, _charge in places
    ]  # fmt: skip


def go_on(count: int, months: int, anchor: datetime) -> None:
    """Renew the seeded subscriptions every month up to `months`, by copying rows in the database:
    no gateway knows of it."""
    from broadsheet.kit.periods import Interval, start_of
    from broadsheet.ledger.rules import days_of

    month, zone = Interval("month", 1), "Asia/Kolkata"
    for number in range(1, months):
        starts, ends = (start_of(anchor, n, month, zone) for n in (number, number + 1))
        first, until = days_of(starts, ends, zone)
        _copy(count, number, starts, ends, first, until)


def _copy(count: int, k: int, starts: datetime, ends: datetime, first: int, until: int) -> None:
    from broadsheet.ledger.models import Deferral, Invoice, Journal, Payment
    from broadsheet.subscriptions.models import PaidPeriod

    shift, tail = k * count, f"|| '-{k}'"
    copies: tuple[tuple[Any, dict[str, str | datetime]], ...] = (
        (Journal, {"number": f"number + {shift}", "ref": f"ref {tail}", "at": starts}),
        (Invoice, {"id": f"id + {shift}", "number": f"number + {shift}", "label": f"label {tail}",
                   "issued_at": starts}),
        (Payment, {"id": f"id + {shift}", "ref": f"ref {tail}", "at": starts,
                   "invoice_id": f"id + {shift}", "journal_id": f"id + {shift}"}),
        (PaidPeriod, {"id": f"id + {shift}", "number": str(k), "starts": starts, "ends": ends,
                      "payment_id": f"id + {shift}"}),
        (Deferral, {"id": f"id + {shift}", "payment_id": f"id + {shift}",
                    "journal_id": f"id + {shift}", "first": str(first), "until": str(until),
                    "since": str(first)}),
    )  # fmt: skip
    for model, changed in copies:
        _insert(model, changed, count)


def _insert(model: Any, changed: dict[str, str | datetime], count: int) -> None:
    from django.db import connection

    columns = [field.column for field in model._meta.concrete_fields]
    quoted = ", ".join(f'"{name}"' for name in columns)
    values, given = [], []
    for name in columns:
        value = changed.get(name, f'"{name}"')
        if isinstance(value, datetime):
            given.append(connection.ops.adapt_datetimefield_value(value))
            value = "%s" if connection.vendor == "sqlite" else "CAST(%s AS timestamptz)"
        values.append(value)
    key, table = model._meta.pk.column, model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({quoted}) SELECT {", ".join(values)} FROM "{table}"'
            f' WHERE "{key}" >= {BASE} AND "{key}" < {BASE + count}',
            given,
        )


def analyse() -> None:
    """Let PostgreSQL count the new rows now; by itself it does within minutes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def ago(age: timedelta) -> datetime:
    """A moment that long ago, to the second."""
    return (datetime.now(UTC) - age).replace(microsecond=0)
