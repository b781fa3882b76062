"""As German papers print them: "17. Oktober 2023, 08:12 Uhr". The rest is Django's own."""

DATETIME_FORMAT = r"j. F Y, H:i \U\h\r"
