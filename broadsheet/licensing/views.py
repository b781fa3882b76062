"""The addresses that licensees ask: what changed after a number, in the format of their choice."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from broadsheet.kit import clock
from broadsheet.licensing import actions, newsmlg2, ninjs, reads
from broadsheet.licensing.models import Licensee
from broadsheet.licensing.report import LicensedReport, licensed
from broadsheet.look.plain import said
from broadsheet.press.frame import Frame, make_frame

FORMATS = {"ninjs": "takes_ninjs", "newsml-g2": "takes_newsmlg2"}
LONGEST_SINCE = 15


@require_safe
def changes(request: HttpRequest, name: str) -> HttpResponse:
    """The newest state of each report that changed after `since` (a number, 0 for all)."""
    now = clock.now()
    try:
        licensee = actions.admit(request.headers.get("Authorization", ""), now)
    except actions.NotKnown:
        answer = _said("Send the token you were given: Authorization: Bearer …", 401)
        answer["WWW-Authenticate"] = 'Bearer realm="licensed"'
        return answer
    except actions.TooOften as refusal:
        answer = _said(str(refusal), 429)
        answer["Retry-After"] = str(refusal.seconds)
        return answer
    if not getattr(licensee, FORMATS[name]):
        return _said("Your licence is not for this format. Ask the publisher for it.", 403)
    return _answer(request, licensee, name)


def _answer(request: HttpRequest, licensee: Licensee, name: str) -> HttpResponse:
    asked = request.GET.get("since", "0")
    if not (asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_SINCE):
        return _said("since is a whole number: take it from the address of the last answer.", 400)
    actions.catch_up()
    since = int(asked)
    if since > reads.newest():
        return _said("There is no such change yet. Begin again with since=0.", 400)
    now = clock.now()
    page = reads.page_after(since, licensee, now)
    actions.note_taken(licensee, page.rows, name, now)
    frame = make_frame()
    with translation.override(frame.paper.language), timezone.override(frame.zone):
        reports = [licensed(change, status, frame) for change, status in page.rows]
        return _written(name, reports, page.following, frame)


def _written(
    name: str, reports: list[LicensedReport], following: int, frame: Frame
) -> HttpResponse:
    path = reverse("licensed_changes", args=[name])
    next_address = f"{frame.paper.origin}{path}?since={following}"
    if name == "ninjs":
        data = ninjs.document(reports, next_address=next_address)
        content_type = ninjs.CONTENT_TYPE
    else:
        data = newsmlg2.document(
            reports, paper=frame.paper, next_address=next_address, now=frame.now
        )
        content_type = newsmlg2.CONTENT_TYPE
    # A message without an item is not valid (NewsML-G2, itemSet); ninjs has lists of any length.
    is_empty = name != "ninjs" and not reports
    answer = HttpResponse(status=204) if is_empty else HttpResponse(data, content_type=content_type)
    answer["Link"] = f'<{next_address}>; rel="next"'
    return _private(answer)


def _said(sentence: str, status: int) -> HttpResponse:
    return _private(said(sentence, status))


def _private(answer: HttpResponse) -> HttpResponse:
    """No cache may keep it: it belongs to one licensee, and withdrawals must not wait."""
    answer["Cache-Control"] = "private, no-store"
    answer["Vary"] = "Authorization"
    return answer
