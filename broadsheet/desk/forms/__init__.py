"""Forms of the desk."""

from broadsheet.desk.forms.article import ArticleForm
from broadsheet.desk.forms.notices import CorrectionForm, HoldForm, WithdrawalForm

__all__ = ["ArticleForm", "CorrectionForm", "HoldForm", "WithdrawalForm"]
