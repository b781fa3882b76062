"""The article's form: it writes a field only when its editor touched it."""

from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.models import WagtailAdminModelForm

from broadsheet.desk.forms.names import AuthorsField, TopicsField
from broadsheet.desk.models.columns import TEXTS
from broadsheet.desk.reads.reworking import canonical, without_keys
from broadsheet.desk.reads.rights import may, sections
from broadsheet.desk.rules import Opening, resolve
from broadsheet.kit import html, tokens
from broadsheet.wire.models import Version

SALT = "desk.opening"


class ArticleForm(WagtailAdminModelForm):
    """Shows the text readers see; what comes back unchanged stays with whoever owns it.

    `opening` says, signed, what the form showed and which version of the wire it was opened on.
    """

    data: Any
    topics = TopicsField(label=capfirst(gettext_lazy("topics")))
    authors = AuthorsField(label=gettext_lazy("authors"))
    opening = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Why, for the log"),
        required=False,
        max_length=200,
        help_text=gettext_lazy(
            "Such as: typo. Readers do not see it. To tell readers, use “Correct with a note”."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.from_wire = self.instance.item_id is not None
        self._offer_own_sections()
        if self.from_wire:
            self._show_the_wire()
        if "topics" in self.fields:
            self.fields["topics"].carried = self._carried_topics()
        self.initial["opening"] = signing.dumps(self._state(), salt=SALT, compress=True)

    def _offer_own_sections(self) -> None:
        """Only where the editor may act, and where the article stands already."""
        allowed = sections(self.for_user, "change") if self.for_user else None
        field = self.fields.get("section")
        if allowed is not None and field is not None:
            mine = allowed | {self.instance.section_id}
            field.queryset = field.queryset.filter(pk__in=mine)

    def _show_the_wire(self) -> None:
        article = self.instance
        self.fields.pop("authors", None)
        if self.for_user is None or not self.for_user.has_perm("desk.credit_article"):
            for name in ("byline", "dateline"):
                self.fields.pop(name, None)
        reworked = article.body is not None or "body" in self.data
        if not reworked and not getattr(article, "reworking", False):
            self.fields.pop("body", None)
        self.initial |= {
            "headline": article.full_headline,
            "standfirst": article.full_standfirst,
            "body": article.full_body,
            "topics": article.full_topics,
        }
        for name in ("headline", "standfirst"):
            if name in self.fields:
                self.fields[name].help_text = self._hint(name)

    def _carried_topics(self) -> list[str]:
        """Codes that may come back without a name: ours, the wire's, and those the form showed."""
        article = self.instance
        try:
            shown = signing.loads(self.data.get("opening", ""), salt=SALT)["texts"]["topics"]
        except (signing.BadSignature, KeyError):
            shown = ""
        return f"{article.full_topics}\n{article.topics_by(article.basis)}\n{shown}".splitlines()

    def _hint(self, name: str) -> str:
        newest = self.instance.item.latest
        wire = str(newest.fields.get(name, "")) if newest else ""
        if getattr(self.instance, name) is None:
            return _("Follows the wire. Change it, and it stays as you wrote it.")
        return format_html(
            "{} <q>{}</q>. {}", _("The wire says:"), wire, _("Empty the field to follow it again.")
        )

    def _state(self) -> dict[str, Any]:
        owned = [name for name in TEXTS if getattr(self.instance, name) is not None]
        others = {
            name: self._plain(field.prepare_value(self.get_initial_for_field(field, name)))
            for name, field in self.fields.items()
            if name not in (*TEXTS, "opening", "reason")
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
        self._check_section(cleaned)
        if "action-publish" in self.data:
            self._check_complete(cleaned)
        self.instance.edit_reason = cleaned.pop("reason", "")
        return cleaned

    def _check_section(self, cleaned: dict[str, Any]) -> None:
        """Moving a report, or writing one, takes the right in the section it goes to."""
        section = cleaned.get("section")
        action = "publish" if "action-publish" in self.data else "change"
        if section is not None and self.for_user and not may(self.for_user, action, section.pk):
            self._complain("section", _("You may not do this in that section. Choose another one."))

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
        if not same_hand:
            self._show_what_others_did(cleaned, opening)
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
                    may_be_empty=name == "topics",
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

    def _show_what_others_did(self, cleaned: dict[str, Any], opening: dict[str, Any]) -> None:
        """A field that somebody else has changed since, and this editor too: not saved unasked.

        The form comes back with the other's words; saving it again is a decision.
        """
        texts = self._texts_of_others(cleaned, opening)
        others = self._settings_of_others(cleaned, opening)
        if texts or others:
            kept = [name for name in opening["owned"] if name not in texts]
            taken = [name for name in texts if getattr(self.instance, name) is not None]
            opening |= {
                "owned": kept + taken,
                "texts": opening["texts"] | texts,
                "others": opening["others"] | others,
            }
            self.data = self.data.copy()
            self.data["opening"] = signing.dumps(opening, salt=SALT, compress=True)

    def _texts_of_others(self, cleaned: dict[str, Any], opening: dict[str, Any]) -> dict[str, str]:
        """What other staff wrote where this editor wrote too; what the wire sent is no conflict."""
        found = {}
        for name, shown in opening["texts"].items():
            if name not in self.data or name not in self.fields:
                continue
            owned = shown if name in opening["owned"] else None
            current, posted = self._owned(name), self._posted(name, str(cleaned.get(name) or ""))
            if current != owned and posted not in (shown, current):
                found[name] = now = self._now(name)
                self._complain(name, self._others_words(self._read(name, now)))
        return found

    def _read(self, name: str, text: str) -> str:
        """A text as people read it: no marks-up, and topics by their names."""
        if name == "topics":
            return ", ".join(str(self.fields[name].prepare_value(text)).splitlines())
        return html.plain(text) if name == "body" else text

    def _settings_of_others(
        self, cleaned: dict[str, Any], opening: dict[str, Any]
    ) -> dict[str, Any]:
        found = {}
        for name, shown in opening["others"].items():
            field = self.fields.get(name)
            if field is None or name not in cleaned or name in self.errors:
                continue
            now = self._plain(field.prepare_value(getattr(self.instance, name, None)))
            posted = self._plain(field.prepare_value(cleaned[name]))
            if (now or "") not in (shown or "", posted or "") and (posted or "") != (shown or ""):
                found[name] = now
                self._complain(name, self._others_words(str(getattr(self.instance, name) or "–")))
        return found

    def _owned(self, name: str) -> str | None:
        """What staff own by now, as the form would show it."""
        return None if getattr(self.instance, name) is None else self._now(name)

    def _now(self, name: str) -> str:
        """The text that the form would show, were it opened now."""
        text = str(getattr(self.instance, f"full_{name}") or "")
        return canonical(text) if name == "body" else text

    def _others_words(self, words: str) -> str:
        return _(
            "Somebody else has changed this since you opened it; it says now: “%(words)s”."
            " Save again to put yours in its place."
        ) % {"words": words[:600]}

    def _posted(self, name: str, text: str) -> str:
        if name == "headline":
            return " ".join(text.split())
        return without_keys(text.replace("\r\n", "\n"))

    def _wire_text(self, version: Version | None, name: str) -> str | None:
        if version is None:
            return None
        if name == "topics":
            return str(self.instance.topics_by(version))
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
        names = ("headline", "standfirst", "body", "kicker", "byline", "dateline")
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
