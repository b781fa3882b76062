"""Each way around the wall that can be tried here has a test that names it.

`docs/bypass.md` lists all forty; a test of way 23 is called `test_bypass_23_…`.
"""

import ast
import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
FOLDER = HOUSE / "tests" / "e2e" / "bypass"
AT_THE_GATE = {35, 36, 40}
WITHIN_ANOTHER = {7: 10, 8: 10, 9: 1, 26: 23}
LATER = {
    13: "verified robots", 14: "verified robots", 21: "e-paper and PDF", 25: "offline reading",
    33: "institutions",
}  # fmt: skip


def named() -> set[int]:
    """The numbers in the names of tests."""
    numbers: set[int] = set()
    for file in FOLDER.glob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_bypass_"):
                numbers |= {int(number) for number in re.findall(r"_(\d\d)(?=_)", node.name)}
    return numbers


def test_every_way_has_a_test_or_a_reason() -> None:
    excused = AT_THE_GATE | set(WITHIN_ANOTHER) | set(LATER)
    assert set(range(1, 41)) - excused == named()
    assert set(WITHIN_ANOTHER.values()) <= named()


def test_the_list_names_every_way() -> None:
    listed = re.findall(r"^\| ([\d, ]+) \|", (HOUSE / "docs" / "bypass.md").read_text(), re.M)
    assert sorted(int(n) for row in listed for n in row.split(",")) == list(range(1, 41))
