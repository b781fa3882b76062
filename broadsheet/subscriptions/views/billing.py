"""Billing details: what a reader wants on invoices, and where the reader is for the tax."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from broadsheet.accounts.models import User
from broadsheet.ledger.forms import BillingForm
from broadsheet.ledger.models import Billing, Seller
from broadsheet.subscriptions.views.wanted import wanted


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def billing(request: HttpRequest) -> HttpResponse:
    """The form; saved, it leads on to the page that asked for it."""
    reader, next_ = cast(User, request.user), wanted(request)
    with transaction.atomic():
        if request.method == "POST":  # Of two clicks, one after the other.
            User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        form = _form(request, reader)
        saved = request.method == "POST" and form.is_valid()
        if saved:
            form.save()
    if saved:
        messages.success(request, _("Your billing details are saved, for every later invoice."))
        return redirect(next_ or "account")
    context = {"title": _("Billing details"), "form": form, "next_page": next_}
    status = 422 if form.errors else 200
    return render(request, "subscriptions/billing.html", context, status=status)


def _form(request: HttpRequest, reader: User) -> BillingForm:
    known = Billing.objects.filter(reader=reader).first()
    known = known or Billing(reader=reader, name=reader.get_full_name())
    country = Seller.current().country
    return BillingForm(request.POST or None, instance=known, country=country)
