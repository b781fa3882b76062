"""A group's page for its owner, and the page behind the link of an invitation.

A GET of that link takes nothing: programs that read mail follow links.
"""

from typing import cast
from urllib.parse import urlencode

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from broadsheet.accounts.models import User
from broadsheet.accounts.recent import sign_in_required
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.forms import InviteForm
from broadsheet.subscriptions.models import Seat, SeatInvitation, Subscription
from broadsheet.subscriptions.passes import set_pass
from broadsheet.subscriptions.reads import groups as reads
from broadsheet.subscriptions.reads.offers import benefits_of, known
from broadsheet.subscriptions.telling_seats import TOLD, UNKNOWN, Told

LIMIT = "invite"
"""The name of the rate of invitations in ACCOUNT_RATE_LIMITS."""


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def group(request: HttpRequest) -> HttpResponse:
    """Seats, members and invitations of the reader's group; a POST invites an address."""
    subscription = reads.group_of(cast(User, request.user))
    if subscription is None:
        seats = reads.memberships(cast(User, request.user))
        names = {"title": _("Your group"), "memberships": seats}
        return render(request, "subscriptions/no_group.html", names)
    form, status = InviteForm(request.POST or None), 200
    if request.method == "POST":
        if form.is_valid() and _invited(request, subscription, form):
            return redirect("group")
        status = 422
    context = {
        "title": _("Your group"), "group": reads.group_view(subscription), "form": form,
    }  # fmt: skip
    return render(request, "subscriptions/group.html", context, status=status)


def _invited(request: HttpRequest, subscription: Subscription, form: InviteForm) -> bool:
    """Invite; whether it went well. What did not stands beside the address."""
    email = form.cleaned_data["email"]
    if not _may_mail(request):
        form.add_error("email", _("You have sent many invitations today. Try again tomorrow."))
        return False
    try:
        actions.invite(subscription, email)
    except Refusal as refusal:
        form.add_error("email", f"{refusal.problem} {refusal.remedy}")
        return False
    words = _("The invitation is on its way to %(email)s. It can be taken for 14 days.")
    messages.success(request, words % {"email": email})
    return True


def _may_mail(request: HttpRequest) -> bool:
    return bool(consume(request, action=LIMIT, user=request.user))


def _own_invitation(request: HttpRequest, number: int) -> SeatInvitation:
    """One that waits, of the reader's own group. Raises Http404."""
    own = SeatInvitation.objects.waiting().filter(subscription__reader=cast(User, request.user))
    return get_object_or_404(own, pk=number)


@never_cache
@sign_in_required("group")
@require_POST
def send_again(request: HttpRequest, number: int) -> HttpResponse:
    """Another mail; the link in the first one opens nothing any more."""
    invitation = _own_invitation(request, number)
    if not _may_mail(request):
        words = _("You have sent many invitations today. Try again tomorrow.")
        messages.error(request, words)
        return redirect("group")
    try:
        actions.send_again(invitation)
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
    else:
        words = _("Sent again to %(email)s. Only the link in the new mail can be used.")
        messages.success(request, words % {"email": invitation.email})
    return redirect("group")


@never_cache
@sign_in_required("group")
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """An invitation is taken back, and its seat is free."""
    invitation = _own_invitation(request, number)
    named = {"email": invitation.email}
    if actions.take_invitation_back(invitation):
        words = _("The invitation of %(email)s is withdrawn: its link opens nothing any more.")
        messages.success(request, words % named)
    else:
        messages.info(request, _("%(email)s was quicker and has the seat.") % named)
    return redirect("group")


@never_cache
@sign_in_required("group")
@require_POST
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """A member of the reader's own group loses the seat, and is told by mail."""
    own = Seat.objects.live().filter(subscription__reader=cast(User, request.user))
    seat = get_object_or_404(own.select_related("reader"), pk=number)
    actions.vacate(seat, Seat.REMOVED)
    words = _("%(email)s does not read with you any more; a mail says so. The seat is free.")
    messages.success(request, words % {"email": seat.reader.email})
    return redirect("group")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, number: int) -> HttpResponse:
    """The second of two clicks: says what is lost, and gives the reader's own seat back."""
    reader = cast(User, request.user)
    own = Seat.objects.live().filter(reader=reader).select_related("subscription__reader")
    seat = own.filter(pk=number).first()
    if seat is None:
        messages.info(request, _("You have left this group already."))
        return redirect("account")
    owner = seat.subscription.reader.email
    if request.method == "POST":
        actions.vacate(seat, Seat.LEFT)
        messages.success(request, _("You have left the group of %(owner)s.") % {"owner": owner})
        response = redirect("account")
        set_pass(response, reader)
        return response
    context = {"title": _("Leave the group"), "owner": owner}
    return render(request, "subscriptions/leave_group.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """What is offered and by whom; a signed-in reader's POST takes the seat."""
    reader = request.user if request.user.is_authenticated else None
    found = reads.invitation_of(secret)
    if found is None:
        return _no_seat(request, UNKNOWN)
    if request.method == "POST" and reader is not None:
        try:
            actions.take_seat(reader, secret)
        except Refusal:
            pass  # Told below, as whoever looks at the page is told.
        else:
            return _welcome(request, reader, found)
    flaw = reads.flaw_of(found, reader, clock.now())
    if flaw == "taken" and reader is not None and found.seat and found.seat.reader_id == reader.pk:
        return redirect("account")
    if flaw is not None:
        return _no_seat(request, TOLD[flaw], found.email if flaw == "other" else "")
    version, here = found.subscription.version, urlencode({"next": request.path})
    context = {
        "title": _("An invitation"),
        "owner": found.subscription.reader.email,
        "email": reads.masked(found.email),
        "benefits": benefits_of(version, known()),
        "expires": found.expires_at,
        "sign_up": f"{reverse('account_signup')}?{here}",
        "sign_in": f"{reverse('account_login')}?{here}",
    }
    return render(request, "subscriptions/invitation.html", context)


def _welcome(request: HttpRequest, reader: User, found: SeatInvitation) -> HttpResponse:
    words = _("You read through the group of %(owner)s now.")
    messages.success(request, words % {"owner": found.subscription.reader.email})
    response = redirect("account")
    set_pass(response, reader)
    return response


def _no_seat(request: HttpRequest, told: Told, sent_to: str = "") -> HttpResponse:
    context = {
        "title": _("An invitation"), "problem": told.problem, "remedy": told.remedy,
        "sent_to": reads.masked(sent_to) if sent_to else "",
    }  # fmt: skip
    return render(request, "subscriptions/no_seat.html", context, status=told.status)
