"""Rules in the desk: their form, and what a rule would have done before it is saved."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList, Panel
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.desk.forms.names import TopicsField
from broadsheet.desk.models import Paper, Rule
from broadsheet.desk.reads.trial import try_rule


class TrialPanel(Panel):
    """The button that tries the rule as the form has it, saved or not."""

    class BoundPanel(Panel.BoundPanel):
        """Bound to one rule."""

        template_name = "desk/panels/trial.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Where to."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {"number": self.instance.pk or 0}


def _row(*names: str) -> Any:
    return FieldRowPanel([FieldPanel(name) for name in names])


PANELS = [
    _row("name", "order"),
    MultiFieldPanel(
        [
            _row("feed", "source"), _row("category", "topic"), _row("language", "urgency"),
            _row("headline", "words"), _row("pictured", "kind"),
            _row("from_hour", "to_hour", "zone"),
        ],
        heading=gettext_lazy("Which reports"),
        help_text=gettext_lazy("Every field that is filled in must fit."),
    ),
    MultiFieldPanel(
        [
            _row("action", "queue"), _row("section", "fallback"), _row("access", "max_age_hours"),
            FieldPanel("topics"), FieldPanel("stop"),
        ],
        heading=gettext_lazy("What becomes of them"),
    ),
    TrialPanel(heading=gettext_lazy("Try it")),
]  # fmt: skip


class RuleForm(WagtailAdminModelForm):
    """Names its topics as the article's form does."""

    topics = TopicsField(label=gettext_lazy("topics it adds"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].carried = self.instance.topics.splitlines()


class RuleViewSet(ModelViewSet):
    """Rules."""

    model = Rule
    icon = "order"
    edit_handler = ObjectList(PANELS, base_form_class=RuleForm)
    list_display = ("name", "order", "feed", "action", "section")
    copy_view_enabled = False


@require_POST
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """What the posted rule would have done to the newest items; it is not saved. 0: a new one."""
    right = "desk.change_rule" if pk else "desk.add_rule"
    if not request.user.has_perm(right):
        raise PermissionDenied
    instance = Rule.objects.filter(pk=pk).first() or Rule()
    form = RuleViewSet("rules").get_form_class(for_update=bool(pk))(
        request.POST, instance=instance, for_user=request.user
    )
    valid = form.is_valid()
    context = {
        "form": form,
        "run": try_rule(form.instance.route(Paper.load().time_zone)) if valid else None,
        "header_title": _("What the rule would have done"),
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": _("Desk")},
            {"url": reverse("rules:index"), "label": _("Rules")},
            {"url": "", "label": _("Trial")},
        ],
    }
    return render(request, "desk/trial.html", context, status=200 if valid else 422)


ADDRESSES = [path("rules-trial/<int:pk>/", try_out, name="desk_try_rule")]
