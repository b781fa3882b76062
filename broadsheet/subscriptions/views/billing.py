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
    form = _sent(request, reader) if request.method == "POST" else _form(request, reader)
    if request.method == "POST" and form.is_valid():
        messages.success(request, _("Your billing details are saved, for every later invoice."))
        _tell_of_boxes(request, form.instance)
        return redirect(next_ or "account")
    context = {"title": _("Billing details"), "form": form, "next_page": next_}
    status = 422 if form.errors else 200
    return render(request, "subscriptions/billing.html", context, status=status)


def _tell_of_boxes(request: HttpRequest, billing: Billing) -> None:
    """The page of an invoice shows any letter, its file only those that it has a font for."""
    # With it comes the library that draws, which the newsroom does without until then.
    from broadsheet.look.lettering import unprintable

    if lost := unprintable(f"{billing.name}{billing.address}"):
        words = _("The PDF of your invoices has no letters for %(letters)s: they are boxes there.")
        then = _("Write it in other letters if you need the file.")
        messages.warning(request, f"{words % {'letters': ' '.join(lost[:10])}} {then}")


@transaction.atomic
def _sent(request: HttpRequest, reader: User) -> BillingForm:
    """The form, saved when nothing is wrong with it; of two clicks, one after the other."""
    User.objects.select_for_update(no_key=True).get(pk=reader.pk)
    form = _form(request, reader)
    if form.is_valid():
        form.save()
    return form


def _form(request: HttpRequest, reader: User) -> BillingForm:
    known = Billing.objects.filter(reader=reader).first()
    known = known or Billing(reader=reader, name=reader.get_full_name())
    country = Seller.current().country
    return BillingForm(request.POST or None, instance=known, country=country)
