"""The publisher's forms of complimentary access: to whom, what, until when, and why."""

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.subscriptions.forms.rights import rights_to_choose
from broadsheet.subscriptions.models import Grant


class DayField(forms.DateField):
    """A day, chosen in the browser's own calendar."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, **options)


class EndForm(forms.ModelForm[Grant]):
    """When complimentary access ends, and why it was given; `closes` is the end, UTC or None.

    It has an end, unless somebody says that it has none and who decided so.
    """

    last_day = DayField(
        label=gettext_lazy("Last day"), required=False,
        help_text=gettext_lazy("It ends when this day is over."),
    )  # fmt: skip
    endless = forms.BooleanField(label=gettext_lazy("Without an end"), required=False)
    decided_by = forms.CharField(
        label=gettext_lazy("Who decided"), max_length=120, required=False,
        help_text=gettext_lazy("Only without an end: who answers for it."),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200,
        help_text=gettext_lazy("Readers find it when they export their data."),
    )  # fmt: skip

    class Meta:
        """What can be changed afterwards."""

        model = Grant
        fields: ClassVar[list[str]] = ["last_day", "endless", "decided_by", "reason"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = ZoneInfo(Paper.load().time_zone)
        if self.instance.pk:
            closes = self.instance.valid_until
            self.initial["endless"] = closes is None
            if closes is not None:
                last = closes - timedelta(microseconds=1)
                self.initial["last_day"] = last.astimezone(self.zone).date()

    @property
    def closes(self) -> datetime | None:
        """The first moment after the last day; None without an end. An end that stays the same day
        stays the same moment."""
        if self.cleaned_data["endless"]:
            return None
        if self.instance.pk and "last_day" not in self.changed_data:
            return self.instance.valid_until
        return self.midnight(self.cleaned_data["last_day"] + timedelta(days=1))

    def midnight(self, day: date) -> datetime:
        """When a day begins where the paper is."""
        return datetime.combine(day, time(), self.zone)

    def clean_last_day(self) -> date | None:
        """A day that is not over, and that clocks know."""
        day: date | None = self.cleaned_data["last_day"]
        if day is not None and "last_day" in self.changed_data:
            if day < clock.now().astimezone(self.zone).date():
                raise ValidationError(_("This day is over."))
            if day.year > 9000:
                raise ValidationError(_("That is no end. Tick the box instead."))
        return day

    def clean(self) -> dict[str, Any]:
        """An end or the box, not both; with the box, a name."""
        facts = super().clean() or self.cleaned_data
        if "last_day" in self.errors:
            return facts
        if facts.get("endless"):
            if facts.get("last_day") and "last_day" in self.changed_data:
                self.add_error("last_day", _("Give a last day or tick the box, not both."))
            if not facts.get("decided_by"):
                self.add_error("decided_by", _("Say who decided that it has no end."))
        elif not facts.get("last_day"):
            words = _("Say when it ends, or tick the box and say who decided that it does not.")
            self.add_error("last_day", words)
        else:
            facts["decided_by"] = ""
        return facts


class AccessForm(EndForm):
    """Complimentary access for the account with an address."""

    email = forms.EmailField(
        label=gettext_lazy("Reader's e-mail address"),
        help_text=gettext_lazy("Of an account that is there. The reader has a mail about it."),
    )
    entitlements = forms.MultipleChoiceField(
        label=gettext_lazy("Opens"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one: nothing would be opened.")},
    )  # fmt: skip
    first_day = DayField(
        label=gettext_lazy("First day"), required=False,
        help_text=gettext_lazy("Empty: at once."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["entitlements"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = rights_to_choose([])
        self.order_fields(["email", "entitlements", "first_day"])

    @property
    def opens(self) -> datetime:
        """Now, or when the first day begins."""
        day, now = self.cleaned_data.get("first_day"), clock.now()
        return max(self.midnight(day), now) if day else now

    def clean_email(self) -> User:
        """The account with this address."""
        reader = User.objects.filter(email__iexact=self.cleaned_data["email"].strip()).first()
        if reader is None:
            words = _("No account has this address. Ask the reader to sign up with it first.")
            raise ValidationError(words)
        if not reader.is_active:
            raise ValidationError(_("This account is closed: nothing can be opened for it."))
        return reader

    def clean(self) -> dict[str, Any]:
        """It begins before it ends."""
        facts = super().clean()
        first, last = facts.get("first_day"), facts.get("last_day")
        if first and first.year > 9000:
            self.add_error("first_day", _("Too far away."))
        elif first and last and first > last and not facts.get("endless"):
            self.add_error("first_day", _("It would end before it begins."))
        return facts


class RevokeForm(forms.Form):
    """Why access is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("For the desk. The reader is told that it ended, not why."),
    )
