"""The forms of a gift: for whom, with what words, on which day; and another recipient."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from broadsheet.desk.models import Paper
from broadsheet.kit import clock

LONGEST = 500
"""Characters of a message."""
FARTHEST = timedelta(days=366)


class RecipientForm(forms.Form):
    """Where the gift goes."""

    recipient_email = forms.EmailField(
        label=_("Recipient’s e-mail address"), required=False, max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("Leave empty to get the code yourself and pass it on, on paper if you like."),
    )  # fmt: skip


class GiftForm(RecipientForm):
    """Everything but the plan. Who has no account gives an address for the invoice."""

    buyer_email = forms.EmailField(
        label=_("Your e-mail address"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The invoice goes there. You need no account."),
    )  # fmt: skip
    buyer_name = forms.CharField(
        label=_("Your name, as the recipient reads it"), max_length=80, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Leave empty, and the recipient reads your e-mail address."),
    )  # fmt: skip
    message = forms.CharField(
        label=_("A few words to go with it"), max_length=LONGEST, required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    send_on = forms.DateField(
        label=_("To be sent on"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("In the morning of that day. Leave empty to send it as soon as it is paid."),
    )  # fmt: skip

    field_order = ("recipient_email", "message", "send_on", "buyer_name", "buyer_email")

    def __init__(self, *args: Any, has_account: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if has_account:
            del self.fields["buyer_email"]

    def clean_message(self) -> str:
        """Line ends as they are kept, without control characters."""
        text = str(self.cleaned_data["message"]).replace("\r\n", "\n").strip()
        return "".join(sign for sign in text if sign == "\n" or sign.isprintable())

    def clean_send_on(self) -> date | None:
        """A day to come, within a year."""
        day: date | None = self.cleaned_data["send_on"]
        today = clock.now().astimezone(ZoneInfo(Paper.load().time_zone)).date()
        if day is not None and day < today:
            raise ValidationError(_("This day is over. Choose today or a day to come."))
        if day is not None and day > today + FARTHEST:
            raise ValidationError(_("Choose a day within a year."))
        return day

    def clean(self) -> dict[str, Any]:
        """A day needs an address to send to."""
        facts = super().clean() or self.cleaned_data
        is_known = facts.get("recipient_email") or "recipient_email" in self.errors
        if facts.get("send_on") and not is_known:
            words = _("To whom is it to be sent on that day? Give an address, or no day.")
            self.add_error("recipient_email", ValidationError(words))
        return facts
