"""The examples in docs/operating.md are run as they stand, by somebody who only has the secret."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from broadsheet.wire import actions, pushes
from broadsheet.wire.models import Item
from tests.cast import ninjs

TEXT = (Path(__file__).parents[4] / "docs/operating.md").read_text()
CURL = next(
    block for block in re.findall(r"```sh\n(.*?)```", TEXT, re.S) if "openssl dgst" in block
)
PYTHON = re.search(r"```python\n(.*?)```", TEXT, re.S)[1]


@pytest.fixture
def told(settings, live_server, home):
    settings.ORIGIN = live_server.url
    return pushes.new_credentials(actions.add_feed("wave", "push:", agency="Wave"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "words", [[sys.executable, "-c", PYTHON], ["bash", "-ec", CURL]], ids=["python", "curl"]
)
def test_the_documented_example_delivers(told, tmp_path, words):
    missing = [
        tool for tool in ("curl", "openssl") if words[0] == "bash" and not shutil.which(tool)
    ]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed")
    (tmp_path / "item.json").write_bytes(ninjs())
    around = os.environ | {"ADDRESS": told.address, "SECRET": told.secret}
    ran = subprocess.run(
        words, cwd=tmp_path, env=around, capture_output=True, text=True, timeout=30, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["new"] == 1
    assert Item.objects.count() == 1
