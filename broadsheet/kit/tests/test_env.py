from pathlib import Path

import pytest

from broadsheet.kit.env import read_env
from broadsheet.kit.say import Refusal
from broadsheet.kit.sign_in_with import issuers


def test_without_settings_the_home_is_var_in_this_folder():
    assert read_env({}).home == Path("var").absolute()


def test_a_secret_is_read_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("lantern\n")
    assert read_env({"BROADSHEET_SECRET_KEY_FILE": str(file)}).secret_key == "lantern"


def test_secrets_of_feeds_are_lines_with_a_name(tmp_path):
    file = tmp_path / "secrets"
    file.write_text("# of the agencies\n\nquill = s=3 cret\n hill-2=x\n")
    secrets = read_env({"BROADSHEET_WIRE_SECRETS_FILE": str(file)}).secrets
    assert secrets == {"quill": "s=3 cret", "hill-2": "x"}


KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl=\ncn==\n-----END OPENSSH PRIVATE KEY-----\n"


def test_a_private_key_goes_on_over_its_lines(tmp_path):
    file = tmp_path / "secrets"
    file.write_text(f"a = 1\nhill = {KEY}quill = 2\n")
    secrets = read_env({"BROADSHEET_WIRE_SECRETS_FILE": str(file)}).secrets
    assert {name: secret.strip() for name, secret in secrets.items()} == {
        "a": "1", "hill": KEY.strip(), "quill": "2"
    }  # fmt: skip


def test_a_private_key_without_an_end_is_refused_and_not_told():
    with pytest.raises(Refusal, match="no end") as refusal:
        read_env({"BROADSHEET_WIRE_SECRETS": "hill = " + KEY.partition("-----END")[0]})
    assert "b3Bl" not in str(refusal.value)


def test_a_file_of_secrets_is_read_anew_and_half_of_one_changes_nothing(tmp_path, monkeypatch):
    file = tmp_path / "secrets"
    file.write_text("hill = 1\n")
    monkeypatch.setenv("BROADSHEET_WIRE_SECRETS_FILE", str(file))
    env = read_env({"BROADSHEET_WIRE_SECRETS_FILE": str(file)})
    file.write_text("hill = 2\nquill = 3\n")
    assert env.secrets == {"hill": "2", "quill": "3"}
    file.write_text("hill\n")
    assert env.secrets == {"hill": "1"}
    file.unlink()
    assert env.secrets == {"hill": "1"}


def test_a_refused_secret_is_not_told():
    with pytest.raises(Refusal) as refusal:
        read_env({"BROADSHEET_WIRE_SECRETS": "hunter2"})
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"BROADSHEET_URLL": "x"}, "not a setting"),
        ({"BROADSHEET_HOME_FILE": "x"}, "not a setting"),
        ({"BROADSHEET_SECRET_KEY": "a", "BROADSHEET_SECRET_KEY_FILE": "b"}, "given twice"),
        ({"BROADSHEET_SECRET_KEY_FILE": "/nowhere/key"}, "Name a readable file"),
        ({"BROADSHEET_URL": "https://paper.example/news"}, "without a path"),
        ({"BROADSHEET_URL": "paper.example"}, "without a path"),
        ({"BROADSHEET_FREE_ARTICLES": "-1"}, "0 or more"),
        ({"BROADSHEET_MAIL_URL": "mail.example"}, "known scheme"),
        ({"BROADSHEET_TRUSTED_PROXIES": "127.0.0.1/32, me"}, "Give networks"),
        ({"BROADSHEET_TRUSTED_PROXIES": "10.0.0.1/8"}, "Give networks"),
        ({"BROADSHEET_WIRE_SECRETS": "quill"}, "line 1 is not 'name = secret'"),
        ({"BROADSHEET_WIRE_SECRETS": "a = 1\nQu ill = 2"}, "line 2"),
        ({"BROADSHEET_WIRE_SECRETS": "a = 1\na = 2"}, "'a' twice"),
        ({"BROADSHEET_PAYMENTS_URL": "paypal://a:b@c"}, "no gateway of ours"),
        ({"BROADSHEET_PAYMENTS_URL": "fakepay://localhost:1"}, "keys are missing"),
        ({"BROADSHEET_PAYMENTS_URL": "razorpay://id:key@host"}, "keys are missing"),
        ({"BROADSHEET_PAYMENTS_URL": "razorpay://id:key@host?webhook=a,"}, "keys are missing"),
        ({"BROADSHEET_PAYMENTS_URL": "fakepay://key:secret@"}, "keys are missing"),
        ({"BROADSHEET_PAYMENTS_URL": "stripe://sk_test_1@"}, "keys are missing"),
        ({"BROADSHEET_PAYMENTS_URL": "stripe://k:s@host:port"}, "no gateway of ours"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_remedy(environ, words):
    with pytest.raises(Refusal, match=words):
        read_env(environ)


@pytest.mark.parametrize(
    "url",
    ["redis://127.0.0.1:6379/0", "rediss://reader:word@meter.example", "valkey://[::1]:6379/2"],
)
def test_several_gates_share_a_meter(url):
    env = read_env({"BROADSHEET_METER_URL": url, "BROADSHEET_GATES": "4"})
    assert env.meter_url == url and env.gates == 4


@pytest.mark.parametrize(
    "url", ["127.0.0.1:6379", "http://host", "redis://", "redis://host:port", "redis://host/paper"]
)
def test_what_is_no_valkey_is_refused_and_its_password_not_told(url):
    with pytest.raises(Refusal, match="METER_URL") as refusal:
        read_env({"BROADSHEET_METER_URL": url})
    assert "host:" not in refusal.value.problem and "redis://" in refusal.value.remedy


def test_several_gates_without_a_shared_meter_are_refused_with_the_remedy():
    with pytest.raises(Refusal) as refusal:
        read_env({"BROADSHEET_GATES": "4"})
    assert "BROADSHEET_METER_URL" in refusal.value.remedy
    assert read_env({}).gates == 1


def test_a_paper_without_a_gate_is_refused():
    with pytest.raises(Refusal, match="BROADSHEET_GATES is 0"):
        read_env({"BROADSHEET_GATES": "0"})


QUAY = "quay | The Quay | https://quay.example/realm | lantern | s|e=cret"


def test_accounts_elsewhere_are_lines_of_five_parts(tmp_path):
    file = tmp_path / "issuers"
    file.write_text(f"# readers' accounts\n\n{QUAY}\ndock|Dock|http://127.0.0.1:9|a|b\n")
    found = issuers(read_env({"BROADSHEET_SIGN_IN_WITH_FILE": str(file)}).sign_in_with)
    assert [(i.slug, i.name, i.place, i.client) for i in found] == [
        ("quay", "The Quay", "quay.example:443", "lantern"),
        ("dock", "Dock", "127.0.0.1:9", "a"),
    ]
    assert found[0].secret == "s|e=cret"
    assert "s|e=cret" not in repr(found)


@pytest.mark.parametrize(
    "line",
    [
        "hunter2",
        "quay|Quay|https://quay.example|lantern|",
        "Quay!|Quay|https://quay.example|lantern|hunter2",
        f"quay|{'Q' * 41}|https://quay.example|lantern|hunter2",
        "quay|Quay|http://quay.example|lantern|hunter2",
        "quay|Quay|https://quay.example?x=1|lantern|hunter2",
        "quay|Quay|https://me@quay.example|lantern|hunter2",
        "quay|Quay|ftp://quay.example|lantern|hunter2",
        "quay|Quay|https://[|lantern|hunter2",
        f"{QUAY}\n{QUAY}",
    ],
)
def test_a_line_that_names_no_account_elsewhere_is_refused_and_not_told(line):
    with pytest.raises(Refusal) as refusal:
        read_env({"BROADSHEET_SIGN_IN_WITH": line})
    assert "hunter2" not in str(refusal.value)
    assert "s|e=cret" not in str(refusal.value)
