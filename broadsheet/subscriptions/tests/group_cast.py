"""Ben pays for four readers; Rosa and the others come by the links in their mails."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from broadsheet.accounts.actions import make_reader
from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Plan, Seat
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.conftest import buy, terms
from tests.cast import PASSWORD, ben

LINK = re.compile(r"/account/invitation/([^/\s]+)/")


def make_plan(slug, **facts):
    made = Plan.objects.create(slug=slug, name=slug.capitalize())
    actions.set_terms(made, terms(**facts))
    return made


@pytest.fixture
def family(paper):
    """Four readers, a month, 400.00."""
    cache.clear()
    actions.make_entitlements()
    return make_plan("family", price=40_000, count=1, seats=4)


@pytest.fixture
def group(till, family, travel):
    """Ben's subscription, the only one with seats."""
    return buy(till, ben(), family).settled.subscription


def reader(name):
    return make_reader(f"{name}@lantern.example", PASSWORD)


def secret_for(name):
    """What the newest mail to somebody leads to."""
    mails = Mail.objects.filter(to=f"{name}@lantern.example", text__contains="/account/invitation/")
    return LINK.search(mails.latest("pk").text)[1]


def member(group, name):
    """Invited, and in."""
    who = reader(name)
    actions.invite(group, who.email)
    return actions.take_seat(who, secret_for(name))


def browser(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def reads(user):
    return bool(entitlements(user, clock.now()))


def live(group):
    return [seat.reader.email.partition("@")[0] for seat in Seat.objects.live().filter(
        subscription=group).select_related("reader")]  # fmt: skip


def subjects(name):
    found = Mail.objects.filter(to=f"{name}@lantern.example").order_by("pk")
    return list(found.values_list("subject", flat=True))


def sound():
    assert [problem.text for problem in checks.everything()] == []


def text(answer):
    return " ".join(answer.content.decode().split())
