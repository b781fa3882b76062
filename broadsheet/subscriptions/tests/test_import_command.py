"""The commands in docs/importing.md are run as they stand, on the list that stands there."""

import re
import shlex
from pathlib import Path

import pytest

from broadsheet.accounts.models import User
from broadsheet.config.cli import main
from broadsheet.subscriptions.imports import FORMATS
from broadsheet.subscriptions.models import ImportFile, SubscriberImport
from broadsheet.subscriptions.tests.import_cast import rights

TEXT = (Path(__file__).parents[3] / "docs/importing.md").read_text()
COMMANDS = re.search(r"```sh\n(.*?)```", TEXT, re.S)[1].splitlines()
LIST = re.search(r"```csv\n(.*?)```", TEXT, re.S)[1]


@pytest.fixture
def folder(till, plan, travel, tmp_path, monkeypatch):
    (tmp_path / "subscribers.csv").write_text(LIST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BROADSHEET_HOME", str(tmp_path))
    return tmp_path


def run(line):
    words = shlex.split(line)
    assert words.pop(0) == "broadsheet"
    return main(words)


def test_the_documented_commands_do_what_is_said(folder, capsys):
    look, dry, real = COMMANDS
    assert run(look) == 1
    out = capsys.readouterr().out
    assert "No plan of ours was chosen for “Gold”" in out
    assert "nothing was imported" in out
    assert run(dry) == 0
    assert "3  new accounts" in capsys.readouterr().out
    assert not User.objects.exists()
    assert not SubscriberImport.objects.exists()
    assert run(real) == 0
    assert "3  new accounts" in capsys.readouterr().out
    assert set(rights("vera@example.com")) == {"unlimited", "premium", "ad_free"}
    assert rights("walt@example.com") == {}
    assert run(real) == 0
    assert "3  unchanged" in capsys.readouterr().out
    assert not ImportFile.objects.exists()


def test_a_plan_that_was_forgotten_stops_it_before_anything_is_done(folder, capsys):
    assert run('broadsheet import_subscribers subscribers.csv --plan "Gold=quarterly"') == 2
    assert "Old friends" in capsys.readouterr().err
    assert not User.objects.exists()
    assert SubscriberImport.objects.get().state == "dropped"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nowhere.csv", "cannot be read"),
        ("subscribers.csv --plan Gold", "names no plan"),
        ("subscribers.csv --plan Gold=platinum", "no plan “platinum”"),
        ("subscribers.csv --format substack", "no format “substack”"),
        ("subscribers.csv --format ghost", "complimentary_plan"),
    ],
)
def test_a_refusal_says_what_to_do(folder, capsys, line, words):
    assert run(f"broadsheet import_subscribers {line}") == 2
    assert words in capsys.readouterr().err
    assert not User.objects.exists()


def test_every_format_is_documented():
    for name, format in FORMATS.items():
        row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{name}`"))
        assert all(column in row.lower() for column in format.needed), name
