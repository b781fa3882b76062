"""The months in the languages feeds are dated in, by how their names begin."""

import unicodedata

_NAMES = (
    "jan january januar janvier janeiro enero ene gen gennaio sty ian ιαν янв январ січ oca leden",
    "feb february februar fev fevrier fevereiro febrero febbraio lut luty φεβ фев лют sub uno",
    "mar march marz mars marts marzo marco maart mrt maer μαρ мар бер bre",
    "apr april avr avril abr abril aprile kwi απρ апр кві nis dub",
    "may mai maj mei mag maggio mayo maio maijs μαι май мая тра kve",
    "jun june juni juin junio junho giu giugno cze iun ιουν июн чер haz cerven juny",
    "jul july juli juil juillet julio julho lug luglio lip iul ιουλ июл лип tem cervenec cvc",
    "aug august aou aout ago agosto agost sie αυγ авг сер agu agustus srp",
    "sep september sept septembre set setembro settembre sze szept wrz σεπ сен вер eyl zar",
    "oct october okt oktober out octubre outubro ott ottobre paz οκτ окт жов eki rij",
    "nov november lis νοε ноя лис kas studeni",
    "dec december dez dezember dic diciembre dicembre des desember gru δεκ дек гру ara pro",
)
_OF = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}


def month(text: str) -> int:
    """Return the number of the month *text* names or begins to name, 0 for none.

    Case and accents do not matter: "Août", "AOU", "aoû." and "août" are all 8.
    """
    if text.isascii() and text.isdigit():
        return int(text)
    bare = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter)).strip(".")
    for length in (len(bare), 8, 6, 4, 3):
        if length >= 3 and (number := _OF.get(bare[:length])):
            return number
    return 0
