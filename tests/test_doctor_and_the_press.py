"""The doctor says when the press does not follow, and not when it is about to."""

import io
from datetime import timedelta

import pytest

from broadsheet.config import doctor
from broadsheet.kit import clock
from broadsheet.press import actions as press
from broadsheet.press_log.models import Entry, Subject, announce

UNPRESSED = "1 public changes are not pressed yet."


def told() -> str:
    out = io.StringIO()
    doctor.examine(out)
    return out.getvalue()


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
