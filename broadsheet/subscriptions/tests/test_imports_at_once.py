"""Two workers, two imports of one file, a sign-up in between: each subscriber once."""

import pytest

from broadsheet.accounts.models import User
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.actions import importing
from broadsheet.subscriptions.models import Grant, ImportedSubscription, SubscriberImport
from broadsheet.subscriptions.reads import importing as reads
from broadsheet.subscriptions.tests.test_importing import people
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    for module in (importing, reads):
        monkeypatch.setattr(module, "BATCH", 10)


def started(rows=60):
    found = actions.take_file(people(rows).encode(), "list.csv")
    actions.choose_plans(found, {"Gold": "quarterly"})
    actions.start_import(found)
    return found


def test_two_workers_share_one_import(till, plan, travel):
    found = started()
    at_once(*[actions.run_imports] * 3)
    found.refresh_from_db()
    assert (found.state, found.place, found.counts["new"]) == ("done", 60, 60)
    assert User.objects.count() == ImportedSubscription.objects.count() == 60
    assert Grant.objects.count() == 180
    assert [*checks.everything()] == []


def test_one_file_in_two_imports_at_once_doubles_nobody(till, plan, travel):
    both = [started(), started()]

    def run(found):
        # What lost a race is left for the worker's next turn.
        actions.run_imports()
        return found.pk

    at_once(*[lambda found=found: run(found) for found in both])
    actions.run_imports()
    assert set(SubscriberImport.objects.values_list("state", flat=True)) == {"done"}
    assert User.objects.count() == ImportedSubscription.objects.count() == 60
    assert Grant.objects.count() == 180
    assert [*checks.everything()] == []


def test_a_reader_who_signs_up_meanwhile_is_one_account(till, plan, travel):
    started()

    def sign_up():
        for number in range(0, 60, 7):
            User.objects.get_or_create(email=f"r{number}@lantern.example")

    at_once(actions.run_imports, sign_up)
    actions.run_imports()
    assert User.objects.count() == ImportedSubscription.objects.count() == 60
    assert [*checks.everything()] == []
