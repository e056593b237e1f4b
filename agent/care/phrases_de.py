"""German, as owners read it (pure)."""

from agent.care.message import Stage
from agent.care.phrases import Phrases

GERMAN = Phrases(
    lang="de",
    locale="de",
    greeting="Guten Tag {name},",
    greeting_nameless="Guten Tag,",
    subjects={
        Stage.FIXED: "{device}: behoben und geprüft ({ticket})",
        Stage.VISIT_BOOKED: "{device}: Technikertermin am {weekday_date} ({ticket})",
        Stage.VISIT_MOVED: "{device}: neuer Termin am {weekday_date} ({ticket})",
        Stage.VISIT_CANCELLED: "{device}: Termin am {weekday_date} abgesagt ({ticket})",
        Stage.NEEDS_YOU: "{device}: Bitte sehen Sie kurz nach ({ticket})",
        Stage.WITH_PERSON: "{device}: steht auf der Liste unseres Teams ({ticket})",
        Stage.FOLLOW_UP: "{device}: Sie waren nicht zufrieden – wir gehen dem nach ({ticket})",
    },
    subject_unverified="{device}: Reparatur versucht, Prüfung läuft noch ({ticket})",
    titles={
        Stage.FIXED: "Behoben und geprüft",
        Stage.VISIT_BOOKED: "Ein Techniker kommt",
        Stage.VISIT_MOVED: "Neuer Termin",
        Stage.VISIT_CANCELLED: "Der Termin ist abgesagt",
        Stage.NEEDS_YOU: "Bitte sehen Sie kurz nach",
        Stage.WITH_PERSON: "Steht auf der Liste unseres Teams",
        Stage.FOLLOW_UP: "Danke für Ihre offenen Worte",
    },
    title_unverified="Reparatur versucht, Prüfung läuft noch",
    seen="Worum es geht",
    done="Was getan wurde",
    tried="Was versucht wurde",
    sure="Ist es wirklich behoben?",
    next="Wie es weitergeht",
    do="Was Sie tun müssen",
    us="Woran Sie erkennen, dass wir es sind",
    rate="Wie war das für Sie?",
    something_unusual="{device} verhält sich anders als sonst.",
    device_did="{device} {done} ({when}).",
    device_tried="{device} {done} ({when}), aber das hat nicht gereicht.",
    technician_did="Die Reparatur wurde beim Termin vor Ort erledigt.",
    by_itself="Es musste nichts getan werden, der Fehler ist von selbst verschwunden.",
    by_owner="Es ist wieder alles in Ordnung. Danke für Ihre Hilfe.",
    verified=(
        "Ja. Wir haben uns nicht einfach auf die Rückmeldung des Geräts verlassen: Seine eigenen Messwerte liegen "
        "wieder dort, wo sie bei genau diesem Gerät normalerweise liegen, und sind dort geblieben. Wir behalten sie "
        "noch sieben Tage im Blick."
    ),
    verified_short="Geprüft: Die Messwerte sind wieder normal.",
    unverified=(
        "Das können wir noch nicht sagen. Behoben ist ein Fehler für uns erst, wenn die Messwerte des Geräts wieder "
        "normal sind und es bleiben. Bis dahin beobachten wir weiter."
    ),
    visit="{technician} kommt am {date} zwischen {start} und {end} Uhr zu Ihnen.",
    visit_nameless="Am {date} kommt zwischen {start} und {end} Uhr ein Techniker zu Ihnen.",
    visit_off="Der Termin am {date} um {start} Uhr findet nicht statt.",
    visit_off_calendar="Die angehängte Datei entfernt ihn aus Ihrem Kalender.",
    visit_change="Falls Ihnen der Termin nicht passt, können Sie ihn verlegen oder absagen:",
    visit_change_label="Termin ändern",
    visit_door="Bitte sorgen Sie dafür, dass jemand zu Hause ist und das Gerät zugänglich ist.",
    when_normal="Sobald die Messwerte wieder normal sind, merken wir das von selbst; Sie müssen sich nicht melden.",
    person_will_look=(
        "Der Fall steht auf der Liste unseres Teams. Jemand von uns wird ihn sich ansehen und entscheiden, "
        "was am besten ist."
    ),
    person_reads=(
        "Sie haben uns gesagt, dass Sie nicht zufrieden waren. Jemand aus unserem Team wird Ihre Rückmeldung lesen, "
        "den Ablauf durchgehen und entscheiden, was wir in Ordnung bringen können."
    ),
    look_at_it="Bitte sehen Sie bei Gelegenheit nach dem Gerät.",
    nothing="Nichts.",
    set_again=(
        "Falls Sie diese Einstellung selbst geändert hatten, stellen Sie sie in den nächsten Tagen einfach "
        "wieder so ein; sie wird dann nicht mehr automatisch zurückgestellt."
    ),
    need_do_nothing="Sie müssen nichts tun.",
    number_on_device=(
        "Das Gerät selbst zeigt dieselbe Nummer an: {ticket}. Wir fragen Sie niemals nach einem Passwort oder einer "
        "Zahlung."
    ),
    number_to_name=(
        "Dieser Fall hat die Nummer {ticket}. Sie können sie nennen, wenn Sie uns auf dem gewohnten Weg ansprechen. "
        "Wir fragen Sie niemals nach einem Passwort oder einer Zahlung."
    ),
    rate_how="Ein Fingertipp genügt, ganz ohne Anmeldung. Ändern können Sie Ihre Bewertung bis {until}.",
    rate_label="Jetzt bewerten",
    why_this="Sie erhalten diese Nachricht, weil Sie E-Mails zu Ihren Geräten zugestimmt haben.",
    your_data="Ihre Daten",
)
