"""From the wire to articles: versions are taken in their order, each in one transaction."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from broadsheet.accounts.models import User
from broadsheet.desk.actions.changes import candidate, give_address, refresh, unfit
from broadsheet.desk.actions.pictures import wire_picture
from broadsheet.desk.models import (
    Article,
    Cursor,
    Intake,
    Notice,
    NoticeKind,
    Paper,
    Picture,
    Rule,
    Section,
)
from broadsheet.desk.rules import reasons_against
from broadsheet.kit import clock, tokens
from broadsheet.kit.say import Refusal
from broadsheet.wire.models import Item, Status, Version

CURSOR = "wire"


def catch_up() -> int:
    """Take every wire version that the desk has not taken; returns how many.

    Safe to call from several processes: the cursor's row is locked for each version. Withdrawals
    are carried out before anything else: a picture on a slow host must not delay them.
    """
    Cursor.objects.get_or_create(name=CURSOR)
    taken = 0
    while (version := _next()) is not None:
        _withdraw_waiting()
        picture = wire_picture(version) if version.applies and version.status == "usable" else None
        taken += _take_once(version, picture)
    return taken


def _withdraw_waiting() -> None:
    """Carry out what the wire withdraws further on; taking it again in its turn changes nothing."""
    position = Cursor.objects.values_list("position", flat=True).get(name=CURSOR)
    waiting = Version.objects.filter(sequence__gt=position, status=Status.CANCELED)
    for version in waiting:
        with transaction.atomic():
            articles = Article.objects.select_for_update(of=("self",))
            article = articles.filter(item=version.item_id, withdrawn_at=None).first()
            if article is not None:
                withdraw_by_wire(article, version)


def _next() -> Version | None:
    position = Cursor.objects.values_list("position", flat=True).get(name=CURSOR)
    waiting = Version.objects.filter(sequence__gt=position).select_related(
        "item__source", "fetch__feed"
    )
    return waiting.order_by("sequence").first()


def _take_once(version: Version, picture: Picture | None) -> int:
    with transaction.atomic():
        cursor = Cursor.objects.select_for_update().get(name=CURSOR)
        if cursor.position >= version.sequence:
            return 0
        if version.applies:
            _take(version, picture)
        cursor.position = version.sequence
        cursor.save(update_fields=["position"])
        return 1


def _take(version: Version, picture: Picture | None) -> None:
    article = Article.objects.select_for_update().filter(item=version.item_id).first()
    if article is None:
        if version.item.status == Status.USABLE:
            _route(version, picture)
        else:
            withdrawn = gettext_noop("The wire withdrew it.")
            unreleased = gettext_noop("The wire does not release it.")
            reason = withdrawn if version.item.status == Status.CANCELED else unreleased
            _keep(version, Intake.Outcome.HELD, None, None, [reason])
    elif version.status == Status.CANCELED:
        withdraw_by_wire(article, version)
    elif article.withdrawn_at is None:
        _apply(article, version, picture)


def _route(version: Version, picture: Picture | None) -> None:
    for rule in Rule.objects.select_related("section"):
        if rule.matches(version):
            if rule.action == "publish":
                _publish_or_hold(version, rule, picture)
            else:
                discard = rule.action == "discard"
                outcome = Intake.Outcome.DISCARDED if discard else Intake.Outcome.HELD
                _keep(version, outcome, rule, rule.section, [gettext_noop("A rule says so.")])
            if rule.stop or Article.objects.filter(item=version.item_id).exists():
                return
    if not Intake.objects.filter(item=version.item_id).exists():
        _keep(version, Intake.Outcome.HELD, None, None, [gettext_noop("No rule publishes it.")])


def _publish_or_hold(version: Version, rule: Rule, picture: Picture | None) -> None:
    section = rule.section or _section_by_category(version)
    reasons = list(reasons_against(candidate(version), rule.max_age))
    if section is None:
        reasons.append(gettext_noop("No section fits."))
    if reasons or section is None:
        _keep(version, Intake.Outcome.HELD, rule, section, reasons)
        return
    _keep(version, Intake.Outcome.PUBLISHED, rule, section, [])
    now = clock.now()
    article = _new_article(
        version, section, rule.access, picture, live=True, first_published_at=now,
        last_published_at=now,
    )  # fmt: skip
    give_address(article)
    refresh(article)


def _section_by_category(version: Version) -> Section | None:
    names = {str(name).casefold() for name in version.fields.get("categories", [])}
    sections = list(Section.objects.all())
    fitting = (s for s in sections if s.slug in names or s.name.casefold() in names)
    return next(fitting, sections[0] if sections else None)


def _new_article(
    version: Version, section: Section, access: str, picture: Picture | None, **more: object
) -> Article:
    urgency = version.urgency or 5
    return Article.objects.create(
        item=version.item,
        basis=version,
        section=section,
        access=access,
        wire_picture=picture,
        news_value=max(1, min(5, 6 - (urgency + 1) // 2)),
        held=version.item.status == Status.WITHHELD,
        wire_embargo_until=version.embargo_until,
        wire_expires=version.expires,
        **more,
    )


def _keep(
    version: Version,
    outcome: Intake.Outcome,
    rule: Rule | None,
    section: Section | None,
    reasons: list[str],
) -> None:
    Intake.objects.update_or_create(
        item=version.item,
        defaults={
            "outcome": outcome,
            "rule": rule.name if rule else "",
            "section": section,
            "access": rule.access if rule else "metered",
            "reasons": reasons,
            "search_text": version.headline.casefold()[:300],
        },
    )


def _apply(article: Article, version: Version, picture: Picture | None) -> None:
    """A newer version: what staff own stays; with the body in staff's hands the version waits."""
    columns: dict[str, object] = {
        "wire_embargo_until": version.embargo_until,
        "wire_expires": version.expires,
        "held": version.status == Status.WITHHELD or article.held_by_desk,
    }
    if version.status == Status.USABLE and (article.body is not None or unfit(version)):
        columns["waiting"] = version
    elif version.status == Status.USABLE:
        columns |= {"basis": version, "waiting": None, "wire_picture": picture}
    article.write(**columns)
    _tell_readers(article, version)
    refresh(article)


def _told_before(version: Version) -> bool:
    """Agencies leave "CORRECTED" on every later version: that is one correction, told once."""
    before = version.item.versions.filter(number__lt=version.number).last()
    return before is not None and (before.signal, _note(before)) == (version.signal, _note(version))


def _tell_readers(article: Article, version: Version) -> None:
    corrected = version.signal in (NoticeKind.CORRECTION, NoticeKind.CLARIFICATION)
    if corrected and not _told_before(version):
        text = _told(version, gettext_noop("The agency has corrected this report."))
        Notice.objects.create(article=article, kind=version.signal, text=text, version=version)
    if version.status == Status.WITHHELD:
        text = _told(version, gettext_noop("The agency is checking this report."))
        Notice.objects.create(article=article, kind=NoticeKind.HOLD, text=text, version=version)


def _told(version: Version, sentence: str) -> str:
    """The agency's own words for readers, else our sentence in the paper's language of now."""
    with override(Paper.load().language):
        return _note(version) or _(sentence)


def _note(version: Version) -> str:
    """What the agency tells of the change; "" for one that would show template marks to readers."""
    note = str(version.fields.get("note") or "")
    return "" if tokens.has_marks(note) else note


def withdraw_by_wire(article: Article, version: Version) -> None:
    """The agency withdraws: whatever staff hold, the report is gone from every surface."""
    if article.withdrawn_at is None:
        article.write(withdrawn_at=clock.now())
        text = _told(version, gettext_noop("The agency has withdrawn this report."))
        Notice.objects.create(
            article=article, kind=NoticeKind.WITHDRAWAL, text=text, version=version
        )
    refresh(article)


def make_article(item: Item, *, by: User) -> Article:
    """A draft from an item that no rule published, for staff to finish and publish.

    Raises Refusal when the wire withdrew the item or there is no section to put it in.
    """
    usable = item.latest is not None and item.status != Status.CANCELED
    picture = wire_picture(item.latest) if usable and item.latest else None
    with transaction.atomic():
        existing = Article.objects.filter(item=item).first()
        if existing:
            return existing
        if item.latest is None or item.status == Status.CANCELED:
            raise Refusal(_("The wire has withdrawn this report."), _("It cannot be published."))
        intake = Intake.objects.filter(item=item).select_related("section").first()
        section = (intake.section if intake else None) or _section_by_category(item.latest)
        if section is None:
            raise Refusal(_("The paper has no section yet."), _("Add a section first."))
        access = intake.access if intake else "metered"
        article = _new_article(item.latest, section, access, picture, live=False)
        article.write(shown_headline=article.full_headline[:300])
        return article
