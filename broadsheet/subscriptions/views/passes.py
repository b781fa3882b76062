"""The pass, renewed for the gate."""

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from broadsheet.accounts.limits import is_untold
from broadsheet.gate import passes
from broadsheet.gate.refresh import SIGNED_OUT
from broadsheet.subscriptions.passes import set_pass


@never_cache
def renew_pass(request: HttpRequest) -> HttpResponse:
    """For the gate alone (it never lets outsiders through to /-/): a fresh pass, or 401."""
    token = passes.gate_token(settings.SECRET_KEY.encode())
    asked_by_gate = hmac.compare_digest(request.headers.get("x-broadsheet-gate", ""), token)
    if not asked_by_gate or not request.user.is_authenticated:
        told = {SIGNED_OUT.decode(): "1"} if asked_by_gate and is_untold(request) else {}
        return HttpResponse(status=401, headers=told)
    response = HttpResponse(status=200)
    set_pass(response, request.user)
    return response
