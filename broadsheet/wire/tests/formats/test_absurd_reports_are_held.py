"""A report beyond all measure is cut, held for the desk, and its document keeps the rest."""

from broadsheet.desk.rules import BLOCKING_FLAGS
from broadsheet.wire.formats import parse
from tests.cast import ninjs


def test_a_report_longer_than_1_mb_is_cut_at_a_block_and_flagged() -> None:
    paragraph = "<p>" + "word " * 100 + "</p>"
    entry = parse(ninjs(body=paragraph * 2100)).entries[0]
    assert "too-long" in entry.flags and "too-long" in BLOCKING_FLAGS
    assert 990_000 < len(entry.body_html) <= 1_000_000
    assert entry.body_html.endswith("word</p>")
    assert "too-long" not in parse(ninjs(body=paragraph * 1900)).entries[0].flags


def test_a_tag_with_thousands_of_attributes_is_read_and_told() -> None:
    many = " ".join(f"a{n}='x'" for n in range(50_000))
    parsed = parse(ninjs(body=f"<p {many}>It rained.</p>"))
    assert parsed.entries[0].body_html == "<p>It rained.</p>"
    assert "attributes" in parsed.repairs[0]
