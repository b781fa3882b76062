"""Which access class the time rules give an article, as the gate decides it: to the second."""

from datetime import datetime

from broadsheet.desk.models import Article, TimeRule
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
