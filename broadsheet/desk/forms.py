"""Forms of the desk. The article's form writes a field only when the editor touched it."""

import re
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter

from broadsheet.desk.models.articles import BODY_FEATURES
from broadsheet.desk.rules import Opening, resolve
from broadsheet.kit import html, tokens
from broadsheet.wire.models import Version

TEXTS = ("headline", "standfirst", "body")
SALT = "desk.opening"


def canonical(body: str) -> str:
    """A body as the rich-text editor gives it back when nothing was changed."""
    converter = ContentstateConverter(features=BODY_FEATURES)
    return without_keys(str(converter.to_database_format(converter.from_database_format(body))))


def without_keys(body: str) -> str:
    """A body without the editor's block keys: they are random and would look like a change."""
    return re.sub(r' data-block-key="[^"]*"', "", body)


class ArticleForm(WagtailAdminModelForm):
    """Shows the text readers see; what comes back unchanged stays with whoever owns it.

    `opening` says, signed, what the form showed and which version of the wire it was opened on.
    """

    opening = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.from_wire = self.instance.item_id is not None
        if self.from_wire:
            self._show_the_wire()
        self.initial["opening"] = signing.dumps(self._state(), salt=SALT, compress=True)

    def _show_the_wire(self) -> None:
        article = self.instance
        for name in ("byline", "dateline"):
            self.fields.pop(name, None)
        reworked = article.body is not None or "body" in self.data
        if not reworked and not getattr(article, "reworking", False):
            self.fields.pop("body", None)
        self.initial |= {
            "headline": article.full_headline,
            "standfirst": article.full_standfirst,
            "body": article.full_body,
        }
        for name in ("headline", "standfirst"):
            if name in self.fields:
                self.fields[name].help_text = self._hint(name)

    def _hint(self, name: str) -> str:
        newest = self.instance.item.latest
        wire = str(newest.fields.get(name, "")) if newest else ""
        if getattr(self.instance, name) is None:
            return _("Follows the wire. Change it, and it stays as you wrote it.")
        return format_html(
            "{} <q>{}</q> {}", _("The wire says:"), wire, _("Empty the field to follow it again.")
        )

    def _state(self) -> dict[str, Any]:
        owned = [name for name in TEXTS if getattr(self.instance, name) is not None]
        others = {
            name: self._plain(field.prepare_value(self.get_initial_for_field(field, name)))
            for name, field in self.fields.items()
            if name not in (*TEXTS, "opening")
        }
        return {
            "version": self.instance.basis_id,
            "owned": owned,
            "texts": {name: self._shown(name) for name in TEXTS if name in self.fields},
            "others": others,
        }

    def _shown(self, name: str) -> str:
        text = str(self.initial.get(name) or "")
        return canonical(text) if name == "body" else text

    def _plain(self, value: Any) -> Any:
        return value if isinstance(value, str | int | bool | None) else str(value)

    def clean(self) -> dict[str, Any]:
        """Turn what was posted into what staff own (see rules.resolve)."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        opening = self._opening(cleaned.pop("opening", ""))
        if opening is not None:
            self._keep_untouched(cleaned, opening)
        if "action-publish" in self.data:
            self._check_complete(cleaned)
        return cleaned

    def _opening(self, text: str) -> dict[str, Any] | None:
        if not text and not self.from_wire:
            return None
        try:
            return dict(signing.loads(text, salt=SALT))
        except signing.BadSignature:
            raise ValidationError(
                _("The form was changed on its way. Reload the page; your draft is kept.")
            ) from None

    def _keep_untouched(self, cleaned: dict[str, Any], opening: dict[str, Any]) -> None:
        same_hand = self._same_hand()
        version = Version.objects.filter(pk=opening["version"]).first()
        for name in TEXTS:
            if name not in self.fields:
                cleaned[name] = getattr(self.instance, name)
            elif name in opening["texts"] and name in self.data:
                shown = opening["texts"][name]
                moment = Opening(
                    shown=shown,
                    owned=shown if name in opening["owned"] else None,
                    wire=self._wire_text(version, name),
                )
                posted = self._posted(name, str(cleaned.get(name) or ""))
                current = getattr(self.instance, name)
                cleaned[name] = resolve(posted, moment, current, same_hand=same_hand)
            else:
                cleaned[name] = getattr(self.instance, name)
        if cleaned.get("body") is None:
            self.instance.body_from = None
        elif self.instance.body is None:
            self.instance.body_from = version
        if not same_hand:
            self._keep_others(cleaned, opening["others"])

    def _posted(self, name: str, text: str) -> str:
        if name == "headline":
            return " ".join(text.split())
        return without_keys(text.replace("\r\n", "\n"))

    def _wire_text(self, version: Version | None, name: str) -> str | None:
        if version is None:
            return None
        text = str(version.fields.get(name, ""))
        return canonical(text) if name == "body" else text

    def _same_hand(self) -> bool:
        """Whether the newest draft is this very form's own autosave."""
        overwrites = self.data.get("overwrite_revision_id")
        return bool(overwrites) and overwrites == str(self.instance.latest_revision_id)

    def _keep_others(self, cleaned: dict[str, Any], shown: dict[str, Any]) -> None:
        """A field that comes back as it was shown keeps what another editor saved meanwhile."""
        for name, before in shown.items():
            field = self.fields.get(name)
            if field is None or name not in cleaned or name in self.errors:
                continue
            if self._plain(field.prepare_value(cleaned[name])) == before:
                cleaned[name] = getattr(self.instance, name)

    def _complain(self, name: str, sentence: str) -> None:
        self.add_error(name if name in self.fields else None, sentence)

    def _check_complete(self, cleaned: dict[str, Any]) -> None:
        wire = self.instance.basis.fields if self.instance.basis else {}
        names = (*TEXTS, "kicker", "byline", "dateline")
        shown = {name: str(cleaned.get(name) or wire.get(name) or "") for name in names}
        if not shown["headline"].strip():
            self._complain("headline", _("A report needs a headline before it is published."))
        if not html.plain(shown["body"]).strip():
            self._complain("body", _("A report needs a text before it is published."))
        for name in names:
            if tokens.has_marks(shown[name]):
                self._complain(name, _("Template marks such as {{ … }} would reach readers."))
        picture = cleaned.get("picture")
        if picture is not None and not picture.credit:
            self.add_error(
                "picture", _("This picture has no credit. Add the credit to the picture first.")
            )
        elif picture is not None and picture.over:
            self.add_error("picture", _("The rights in this picture are over. Choose another."))


class CorrectionForm(forms.Form):
    """What readers are told was wrong."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[
            ("correction", gettext_lazy("Correction")),
            ("clarification", gettext_lazy("Clarification")),
        ],
    )
    text = forms.CharField(
        label=gettext_lazy("Note to readers"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Say what was wrong and what is right. It appears above the text at once."
        ),
    )


class WithdrawalForm(forms.Form):
    """Why a report is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason, as readers will see it"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
