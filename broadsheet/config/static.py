"""Static files under names that carry their hash, so that browsers may keep them for ever."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class PaperStatic(ManifestStaticFilesStorage):
    """Not strict: some packages name files in their CSS that they do not ship."""

    manifest_strict = False
