"""Staff at the publisher's screens, and readers who subscribe without much ado."""

from urllib.parse import urlencode

from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from broadsheet.accounts.models import User
from broadsheet.subscriptions.tests.conftest import GOOD, buy


def at_desk(user):
    """A browser in which this user is signed in."""
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def publisher():
    """Pia, who owns the paper; asked again, she signs in again: sessions end."""
    pia = User.objects.filter(email="pia@lantern.example").first()
    return at_desk(pia or User.objects.create_superuser("pia@lantern.example"))


def clerk(*rights):
    """Carl, who may enter the desk and has these rights, nothing else."""
    carl = User.objects.create_user("carl@lantern.example", is_staff=True)
    for right in ("wagtailadmin.access_admin", *rights):
        app, name = right.split(".")
        found = Permission.objects.get(content_type__app_label=app, codename=name)
        carl.user_permissions.add(found)
    return at_desk(User.objects.get(pk=carl.pk))


def subscriber(till, plan, email, card=GOOD):
    """A reader who has just paid for the plan; returns the subscription."""
    return buy(till, User.objects.create_user(email), plan, card).settled.subscription


def page(client, address, **query):
    """The text of a screen that must be there."""
    answer = client.get(f"{address}?{urlencode(query)}" if query else address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def queries(client, *addresses):
    """How many queries these screens need, once everything else is warm."""
    for address in addresses:
        client.get(address)
    with CaptureQueriesContext(connection) as met:
        for address in addresses:
            assert client.get(address).status_code == 200
    return len(met)


def said(answer):
    """What the messages after a POST say."""
    return " ".join(str(message) for message in answer.context["messages"])
