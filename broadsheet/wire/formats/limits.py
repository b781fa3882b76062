"""What a draft may not exceed: a length, a number of attributes, an embargo or expiry unread."""

from broadsheet.kit.html import slimmed, within
from broadsheet.kit.html.bounding import MOST_ATTRIBUTES
from broadsheet.wire.formats.dates import is_never
from broadsheet.wire.formats.parsed import Draft, Reading

LONGEST_HTML = 1_000_000
"""Characters of HTML that a report may have; the fetch keeps the rest (docs/cases.md, 5)."""


def cut_to_size(draft: Draft, reading: Reading) -> None:
    """What no honest report has is left out, and told; a text that was cut is the desk's."""
    for name in ("body", "standfirst"):
        stated = getattr(draft, name)
        slim = slimmed(stated)
        short, was_cut = within(slim, LONGEST_HTML)
        if slim != stated:
            reading.repaired(f"Tags lost what they had beyond {MOST_ATTRIBUTES} attributes.")
        if was_cut:
            draft.flags = [*draft.flags, "too-long"]
        setattr(draft, name, short)


def settle_bounds(draft: Draft) -> None:
    """An embargo that is stated and cannot be read has no end (NewsML-G2: <embargoed/>); an expiry
    that cannot be read is the desk's to judge.
    """
    if draft.embargo is None and draft.embargo_as_sent is not None:
        draft.flags = [*draft.flags, "unreadable-embargo"]
        if draft.status == "usable":
            draft.status, draft.signal = "withheld", "hold"
    ends = draft.expires_as_sent.strip()
    if draft.expires is None and ends and not is_never(ends):
        draft.flags = [*draft.flags, "unreadable-expiry"]
