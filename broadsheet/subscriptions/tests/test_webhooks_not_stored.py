"""A webhook that could not be stored is not said to be taken: the gateway sends it again."""

from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from broadsheet.ledger.models import Delivery, Event, Payment
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.tests.conftest import GOOD
from broadsheet.subscriptions.tests.test_webhooks import ADDRESS, body, signed
from tests.cast import ben

pytestmark = pytest.mark.django_db(transaction=True)

SQLITE = (
    "CREATE TRIGGER disk_full BEFORE INSERT ON {table}"
    " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    "DROP TRIGGER disk_full",
)
POSTGRES = (
    "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$;"
    " CREATE TRIGGER disk_full BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION disk_full()",
    "DROP FUNCTION disk_full() CASCADE",
)


@contextmanager
def refusing_rows(model):
    """The database itself takes no new row of a table."""
    begin, end = SQLITE if connection.vendor == "sqlite" else POSTGRES
    with connection.cursor() as cursor:
        cursor.execute(begin.format(table=model._meta.db_table))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(end)


def deliver(data):
    # As a gateway sees it: an answer, not an exception.
    client = Client(raise_request_exception=False)
    return client.post(ADDRESS, data, content_type="application/json", **signed(data))


@pytest.mark.parametrize("model", [Delivery, Event])
def test_a_webhook_that_is_not_stored_is_answered_with_an_error_and_taken_the_next_time(
    till, plan, model
):
    checkout = actions.open_checkout(till, ben(), plan.current, "")
    till.pay(checkout.ref, GOOD)
    data = body(checkout.ref)
    with refusing_rows(model):
        assert deliver(data).status_code == 500
    assert not Event.objects.exists()
    assert actions.take_events() == 0
    assert deliver(data).status_code == 200
    assert actions.take_events() == 1
    assert Payment.objects.count() == 1
