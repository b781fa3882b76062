"""Readers and money: overview, subscriptions, payments, the gateway's log."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.models import Invoice
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Plan, Seat, Subscription
from broadsheet.subscriptions.newsroom.frame import page_of, screen, show
from broadsheet.subscriptions.reads.business import (
    differing,
    gateway,
    overview,
    payments,
    story,
    subscribers,
)
from broadsheet.subscriptions.reads.business.written import words
from broadsheet.subscriptions.reads.erasing import stuck
from broadsheet.subscriptions.reads.groups import group_view, is_group
from broadsheet.subscriptions.views.documents import invoice_file


@screen("subscriptions.view_subscription")
@require_safe
def business(request: HttpRequest) -> HttpResponse:
    """The first screen; what came in is for those who may see payments."""
    written = words()
    may_count = request.user.has_perm("ledger.view_payment")
    context = {
        "overview": overview.overview(written),
        "months": overview.month_names(written),
        "income": overview.income(written) if may_count else [],
        "may_count": may_count,
        "has_plans": Plan.objects.exists(),
    }
    return show(request, "business", _("Readers and money"), context, icon="group")


@screen("subscriptions.view_subscription")
@require_safe
def subscriptions(request: HttpRequest) -> HttpResponse:
    """Everybody who subscribes or did, by state and plan."""
    state, plan = request.GET.get("state", ""), request.GET.get("plan", "")
    query = request.GET.get("q", "").strip()[:100]
    page = page_of(request, subscribers.subscriptions(state, plan, query))
    written = words()
    context = {
        "page": page,
        "rows": [subscribers.subscription_row(row, written) for row in page.object_list],
        "state": state,
        "states": subscribers.states(),
        "plan": plan,
        "plans": [(str(pk), name) for pk, name in subscribers.plan_choices()],
        "query": query,
    }
    return show(request, "subscriptions", _("Subscriptions"), context, icon="user")


@screen("subscriptions.view_subscription")
@require_safe
def subscription(request: HttpRequest, pk: int) -> HttpResponse:
    """One subscription: its story, its grants, what staff may do about it."""
    found = get_object_or_404(story.with_story(subscribers.subscriptions()), pk=pk)
    written = words()
    context = {
        "subscription": found,
        "row": subscribers.subscription_row(found, written),
        "story": story.story(found, written),
        "grants": story.grant_rows(found.grants.all()),
        "group": group_view(found) if is_group(found) else None,
        "cancelling": subscribers.cancel_text(found, written) if found.is_live else "",
    }
    above = ((reverse("business_subscriptions"), _("Subscriptions")),)
    title = f"{found.reader.email}: {found.version.plan}"
    return show(request, "subscription", title, context, icon="user", above=above)


@screen("subscriptions.change_subscription")
@require_POST
def renewal(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel at the end of the paid period, or go on after all, on the reader's behalf."""
    found = get_object_or_404(Subscription, pk=pk)
    renews = request.POST.get("renews") == "yes"
    try:
        changed = actions.set_renewal(found, renews=renews)
        heard = actions.tell_gateway(gateways.named(changed.provider), changed)
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
        return redirect("business_subscription", pk=pk)
    done = _("The subscription goes on.") if renews else _("Renewal is stopped.")
    mailed = _("The reader has a mail about it.")
    messages.success(request, f"{done} {mailed}")
    if not heard:
        messages.warning(request, _("The gateway does not answer; it is told as soon as it does."))
    return redirect("business_subscription", pk=pk)


@screen("subscriptions.change_subscription")
@require_POST
def remove_member(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """End a member's seat on the owner's behalf; the member is told by mail."""
    seats = Seat.objects.live().filter(subscription=pk).select_related("reader")
    seat = get_object_or_404(seats, pk=number)
    actions.vacate(seat, Seat.REMOVED)
    words = _("%(reader)s has lost the seat, and has a mail about it.")
    messages.success(request, words % {"reader": seat.reader.email})
    return redirect("business_subscription", pk=pk)


@screen("ledger.view_payment")
@require_safe
def invoice_pdf(request: HttpRequest, label: str) -> HttpResponse:
    """An invoice or a credit note as the reader has it."""
    return invoice_file(get_object_or_404(Invoice, label=label))


@screen("ledger.view_payment")
@require_safe
def money(request: HttpRequest) -> HttpResponse:
    """Invoices and credit notes, by month, number and reader."""
    month, query = request.GET.get("month", ""), request.GET.get("q", "").strip()[:100]
    written = words()
    page = page_of(request, payments.invoices(written, month, query))
    context = {
        "page": page,
        "rows": [payments.payment_row(row, written) for row in page.object_list],
        "month": month,
        "months": payments.months(written),
        "query": query,
    }
    return show(request, "payments", _("Payments"), context, icon="doc-full-inverse")


@screen("ledger.view_payment")
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The same list as a file."""
    month, query = request.GET.get("month", ""), request.GET.get("q", "").strip()[:100]
    written = words()
    named = f"payments-{clock.now().astimezone(written.zone):%Y-%m-%d}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{named}"'},
    )
    payments.write_csv(response, payments.invoices(written, month, query), written)
    return response


@screen("ledger.view_event")
@require_safe
def gateway_log(request: HttpRequest) -> HttpResponse:
    """What the gateway announced, and above it whatever was refused."""
    problems = request.GET.get("show") == "problems"
    page, written = page_of(request, gateway.events(problems=problems)), words()
    context = {
        "page": page,
        "rows": [gateway.event_row(event) for event in page.object_list],
        "problems": problems,
        "compared": differing.last_comparison(),
        "waits": differing.under_way(),
        "stuck": stuck(),
        "left": differing.difference_rows(differing.left(), written.language),
        "mended": differing.difference_rows(differing.mended(), written.language),
        "checkouts": gateway.refused_checkouts(written),
        "refunds": gateway.waiting_refunds(written),
        "deliveries": gateway.refused_deliveries(),
    }
    return show(request, "gateway", _("Gateway log"), context, icon="history")
