"""Where gateways tell us that something happened. Nothing here acts on it: the worker asks."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.actions import MOST_BYTES, receive
from broadsheet.ledger.providers.base import BadSignature
from broadsheet.look.plain import said


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, name: str) -> HttpResponse:
    """Take a webhook in: 200 once it is stored for good, 400 when the gateway did not sign it.

    Not protected against cross-site requests by a token, because its signature is what counts.
    """
    try:
        provider = gateways.named(name)
    except Refusal as refusal:
        return said(str(refusal), 404)
    if len(request.body) > MOST_BYTES:
        return said("A webhook has at most 64 KB.", 413)
    headers = {key.lower(): value for key, value in request.headers.items()}
    try:
        event = receive(provider, headers, request.body)
    except BadSignature as refusal:
        return said(str(refusal), 400)
    return said("Noted." if event else "Known already.", 200)
