"""Where agencies and hubs call. A signature counts here, so there is no token against forgery."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from broadsheet.look.plain import said
from broadsheet.wire import hubs, pushes
from broadsheet.wire.models import Fetch, HubLease, PushAddress
from broadsheet.wire.transports.base import LARGEST_ARRIVAL
from broadsheet.wire.transports.push import SIGNATURE, TIMESTAMP, NotSigned

TOO_LARGE = "A delivery has at most 15 MiB. Split it."


class Unfit(Exception):
    """A body that is not taken, with the status that says so."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@csrf_exempt
@require_http_methods(["GET", "POST"])
def hub_callback(request: HttpRequest, token: str) -> HttpResponse:
    """A hub verifies what was asked of it (GET), or sends what is new (POST)."""
    lease = HubLease.objects.select_related("feed__source").filter(token=token).first()
    if lease is None:
        return said("Nothing is subscribed to here.", 404)
    if request.method == "GET":
        return _verified(lease, request)
    if not hubs.is_wanted(lease):
        return said("This is no longer wanted.", 410)
    try:
        body = _body(request)
    except Unfit as refusal:
        return said(str(refusal), refusal.status)
    signature = request.headers.get("X-Hub-Signature", "")
    pushes.take_from_hub(lease, signature, body, request.headers.get("Content-Type", ""))
    # A wrong signature gets the same answer, so that nobody learns what a right one is (WebSub 8).
    return said("Noted.", 202)


def _verified(lease: HubLease, request: HttpRequest) -> HttpResponse:
    try:
        challenge = hubs.confirm(lease, request.GET.dict())
    except hubs.NotAsked:
        return said("This paper did not ask for that.", 404)
    return HttpResponse(challenge, content_type="text/plain; charset=utf-8")


@csrf_exempt
@require_POST
def push(request: HttpRequest, token: str) -> HttpResponse:
    """An agency's delivery: 200 with counts once it is stored, 401 when it is not signed."""
    address = PushAddress.objects.select_related("feed__source").filter(token=token).first()
    if address is None:
        return _refused(404, "No feed is pushed to this address. Ask the paper for the right one.")
    try:
        body = _body(request)
        fetch = pushes.take_push(
            address,
            request.headers.get(TIMESTAMP, ""),
            request.headers.get(SIGNATURE, ""),
            body,
            request.headers.get("Content-Type", ""),
        )
    except Unfit as refusal:
        return _refused(refusal.status, str(refusal))
    except NotSigned as refusal:
        return _refused(401, str(refusal))
    except pushes.Paused as refusal:
        return _refused(503, str(refusal))
    return JsonResponse(_counts(fetch))


def _counts(fetch: Fetch | None) -> dict[str, object]:
    """What the sender is told; a delivery that is known already brought nothing."""
    if fetch is None:
        return {"outcome": "known", "new": 0, "updated": 0, "withdrawn": 0, "rejected": 0}
    return {
        "outcome": fetch.outcome,
        "new": fetch.new,
        "updated": fetch.updated,
        "withdrawn": fetch.withdrawn,
        "rejected": fetch.rejected,
        "repairs": fetch.repairs,
        "problems": fetch.problems,
    }


def _body(request: HttpRequest) -> bytes:
    """The raw body of up to 15 MiB. Raises Unfit.

    Read from the stream: `request.body` ends at the size of a form, and Django takes a body sent
    in chunks for none, although the server marks where it ends.
    """
    length = request.META.get("CONTENT_LENGTH") or ""
    is_chunked = not length.isdigit() and request.META.get("wsgi.input_terminated")
    if not length.isdigit() and not is_chunked:
        raise Unfit(411, "Say with Content-Length how long the body is.")
    if length.isdigit() and int(length) > LARGEST_ARRIVAL:
        raise Unfit(413, TOO_LARGE)
    stream = request.META["wsgi.input"] if is_chunked else request
    body: bytes = stream.read(LARGEST_ARRIVAL + 1)
    if len(body) > LARGEST_ARRIVAL:
        raise Unfit(413, TOO_LARGE)
    if length.isdigit() and len(body) != int(length):
        raise Unfit(400, "The body broke off. Send it again.")
    return body


def _refused(status: int, sentence: str) -> JsonResponse:
    return JsonResponse({"outcome": "refused", "problems": [sentence]}, status=status)
