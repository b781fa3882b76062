"""On a busy machine an answer does not wait behind what newsroom and worker are doing."""

import os
import subprocess
import sys

import pytest

from broadsheet.config.processes import NICENESS

CALLS = (
    "from broadsheet.config.processes import give_way",
    "import threading",
    "give_way()",
    "found = [os.nice(0)]",
    "other = threading.Thread(target=lambda: found.append(os.nice(0)))",
    "other.start(); other.join()",
    "print(*found)",
)


@pytest.mark.parametrize("before", [0, NICENESS, NICENESS + 4])
def test_who_gives_way_is_nicer_in_every_thread_started_later(before: int) -> None:
    calls = f"import os; os.nice({before}); {'; '.join(CALLS)}"
    started = min(19, os.nice(0) + before)
    said = subprocess.run(
        [sys.executable, "-c", calls], capture_output=True, text=True, check=True
    ).stdout
    expected = max(started, NICENESS)
    assert [int(word) for word in said.split()] == [expected, expected]
