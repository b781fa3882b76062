"""A list of subscribers, and a short way to import it."""

from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Grant, SubscriberImport

HEAD = "id,email,name,plan,paid_until,complimentary,cancelled,gateway_id\n"
VERA = "a1,vera@lantern.example,Vera Blum,Gold,2026-04-30,,,cus_dead1\n"
WALT = "a2,walt@lantern.example,Walt,Gold,2026-12-31,,yes,cus_dead2\n"
XENA = "a3,xena@lantern.example,,Friends,,true,,\n"
YARA = "a4,yara@lantern.example,,,,,,\n"
LIST = HEAD + VERA + WALT + XENA + YARA
PLANS = {"Gold": "quarterly", "Friends": "quarterly"}


def imported(text=LIST, plans=PLANS, **facts):
    """A list that was imported to its end."""
    found = actions.take_file(text.encode(), "list.csv", **facts)
    actions.choose_plans(found, plans)
    actions.start_import(found)
    actions.run_imports()
    return SubscriberImport.objects.get(pk=found.pk)


def rights(email):
    """What the imports opened for a reader: entitlement, until when; what is revoked left out."""
    found = Grant.objects.filter(reader__email=email, source="import", revoked_at=None)
    return {grant.entitlement: grant.valid_until for grant in found}
