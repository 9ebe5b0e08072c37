"""The words of the summary, by language. In another one the German word stands beside each."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "title": "Ihr Antrag",
        "reference": "Antragsnummer",
        "received": "Eingegangen am",
        "benefit": "Antrag auf",
        "name": "Name",
        "born": "Geburtsdatum",
        "email": "E-Mail-Adresse",
        "phone": "Telefon",
        "moment": "{at:%d.%m.%Y, %H:%M:%S} Uhr ({at:%Z})",
        "counts": "Der Zeitpunkt des Eingangs zählt als Zeitpunkt Ihres Antrags.",
        "stored": "So ist der Antrag gespeichert, Stand {at}.",
    },
    "en": {
        "title": "Your application",
        "reference": "Reference",
        "received": "Received on",
        "benefit": "Application for",
        "name": "Your name",
        "born": "Date of birth",
        "email": "E-mail address",
        "phone": "Phone",
        "moment": "{at:%d.%m.%Y, %H:%M:%S} ({at:%Z})",
        "counts": "The time at which it was received counts as the time of your application.",
        "stored": "This is how the application is stored, as of {at}.",
    },
}
