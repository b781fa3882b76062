"""Texts that a publisher edits are refused in the publisher's own language."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from broadsheet.kit import tokens


def refuse_tokens(text: str) -> None:
    """Raise ValidationError for any token or template mark: nothing is filled in here."""
    refuse_unknown_tokens(text, ())


def refuse_unknown_tokens(text: str, known: tuple[str, ...]) -> None:
    """Raise ValidationError for a token that the text's readers would see raw."""
    unknown = tokens.unknown(text, known)
    if unknown:
        listed = ", ".join("{{ " + name + " }}" for name in sorted(known)) or "–"
        sentence = _("'%(token)s' is not a token of this text. Known: %(known)s.")
        raise ValidationError(sentence % {"token": "{{ " + unknown + " }}", "known": listed})
    stray = tokens.stray(text)
    if stray:
        sentence = _("The text holds a stray '%(mark)s'. Remove it or close the token.")
        raise ValidationError(sentence % {"mark": stray})
