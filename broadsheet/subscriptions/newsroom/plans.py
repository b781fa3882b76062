"""Plans in the desk: the list, one form for plan and terms, what was offered before."""

from django.contrib import messages
from django.db import transaction
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from wagtail.admin.views.generic import DeleteView
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.desk.reads.access import closes_something
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.forms import EntitlementForm, PlanForm
from broadsheet.subscriptions.models import Coupon, Entitlement, Plan
from broadsheet.subscriptions.newsroom.frame import page_of, screen, show
from broadsheet.subscriptions.reads.business import plans as reads
from broadsheet.subscriptions.reads.business.written import words
from broadsheet.subscriptions.reads.taxes import rate_warning

ICON = "tag"


@screen("subscriptions.view_plan")
def plans(request: HttpRequest) -> HttpResponse:
    """What is sold, and who has it."""
    page, written = page_of(request, reads.plans()), words()
    rows = [reads.plan_row(plan, written) for plan in page.object_list]
    return show(request, "plans", _("Plans"), {"page": page, "rows": rows}, icon=ICON)


@screen("subscriptions.add_plan")
def add(request: HttpRequest) -> HttpResponse:
    """A new plan with its first terms."""
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        plan = form.save()
        messages.success(request, _("%(plan)s can be subscribed to.") % {"plan": plan})
        return redirect("business_plan", pk=plan.pk)
    above = ((reverse("business_plans"), _("Plans")),)
    return show(request, "plan", _("A new plan"), {"form": form}, icon=ICON, above=above)


@screen("subscriptions.change_plan")
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: its form, how readers see it, what it offered before."""
    found, written = get_object_or_404(Plan, pk=pk), words()
    form = PlanForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        messages.success(request, _saved(form.save(), new_terms=form.has_new_terms))
        return redirect("business_plan", pk=pk)
    kept = Plan.objects.get(pk=pk)
    context = {
        "form": form,
        "plan": kept,
        "offer": reads.as_readers_see(kept, written),
        "versions": reads.version_rows(kept, written),
        "tax_warning": rate_warning(kept.current) if kept.current else "",
    }
    above = ((reverse("business_plans"), _("Plans")),)
    return show(request, "plan", str(kept), context, icon=ICON, above=above)


def _saved(plan: Plan, *, new_terms: bool) -> str:
    """What saving did: the terms are the point."""
    if not new_terms:
        return _("Saved. The terms are as they were.")
    kept = reads.keepers(plan)
    if not kept:
        return _("Saved. The new terms are on sale; nobody had the old ones.")
    return ngettext(
        "Saved. The new terms are on sale; %(n)d subscriber keeps the old price.",
        "Saved. The new terms are on sale; %(n)d subscribers keep the old price.",
        kept,
    ) % {"n": kept}


@screen("subscriptions.delete_plan")
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a plan that no reader ever chose."""
    found = get_object_or_404(Plan, pk=pk)
    try:
        with transaction.atomic():
            found.versions.all().delete()
            _check_coupons(found)
            found.delete()
    except ProtectedError:
        words = _("Readers have chosen %(plan)s: it cannot be deleted. Take it off sale instead.")
        messages.error(request, words % {"plan": found})
        return redirect("business_plan", pk=pk)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("business_plan", pk=pk)
    messages.success(request, _("%(plan)s is deleted.") % {"plan": found})
    return redirect("business_plans")


def _check_coupons(plan: Plan) -> None:
    """Raise Refusal for the only plan of a coupon."""
    others = Coupon.plans.through.objects.exclude(plan=plan).values("coupon")
    alone = plan.coupon_set.exclude(pk__in=others)
    if codes := ", ".join(alone.values_list("code", flat=True)):
        wrong = _("%(plan)s is the only plan of these coupons: %(codes)s.")
        remedy = _("Without it they would be for every plan. Take it off sale instead.")
        raise Refusal(wrong % {"plan": plan, "codes": codes}, remedy)


class EntitlementDeleteView(DeleteView):
    """Keeps what a plan gives, or once gave."""

    def form_valid(self, form: object) -> HttpResponse:
        """Delete it, if no plan names it."""
        if reads.entitlement_in_use(self.object.name):
            messages.error(self.request, _("A plan gives this: it stays as long as the plan."))
            return redirect("entitlements:edit", self.object.pk)
        if closes_something(self.object.name):
            told = _(
                "Reports, sections, titles or rules need this. Give them another access first."
            )
            messages.error(self.request, told)
            return redirect("entitlements:edit", self.object.pk)
        return super().form_valid(form)  # type: ignore[no-any-return]


class EntitlementViewSet(ModelViewSet):
    """What plans and grants can give."""

    model = Entitlement
    icon = "key"
    list_display = ("title", "name", "benefit", "order")
    search_fields = ("name", "title")
    list_per_page = 50
    delete_view_class = EntitlementDeleteView
    copy_view_enabled = False
    menu_label = Entitlement._meta.verbose_name_plural

    def get_form_class(self, for_update: bool = False) -> type[EntitlementForm]:
        """The same for both: a name is typed once."""
        return EntitlementForm
