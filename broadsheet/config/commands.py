"""What each command does, with Django loaded."""

import argparse
import getpass
import os
import sys
import time

import django
from django.conf import settings

from broadsheet.kit.env import read_env
from broadsheet.kit.say import Refusal


def run(options: argparse.Namespace) -> int:
    """Run a parsed command. Raises Refusal when there is no paper to run it on."""
    env = read_env()
    if options.command == "demo":
        _check_host(options.host)
    if options.command in ("init", "demo"):
        env.home.mkdir(parents=True, exist_ok=True)
    elif not env.home.is_dir():
        raise Refusal(
            f"There is no paper in {env.home}.",
            "Make one with 'broadsheet init DIR', or set BROADSHEET_HOME.",
        )
    # Processes that this one starts may stand in another folder, where "var" is another place.
    os.environ["BROADSHEET_HOME"] = str(env.home)
    if options.command in ("newsroom", "serve"):
        from broadsheet.config import processes

        return getattr(processes, options.command)(options)  # type: ignore[no-any-return]
    django.setup()
    return COMMANDS[options.command](options)


def _check_host(host: str) -> None:
    if host not in ("localhost", "127.0.0.1", "::1"):
        raise Refusal(
            f"The demo's passwords are public, so it is not served on {host}.",
            "Serve it on localhost, or make a paper of your own with 'broadsheet init DIR'.",
        )


def _init(options: argparse.Namespace) -> int:
    from broadsheet.config import init

    init.make_paper()
    print(f"An empty paper is ready in {settings.HOME}.")
    print("Next: broadsheet staff you@example.com --publisher, then broadsheet serve.")
    return 0


def _demo(options: argparse.Namespace) -> int:
    from broadsheet.config import init, processes
    from broadsheet.demo import actions

    if not init.exists():
        init.make_paper(pressed=False)
    if not actions.exists():
        if init.in_use():
            raise Refusal(
                f"The paper in {settings.HOME} is no demo.",
                "Nothing was changed. Make the demo elsewhere: BROADSHEET_HOME=/tmp/demo/var.",
            )
        print("Printing the first edition of the demo paper; this takes a few seconds.", flush=True)
        actions.make_demo()
    if options.no_serve:
        print(f"The demo paper is ready in {settings.HOME}.")
        return 0
    return processes.serve(options, welcome=actions.welcome)


def _press(options: argparse.Namespace) -> int:
    from broadsheet.press import actions

    started = time.perf_counter()
    actions.press_everything()
    print(f"Pressed in {time.perf_counter() - started:.1f} s.")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from broadsheet.config import doctor

    return doctor.examine(sys.stdout)


def _worker(options: argparse.Namespace) -> int:
    from broadsheet.config import worker

    return worker.work()


def _staff(options: argparse.Namespace) -> int:
    from broadsheet.accounts import actions

    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    user = actions.make_staff(options.email, password, publisher=options.publisher)
    print(f"{user.email} can sign in at /desk/.")
    return 0


def _wire(options: argparse.Namespace) -> int:
    from broadsheet.config import wire_commands

    return wire_commands.run(options)


def _check_ledger(options: argparse.Namespace) -> int:
    from broadsheet.kit import clock
    from broadsheet.ledger.models import Journal
    from broadsheet.subscriptions import checks
    from broadsheet.subscriptions.actions.nightly import ANNOUNCED

    found = 0
    for problem in checks.everything():
        print(f"  !!  {problem.text}\n      {problem.remedy}")
        found += 1
    # Told, and no fault of the books: nothing mends what was charged.
    for problem in checks.unannounced(clock.now() - ANNOUNCED):
        print(f"  !   {problem.text}\n      {problem.remedy}")
    count = Journal.objects.count()
    print(f"{count} journals: " + (f"{found} problems." if found else "all is well."))
    return 1 if found else 0


def _import_subscribers(options: argparse.Namespace) -> int:
    from broadsheet.config import import_command

    return import_command.run(options)


COMMANDS = {
    "init": _init,
    "demo": _demo,
    "press": _press,
    "doctor": _doctor,
    "worker": _worker,
    "staff": _staff,
    "wire": _wire,
    "check_ledger": _check_ledger,
    "import_subscribers": _import_subscribers,
}
