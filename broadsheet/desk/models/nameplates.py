"""What the paper and its other titles say of themselves at the top of their pages."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from broadsheet.look.texts import refuse_tokens


class Nameplated(models.Model):
    """Something that is published under a nameplate."""

    nameplate = models.CharField(
        _("nameplate"), max_length=120, blank=True, validators=[refuse_tokens],
        help_text=_("The title at the top of every page; empty: the name."),
    )  # fmt: skip
    tagline = models.CharField(_("tagline"), max_length=160, blank=True, validators=[refuse_tokens])
    description = models.CharField(
        _("description"), max_length=300, blank=True, validators=[refuse_tokens],
        help_text=_("One sentence for search engines and link previews."),
    )  # fmt: skip

    class Meta:
        """No table of its own."""

        abstract = True
