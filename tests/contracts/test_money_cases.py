"""Each of the 60 faults that money can meet has a test that names it.

The cases are numbered in docs/money-cases.md. A test of case 7 is called `test_case_07_…` in
`ledger/` and `subscriptions/`, and `test_money_case_07_…` elsewhere: there the wire's cases go by
number.
"""

import ast
import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
CASES = range(1, 61)
NUMBERED = [HOUSE / "broadsheet" / app for app in ("ledger", "subscriptions")]
ELSEWHERE = [*(HOUSE / "broadsheet" / app for app in ("accounts", "gate", "kit")), HOUSE / "tests"]
COMING: frozenset[int] = frozenset()


def _tests(folder: Path) -> list[tuple[str, str]]:
    """File and name of every test below a folder."""
    pattern = "**/*.py" if folder.name == "tests" else "**/tests/**/*.py"
    return [
        (file.name, node.name)
        for file in folder.glob(pattern)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def named() -> dict[int, list[str]]:
    """The tests of each case; one may prove several (`test_case_03_and_04_…`)."""
    found: dict[int, list[str]] = {}
    for word, folders in (("test_case", NUMBERED), ("test_money_case", ELSEWHERE)):
        says = re.compile(rf"{word}_(\d\d(?:_and_\d\d)*)_[a-z]")
        for file, name in [test for folder in folders for test in _tests(folder)]:
            if case := says.match(name):
                for number in case[1].split("_and_"):
                    found.setdefault(int(number), []).append(f"{file}: {name}")
    return found


def test_every_case_has_a_test_of_its_name() -> None:
    assert sorted(set(CASES) - set(named()) - COMING) == []


def test_no_test_names_a_case_that_is_not_there() -> None:
    assert set(named()) <= set(CASES)


def test_what_has_come_is_no_longer_expected() -> None:
    assert sorted(COMING & set(named())) == []


def test_the_list_names_every_case() -> None:
    text = (HOUSE / "docs" / "money-cases.md").read_text()
    listed = re.findall(r"^(\d+)\. ", text, re.MULTILINE)
    assert [int(number) for number in listed] == list(CASES)
