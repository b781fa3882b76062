"""Premium reports are picked by editors, each for a day."""

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.actions.changes import refresh
from broadsheet.desk.actions.staff import set_columns
from broadsheet.desk.models import Article, Edit
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal

PREMIUM = "premium"


def pick(article: Article, *, by: User) -> Article:
    """Make a published report premium from now on: it counts for today.

    Raises Refusal for one that readers do not see, or that is premium already.
    """
    with transaction.atomic():
        row = Article.objects.select_for_update().get(pk=article.pk)
        if not row.visible(clock.now()):
            raise Refusal(_("Readers do not see this report."), _("Publish it first."))
        if row.access_class == PREMIUM:
            raise Refusal(_("This report is premium already."), _("Nothing was changed."))
        return _set_access(row, PREMIUM, by)


def put_back(article: Article, *, by: User) -> Article:
    """Take a pick back: the report has the access that it had before.

    Raises Refusal for one that was not picked.
    """
    with transaction.atomic():
        row = Article.objects.select_for_update().get(pk=article.pk)
        if row.picked_at is None:
            raise Refusal(
                _("This report was not picked."), _("Change its access in the editor instead.")
            )
        before = row.edits.filter(field="access", after=PREMIUM).last()
        return _set_access(row, (before.before or "") if before else "", by)


def _set_access(row: Article, access: str, by: User) -> Article:
    Edit.objects.create(
        article=row, by=by, field="access", before=row.access, after=access, basis=row.basis
    )
    set_columns(row, {"access": access}, by)
    row.write(picked_at=clock.now() if access == PREMIUM else None)
    refresh(row)
    return row
