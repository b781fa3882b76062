"""`broadsheet check_ledger` answers by its exit code."""

from argparse import Namespace

from django.db import connection

from broadsheet.config.commands import COMMANDS
from broadsheet.subscriptions.tests.conftest import buy
from tests.cast import ben


def test_the_command_fails_when_a_posting_was_tampered_with(till, plan, capsys):
    buy(till, ben(), plan)
    assert COMMANDS["check_ledger"](Namespace()) == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_posting SET amount = amount + 1 WHERE amount > 0")
    assert COMMANDS["check_ledger"](Namespace()) == 1
    assert "!!" in capsys.readouterr().out
