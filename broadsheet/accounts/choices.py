"""The page on which readers say what they allow, with an account and without one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from broadsheet.accounts import consents
from broadsheet.accounts.models import ConsentPolicy, User


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """POST `all=1` or `all=0` answers everything at once, `<purpose>=1` or `=0` one."""
    policy = ConsentPolicy.current()
    if request.method == "POST":
        return _chosen(request, policy)
    asked = consents.asked(policy, consents.choices_of(request))
    context = {"title": _("Privacy choices"), "asked": asked, "words": policy.words}
    return render(request, "accounts/choices.html", context)


def _chosen(request: HttpRequest, policy: ConsentPolicy) -> HttpResponse:
    said = {str(purpose.value): request.POST.get(purpose.value) for purpose in policy.purposes()}
    if request.POST.get("all") in ("0", "1"):
        said = dict.fromkeys(said, request.POST["all"])
    given = {purpose: word == "1" for purpose, word in said.items() if word in ("0", "1")}
    answers = consents.answers_of(policy, given)
    response = redirect("choices")
    if answers:
        if isinstance(request.user, User):
            consents.record(request.user, answers)
        consents.keep(response, {**consents.choices_of(request), **answers})
        messages.success(request, _("Your choice is kept. You can change it here at any time."))
    return response
