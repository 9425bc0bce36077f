"""What the made-up staff and patients write: plain, short, and about nobody."""

from __future__ import annotations

from clinic_app.domain.feedback import DegreeOfHarm, IncidentCategory

PROGRESS = (
    "Came on time. Sleeps about five hours a night, wakes early. Wants to go on with the sessions.",
    "Slept better this week, three walks as agreed. Still worries about work in the evenings.",
    "A hard fortnight after the move. Sees a friend on Sundays, which helps.",
    "Back at work three days a week. Concentration is better in the mornings.",
    "Little appetite, few plans. We chose two small things to do before next time.",
    "Talked about the exam. Breathing exercise tried together; will practise twice a day.",
    "Brought the diary: low in the mornings, better after lunch. Agreed to keep it for two weeks.",
    "Says that things are as before. Would like the next appointment in the afternoon.",
    "Cheerful today. Sleeping seven hours, singing in the choir again.",
    "Family visit went well. Unsure about the holidays; we planned three days in detail.",
)
INTERVENTION = (
    "Looked at the week's plan together and put one pleasant thing on each day.",
    "Explained how sleep and mood hang together; leaflet handed over.",
    "Wrote down the problem, four possible steps, and chose the smallest.",
)
SAFETY_PLAN = (
    "Cannot fall asleep for several nights, stops answering messages.",
    "Walk to the harbour, radio, cold water on the face.",
    "The library; the neighbour's kitchen.",
    "Sister in the evening, a friend from the choir at weekends.",
    "Made-up crisis line 000 111 222, day and night; the clinic on call 000 333 444.",
    "Medicines stay with the sister; she hands out a week at a time.",
)
REFERRAL = (
    "The specialist outpatient service of Harbour Hospital (made up).",
    "Little change over the last visits.",
    "Totals of the questionnaires are printed with this letter.",
    "Weekly conversations, a plan for the day, sleep advice.",
    "An opinion on further treatment, and whether to see the person there or here.",
)
ADDENDA = (
    "The person rang in the afternoon: the appointment on Friday suits.",
    "Correction: the walks were agreed for the mornings.",
    "Letter from the family doctor has arrived; nothing to change.",
)
JUDGEMENT = ("", "", "", "Tired, but follows well.", "Lively today.", "Slow to answer.")
OVERRULED = (
    "The portrait smiles; the conversation did not.",
    "Tearful during the visit; the picture was taken before it.",
    "Answers and conversation point the other way.",
)
ASSESSED = (
    "Asked in person: thoughts now and then, no plan, no preparations.",
    "Asked in person: passive thoughts after the quarrel, no intent.",
    "Asked in person: the answer was about last week; nothing since.",
)
MEANS = ("None at home.", "Medicines, which the sister keeps from today.", "None named.")
TOLD = ("The doctor on duty, with the patient's agreement.", "Sister, together on the telephone.")
PLAN = (
    "Safety plan written together; next conversation agreed; crisis contacts handed over.",
    "Weekly sessions for now; rings if the thoughts press more; crisis contacts handed over.",
)
APPOINTMENT_REASONS = ("First conversation", "Follow-up", "Follow-up", "Review of the plan", "")
DENIED = (
    "This clinician is away that week; please choose another time.",
    "The person asked the front desk to forget it; a later time was agreed.",
)
CANCELLED = ("Has a cold.", "Bus strike.", "Asked for a later week.")
TASKS = (
    ("Ring back about the sick note", "Before ten in the morning."),
    ("Send the letter to the family doctor", ""),
    ("Ask how the first week of work went", "By telephone; the number is in the record."),
    ("Order the report of the hospital stay", ""),
    ("Find a group in the neighbourhood", "Evenings only."),
    ("Check that the referral has arrived", ""),
)
HOUSE_TASKS = (
    "Order paper for the printer",
    "Try out last week's backup",
    "Lend the second laptop to the branch",
    "Renew the lease of the camera lamp",
)
HANDOVERS = (
    "Evening shift: the first person below rings tomorrow before nine.",
    "I am away until Thursday. Both have their next appointment; the letter is in the notes.",
    "Please look at the safety steps first thing in the morning.",
    "Quiet day. The waiting list has two new names.",
)
RATINGS: dict[int, tuple[str, ...]] = {
    5: (
        "Kind people, and I was seen on time.",
        "The counselor listened and explained everything.",
        "Everything was explained well, thank you.",
        "Friendly front desk and a calm room.",
        "",
        "",
    ),
    4: (
        "Friendly, but the waiting room was cold.",
        "Good talk. Parking is difficult.",
        "Helpful staff, the questionnaire was quick.",
        "",
        "",
    ),
    3: (
        "Fine. I waited half an hour.",
        "The questionnaire was a bit long.",
        "The waiting room is loud.",
        "",
    ),
    2: ("Waited too long and nobody told me why.", "The telephone was busy all morning.", ""),
    1: ("My appointment was moved twice.", ""),
}
AGREEMENT = ("", "", "That is how I feel.", "I feel better than this says.", "Some of it fits.")
INCIDENTS: tuple[tuple[IncidentCategory, DegreeOfHarm, str, str], ...] = (
    (
        IncidentCategory.EQUIPMENT,
        DegreeOfHarm.NO_HARM,
        "The camera of the second laptop stayed black; the visit went on without a picture.",
        "The lid switch was stuck; repaired.",
    ),
    (
        IncidentCategory.PRIVACY,
        DegreeOfHarm.LOW,
        "A printout lay at the printer for an hour. Nobody but staff was in the room.",
        "The printer has moved into the office.",
    ),
    (
        IncidentCategory.COMPLAINT,
        DegreeOfHarm.NO_HARM,
        "Somebody waited fifty minutes without being told.",
        "Apologised; the front desk says so after fifteen minutes now.",
    ),
    (
        IncidentCategory.PATIENT_SAFETY,
        DegreeOfHarm.LOW,
        "A call-back was a day late.",
        "Call-backs are tasks with a day now.",
    ),
    (
        IncidentCategory.SOFTWARE,
        DegreeOfHarm.NO_HARM,
        "The calendar of the branch showed an hour twice after the change of the clocks.",
        "Cleared up: two appointments, one of them in the other time.",
    ),
    (
        IncidentCategory.OTHER,
        DegreeOfHarm.NO_HARM,
        "The heating failed for a morning; two appointments took place in the library.",
        "Heating repaired.",
    ),
    (
        IncidentCategory.EQUIPMENT,
        DegreeOfHarm.NO_HARM,
        "The lamp in room two flickers in pictures.",
        "",
    ),
    (
        IncidentCategory.COMPLAINT,
        DegreeOfHarm.NO_HARM,
        "A person could not reach us by telephone on Monday morning.",
        "",
    ),
)
MERGE_REASON = "The same person, registered twice at the front desk."
UNDO_REASON = "Two people after all: the telephone numbers differ."
