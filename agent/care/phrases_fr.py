"""French, as owners read it (pure). Spaces before colons and question marks do not break."""

from agent.care.message import Stage
from agent.care.phrases import Phrases

FRENCH = Phrases(
    lang="fr",
    locale="fr",
    greeting="Bonjour {name},",
    greeting_nameless="Bonjour,",
    subjects={
        Stage.FIXED: "{device}\u00a0: problème résolu et vérifié ({ticket})",
        Stage.VISIT_BOOKED: "{device}\u00a0: passage d’un technicien le {weekday_date} ({ticket})",
        Stage.VISIT_MOVED: "{device}\u00a0: nouveau rendez-vous le {weekday_date} ({ticket})",
        Stage.VISIT_CANCELLED: "{device}\u00a0: rendez-vous du {weekday_date} annulé ({ticket})",
        Stage.NEEDS_YOU: "{device}\u00a0: un petit geste de votre part suffit ({ticket})",
        Stage.WITH_PERSON: "{device}\u00a0: dossier transmis à notre équipe ({ticket})",
        Stage.FOLLOW_UP: "{device}\u00a0: votre avis compte, nous reprenons le dossier ({ticket})",
    },
    subject_unverified="{device}\u00a0: intervention faite, vérification en cours ({ticket})",
    titles={
        Stage.FIXED: "Problème résolu et vérifié",
        Stage.VISIT_BOOKED: "Un technicien va passer",
        Stage.VISIT_MOVED: "Nouveau rendez-vous",
        Stage.VISIT_CANCELLED: "Le rendez-vous est annulé",
        Stage.NEEDS_YOU: "Un petit geste de votre part",
        Stage.WITH_PERSON: "Dossier transmis à notre équipe",
        Stage.FOLLOW_UP: "Merci pour votre franchise",
    },
    title_unverified="Intervention faite, vérification en cours",
    seen="De quoi il s’agit",
    done="Ce qui a été fait",
    tried="Ce qui a été tenté",
    sure="Est-ce vraiment résolu\u00a0?",
    next="La suite",
    do="Ce que vous avez à faire",
    us="Comment savoir que c’est bien nous",
    rate="Qu’en avez-vous pensé\u00a0?",
    something_unusual="{device} ne se comporte pas comme d’habitude.",
    device_did="{device} {done} ({when}).",
    device_tried="{device} {done} ({when}), mais cela n’a pas suffi.",
    technician_did="La réparation a été faite sur place, pendant la visite.",
    by_itself="Rien n’a été nécessaire\u00a0: tout est rentré dans l’ordre tout seul.",
    by_owner="Tout est de nouveau en ordre. Merci pour votre aide.",
    verified=(
        "Oui. Nous ne nous sommes pas contentés de la réponse de l’appareil\u00a0: ses propres mesures sont revenues à "
        "ce qui est normal pour lui, et elles y sont restées. Nous les surveillons encore pendant sept jours."
    ),
    verified_short="Vérifié\u00a0: ses mesures sont revenues à la normale.",
    unverified=(
        "Nous ne pouvons pas encore l’affirmer. Pour nous, un problème est résolu seulement lorsque les mesures de "
        "l’appareil sont revenues à la normale et y restent. D’ici là, nous continuons à surveiller."
    ),
    visit="{technician} passera chez vous le {date}, entre {start} et {end}.",
    visit_nameless="Un technicien passera chez vous le {date}, entre {start} et {end}.",
    visit_off="Le rendez-vous du {date} à {start} n’aura pas lieu.",
    visit_off_calendar="Le fichier joint le retire de votre agenda.",
    visit_change="Si cet horaire ne vous convient pas, vous pouvez en choisir un autre ou annuler\u00a0:",
    visit_change_label="Modifier le rendez-vous",
    visit_door="Merci de veiller à ce que quelqu’un soit présent et que l’appareil soit accessible.",
    when_normal=(
        "Dès que ses mesures seront revenues à la normale, nous le verrons nous-mêmes\u00a0; inutile de nous prévenir."
    ),
    person_will_look=(
        "Votre dossier est sur la liste de notre équipe. L’un de nous va l’examiner et décider de la meilleure "
        "solution."
    ),
    person_reads=(
        "Vous nous avez dit que cela ne s’était pas bien passé. Une personne de notre équipe va lire votre avis, "
        "reprendre le déroulement et voir ce que nous pouvons rattraper."
    ),
    look_at_it="Merci de jeter un œil à l’appareil quand vous aurez un moment.",
    nothing="Rien.",
    set_again=(
        "Si vous aviez changé ce réglage vous-même, refaites-le simplement dans les prochains jours\u00a0; il ne "
        "sera plus modifié automatiquement."
    ),
    need_do_nothing="Vous n’avez rien à faire.",
    number_on_device=(
        "L’appareil lui-même affiche le même numéro\u00a0: {ticket}. Nous ne vous demanderons jamais de mot de passe "
        "ni de paiement."
    ),
    number_to_name=(
        "Ce dossier porte le numéro {ticket}. Vous pouvez le mentionner en nous contactant comme vous en avez "
        "l’habitude. Nous ne vous demanderons jamais de mot de passe ni de paiement."
    ),
    rate_how="Un seul geste suffit, sans vous connecter. Vous pouvez changer d’avis jusqu’au {until}.",
    rate_label="Donner mon avis",
    why_this="Vous recevez ce message parce que vous avez accepté les e-mails au sujet de vos appareils.",
    your_data="Vos données",
)
