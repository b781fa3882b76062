"""A digital newspaper: from the news wire to the paying reader."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("broadsheet")
except PackageNotFoundError:
    # Run from a checkout that was never installed.
    __version__ = "0.1.0"
