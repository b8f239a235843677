"""Text as minutes and trackers have it, put together from a seeded generator.

``SEARCH_WORD`` is in none of it, so that whoever adds it knows what a search finds.
"""

from random import Random

SEARCH_WORD = "safeguarding"

_ASKS = (
    "Provide a written update on",
    "Share the latest figures for",
    "Set out the plan for",
    "Report the findings of the review of",
    "Brief the commissioner on",
    "Publish the summary of",
    "Agree with partners who leads on",
    "Explain the fall in performance on",
    "Circulate the timetable for",
    "Confirm the funding of",
    "Bring a costed proposal for",
    "Test with victims the new approach to",
)
_TOPICS = (
    "repeat victims of burglary",
    "the scrutiny of stop and search",
    "answering 999 and 101 calls",
    "rural and wildlife crime",
    "the rape and serious sexual offences unit",
    "detention of children overnight",
    "the backlog in digital forensics",
    "vetting and its renewals",
    "speeding outside village schools",
    "knife crime in town centres",
    "hate crime reporting centres",
    "the victims' code compliance dashboard",
    "response times in the north of the county",
    "missing children who go missing again",
    "the estate and its three surplus stations",
    "recruitment of detectives",
    "county lines and exploited children",
    "outcomes for domestic abuse cases",
    "neighbourhood officers taken for other duties",
    "complaints from under-represented communities",
    "out-of-court resolutions",
    "fraud against older people",
    "fatal and serious collisions",
    "the custody visitors' recommendations",
    "wellbeing of staff in the control room",
    "stalking protection orders",
    "mental health demand at weekends",
    "retail theft and repeat offenders",
    "the fleet's move to electric vehicles",
    "body-worn video use at stops",
)
_DETAILS = (
    "for each policing area",
    "with the trend over three years",
    "and what will be different by the end of the year",
    "including what victims said of it",
    "with the risks and who carries them",
    "and how success will be measured",
    "compared with forces of the same kind",
    "before the budget is settled",
    "so that the panel can be answered",
    "and the cost of doing nothing",
    "with named leads for each step",
    "after the inspection report is published",
)
_DONE = (
    "The working group met twice and agreed the scope",
    "A first draft has gone to the command team",
    "Figures for the last quarter are being checked",
    "The supplier was late and has given a new date",
    "Two of the three areas have returned their plans",
    "Training is booked for all supervisors",
    "Partners have been asked for their comments",
    "The pilot finished and its findings are being written up",
    "Legal advice has been received and taken into account",
    "The inspector who led this has moved and a successor is named",
    "A dip sample of forty cases was reviewed",
    "Volunteers from the scrutiny panel took part",
)
_FOUND = (
    "early signs are good, though numbers are small",
    "there is more to do in two of the five areas",
    "demand at weekends remains the main difficulty",
    "no further funding is needed this year",
    "the data cannot be compared before the new system",
    "the officers concerned welcomed the change",
    "the remaining risk is with the partner's timetable",
    "performance is back to where it was a year ago",
)
_NEXT = (
    "The paper will follow before the next meeting.",
    "A final version is expected within the month.",
    "The lead will attend to answer questions.",
    "Nothing further is needed from the office for now.",
    "An update will be given when the board has met.",
    "The evidence is on the shared site.",
)
_SAID = (
    "The commissioner asked what had changed since the last report on {topic}.",
    "The deputy chief constable said that {found} on {topic}.",
    "The force accepted that progress on {topic} had been slower than planned.",
    "Members noted the figures on {topic} {detail}.",
    "It was explained that {found}.",
    "The commissioner was not yet assured about {topic} and asked for more {detail}.",
    "Questions from the public on {topic} were read out and answered.",
    "The chief finance officer set out the position {detail}.",
)


def action_text(rng: Random) -> str:
    """One or two sentences, about as long as a minuted action."""
    text = f"{rng.choice(_ASKS)} {rng.choice(_TOPICS)} {rng.choice(_DETAILS)}."
    if rng.random() < 0.5:
        text += f" {rng.choice(_ASKS)} {rng.choice(_TOPICS)} at the same time."
    return text


def update_text(rng: Random) -> str:
    """What an owner reports: some twenty to forty words."""
    text = f"{rng.choice(_DONE)}; {rng.choice(_FOUND)}. "
    if rng.random() < 0.6:
        text += f"{rng.choice(_DONE)}. "
    return text + rng.choice(_NEXT)


def notes(rng: Random, paragraphs: int) -> str:
    """Minutes of one item: paragraphs of a few sentences, sometimes bullets."""
    parts = []
    for _ in range(paragraphs):
        sentences = [
            said.format(
                topic=rng.choice(_TOPICS),
                found=rng.choice(_FOUND),
                detail=rng.choice(_DETAILS),
            )
            for said in rng.sample(_SAID, rng.randint(3, 6))
        ]
        parts.append(" ".join(sentences))
        if rng.random() < 0.3:
            parts.append("\n".join(f"- {done}" for done in rng.sample(_DONE, 3)))
    return "\n\n".join(parts)


def topic(rng: Random) -> str:
    """What an item is about, as a heading."""
    name = rng.choice(_TOPICS)
    return name[0].upper() + name[1:]
