"""The page a reader wanted: carried through every step, and never off the paper."""

from urllib.parse import quote

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

LONGEST = 500


def wanted(request: HttpRequest) -> str:
    """The address in `next`, "" without one. Raises BadRequest when it leads off the paper."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    if not address:
        return ""
    inside = address.startswith("/") and url_has_allowed_host_and_scheme(address, None)
    if not inside or len(address) > LONGEST or any(ord(c) < 32 for c in address):
        raise BadRequest(_("This link leads to another site. Nothing was changed."))
    return address


def with_next(address: str, next_: str) -> str:
    """An address of ours that carries the wanted page along."""
    return f"{address}?next={quote(next_, safe='/')}" if next_ else address
