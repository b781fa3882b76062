"""What was paid for with another account than the one that is signed in."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse


def somebody_elses(request: HttpRequest, template: str, title: str) -> HttpResponse:
    """The way to sign in for who is nobody yet; else a page that says whose it is not, with the
    way to change accounts and come back here. Nothing of what was paid for is shown."""
    sign_in = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    if not request.user.is_authenticated:
        return redirect(sign_in)
    return render(request, template, {"title": title, "sign_in": sign_in}, status=403)
