"""Which content coding a client gets."""

import gzip

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.gate.codings import (
    AS_IT_IS,
    OURS,
    codings_of,
    packed,
    quickest,
    smallest,
    tag_of,
    zstd,
)
from broadsheet.gate.fields import accept_encoding
from broadsheet.gate.tests.asking import Asked

WEIGHTS = st.sampled_from(
    ["", ";q=0", ";q=0.0", ";q=0.000", "; q=0", " ; Q=0", ";q=0.5", ";q=1", ";q=1.000", ";q=0.001",
     ";q=2", ";q=-1", ";q=nan", ";q=", ";level=3", ";q=0.5;q=1"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["br", "gzip", "x-gzip", "zstd", "identity", "*", "deflate", "BR", "Gzip", "ZSTD", "", "brr"]
)
FIELDS = st.lists(st.tuples(NAMES, WEIGHTS), max_size=8)


def written(parts: list[tuple[str, str]], comma: str) -> str:
    return comma.join(name + weight for name, weight in parts)


def refused(parts: list[tuple[str, str]]) -> set[str]:
    """Codings that the field gives no weight, by name or all in one, however it is written."""
    names = {name.lower().removeprefix("x-") for name, _ in parts}
    nothing = {
        name.lower().removeprefix("x-")
        for name, weight in parts
        if weight.replace(" ", "").lower() in (";q=0", ";q=0.0", ";q=0.000")
    }
    everything = set(OURS) - names if "*" in nothing else set()
    return (nothing | everything) - {""}


@given(FIELDS, st.sampled_from([",", ", ", " , "]))
def test_no_coding_is_sent_that_the_client_refused(parts, comma):
    codings = codings_of(written(parts, comma))
    assert codings and not codings & refused(parts)
    assert smallest(codings) in codings and quickest(codings) in codings


@given(FIELDS)
def test_no_coding_is_sent_that_the_client_did_not_name(parts):
    named = {name.lower().removeprefix("x-") for name, _ in parts}
    allowed = named | {""} | ({"gzip"} if "*" in named else set())
    assert codings_of(written(parts, ",")) <= allowed


@given(st.text(max_size=80))
def test_whatever_is_written_there_is_an_answer(text):
    assert codings_of(text)


@given(st.permutations(OURS), st.sampled_from(OURS))
def test_the_highest_weight_decides_in_whatever_order(order, best):
    field = ", ".join(c if c == best else f"{c};q=0.9" for c in order)
    assert codings_of(field) == {best}


@pytest.mark.parametrize(
    ("field", "codings"),
    [
        ("", {""}),
        ("identity", {""}),
        ("gzip, deflate, br, zstd", {"br", "gzip", "zstd"}),
        ("gzip, deflate, br", {"br", "gzip"}),
        ("gzip", {"gzip"}),
        ("x-gzip", {"gzip"}),
        ("*", {"gzip"}),
        ("*;q=0", {""}),
        ("identity;q=0", {""}),
        ("identity;q=0, *;q=0", {""}),
        ("identity;q=0, *", {"gzip"}),
        ("gzip;q=0, *", {""}),
        ("br;q=0.5, gzip;q=0.8, *;q=0.1", {"gzip"}),
        ("gzip;q=0.5, identity", {""}),
        ("gzip;q=0.5, identity;q=0.5", {"gzip"}),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", {"br"}),
        ("gzip, gzip;q=0", {""}),
        ("br;q=word, gzip;q=0.1", {"gzip"}),
    ],
)
def test_fields_as_clients_write_them(field, codings):
    assert codings_of(field) == codings


@given(st.binary(max_size=5000))
def test_every_coding_gives_the_text_back(text):
    assert brotli.decompress(packed(text, "br")) == text
    assert gzip.decompress(packed(text, "gzip")) == text
    assert zstd.decompress(packed(text, "zstd")) == text
    assert packed(text, "") == text


def test_tags_tell_the_codings_apart():
    assert len({tag_of('"abc"', coding) for coding in (*OURS, "")}) == 4
    assert tag_of('"abc"', "br") == '"abc-br"'


def test_a_field_longer_than_any_browser_sends_is_as_if_it_were_not_there() -> None:
    def asked(field: str) -> frozenset[str]:
        return codings_of(accept_encoding(Asked({"accept-encoding": field})))

    assert asked("gzip," + "x" * 195) == {"gzip"}
    kept = codings_of.cache_info().currsize
    assert [asked(f"gzip,{n}," + "x," * 100) for n in range(3)] == [AS_IT_IS] * 3
    assert codings_of.cache_info().currsize <= kept + 1
