"""Why a seat cannot be taken, in a sentence, and what to do about it."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.reads.groups import Flaw


class Told(NamedTuple):
    """What is wrong, what to do, and the status of the answer."""

    problem: object
    remedy: object
    status: int


UNKNOWN = Told(
    _("This link is no invitation any more."),
    _("If it was sent to you again, use the newest mail. Otherwise ask for another invitation."),
    404,
)

TOLD: dict[Flaw, Told] = {
    "withdrawn": Told(
        _("This invitation was withdrawn."), _("Ask whoever invited you for another one."), 410
    ),
    "expired": Told(
        _("This invitation has expired."), _("Ask whoever invited you to send it again."), 410
    ),
    "taken": Told(
        _("This invitation has been used."),
        _("If it was you, your account shows the group. Otherwise ask for another invitation."),
        410,
    ),
    "over": Told(
        _("The subscription of this group is not in force at the moment."),
        _("Ask whoever invited you; the link can be used when it goes on."),
        409,
    ),
    "full": Told(
        _("Every seat of this group is taken."), _("Ask whoever invited you to free one."), 409
    ),
    "other": Told(
        _("This invitation was sent to another address than yours."),
        _("Sign in with that address, or ask for an invitation to the one of your account."),
        403,
    ),
    "own": Told(
        _("This is an invitation to your own group."),
        _("You read already. Send the link to whom you invited."),
        409,
    ),
    "member": Told(_("You read in this group already."), _("There is nothing more to do."), 409),
}


def refusal_of(flaw: Flaw) -> Refusal:
    """The same as a refusal, in the language in force."""
    told = TOLD[flaw]
    return Refusal(str(told.problem), str(told.remedy))
