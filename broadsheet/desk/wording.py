"""The sentences of the disclosure: one for each truth (wire.md, section 6)."""

from django.utils.translation import gettext as _

from broadsheet.desk.rules import Disclosure


def disclosure_text(disclosure: Disclosure, *, paper: str, agency: str) -> str:
    """What stands below the report, in the active language; "" for the paper's own reports."""
    names = {"paper": paper, "agency": agency}
    if disclosure.form == "own":
        return ""
    if disclosure.form == "untouched":
        return (
            _(
                "This report is auto-generated from a syndicated feed of %(agency)s."
                " %(paper)s staff have not edited it."
            )
            % names
        )
    if disclosure.form == "edited":
        return (
            _(
                "This report is based on a syndicated feed of %(agency)s and has been edited by"
                " %(paper)s staff."
            )
            % names
        )
    if disclosure.fields == ("picture",):
        return (
            _(
                "Only the picture of this report has been chosen by %(paper)s staff;"
                " the rest of the content is auto-generated from a syndicated feed."
            )
            % names
        )
    if len(disclosure.fields) == 1:
        return _(
            "Only the %(fields)s of this report has been reworked by %(paper)s staff;"
            " the rest of the content is auto-generated from a syndicated feed."
        ) % {**names, "fields": _fields(disclosure)}
    return _(
        "Only the %(fields)s of this report have been reworked by %(paper)s staff;"
        " the rest of the content is auto-generated from a syndicated feed."
    ) % {**names, "fields": _fields(disclosure)}


def _fields(disclosure: Disclosure) -> str:
    names = {
        "headline": _("headline"),
        "standfirst": _("summary"),
        "picture": _("picture"),
    }
    words = [names[field] for field in disclosure.fields]
    if len(words) == 1:
        return words[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
