"""Reports sizes of functions and files against the budget (docs/direction.md)."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "broadsheet"
FUNCTION_P95, FUNCTION_MOST, FILE_P95, FILE_MOST = 35, 70, 320, 500


def _files() -> list[Path]:
    skipped = ("tests", "migrations")
    return [p for p in sorted(ROOT.rglob("*.py")) if not set(skipped) & set(p.parts)]


def _functions(path: Path) -> list[tuple[int, str]]:
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (
            (node.end_lineno or node.lineno) - node.lineno + 1,
            f"{path.relative_to(ROOT)}:{node.name}",
        )
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


def _at(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> int:
    """Print medians, 95th percentiles and maxima; 1 when a maximum is over the budget."""
    files = [(len(path.read_text().splitlines()), str(path.relative_to(ROOT))) for path in _files()]
    functions = [found for path in _files() for found in _functions(path)]
    over = []
    for name, sizes, p95, most in (
        ("function", functions, FUNCTION_P95, FUNCTION_MOST),
        ("file", files, FILE_P95, FILE_MOST),
    ):
        values = [size for size, _ in sizes]
        largest = max(sizes)
        print(f"{name}: {len(values)}, median {_at(values, 0.5)}, p95 {_at(values, 0.95)} of {p95},"
              f" largest {largest[0]} of {most} ({largest[1]})")  # fmt: skip
        over += [largest] if largest[0] > most or _at(values, 0.95) > p95 else []
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
