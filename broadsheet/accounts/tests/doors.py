"""What a reader does at the doors of the paper, with real sessions and the real outbox."""

import re

from django.test import Client
from lxml import html

from broadsheet.accounts.models import Mail

LOGIN, SIGNUP = "/accounts/login/", "/accounts/signup/"
CODE = re.compile(r"\b[B-Z]{4}-[B-Z]{4}\b")


def browser(**headers):
    """A browser of its own, with cookies; CSRF is asked of it as of everybody."""
    return Client(headers={"x-forwarded-for": "192.0.2.7"} | headers)


def newest(to):
    """The last mail to an address."""
    return Mail.objects.filter(to=to).latest("id")


def code_for(to):
    """The code in the last mail to an address."""
    return CODE.search(newest(to).text)[0]


def link_for(to):
    """The address in the last mail to an address, without the origin."""
    return re.search(r"https?://[^/\s]+(/accounts/\S+)", newest(to).text)[1]


def form(page, having):
    """The form that holds a field: its action, and what it would send."""
    found = next(f for f in html.fromstring(page).forms if having in f.inputs)
    return found.action or "", {k: v or "" for k, v in found.fields.items()}


def fill(client, response, having, **values):
    """Fill in and send the form of a page, like a browser; `next` goes where the page puts it."""
    action, fields = form(response.content.decode(), having)
    return client.post(action or response.request["PATH_INFO"], fields | values, follow=True)


def reached(response):
    """Where the doors let a reader out: the first page that is none of theirs, else the last."""
    steps = [step for step, _ in response.redirect_chain] or [response.request["PATH_INFO"]]
    return next((step for step in steps if not step.startswith("/accounts/")), steps[-1])


def signed_in(client):
    """Whether the browser has a reader."""
    return "_auth_user_id" in client.session
