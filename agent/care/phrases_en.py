"""English, as owners read it (pure)."""

from agent.care.message import Stage
from agent.care.phrases import Phrases

ENGLISH = Phrases(
    lang="en",
    locale="en_GB",
    greeting="Hello {name},",
    greeting_nameless="Hello,",
    subjects={
        Stage.FIXED: "{device}: fixed and checked ({ticket})",
        Stage.VISIT_BOOKED: "{device}: a technician is coming on {weekday_date} ({ticket})",
        Stage.VISIT_MOVED: "{device}: new time for the visit, {weekday_date} ({ticket})",
        Stage.VISIT_CANCELLED: "{device}: the visit on {weekday_date} is cancelled ({ticket})",
        Stage.NEEDS_YOU: "{device}: something only you can put right ({ticket})",
        Stage.WITH_PERSON: "{device}: on our team’s list to look at ({ticket})",
        Stage.FOLLOW_UP: "{device}: you were not happy, and we will look into it ({ticket})",
    },
    subject_unverified="{device}: repair attempted, still checking ({ticket})",
    titles={
        Stage.FIXED: "Fixed and checked",
        Stage.VISIT_BOOKED: "A technician is coming",
        Stage.VISIT_MOVED: "New time for the visit",
        Stage.VISIT_CANCELLED: "The visit is cancelled",
        Stage.NEEDS_YOU: "Please have a look",
        Stage.WITH_PERSON: "On our team’s list to look at",
        Stage.FOLLOW_UP: "Thank you for being frank",
    },
    title_unverified="Repair attempted, still checking",
    seen="What this is about",
    done="What was done",
    tried="What was tried",
    sure="Is it really fixed?",
    next="What happens next",
    do="What you need to do",
    us="How you can tell this is us",
    rate="How was this for you?",
    something_unusual="{device} is not behaving the way it usually does.",
    device_did="{device} {done} ({when}).",
    device_tried="{device} {done} ({when}), but that was not enough.",
    technician_did="A technician repaired it during the visit.",
    by_itself="Nothing had to be done; it came right by itself.",
    by_owner="It is in order again. Thank you for your help.",
    verified=(
        "Yes. We did not simply take its word for it: its own readings have gone back to what is normal for this very "
        "device and have stayed there. We will keep an eye on them for another seven days."
    ),
    verified_short="Checked: its own readings are back to normal.",
    unverified=(
        "We cannot say so yet. We call something fixed only when the device’s own readings are back to normal and "
        "stay there. Until then we keep watching."
    ),
    visit="{technician} will come on {date}, between {start} and {end}.",
    visit_nameless="A technician will come on {date}, between {start} and {end}.",
    visit_off="The visit on {date} at {start} will not take place.",
    visit_off_calendar="The attached file removes it from your calendar.",
    visit_change="If that time does not suit you, you can choose another one or cancel:",
    visit_change_label="Change the visit",
    visit_door="Please make sure that somebody is in and that the device can be reached.",
    when_normal="As soon as its readings are back to normal we will notice. There is no need to report back.",
    person_will_look="This is on our team’s list. A person from our team will look at it and decide what is best.",
    person_reads=(
        "You told us that you were not happy. A person from our team will read what you wrote, go through what "
        "happened, and decide what we can put right."
    ),
    look_at_it="Please have a look at the device when you have a moment.",
    nothing="Nothing.",
    set_again=(
        "If you had changed this setting yourself, just set it again in the next few days, and it will not be "
        "set back automatically."
    ),
    need_do_nothing="You need not do anything.",
    number_on_device=(
        "The device itself shows the same number: {ticket}. We will never ask you for a password or a payment."
    ),
    number_to_name=(
        "This matter has the number {ticket}. You can mention it when you contact us the way you always do. "
        "We will never ask you for a password or a payment."
    ),
    rate_how="One tap is enough, and no login is needed. You can change your mind until {until}.",
    rate_label="Rate it",
    why_this="You are receiving this because you agreed to mail about your devices.",
    your_data="Your data",
)
