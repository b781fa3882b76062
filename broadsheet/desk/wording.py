"""The sentences of the disclosure: one for each truth.

And the sentences that are stored in English and translated when they are shown: they come from
rules and formats, which know no Django.
"""

from collections.abc import Mapping
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from broadsheet.desk.rules import Disclosure, Reason

REASONS = (
    gettext_noop("The feed was damaged here and had to be repaired."),
    gettext_noop("It is longer than 1 MB and was cut; the document holds the rest."),
    gettext_noop("The text holds template marks such as {{ … }}."),
    gettext_noop("The wire does not release it."),
    gettext_noop("It is no news report (advisory)."),
    gettext_noop("It is no news report (teaser)."),
    gettext_noop("It is no news report (test)."),
    gettext_noop("It has no headline."),
    gettext_noop("It has no body."),
    gettext_noop("It has expired."),
    gettext_noop("It asks to withdraw another report."),
    gettext_noop("It is older than the feed's age limit."),
    gettext_noop("It is older than the source's age limit."),
    gettext_noop("Its date lies ahead of the clock."),
    gettext_noop("Its date could not be read."),
    gettext_noop("Its id was given to another report before."),
    gettext_noop("It may not be meant for readers."),
    gettext_noop("It may withdraw the report."),
    gettext_noop("When it expires could not be read."),
    gettext_noop("Its source is not published by rules."),
    gettext_noop("Same story as “%(headline)s” from %(agency)s."),
    gettext_noop("Another text of the wire asks to withdraw it."),
    gettext_noop("A rule says so."),
    gettext_noop("No rule fits it."),
    gettext_noop("No section fits it."),
    gettext_noop("It is under embargo until the wire lifts it."),
    gettext_noop("Embargoed until %(moment)s."),
    gettext_noop("The wire withdrew it."),
)
"""What the rules say of a version that does not publish itself (`rules.py`, `routing.py`)."""

SIGNALS = (
    gettext_noop("correction"),
    gettext_noop("clarification"),
    gettext_noop("withdrawal"),
    gettext_noop("hold"),
    gettext_noop("advisory"),
    gettext_noop("test"),
)
"""What a version tells of itself (wire/formats/parsed.py: Signal)."""

PROBLEMS = (
    gettext_noop("Reading was interrupted. Replay it."),
    gettext_noop("An entry without identity, link or headline was left out."),
    gettext_noop("Several reports carry one id, so their links tell them apart. Tell the agency."),
    gettext_noop("The answer is empty. Check the address, or wait for the next fetch."),
    gettext_noop(
        "This is an HTML page, not a feed. Check the address: a sign-in or an error page"
        " may have been sent in its place."
    ),
    gettext_noop("This is plain text, not a feed. Ask the agency for ninjs, RSS or Atom."),
    gettext_noop("The document type declaration never ends, or is too long. Fetch the file again."),
    gettext_noop(
        "The feed declares entities that would expand to an enormous text (an entity"
        " bomb). Nothing was expanded. Tell the agency, or remove the feed."
    ),
    gettext_noop(
        "The JSON is neither a JSON Feed nor ninjs: no item has a uri, a headline or a body."
        " Check the address or ask the agency which format it sends."
    ),
    gettext_noop('The JSON has no list "items", so it is no JSON Feed. Check the format.'),
)
"""Why a document waits in quarantine; a problem that quotes the document stays in English."""


def reason_text(reason: Reason | Mapping[str, str]) -> str:
    """A stored reason in the active language, its moment in the active zone."""
    if isinstance(reason, str):
        return _(reason)
    names = {name: value for name, value in reason.items() if name != "text"}
    if "moment" in names:
        moment = timezone.localtime(datetime.fromisoformat(names["moment"]))
        names["moment"] = formats.date_format(moment, "DATETIME_FORMAT")
    return _(reason["text"]) % names


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
    # A context of its own: languages with genders put the article here.
    names = {
        "headline": pgettext("disclosure", "headline"),
        "standfirst": pgettext("disclosure", "summary"),
        "picture": pgettext("disclosure", "picture"),
    }
    words = [names[field] for field in disclosure.fields]
    if len(words) == 1:
        return words[0]
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
