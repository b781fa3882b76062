"""On a busy machine an answer does not wait behind what newsroom and worker are doing."""

import os
import subprocess
import sys

from broadsheet.config.processes import NICENESS

CALLS = (
    "from broadsheet.config.processes import give_way",
    "import os, threading",
    "give_way()",
    "found = [os.nice(0)]",
    "other = threading.Thread(target=lambda: found.append(os.nice(0)))",
    "other.start(); other.join()",
    "print(*found)",
)


def test_who_gives_way_is_nicer_in_every_thread_started_later() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "; ".join(CALLS)], capture_output=True, text=True, check=True
    ).stdout
    expected = min(19, os.nice(0) + NICENESS)
    assert [int(word) for word in said.split()] == [expected, expected]
