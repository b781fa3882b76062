"""The form by which a group's owner invites somebody."""

from django import forms
from django.utils.translation import gettext_lazy as _


class InviteForm(forms.Form):
    """An e-mail address."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
