"""The doctor says when the gate does not believe the proxy in front of it."""

from io import StringIO

import pytest

from broadsheet.config import doctor
from broadsheet.gate.clients import note_doubts

REMEDY = "Set BROADSHEET_TRUSTED_PROXIES to the proxy's network"


def told():
    out = StringIO()
    doctor.examine(out)
    return out.getvalue()


def test_nothing_is_said_of_proxies_before_one_was_seen(paper, home):
    assert "TRUSTED_PROXIES" not in told()


@pytest.mark.parametrize(
    ("doubt", "words"),
    [("private", "!!  A proxy on this machine"), ("public", "!!  Forwarded addresses come from")],
)
def test_a_proxy_that_nobody_trusts_is_told_of(paper, home, doubt, words):
    note_doubts(home, [doubt])
    assert words in told()
    assert (REMEDY in told()) == (doubt == "private")


def test_a_trusted_proxy_ends_it(paper, home):
    note_doubts(home, ["private"])
    note_doubts(home, [])
    assert "TRUSTED_PROXIES" not in told()
