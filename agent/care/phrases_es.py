"""Spanish, as owners read it (pure)."""

from agent.care.message import Stage
from agent.care.phrases import Phrases

SPANISH = Phrases(
    lang="es",
    locale="es",
    greeting="Hola, {name}:",
    greeting_nameless="Hola:",
    subjects={
        Stage.FIXED: "{device}: problema resuelto y comprobado ({ticket})",
        Stage.VISIT_BOOKED: "{device}: visita de un técnico el {weekday_date} ({ticket})",
        Stage.VISIT_MOVED: "{device}: nueva cita el {weekday_date} ({ticket})",
        Stage.VISIT_CANCELLED: "{device}: cita del {weekday_date} cancelada ({ticket})",
        Stage.NEEDS_YOU: "{device}: necesita un momento de su atención ({ticket})",
        Stage.WITH_PERSON: "{device}: en la lista de nuestro equipo para revisarlo ({ticket})",
        Stage.FOLLOW_UP: "{device}: no fue como esperaba y lo vamos a revisar ({ticket})",
    },
    subject_unverified="{device}: intento de reparación, seguimos comprobando ({ticket})",
    titles={
        Stage.FIXED: "Problema resuelto y comprobado",
        Stage.VISIT_BOOKED: "Le visitará un técnico",
        Stage.VISIT_MOVED: "Nueva cita",
        Stage.VISIT_CANCELLED: "La cita se ha cancelado",
        Stage.NEEDS_YOU: "Necesita un momento de su atención",
        Stage.WITH_PERSON: "En la lista de nuestro equipo",
        Stage.FOLLOW_UP: "Gracias por su sinceridad",
    },
    title_unverified="Intento de reparación, seguimos comprobando",
    seen="De qué se trata",
    done="Lo que se ha hecho",
    tried="Lo que se ha intentado",
    sure="¿Está resuelto de verdad?",
    next="Qué pasará ahora",
    do="Lo que tiene que hacer usted",
    us="Cómo saber que somos nosotros",
    rate="¿Qué le ha parecido?",
    something_unusual="{device} no se comporta como de costumbre.",
    device_did="{device} {done} ({when}).",
    device_tried="{device} {done} ({when}), pero no ha sido suficiente.",
    technician_did="La reparación se hizo durante la visita.",
    by_itself="No ha hecho falta hacer nada: todo ha vuelto a la normalidad por sí solo.",
    by_owner="Todo vuelve a estar en orden. Gracias por su ayuda.",
    verified=(
        "Sí. No nos hemos fiado solo de la respuesta del aparato: sus propias mediciones han vuelto a lo que es normal "
        "en él y se han mantenido. Las seguiremos vigilando siete días más."
    ),
    verified_short="Comprobado: sus mediciones vuelven a ser normales.",
    unverified=(
        "Todavía no podemos afirmarlo. Para nosotros, un problema está resuelto solo cuando las mediciones del aparato "
        "vuelven a ser normales y se mantienen así. Hasta entonces seguimos vigilando."
    ),
    visit="{technician} irá a su casa el {date}, entre las {start} y las {end}.",
    visit_nameless="Un técnico irá a su casa el {date}, entre las {start} y las {end}.",
    visit_off="La cita del {date} a las {start} no tendrá lugar.",
    visit_off_calendar="El archivo adjunto la elimina de su calendario.",
    visit_change="Si esa hora no le viene bien, puede elegir otra o cancelar la cita:",
    visit_change_label="Cambiar la cita",
    visit_door="Por favor, asegúrese de que haya alguien en casa y de que se pueda acceder al aparato.",
    when_normal="En cuanto sus mediciones vuelvan a ser normales, lo veremos nosotros; no hace falta que avise.",
    person_will_look=(
        "Su caso está en la lista de nuestro equipo. Una persona lo revisará y decidirá qué es lo mejor."
    ),
    person_reads=(
        "Nos ha dicho que no fue como esperaba. Una persona de nuestro equipo leerá su opinión, repasará lo "
        "ocurrido y verá qué podemos arreglar."
    ),
    look_at_it="Por favor, eche un vistazo al aparato cuando tenga un momento.",
    nothing="Nada.",
    set_again=(
        "Si había cambiado usted este ajuste, vuelva a ponerlo como quiera en los próximos días, y ya no se "
        "modificará automáticamente."
    ),
    need_do_nothing="No tiene que hacer nada.",
    number_on_device=(
        "El propio aparato muestra el mismo número: {ticket}. Nunca le pediremos una contraseña ni un pago."
    ),
    number_to_name=(
        "Este caso tiene el número {ticket}. Puede mencionarlo cuando se ponga en contacto con nosotros como siempre. "
        "Nunca le pediremos una contraseña ni un pago."
    ),
    rate_how="Basta un toque, sin iniciar sesión. Puede cambiar de opinión hasta el {until}.",
    rate_label="Valorar",
    why_this="Recibe este mensaje porque aceptó los correos sobre sus aparatos.",
    your_data="Sus datos",
)
