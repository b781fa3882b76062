"""The doctor says which gateway is in force and whether it moves money, without its keys."""

from dataclasses import replace
from io import StringIO

import pytest

from broadsheet.config.doctor import examine

SECRETS = ("51Lantern", "whsec_lantern")


@pytest.fixture
def says(paper, settings):
    def examined(url):
        settings.ENV = replace(settings.ENV, payments_url=url)
        out = StringIO()
        examine(out)
        assert not [secret for secret in SECRETS if secret in out.getvalue()]
        return [line.strip() for line in out.getvalue().splitlines()]

    return examined


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("stripe://sk_live_51Lantern:whsec_lantern@", "ok  The gateway is Stripe, live mode."),
        (
            "stripe://rk_test_51Lantern:whsec_lantern@",
            "!!  The gateway moves no money: Stripe, test mode.",
        ),
        (
            "stripe://sk_live_51Lantern:whsec_lantern@stripe.example",
            "ok  The gateway is Stripe, live mode at stripe.example.",
        ),
        (
            "fakepay://51Lantern:whsec_lantern@localhost:1",
            "!!  The gateway moves no money: Fakepay.",
        ),
        (
            "stripe://pk_live_51Lantern:whsec_lantern@",
            "!!  The key of Stripe is no secret or restricted key.",
        ),
    ],
)
def test_the_gateway_in_force_is_named_with_its_mode(says, url, line):
    assert line in says(url)


def test_without_a_gateway_there_is_nothing_to_say(says):
    assert not [line for line in says("") if "The gateway" in line]
