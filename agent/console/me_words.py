"""What an owner reads on the page about their data, in each language (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.care.customer import Purpose


@dataclass(frozen=True, slots=True)
class MeWords:
    """The texts of one language. ``purposes`` are what can be agreed to, in the order of the page."""

    title: str
    who: str
    devices: str
    none: str
    agree: str
    agree_why: str
    purposes: Mapping[Purpose, str]
    save: str
    saved: str
    take: str
    take_what: str
    take_button: str
    erase: str
    erase_what: str
    erase_button: str
    erase_waits: str
    erase_keep: str


ENGLISH: Final = MeWords(
    title="Your data",
    who="This is who we think you are",
    devices="Your devices",
    none="We know of no device of yours.",
    agree="What you agree to",
    agree_why="Each on its own, and you can change it at any time. What you do not agree to is not done.",
    purposes={
        Purpose.DIAGNOSE: "Look at my devices’ readings to notice faults",
        Purpose.FIX: "Let a device put itself right without asking me",
        Purpose.MAIL: "Write to me by mail when something matters",
        Purpose.DEVICE: "Show messages on the device itself",
        Purpose.SURVEY: "Ask me now and then how it was",
        Purpose.LEARN: "Use what was learned from my devices to help other owners",
    },
    save="Save",
    saved="Saved.",
    take="Take your data with you",
    take_what="One file with everything we have about you and your devices: records as JSON, readings as Parquet.",
    take_button="Download",
    erase="Have everything erased",
    erase_what=(
        "We then forget you, your devices’ readings, your messages and your words, for good. A person checks it first. "
        "Appointments are cancelled, and we no longer look after your devices."
    ),
    erase_button="Please erase everything",
    erase_waits="You asked us on {date} to erase everything. One of us will do it soon.",
    erase_keep="I have changed my mind",
)

GERMAN: Final = MeWords(
    title="Ihre Daten",
    who="So kennen wir Sie",
    devices="Ihre Geräte",
    none="Wir kennen kein Gerät von Ihnen.",
    agree="Womit Sie einverstanden sind",
    agree_why="Jedes für sich, und jederzeit zu ändern. Was Sie nicht erlauben, geschieht nicht.",
    purposes={
        Purpose.DIAGNOSE: "Die Messwerte meiner Geräte ansehen, um Störungen zu bemerken",
        Purpose.FIX: "Ein Gerät darf sich selbst helfen, ohne mich zu fragen",
        Purpose.MAIL: "Mir eine E-Mail schreiben, wenn es wichtig ist",
        Purpose.DEVICE: "Nachrichten am Gerät selbst anzeigen",
        Purpose.SURVEY: "Mich ab und zu fragen, wie es war",
        Purpose.LEARN: "Was an meinen Geräten gelernt wurde, darf anderen helfen",
    },
    save="Speichern",
    saved="Gespeichert.",
    take="Ihre Daten mitnehmen",
    take_what="Eine Datei mit allem, was wir über Sie und Ihre Geräte haben: Einträge als JSON, Messwerte als Parquet.",
    take_button="Herunterladen",
    erase="Alles löschen lassen",
    erase_what=(
        "Wir vergessen dann Sie, die Messwerte Ihrer Geräte, Ihre Nachrichten und Ihre Worte, endgültig. Vorher sieht "
        "ein Mensch danach. Termine werden abgesagt, und wir kümmern uns nicht mehr um Ihre Geräte."
    ),
    erase_button="Bitte alles löschen",
    erase_waits="Sie haben uns am {date} gebeten, alles zu löschen. Jemand von uns wird das bald tun.",
    erase_keep="Ich habe es mir anders überlegt",
)

FRENCH: Final = MeWords(
    title="Vos données",
    who="Voici comment nous vous connaissons",
    devices="Vos appareils",
    none="Nous ne connaissons aucun appareil à vous.",
    agree="Ce que vous acceptez",
    agree_why="Chaque point à part, et à tout moment. Ce que vous n’acceptez pas n’est pas fait.",
    purposes={
        Purpose.DIAGNOSE: "Regarder les mesures de mes appareils pour remarquer les pannes",
        Purpose.FIX: "Laisser un appareil se réparer lui-même sans me demander",
        Purpose.MAIL: "M’écrire par e-mail quand c’est important",
        Purpose.DEVICE: "Afficher des messages sur l’appareil même",
        Purpose.SURVEY: "Me demander de temps en temps comment c’était",
        Purpose.LEARN: "Utiliser ce qui a été appris de mes appareils pour aider d’autres personnes",
    },
    save="Enregistrer",
    saved="C’est enregistré.",
    take="Emporter vos données",
    take_what="Un fichier avec tout ce que nous avons sur vous et vos appareils : fiches en JSON, mesures en Parquet.",
    take_button="Télécharger",
    erase="Tout faire effacer",
    erase_what=(
        "Nous vous oublions alors, avec les mesures de vos appareils, vos messages et vos mots, pour toujours. Une "
        "personne vérifie d’abord. Les rendez-vous sont annulés, et nous ne nous occupons plus de vos appareils."
    ),
    erase_button="Effacez tout, s’il vous plaît",
    erase_waits="Vous nous avez demandé le {date} de tout effacer. L’un de nous le fera bientôt.",
    erase_keep="J’ai changé d’avis",
)

SPANISH: Final = MeWords(
    title="Sus datos",
    who="Así le conocemos",
    devices="Sus aparatos",
    none="No conocemos ningún aparato suyo.",
    agree="Lo que usted acepta",
    agree_why="Cada cosa por separado, y puede cambiarlo cuando quiera. Lo que no acepte no se hace.",
    purposes={
        Purpose.DIAGNOSE: "Mirar las medidas de mis aparatos para notar averías",
        Purpose.FIX: "Dejar que un aparato se arregle solo sin preguntarme",
        Purpose.MAIL: "Escribirme por correo cuando sea importante",
        Purpose.DEVICE: "Mostrar mensajes en el propio aparato",
        Purpose.SURVEY: "Preguntarme de vez en cuando cómo ha ido",
        Purpose.LEARN: "Usar lo aprendido de mis aparatos para ayudar a otras personas",
    },
    save="Guardar",
    saved="Guardado.",
    take="Llevarse sus datos",
    take_what="Un archivo con todo lo que tenemos de usted y de sus aparatos: registros en JSON, medidas en Parquet.",
    take_button="Descargar",
    erase="Hacer que se borre todo",
    erase_what=(
        "Entonces le olvidamos a usted, las medidas de sus aparatos, sus mensajes y sus palabras, para siempre. Antes "
        "lo comprueba una persona. Las visitas se cancelan y dejamos de cuidar de sus aparatos."
    ),
    erase_button="Borren todo, por favor",
    erase_waits="El {date} nos pidió que lo borráramos todo. Una persona de nuestro equipo lo hará pronto.",
    erase_keep="He cambiado de idea",
)

ME_WORDS: Final[Mapping[str, MeWords]] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH}
