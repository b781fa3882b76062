"""Who may do what in which section."""

from typing import Any

from django.contrib.auth.models import Permission

from broadsheet.desk.models import Article, SectionRight

ACTIONS = ("change", "publish", "correct", "hold", "withdraw")
"""What is granted by section; each is the permission `desk.<action>_article` as well."""

Sections = frozenset[int] | None
"""Numbers of sections; None: every section, those to come included."""


def sections(user: Any, action: str) -> Sections:
    """The sections in which the user may do this. Raises KeyError for an unknown action."""
    if not user.is_active or user.is_anonymous:
        return frozenset()
    if user.is_superuser:
        return None
    found: dict[str, Sections] | None = getattr(user, "_rights_by_section", None)
    if found is None:
        found = user._rights_by_section = _rights(user)
    return found[action]


def may(user: Any, action: str, section: int | None) -> bool:
    """Whether the user may do this in a section; None: somewhere."""
    where = sections(user, action)
    return where is None or (bool(where) if section is None else section in where)


def may_change(user: Any, article: Article, action: str = "change") -> bool:
    """Whether the user may do this to an article, by the section its row stands in."""
    return may(user, action, article.section_id)


def _rights(user: Any) -> dict[str, Sections]:
    """Three queries: what the user's groups may do, what the user may, where the groups may."""
    granted = Permission.objects.filter(
        content_type__app_label="desk", codename__in=[f"{a}_article" for a in ACTIONS]
    )
    own = set(granted.filter(user=user).values_list("codename", flat=True))
    by_group: dict[int, set[str]] = {}
    for group, codename in granted.filter(group__user=user).values_list("group", "codename"):
        by_group.setdefault(group, set()).add(codename)
    lines: dict[int, list[SectionRight]] = {}
    for line in SectionRight.objects.filter(group__in=by_group):
        lines.setdefault(line.group_id, []).append(line)
    return {action: _where(action, own, by_group, lines) for action in ACTIONS}


def _where(
    action: str, own: set[str], by_group: dict[int, set[str]], lines: dict[int, list[SectionRight]]
) -> Sections:
    codename = f"{action}_article"
    granting = [group for group, names in by_group.items() if codename in names]
    if codename in own or any(group not in lines for group in granting):
        return None
    return frozenset(
        line.section_id for group in granting for line in lines[group] if getattr(line, action)
    )
