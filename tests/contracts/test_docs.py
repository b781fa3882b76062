"""The documentation is true to the code: settings, commands, folders, paths, names and links."""

import argparse
import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from html.parser import HTMLParser
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from broadsheet.config import cli
from broadsheet.kit.env import PREFIX, Env

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "broadsheet"
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
NAMED = re.compile(r"([\w./-]+\.py)(?:: ([A-Za-z_][\w.]*))?")
ENTRY = re.compile(r"^- \*\*(.+?)\*\*: .+ \*Avoid:\* .+ \*Owner:\* `.+`\.$")
REFUSED_STARTS = ("handle_", "process_")
GIVEN = frozenset(dir(HTMLParser)) | frozenset(dir(ThreadingHTTPServer))
"""Names that a base class of the standard library prescribes."""


def _text(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _commands(parser: argparse.ArgumentParser, words: str) -> Iterator[tuple[str, str]]:
    """Each command and each option as (command, what must be written)."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield f"{words} {name}", f"{words} {name}"
                yield from _commands(sub, f"{words} {name}")
        else:
            yield from ((words, o) for o in action.option_strings if o not in ("-h", "--help"))


@pytest.mark.parametrize("field", fields(Env), ids=lambda field: field.name)
def test_every_setting_is_documented(field):
    name = PREFIX + field.name.upper()
    configuration = _text("configuration.md")
    assert f"`{name}`" in configuration
    if field.metadata["secret"]:
        assert f"`{name}_FILE`" in configuration


def test_no_setting_is_documented_that_does_not_exist():
    known = {PREFIX + field.name.upper() for field in fields(Env)}
    known |= {PREFIX + f.name.upper() + "_FILE" for f in fields(Env) if f.metadata["secret"]}
    for path in DOCS:
        named = set(re.findall(rf"{PREFIX}[A-Z_]*[A-Z]", path.read_text()))
        assert named <= known, _id(path)


@pytest.mark.parametrize(("command", "written"), [*_commands(cli._parser(), "broadsheet")])
def test_every_command_and_option_is_documented(command, written):
    rows = _text("configuration.md").split("## Commands")[1].split("\n| `")
    about = [row for row in rows if row.startswith(command)]
    is_group = command == "broadsheet wire"
    assert about, command
    assert is_group or any(written in row for row in about), f"{command}: {written}"


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py")))
def test_every_folder_of_the_house_is_in_the_architecture(folder):
    assert f"`{folder}/`" in _text("architecture.md")


@pytest.mark.parametrize("path", DOCS, ids=_id)
def test_every_relative_link_leads_somewhere(path):
    for link in LINK.findall(path.read_text()):
        if "://" not in link and not link.startswith(("#", "mailto:")):
            target = path.parent / link.partition("#")[0]
            assert target.exists(), link


@pytest.mark.parametrize("path", DOCS, ids=_id)
def test_every_named_file_and_name_exists(path):
    for code in CODE.findall(path.read_text()):
        found = NAMED.fullmatch(code)
        if found:
            file = _file(found[1])
            assert file is not None, code
            assert not found[2] or found[2] in _names(file), code


def _file(name: str) -> Path | None:
    places = (ROOT / name, PACKAGE / name, *(PACKAGE.glob(f"*/{name}") if "/" not in name else ()))
    return next((place for place in places if place.is_file()), None)


@cache
def _names(path: Path) -> frozenset[str]:
    """Every name that a module holds: "fetch", "Article", "Article.save"."""
    return frozenset(_held(ast.parse(path.read_text()), ""))


def _held(node: ast.AST, prefix: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.ClassDef(name=name):
                yield prefix + name
                yield from _held(child, f"{prefix}{name}.")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield prefix + name
            case ast.ImportFrom(names=names):
                yield from (prefix + (alias.asname or alias.name) for alias in names)
            case ast.Assign(targets=targets):
                yield from (prefix + t.id for t in targets if isinstance(t, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name


def test_every_word_says_what_it_means_what_to_avoid_and_who_owns_it():
    words = [line for line in _text("words.md").splitlines() if line.startswith("- ")]
    terms = [ENTRY.match(line) for line in words]
    assert all(terms), [word for word, term in zip(words, terms, strict=True) if not term]
    assert len({term[1] for term in terms if term}) == len(words)


def _refused() -> set[str]:
    listed = _text("words.md").split("## Not used in code names")[1].split("\n\n")[2]
    return set(CODE.findall(listed))


def _modules() -> list[Path]:
    skipped = {"tests", "migrations"}
    return [p for p in sorted(PACKAGE.rglob("*.py")) if not skipped & set(p.parts)]


def _public_names(path: Path) -> Iterator[str]:
    yield path.parent.name if path.stem == "__init__" else path.stem
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, kinds) and not node.name.startswith("_") and node.name not in GIVEN:
            yield node.name


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_the_list_of_refused_words_is_read():
    assert {"utils", "helpers", "manager", "kill", "masthead"} <= _refused()


@pytest.mark.parametrize("path", _modules(), ids=_id)
def test_no_public_name_is_made_of_a_refused_word(path):
    refused = _refused()
    for name in _public_names(path):
        assert not _words(name) & refused, name
        assert not name.startswith(REFUSED_STARTS), name
