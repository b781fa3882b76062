"""Fails when a model changed without a migration."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["BROADSHEET_HOME"] = tempfile.mkdtemp()
os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.config.settings"

import django
from django.core.management import call_command

APPS = (
    "press_log", "accounts", "wire", "ledger", "desk", "subscriptions", "ads", "fronts", "press",
    "licensing",
)  # fmt: skip

if __name__ == "__main__":
    django.setup()
    call_command("makemigrations", *APPS, check=True, dry_run=True)
