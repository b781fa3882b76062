"""Which access class the time rules give an article, as the gate decides it: to the second."""

from datetime import datetime

from broadsheet.desk.models import Article, Rule, Section, TimeRule, Title
from broadsheet.gate.policy import Policy


def turned_access(article: Article, policy: Policy, now: datetime) -> str:
    """The class that a time rule gives it at `now`, "" when none does."""
    at = article.first_published_at
    if at is None or not policy.turns:
        return ""
    age = (now - at).total_seconds()
    found = policy.turn(article.own_access, article.section_id, age)
    return found.access if found else ""


def access_in_force(article: Article, now: datetime) -> str:
    """The access class at `now`, time rules included; `access_class` follows a moment later."""
    return turned_access(article, TimeRule.policy(), now) or article.own_access


def closes_something(access: str) -> bool:
    """Whether a report, a section, a title or a rule has this class."""
    of_models = (Title, Section, TimeRule, Rule, Article)
    found = any(model.objects.filter(access=access).exists() for model in of_models)
    return found or TimeRule.objects.filter(own_access=access).exists()
