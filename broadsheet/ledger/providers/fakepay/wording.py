"""What the hosted pages say, in English and German. The English sentence is the key."""

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.fakepay import cards

GERMAN = {
    "Fakepay – no real money is moved": "Fakepay – hier fließt kein echtes Geld",
    "Pay {amount}": "{amount} bezahlen",
    "Pay {seller}": "Zahlung an {seller}",
    "{amount} {often}, until you cancel.": "{amount} {often}, bis Sie kündigen.",
    "Paid once. Nothing is charged later.": "Einmal bezahlt. Später wird nichts abgebucht.",
    "Nothing is charged for {days} days.": "{days} Tage lang wird nichts abgebucht.",
    "The first {n} payments: {first} each; then {amount} {often}, until you cancel.": "Die ersten "
    "{n} Zahlungen: je {first}; danach {amount} {often}, bis Sie kündigen.",
    "The last payment failed. Pay the outstanding {amount} with this or another card; the card "
    "is also used for later payments.": "Die letzte Zahlung ist fehlgeschlagen. Bezahlen Sie "
    "die offenen {amount} mit dieser oder einer anderen Karte; sie gilt auch für spätere "
    "Zahlungen.",
    "Card number": "Kartennummer",
    "Valid until": "Gültig bis",
    "Month and year, such as 04/29": "Monat und Jahr, etwa 04/29",
    "Security code": "Prüfziffer",
    "Three or four digits on the back": "Drei oder vier Ziffern auf der Rückseite",
    "Back to {seller}": "Zurück zu {seller}",
    "Test cards": "Testkarten",
    "Any date to come and any three digits will do.": "Jedes künftige Datum und drei beliebige "
    "Ziffern genügen.",
    "always pays": "zahlt immer",
    "is always declined": "wird immer abgelehnt",
    "has too little money": "ist nicht gedeckt",
    "pays the first time, never again": "zahlt beim ersten Mal, danach nie wieder",
    "its bank asks every time": "die Bank fragt jedes Mal nach",
    "Your bank asks": "Ihre Bank fragt nach",
    "Pay {amount} to {seller}?": "{amount} an {seller} zahlen?",
    "Confirm": "Bestätigen",
    "Refuse": "Ablehnen",
    "Today {today}; then {amount} {often}, until you cancel.": "Heute {today}; danach {amount} "
    "{often}, bis Sie kündigen.",
    "Pay {amount} with card {card}": "{amount} mit Karte {card} bezahlen",
    "Or with another card:": "Oder mit einer anderen Karte:",
    "Another card for {seller}": "Andere Karte für {seller}",
    "Until now: card {card}.": "Bisher: Karte {card}.",
    "Nothing is charged today. Later payments are taken from this card.": "Heute wird nichts "
    "abgebucht. Spätere Zahlungen werden von dieser Karte abgebucht.",
    "Use this card": "Diese Karte verwenden",
    "May {seller} take later payments from this card?": "Darf {seller} spätere Zahlungen von "
    "dieser Karte abbuchen?",
    "Your card is as before. Try another one.": "Ihre Karte bleibt wie bisher. Versuchen Sie es "
    "mit einer anderen.",
    "This page is closed": "Diese Seite ist geschlossen",
    "Your card is as before. To change it, start again from your account.": "Ihre Karte bleibt "
    "wie bisher. Um sie zu ändern, beginnen Sie neu in Ihrem Konto.",
    "Error": "Fehler",
    "Please correct the form.": "Bitte prüfen Sie Ihre Angaben.",
    "You have not been charged. Try another card.": "Es wurde nichts abgebucht. Versuchen "
    "Sie es mit einer anderen Karte.",
    "This has begun": "Schon begonnen",
    "Nothing is charged before the trial is over.": "Vor dem Ende der Probezeit wird nichts "
    "abgebucht.",
    "This has been paid": "Schon bezahlt",
    "There is nothing more to pay here.": "Hier ist nichts mehr zu bezahlen.",
    "This checkout is closed": "Diese Bezahlseite ist geschlossen",
    "It was left, replaced by another or waited longer than a day. Nothing was charged.": "Sie "
    "wurde verlassen, durch eine andere ersetzt oder wartete länger als einen Tag. Es wurde "
    "nichts abgebucht.",
    "This subscription has ended": "Dieses Abonnement ist beendet",
    "Nothing more will be charged.": "Es wird nichts mehr abgebucht.",
    cards.DECLINED: "Die Karte wurde abgelehnt.",
    cards.NO_FUNDS: "Die Karte wurde abgelehnt: Das Konto ist nicht gedeckt.",
    cards.NOT_CONFIRMED: "Die Bank möchte, dass Sie diese Zahlung bestätigen.",
    cards.NO_MANDATE: "Das Mandat wurde bei der Bank widerrufen: Diese Karte darf nicht mehr "
    "belastet werden.",
    cards.NO_NUMBER: "Das ist keine Kartennummer.",
    cards.NO_EXPIRY: "Geben Sie Monat und Jahr an, etwa 04/29.",
    cards.EXPIRED: "Diese Karte ist abgelaufen.",
    cards.NO_CVC: "Geben Sie die drei oder vier Ziffern von der Rückseite an.",
}

_UNITS = {
    "en": {
        "day": ("every day", "every {} days"),
        "week": ("every week", "every {} weeks"),
        "month": ("every month", "every {} months"),
        "year": ("every year", "every {} years"),
    },
    "de": {
        "day": ("jeden Tag", "alle {} Tage"),
        "week": ("jede Woche", "alle {} Wochen"),
        "month": ("jeden Monat", "alle {} Monate"),
        "year": ("jedes Jahr", "alle {} Jahre"),
    },
}


def spoken(language: str) -> str:
    """The language a page is written in for an order's language tag: "de" or "en"."""
    return "de" if language.lower().partition("-")[0] == "de" else "en"


def say(sentence: str, language: str, **values: str) -> str:
    """The sentence in a page's language, with its values filled in."""
    said = GERMAN[sentence] if language == "de" else sentence
    for name, value in values.items():
        said = said.replace(f"{{{name}}}", value)
    return said


def how_often(interval: Interval, language: str) -> str:
    """Such as "every 3 months"."""
    one, many = _UNITS[language][interval.unit]
    return one if interval.count == 1 else many.format(interval.count)
