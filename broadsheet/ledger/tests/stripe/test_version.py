"""One version of Stripe's API: what we ask for, what the SDK was made for, what the tests speak."""

import stripe

from broadsheet.ledger.providers.stripe import calling
from broadsheet.ledger.tests.stripe import world


def test_the_version_asked_for_is_that_of_the_sdk_in_use():
    remedy = (
        f"The SDK {stripe.VERSION} was made for {stripe.api_version}. Read Stripe's changelog from "
        f"{calling.VERSION} on, then move both literals, here and in the server of the tests."
    )
    assert stripe.api_version == calling.VERSION, remedy
    assert stripe.api_version == world.VERSION, remedy
