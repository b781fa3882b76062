"""The command `broadsheet`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from broadsheet.kit import clock
from broadsheet.kit.env import read_env
from broadsheet.kit.say import Refusal

OWN = (
    "init",
    "serve",
    "demo",
    "wire",
    "press",
    "doctor",
    "staff",
    "worker",
    "newsroom",
    "gate",
    "check_ledger",
    "import_subscribers",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; a refusal is printed as two sentences and ends with 2."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    # The home holds readers' addresses and gated text: nobody else on the machine reads it.
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.config.settings")
    try:
        if not arguments or arguments[0] in (*OWN, "-h", "--help"):
            return _own(arguments)
        read_env()
        from django.core.management import execute_from_command_line

        execute_from_command_line(["broadsheet", *arguments])
        return 0
    except Refusal as refusal:
        print(f"broadsheet: {refusal.problem}\n  {refusal.remedy}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _own(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    options.started = clock.now()
    if options.command is None:
        _parser().print_help()
        return 0
    if options.command == "init" and "BROADSHEET_HOME" not in os.environ:
        os.environ["BROADSHEET_HOME"] = str(Path(options.dir).absolute() / "var")
    if options.command == "gate":
        from broadsheet.gate.serve import main as serve_gate

        return serve_gate(["--host", options.host, "--port", str(options.port)]) or 0
    from broadsheet.config import commands

    return commands.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="broadsheet",
        description="A digital newspaper. Every other word is a Django command, such as migrate.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    init = commands.add_parser("init", help="make an empty paper in DIR")
    init.add_argument("dir", metavar="DIR")
    for name, help_text in (
        ("serve", "serve the paper: gate, newsroom and worker"),
        ("demo", "make the demo paper where there is none, and serve it"),
        ("gate", "the read path alone"),
    ):
        serve = commands.add_parser(name, help=help_text)
        serve.add_argument("--host", default="127.0.0.1")
        serve.add_argument("--port", type=int, default=8000)
        if name == "demo":
            serve.add_argument("--no-serve", action="store_true", help="only make the paper")
    commands.add_parser("newsroom", help="Django on its Unix socket alone")
    commands.add_parser("worker", help="the background worker alone")
    commands.add_parser("press", help="press the whole paper now")
    commands.add_parser("doctor", help="what is in force, and what is wrong")
    commands.add_parser("check_ledger", help="whether the books agree with themselves")
    _import(commands.add_parser("import_subscribers", help="bring subscribers along"))
    staff = commands.add_parser("staff", help="give EMAIL access to the desk")
    staff.add_argument("email")
    staff.add_argument("--publisher", action="store_true", help="with every right")
    _wire(commands.add_parser("wire", help="feeds: add, list, fetch"))
    return parser


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--format", default="auto")
    parser.add_argument("--plan", action="append", default=[], metavar="THEIRS=OURS")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would happen, write nothing"
    )


def _wire(wire: argparse.ArgumentParser) -> None:
    verbs = wire.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="add a feed")
    add.add_argument("name")
    add.add_argument("location", help="an address, a folder, or push:")
    add.add_argument("--format", default="auto")
    add.add_argument("--source", default="", metavar="AGENCY", help="the agency readers are told")
    add.add_argument("--zone", default="UTC", help="time zone of dates that name none")
    add.add_argument("--auth", default="", metavar="KIND", help="basic:USER, bearer, header:NAME")
    add.add_argument("--secret", default="", metavar="NAME", help="a line of the secrets' file")
    add.add_argument("--section", default="", metavar="SLUG", help="made when there is none")
    add.add_argument("--publish", action="store_true", help="publish what comes in by itself")
    add.add_argument("--sender", action="append", default=[], help="whose mail is taken")
    add.add_argument("--max-age", default="48h", metavar="48h|none")
    verbs.add_parser("list", help="the feeds and how they are")
    fetch = verbs.add_parser("fetch", help="fetch now; when it returns, the pages are up to date")
    fetch.add_argument("name", nargs="?", default="")
    trust = verbs.add_parser("trust", help="accept the host key of an SFTP server")
    trust.add_argument("name")
    trust.add_argument("fingerprint", metavar="SHA256:…")
    rotate = verbs.add_parser("rotate", help="a new secret for a pushed feed, shown once")
    rotate.add_argument("name")


if __name__ == "__main__":
    sys.exit(main())
