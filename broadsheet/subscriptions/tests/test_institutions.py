"""Institutions: seats by mail address, networks for the gate, and both end when they should."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.urls import reverse

from broadsheet.accounts.models import User
from broadsheet.accounts.tests.doors import SIGNUP, browser, code_for, fill
from broadsheet.gate.institutions import read_networks
from broadsheet.kit import clock
from broadsheet.press.actions import press_everything
from broadsheet.press_log.models import Entry, Subject
from broadsheet.subscriptions import actions, reads
from broadsheet.subscriptions.models import Grant, Institution
from broadsheet.subscriptions.rules import Unfit, network_of
from broadsheet.subscriptions.tests.desk_cast import at_desk, clerk, page, publisher, queries
from tests.at_once import at_once
from tests.cast import ada

INSIDE = "193.0.6.9"


def institution(**facts) -> Institution:
    base = {"name": "Lantern Library", "domains": "library.example", "entitlements": ["premium"]}
    return Institution.objects.create(**base | facts)


def reader(name: str, domain: str = "library.example", *, verified: bool = True) -> User:
    user = User.objects.create_user(f"{name}@{domain}")
    EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    return user


def may(user: User, at=None) -> set[str]:
    return set(reads.entitlements(user, at or clock.now()))


def voided(user: User) -> int:
    return Entry.objects.filter(subject=Subject.READER, ref=str(user.pk)).count()


def lent(home, address: str = INSIDE) -> dict[str, int]:
    """What the gate would find in the pressed store."""
    with closing(sqlite3.connect(home / "pressed.sqlite3")) as store:
        return dict(read_networks(store).lent(address, clock.now().timestamp()))


def test_a_confirmed_address_at_the_domain_opens_and_voids_old_passes(paper):
    institution()
    user = reader("ida", verified=False)
    assert may(user) == set() and voided(user) == 0
    address = EmailAddress.objects.get(user=user)
    address.verified = True
    address.save()
    assert may(user) == {"premium"} and voided(user) == 1
    assert Grant.objects.get().source == "institution"


@pytest.mark.parametrize(
    "domain", ["sub.library.example", "notlibrary.example", "library.example.org"]
)
def test_another_domain_opens_nothing(paper, domain):
    institution()
    assert may(reader("ida", domain)) == set()


def test_those_who_were_there_before_the_institution_get_seats_too(paper):
    ida, max_ = reader("ida"), reader("MAX")
    institution()
    assert may(ida) == may(max_) == {"premium"}


def test_it_ends_when_the_address_goes_and_the_next_in_line_takes_the_seat(paper):
    institution(seats=1)
    ida, max_ = reader("ida"), reader("max")
    assert (may(ida), may(max_)) == ({"premium"}, set())
    EmailAddress.objects.filter(user=ida).delete()
    assert (may(ida), may(max_)) == (set(), {"premium"})
    assert (voided(ida), voided(max_)) == (2, 1)


def test_it_ends_when_the_address_is_changed_in_place(paper):
    institution()
    ida = reader("ida")
    address = EmailAddress.objects.get(user=ida)
    address.email = "ida@elsewhere.example"
    address.save()
    assert may(ida) == set()


def test_it_ends_with_the_institution_and_the_grants_stay_as_history(paper):
    made, ida = institution(), reader("ida")
    made.delete()
    assert may(ida) == set() and voided(ida) == 2
    assert Grant.objects.get().reason == "Lantern Library"


def test_it_ends_at_the_institutions_own_end_and_passes_know_it(paper):
    ends = clock.now() + timedelta(days=3)
    made, ida = institution(ends=ends), reader("ida")
    assert reads.rights(ida, clock.now()) == (frozenset({"premium"}), ends.timestamp())
    assert may(ida, ends) == set()
    made.ends = clock.now() - timedelta(seconds=1)
    made.save()
    assert may(ida) == set() and voided(ida) == 2


def test_other_rights_and_fewer_seats_reach_those_who_sit(paper):
    made = institution(seats=3)
    first, second, third, fourth = (reader(name) for name in "abcd")
    assert [len(may(user)) for user in (first, second, third, fourth)] == [1, 1, 1, 0]
    made.entitlements, made.seats = ["unlimited", "ad_free"], 2
    made.save()
    assert may(first) == may(second) == {"unlimited", "ad_free"}
    assert may(third) == may(fourth) == set()
    made.seats = None
    made.save()
    assert may(fourth) == {"unlimited", "ad_free"}
    assert checked(made) == 4


def checked(made: Institution) -> int:
    """Seats taken; each has every right once."""
    grants = Grant.objects.filter(institution=made, revoked_at=None)
    pairs = list(grants.values_list("reader", "entitlement"))
    assert len(pairs) == len(set(pairs))
    return len({reader for reader, _ in pairs})


def test_saving_it_again_changes_nothing_and_voids_no_pass(paper):
    made, ida = institution(), reader("ida")
    before = list(Grant.objects.values())
    made.save()
    assert list(Grant.objects.values()) == before and voided(ida) == 1


def test_a_readers_own_subscription_is_left_alone(paper):
    made, ida = institution(), reader("ida")
    own = Grant.objects.create(reader=ida, entitlement="premium")
    made.delete()
    own.refresh_from_db()
    assert own.revoked_at is None and may(ida) == {"premium"}


def test_an_account_that_is_deleted_frees_its_seat(paper):
    institution(seats=1)
    ida, max_ = reader("ida"), reader("max")
    ida.delete()
    assert may(max_) == {"premium"}


def test_an_account_that_is_closed_frees_its_seat_at_the_next_turn(paper):
    institution(seats=1)
    other = institution(name="Archive", domains="archive.example", seats=1)
    ida, max_ = reader("ida"), reader("max")
    far = reader("zoe", "archive.example")
    assert actions.free_seats() == 0
    ida.is_active = False
    ida.save()
    assert actions.free_seats() == 1
    assert (may(ida), may(max_), may(far)) == (set(), {"premium"}, {"premium"})
    assert actions.free_seats() == 0
    assert Grant.objects.get(institution=other).revoked_at is None


@pytest.mark.django_db(transaction=True)
def test_bypass_33_the_last_seat_is_taken_once(paper):
    made = institution(seats=2)
    users = [reader(f"r{n}", verified=False) for n in range(6)]

    def confirm(user: User) -> None:
        address = EmailAddress.objects.get(user=user)
        address.verified = True
        address.save()

    at_once(*[lambda user=user: confirm(user) for user in users])
    assert checked(made) == 2
    assert sum(bool(may(user)) for user in users) == 2


@pytest.mark.parametrize("text", ["193.0.6.0/24", "8.8.8.8", "2001:67c:2e8::/48", "11.0.0.0/8"])
def test_a_public_network_is_taken(text):
    assert network_of(text).num_addresses >= 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("193.0.6.9/24", "malformed"), ("193.0.6.0/33", "malformed"), ("library", "malformed"),
        ("", "malformed"), ("193.0.6.0/24, 8.8.8.8", "malformed"), ("0.0.0.0/0", "wide"),
        ("::/0", "wide"), ("8.0.0.0/7", "wide"), ("2a00::/18", "wide"), ("10.0.0.0/8", "private"),
        ("127.0.0.1", "private"), ("172.0.0.0/8", "private"), ("192.168.1.0/24", "private"),
        ("100.64.0.0/10", "private"), ("fd00::/48", "private"), ("fe80::1", "private"),
        ("::ffff:193.0.6.0/120", "private"), ("::1", "private"), ("2002:c100:600::/40", "private"),
        ("64:ff9b::/96", "private"), ("224.0.0.0/8", "private"), ("2001:db8::/48", "private"),
    ],
)  # fmt: skip
def test_a_network_that_none_may_have_is_refused_with_its_reason(text, reason):
    with pytest.raises(Unfit) as refused:
        network_of(text)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "facts",
    [
        {"networks": "10.0.0.0/8"}, {"networks": "8.8.8.8\n0.0.0.0/1"}, {"networks": "x"},
        {"domains": "ida@library.example"}, {"domains": "localhost"}, {"domains": "a b.example"},
        {"domains": "", "networks": " \n "},
        {"starts": clock.now(), "ends": clock.now() - timedelta(days=1)},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(paper, facts):
    base = {"name": "L", "domains": "library.example", "entitlements": ["premium"]}
    with pytest.raises(ValidationError):
        Institution(**base | facts).full_clean()


def test_networks_reach_the_pressed_store_and_leave_it_in_the_request_itself(
    paper, home, django_capture_on_commit_callbacks
):
    press_everything()
    with django_capture_on_commit_callbacks(execute=True):
        made = institution(networks="193.0.6.0/24\n2001:67c:2e8::/48")
    assert lent(home) == lent(home, "2001:67c:2e8:1::5") == {"premium": made.pk}
    with django_capture_on_commit_callbacks(execute=True):
        made.networks = "193.0.7.0/24"
        made.save()
    assert lent(home) == {} and lent(home, "193.0.7.1") == {"premium": made.pk}
    with django_capture_on_commit_callbacks(execute=True):
        made.delete()
    assert lent(home, "193.0.7.1") == {}


def test_a_press_of_everything_brings_networks_too(paper, home):
    made = institution(networks="193.0.6.0/24")
    press_everything()
    assert lent(home) == {"premium": made.pk}


FORM = {
    "name": "Lantern Library", "networks": "193.0.6.0/24", "domains": "library.example",
    "entitlements": ["premium"], "seats": "", "starts": "2026-01-01 00:00", "ends": "",
}  # fmt: skip


def test_the_publisher_adds_one_and_a_bad_network_is_told(plan):
    client = publisher()
    answer = client.post(reverse("institutions:add"), FORM | {"networks": "8.8.8.8\n10.1.0.0/16"})
    assert "10.1.0.0/16 is not public" in answer.content.decode()
    assert "8.8.8.8\n10.1.0.0/16" in answer.content.decode().replace("\r", ""), "nothing is lost"
    assert not Institution.objects.exists()
    client.post(reverse("institutions:add"), FORM)
    made = Institution.objects.get()
    assert (made.entitlements, made.seats) == (["premium"], None)
    reader("ida")
    assert "Lantern Library" in page(client, reverse("institutions:index"))
    client.post(reverse("institutions:delete", args=[made.pk]))
    assert not Institution.objects.exists()
    assert not Grant.objects.filter(revoked_at=None).exists()


def test_only_who_may_sees_the_screen(plan):
    made = institution()
    addresses = [reverse("institutions:index"), reverse("institutions:edit", args=[made.pk])]
    for client in (at_desk(ada()), at_desk(reader("ben"))):
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code in (302, 403)
            assert b"Lantern Library" not in answer.content
    able = clerk("subscriptions.change_institution")
    assert "Lantern Library" in page(able, addresses[1])
    assert able.post(reverse("institutions:add"), FORM).status_code in (302, 403)
    assert Institution.objects.count() == 1


def test_the_screen_asks_the_same_few_questions_however_many_there_are(plan):
    client = publisher()
    counts = []
    for more in (1, 12):
        for number in range(more):
            made = institution(name=f"L{more}-{number}", domains=f"d{more}-{number}.example")
            reader("ida", made.domains)
        counts.append(queries(client, reverse("institutions:index")))
    assert counts[0] == counts[1]


def test_hundreds_who_were_there_before_are_announced_and_left_to_the_worker(
    paper, home, django_capture_on_commit_callbacks
):
    users = [reader(f"r{number}") for number in range(30)]
    with django_capture_on_commit_callbacks(execute=True) as called:
        made = institution()
    assert len(called) == 1, "the institution's own entry"
    assert all(voided(user) == 1 for user in users) and checked(made) == 30
    press_everything()
    with closing(sqlite3.connect(home / "pressed.sqlite3")) as store:
        assert store.execute("SELECT count(*) FROM revoked").fetchone() == (30,)


def test_a_reader_signs_up_with_the_librarys_address_and_leaves_with_it(paper):
    institution()
    client = browser()
    asked = fill(client, client.get(SIGNUP), "email", email="ida@library.example")
    ida = User.objects.get(email="ida@library.example")
    assert may(ida) == set(), "the code is not typed yet"
    fill(client, asked, "code", code=code_for("ida@library.example"))
    assert may(ida) == {"premium"}
    page = client.get("/accounts/email/")
    asked = fill(client, page, "email", email="ida@elsewhere.example", action_add="")
    fill(client, asked, "code", code=code_for("ida@elsewhere.example"))
    client.post("/accounts/email/", {"email": "ida@elsewhere.example", "action_primary": ""})
    assert may(ida) == {"premium"}, "both addresses are hers"
    client.post("/accounts/email/", {"email": "ida@library.example", "action_remove": ""})
    assert may(ida) == set()
