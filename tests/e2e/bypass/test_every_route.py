"""Nothing gated at any address of the paper, whoever asks and however."""

from collections import Counter

from tests.e2e.bypass.conftest import Planted, Visitor
from tests.e2e.bypass.routes import newsroom, pressed

WAYS: tuple[tuple[str, dict[str, str]], ...] = (
    ("GET", {}),
    ("GET", {"accept-encoding": "identity"}),
    ("HEAD", {}),
    ("OPTIONS", {}),
)


SHUT = (302, 403, 404, 405)
WAYS_IN = ("/desk/login/", "/desk/logout/", "/desk/password_reset/", "/desk/jsi18n/")
FOR_ANYONE = ("/desk/sprite/", *WAYS_IN)


def addresses(planted: Planted) -> list[str]:
    """Of everything but the desk."""
    return pressed(planted.house.home) + newsroom("!desk", planted.numbers)


def test_the_planted_words_are_where_they_should_be(planted: Planted, visitors) -> None:
    active = visitors["active"]
    for name in ("open", "registered", "metered", "premium", "counting_house"):
        reply = active.client.get(planted.path(name))
        assert f"quokka{name}fourth" in reply.text, name
        assert f"quokka{name}last" in reply.text, name
    fronts = {"/counting-house/", "/counting-house/property/", "/counting-house/feed.json"}
    assert {"/", "/feed.json", "/search", "/accounts/login/"} | fronts < set(addresses(planted))
    assert len(addresses(planted)) > 200


def test_bypass_10_17_18_no_route_shows_what_a_reader_has_no_right_to(
    planted: Planted, visitor: Visitor
) -> None:
    faults, seen = [], Counter[int]()
    for path in addresses(planted):
        for method, fields in WAYS if path.startswith("/2") else WAYS[:1]:
            reply = visitor.client.request(method, path, headers=fields)
            seen[reply.status_code] += 1
            if leaked := visitor.leaks(reply):
                faults.append((method, path, fields, leaked))
            assert reply.status_code < 500, path
    assert not faults
    assert seen[200] > 100


def test_the_desk_is_closed_to_readers(planted: Planted, visitor: Visitor) -> None:
    inside = newsroom("desk", planted.numbers[-1:])
    assert len(inside) > 150
    opened = []
    for path in inside:
        reply = visitor.client.get(path)
        leaked = visitor.leaks(reply)
        if leaked or (reply.status_code not in SHUT and not path.startswith(FOR_ANYONE)):
            opened.append((path, reply.status_code, leaked))
    assert not opened
