"""A group: the reader invites two others, who take seats, leave, and are removed."""

from typing import ClassVar

from allauth.account.models import EmailAddress
from hypothesis.stateful import invariant

from broadsheet.accounts.models import Mail, User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Seat, Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.group_cast import LINK
from broadsheet.subscriptions.tests.money_machine.promises import Promises, opened

NAMES = ("rosa", "sami")


class Lending(Promises):
    """`inside` is the machine's own record: whose group each of the others is in, by the number of
    the subscription, in the order in which they came."""

    MOVES = (
        *[("invite", who) for who in (0, 1)] * 2, *[("take", who) for who in (0, 1)] * 3,
        *[("quit", who) for who in (0, 1)], *[("remove", who) for who in (0, 1)],
    )  # fmt: skip

    NEEDS: ClassVar = {
        "invite": lambda m, who: m.lends and who not in m.secrets,
        "take": lambda m, who: who in m.secrets,
        "quit": lambda m, who: any(one == who for one, _ in m.inside),
        "remove": lambda m, who: any(one == who for one, _ in m.inside),
    }

    @property
    def lends(self):
        live = self.live
        return live is not None and live.version.seats > 1

    def __init__(self):
        super().__init__()
        self.others, self.secrets, self.inside = [], {}, []
        for name in NAMES:
            other = User.objects.create_user(f"{name}@lantern.example")
            EmailAddress.objects.create(user=other, email=other.email, verified=True, primary=True)
            self.others.append(other)

    def invite(self, who):
        if self.live is None:
            return False
        try:
            actions.invite(self.live, self.others[who].email)
        except Refusal:
            return False
        mail = Mail.objects.filter(to=self.others[who].email, subject__startswith="Read ")
        self.secrets[who] = LINK.search(mail.latest("pk").text)[1]
        return True

    def take(self, who):
        try:
            seat = actions.take_seat(self.others[who], self.secrets.pop(who, ""))
        except Refusal:
            return False
        if (who, seat.subscription_id) not in self.inside:
            self.inside.append((who, seat.subscription_id))
        return True

    def quit(self, who):
        return self._vacate(Seat.objects.live().filter(reader=self.others[who]), Seat.LEFT)

    def remove(self, who):
        mine = Seat.objects.live().filter(subscription__reader=self.reader)
        return self._vacate(mine.filter(reader=self.others[who]), Seat.REMOVED)

    def _vacate(self, seats, why):
        found = list(seats)
        for seat in found:
            assert actions.vacate(seat, why)
            who = [other.pk for other in self.others].index(seat.reader_id)
            self.inside.remove((who, seat.subscription_id))
        return found

    @invariant()
    def members_read_exactly_as_long_as_their_owner_has_paid(self):
        groups = {group.pk: group for group in Subscription.objects.select_related("version")}
        self.inside = [(who, pk) for who, pk in self.inside if pk in groups]
        self._strike_off_surplus(groups)
        now = clock.now()
        for who, other in enumerate(self.others):
            mine = [groups[pk] for one, pk in self.inside if one == who]
            spans = [span for group in mine for span in self.spans_of(group)]
            assert entitlements(other, now) == opened(spans, now)
            seats = Seat.objects.live().filter(reader=other).values_list("subscription", flat=True)
            assert sorted(seats) == sorted(group.pk for group in mine)

    def _strike_off_surplus(self, groups):
        """Of too many for a live plan the newest are out; nobody else is but who went."""
        for pk, group in groups.items():
            ours = [one for one in self.inside if one[1] == pk]
            if group.is_live:
                for one in ours[group.version.seats - 1 :]:
                    self.inside.remove(one)
