"""Each of the 56 faults that a wire or a newsroom can meet has a test that names it.

The cases are numbered in docs/cases.md; a test of case 7 is called
`test_case_07_…`, wherever it belongs.
"""

import ast
import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
CASES = range(1, 57)
MONEY = {HOUSE / "broadsheet" / app for app in ("ledger", "subscriptions")}
"""There a test of case 7 means the seventh fault of webhooks, money or mandates."""
LATER = {43: "the e-paper", 44: "newsletters"}
"""Their stage of the paper does not exist yet."""


def named() -> dict[int, list[str]]:
    """The tests of each case."""
    found: dict[int, list[str]] = {}
    for file in [*HOUSE.glob("broadsheet/**/tests/**/*.py"), *HOUSE.glob("tests/**/*.py")]:
        if MONEY & set(file.parents):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and (
                case := re.match(r"test_case_(\d\d)_", node.name)
            ):
                found.setdefault(int(case[1]), []).append(f"{file.name}: {node.name}")
    return found


def test_every_case_has_a_test_of_its_name() -> None:
    assert sorted(set(CASES) - set(named()) - set(LATER)) == []


def test_no_test_names_a_case_that_is_not_there() -> None:
    assert set(named()) <= set(CASES)


def test_the_list_names_every_case() -> None:
    listed = re.findall(r"^(\d+)\. ", (HOUSE / "docs" / "cases.md").read_text(), re.MULTILINE)
    assert [int(number) for number in listed] == list(CASES)
