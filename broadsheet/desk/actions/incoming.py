"""What staff do with items that no rule published."""

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.actions.intake import make_article
from broadsheet.desk.models import Article, Intake
from broadsheet.desk.reads.routing import candidate
from broadsheet.desk.rules import faults_of
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.wire.models import Item


def publish_item(item: Item, *, by: User) -> Article:
    """Publish an item as the wire sent it; age and doubts are the editor's to judge.

    Raises Refusal with what else stands against it, or when there is an article already.
    """
    against = faults_of(candidate(item.latest, clock.now())) if item.latest else ()
    if item.latest is None or against:
        raise Refusal(
            " ".join(_(reason) for reason in against) or _("There is no text."),
            _("Make an article of it, rework it and publish it there."),
        )
    with transaction.atomic():
        # Two editors may have the same item before them: one publishes it, the other is told.
        Item.objects.select_for_update(of=("self",)).get(pk=item.pk)
        if Article.objects.filter(item=item).exists():
            raise Refusal(_("There is an article of it already."), _("Open it."))
        article = make_article(item, by=by)
        article.save_revision(user=by, clean=False).publish(user=by, skip_permission_checks=True)
    return Article.objects.get(pk=article.pk)


def discard(item: Item, *, by: User) -> None:
    """Take an item off the queue of what is new; it stays among all that came in.

    Neither a later version nor the end of an embargo publishes it then. Raises Refusal when it is
    not waiting there.
    """
    waiting = Intake.objects.filter(item=item, outcome=Intake.Outcome.HELD, item__article=None)
    reason = _("Discarded by %(who)s.") % {"who": by}
    if not waiting.update(
        outcome=Intake.Outcome.DISCARDED, reasons=[reason], by_desk=True, due_at=None
    ):
        raise Refusal(_("It does not wait for the desk any more."), _("Nothing was changed."))


def take_up(item: Item, *, by: User) -> None:
    """Undo `discard`. Raises Refusal when it was not discarded."""
    discarded = Intake.objects.filter(item=item, outcome=Intake.Outcome.DISCARDED)
    reason = _("Put back by %(who)s.") % {"who": by}
    if not discarded.update(outcome=Intake.Outcome.HELD, reasons=[reason], by_desk=False):
        raise Refusal(_("It was not discarded."), _("Nothing was changed."))
