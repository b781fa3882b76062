"""The doctor says when the press does not follow, and not when it is about to."""

from datetime import timedelta

import pytest

from broadsheet.kit import clock
from broadsheet.press import actions as press
from broadsheet.press_log.models import Entry, Subject, announce
from tests.test_doctor_and_proxies import told

UNPRESSED = "1 public changes are not pressed yet."


@pytest.mark.parametrize(("seconds", "complains"), [(0, False), (20, False), (40, True)])
def test_a_change_is_late_when_the_worker_has_had_its_time(paper, seconds, complains) -> None:
    press.catch_up()
    announce(Subject.SITE)
    Entry.objects.filter(number__gt=0).update(at=clock.now() - timedelta(seconds=seconds))
    assert (UNPRESSED in told()) is complains
    press.catch_up()
    assert "Every public change is on the pages." in told()


def test_pages_of_another_database_are_late_at_once(paper) -> None:
    press.catch_up()
    Entry.objects.order_by("-number")[:1].get().delete()
    assert UNPRESSED in told()
