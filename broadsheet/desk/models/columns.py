"""Whose the columns of an article are: staff's, by which they own a field, or the wire's."""

OVERRIDES = ("headline", "standfirst", "body", "picture_id", "no_picture", "topics")
"""The columns that say what staff own; None (or False) means: follows the wire."""

TEXTS = ("headline", "standfirst", "body", "topics")
"""Those of them that are texts, which a form posts back."""

SETTINGS = (
    "kicker",
    "byline",
    "authors",
    "dateline",
    "section_id",
    "access",
    "news_value",
    "embargo_until",
    "expire_at",
)
"""Staff's other columns whose published changes are logged."""

WIRE_COLUMNS = frozenset(
    [
        "item",
        "basis",
        "waiting",
        "wire_picture",
        "held",
        "held_by_desk",
        "stale_since",
        "withdrawn_at",
        "wire_embargo_until",
        "wire_expires",
        "path",
        "picked_at",
        "rule_topics",
        "turned_access",
        "shown_headline",
        "shown_standfirst",
        "search_text",
    ]
)
"""Columns that only the desk's actions write. No form, draft or stale revision carries them."""
