"""What owners read on their pages, in each language (pure). Mails have their own words in ``agent.care``."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnerWords:
    """The texts of one language. ``scores`` are for 1 to 5, worst first."""

    lang: str
    your_ticket: str
    question: str
    scores: tuple[str, str, str, str, str]
    comment_first: str
    comment_label: str
    send: str
    thanks: str
    thanks_low: str
    you_said: str
    change: str
    comment_kept: str
    private: str
    visit_title: str
    visit_who: str
    visit_confirm: str
    visit_confirmed: str
    visit_move: str
    visit_moved: str
    visit_taken: str
    visit_none: str
    visit_cancel: str
    visit_cancel_ask: str
    visit_cancelled: str
    visit_done: str
    visit_past: str
    visit_calendar: str
    times_in: str
    gone: str
    gone_why: str
    again: str


ENGLISH = OwnerWords(
    lang="en",
    your_ticket="Your ticket {ticket}",
    question="How was this for you?",
    scores=("Poor", "Not good", "All right", "Good", "Great"),
    comment_first="Say something with it",
    comment_label="Anything you want to tell us (optional)",
    send="Send",
    thanks="Thank you.",
    thanks_low="Thank you for being frank. One of us will look into it.",
    you_said="You gave {score} of 5: {words}.",
    change="Change your answer",
    comment_kept="We have your words as well.",
    private="Only the people who look after your device see your answer.",
    visit_title="Your visit",
    visit_who="{technician} is coming.",
    visit_confirm="That suits me",
    visit_confirmed="You have confirmed this time. See you then.",
    visit_move="Choose another time",
    visit_moved="The visit is moved. You get the new time in writing.",
    visit_taken="That time has just been taken. Please choose another one.",
    visit_none="There is no other time free right now. Please look again tomorrow.",
    visit_cancel="Cancel the visit",
    visit_cancel_ask="Nobody will come, and the fault stays. One of us will be in touch.",
    visit_cancelled="This visit is cancelled.",
    visit_done="This visit has taken place.",
    visit_past="This was the time of your visit. It has passed.",
    visit_calendar="Add to your calendar",
    times_in="Times are those of {zone}.",
    gone="This link does not work any more",
    gone_why="It may have expired, or only part of it was copied. The newest message we sent you has a working one.",
    again="Please press the button once more; the page had been open for very long.",
)

GERMAN = OwnerWords(
    lang="de",
    your_ticket="Ihr Vorgang {ticket}",
    question="Wie war das für Sie?",
    scores=("Schlecht", "Nicht gut", "In Ordnung", "Gut", "Sehr gut"),
    comment_first="Etwas dazu sagen",
    comment_label="Was Sie uns sagen möchten (freiwillig)",
    send="Absenden",
    thanks="Vielen Dank.",
    thanks_low="Danke für Ihre Offenheit. Jemand von uns wird sich das ansehen.",
    you_said="Sie haben {score} von 5 gegeben: {words}.",
    change="Antwort ändern",
    comment_kept="Ihre Worte sind auch angekommen.",
    private="Ihre Antwort sehen nur die Menschen, die sich um Ihr Gerät kümmern.",
    visit_title="Ihr Termin",
    visit_who="{technician} kommt zu Ihnen.",
    visit_confirm="Das passt mir",
    visit_confirmed="Sie haben diese Zeit bestätigt. Bis dann.",
    visit_move="Eine andere Zeit wählen",
    visit_moved="Der Termin ist verlegt. Sie bekommen die neue Zeit schriftlich.",
    visit_taken="Diese Zeit ist gerade vergeben worden. Bitte wählen Sie eine andere.",
    visit_none="Im Moment ist keine andere Zeit frei. Bitte sehen Sie morgen wieder nach.",
    visit_cancel="Termin absagen",
    visit_cancel_ask="Dann kommt niemand, und die Störung bleibt. Jemand von uns meldet sich.",
    visit_cancelled="Dieser Termin ist abgesagt.",
    visit_done="Dieser Termin hat stattgefunden.",
    visit_past="Für diese Zeit war Ihr Termin vereinbart. Sie ist vorbei.",
    visit_calendar="In den Kalender",
    times_in="Die Zeiten gelten für {zone}.",
    gone="Dieser Link gilt nicht mehr",
    gone_why="Er ist abgelaufen oder nicht ganz kopiert. In unserer letzten Nachricht steht ein gültiger.",
    again="Bitte drücken Sie noch einmal; die Seite war sehr lange offen.",
)

FRENCH = OwnerWords(
    lang="fr",
    your_ticket="Votre dossier {ticket}",
    question="Comment cela s’est-il passé pour vous ?",
    scores=("Mauvais", "Pas bien", "Correct", "Bien", "Très bien"),
    comment_first="Ajouter un mot",
    comment_label="Ce que vous voulez nous dire (facultatif)",
    send="Envoyer",
    thanks="Merci.",
    thanks_low="Merci de votre franchise. L’un de nous va regarder cela.",
    you_said="Vous avez donné {score} sur 5 : {words}.",
    change="Changer votre réponse",
    comment_kept="Nous avons aussi vos mots.",
    private="Seules les personnes qui s’occupent de votre appareil voient votre réponse.",
    visit_title="Votre rendez-vous",
    visit_who="{technician} vient chez vous.",
    visit_confirm="Cela me convient",
    visit_confirmed="Vous avez confirmé cette heure. À bientôt.",
    visit_move="Choisir une autre heure",
    visit_moved="Le rendez-vous est déplacé. Vous recevez la nouvelle heure par écrit.",
    visit_taken="Cette heure vient d’être prise. Choisissez-en une autre, s’il vous plaît.",
    visit_none="Aucune autre heure n’est libre en ce moment. Regardez de nouveau demain.",
    visit_cancel="Annuler le rendez-vous",
    visit_cancel_ask="Personne ne viendra et la panne restera. L’un de nous vous contactera.",
    visit_cancelled="Ce rendez-vous est annulé.",
    visit_done="Ce rendez-vous a eu lieu.",
    visit_past="C’était l’heure de votre rendez-vous. Elle est passée.",
    visit_calendar="Ajouter à votre agenda",
    times_in="Les heures sont celles de {zone}.",
    gone="Ce lien ne fonctionne plus",
    gone_why="Il a expiré, ou il n’a pas été copié en entier. Notre dernier message en contient un valable.",
    again="Appuyez encore une fois, s’il vous plaît ; la page était ouverte depuis très longtemps.",
)

SPANISH = OwnerWords(
    lang="es",
    your_ticket="Su caso {ticket}",
    question="¿Qué le ha parecido?",
    scores=("Mal", "No muy bien", "Correcto", "Bien", "Muy bien"),
    comment_first="Añadir unas palabras",
    comment_label="Lo que quiera decirnos (opcional)",
    send="Enviar",
    thanks="Gracias.",
    thanks_low="Gracias por su franqueza. Una persona de nuestro equipo lo mirará.",
    you_said="Ha dado {score} de 5: {words}.",
    change="Cambiar su respuesta",
    comment_kept="También tenemos sus palabras.",
    private="Solo las personas que cuidan de su aparato ven su respuesta.",
    visit_title="Su visita",
    visit_who="{technician} va a su casa.",
    visit_confirm="Me viene bien",
    visit_confirmed="Ha confirmado esta hora. Hasta entonces.",
    visit_move="Elegir otra hora",
    visit_moved="La visita se ha cambiado. Recibirá la nueva hora por escrito.",
    visit_taken="Esa hora se acaba de ocupar. Elija otra, por favor.",
    visit_none="Ahora no hay otra hora libre. Vuelva a mirar mañana, por favor.",
    visit_cancel="Cancelar la visita",
    visit_cancel_ask="No irá nadie y la avería seguirá. Una persona de nuestro equipo le contactará.",
    visit_cancelled="Esta visita está cancelada.",
    visit_done="Esta visita ya ha tenido lugar.",
    visit_past="Esta era la hora de su visita. Ya ha pasado.",
    visit_calendar="Añadir a su calendario",
    times_in="Las horas son las de {zone}.",
    gone="Este enlace ya no funciona",
    gone_why="Puede haber caducado, o no se copió entero. Nuestro último mensaje tiene uno válido.",
    again="Pulse otra vez, por favor; la página llevaba mucho tiempo abierta.",
)

OWNER_WORDS: Mapping[str, OwnerWords] = {words.lang: words for words in (ENGLISH, GERMAN, FRENCH, SPANISH)}


def owner_words(lang: str) -> OwnerWords:
    """Return the texts for a language tag such as ``de-AT``, otherwise English."""
    return OWNER_WORDS.get(lang.replace("_", "-").split("-")[0].lower(), ENGLISH)


def preferred(accept_language: str) -> OwnerWords:
    """Return the texts a browser's header asks for, otherwise English; for a page about nobody we know."""
    for part in accept_language[:200].split(","):
        tag = part.split(";")[0].strip().split("-")[0].lower()
        if tag in OWNER_WORDS:
            return OWNER_WORDS[tag]
    return ENGLISH
