"""Who must do a spoken action: tables from minutes of several boards."""

import json
import re

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from meetings.reader.phrases.lines import action_line
from meetings.reader.phrases.names import (
    NamedOrganisation,
    NamedPerson,
    acronym,
    initials,
)
from meetings.reader.phrases.owners import OwnersReading, read_names, read_owners

FORCE = NamedOrganisation("force", "West Mercia Police", ("Force", "WMP"))
OFFICE = NamedOrganisation(
    "office", "Office of the Police and Crime Commissioner", ("OPCC",)
)
COUNCIL = NamedOrganisation("council", "Exampleshire Council", ("Council", "ECC"))
ORGANISATIONS = [FORCE, OFFICE, COUNCIL]


def attendance(table: str) -> list[NamedPerson]:
    """Name, abbreviation and capacity in each line, as minutes list them."""
    people = []
    for line in table.strip().splitlines():
        name, abbreviation, capacity = (cell.strip() for cell in line.split("|"))
        people.append(NamedPerson(name, name, abbreviation, capacity))
    return people


# Post codes for all.
MONTHLY_2020 = attendance("""
John Campion | PCC | Police and Crime Commissioner
Tracey Onslow | DPCC | Deputy Police and Crime Commissioner
Natasha Noorbakhsh | PO | Policy Officer
Anthony Bangham | CC | Chief Constable
Rachel Hartland-Lane | DBS | Director of Business Services
Catherine Allsopp | SO | Staff Officer
""")
# Post codes for some, initials for others.
ASSURANCE_2025 = attendance("""
John Campion | PCC | Police and Crime Commissioner
Marc Bayliss | DPCC | Deputy Police and Crime Commissioner
Charity Pearce | CP | Senior Policy Officer
Nicola Lowery | NL | Policy Officer
Lucy Milner | LM | Business Support Officer
Richard Cooper | T/CC | Temporary Chief Constable
Rachel Jones | T/DCC | Temporary Deputy Chief Constable
Grant Wills | ACC | Assistant Chief Constable
Rachel Hartland-Lane | RHL | Director of Business Services
""")
# Initials for all; actions name some by post.
REF_HEADINGS = attendance("""
Peter Lane | PL | Police & Crime Commissioner
Gillian Brook | GB | Deputy Chief Executive Officer
Paula Benn | PB | Treasurer
Joan Marsh | JM | Deputy Chief Constable
Ray Mould | RM | Director of Commercial Services
Rita Thorn | RT | Notetaker, OPCC
Rhona James | RJ | ACC Local Policing
Pat Mills | PM | Chief Constable
""")
TRAILING_OWNER = attendance("""
Peter Lane | PL | Police & Crime Commissioner
Ann Champ | AC | Chief Executive Officer
Rhona James | RJ | ACC Local Policing
Ruth Hartley-Lee | RHL | Director of Business Services
Rita Thorn | RT | Notetaker, OPCC
""")
DECISION_AND_MONTHS = attendance("""
Peter Lane | PL | Police & Crime Commissioner
Pat Mills | PM | Chief Constable
Ray Mould | RM | Director of Commercial Services
Maria Will | MW | OPCC – Minutes
Gillian Brook | GB | Chief Executive Officer
""")
CORRECTIONS = attendance("""
Peter Lane | PL | Police & Crime Commissioner
Pat Mills | PM | Chief Constable
Rita Thorn | minutes | Secretary
Ron Cope | RC | Assistant Chief Constable, C&V
Alec Murray | AM | Deputy Chief Constable
""")
# A post for each; the initials used are nowhere listed.
ACTION_WORDS = attendance("""
Simon Moor | | PCC
Mary Score | | CEO
Paul Field | | Director for Delivery
Sara Eden | | CC
Jim Andrew | | ACC
""")
# Names alone.
NAMED_MONTH = attendance("""
Simon Moor | |
Nick Adair | |
Sean Nichol | |
""")
AGENDA = attendance("""
Peter Lane | PCC | Police and Crime Commissioner
Mark Bailey | DPCC | Deputy PCC
Cath Price | CP | Policy Officer
Alec Murray | T/CC | Temporary Chief Constable
""")

# Codes that are words when they are small.
WORDS_AS_CODES = attendance("""
Irene Tate | IT | Head of IT
Paula Abbot | PA | Personal Assistant
Alan Lane Lee | | Assistant Local Lead
Emma Dale | | Policy Officer
""")
ACTING = attendance("""
Alec Murray | A/CC | Acting Chief Constable
""")

# People, line, owners, the words that name them.
UNDERSTOOD = [
    (
        MONTHLY_2020,
        "DBS to share work plan with PCC in a month.",
        ["Rachel Hartland-Lane"],
        "DBS",
    ),
    (
        MONTHLY_2020,
        "PCC to revisit longevity of action after being raised at HTA at next "
        "workforce meeting.",
        ["John Campion"],
        "PCC",
    ),
    (MONTHLY_2020, "dbs to share it", ["Rachel Hartland-Lane"], "dbs"),
    # The abbreviation without its slash, or all small, or the code of a post.
    (ASSURANCE_2025, "TCC to write", ["Richard Cooper"], "TCC"),
    (ASSURANCE_2025, "tcc to write", ["Richard Cooper"], "tcc"),
    (ASSURANCE_2025, "t/dcc to write", ["Rachel Jones"], "t/dcc"),
    (ASSURANCE_2025, "TDCC Jones to write", ["Rachel Jones"], "TDCC Jones"),
    (ASSURANCE_2025, "dbs to share it", ["Rachel Hartland-Lane"], "dbs"),
    (
        ASSURANCE_2025,
        "the dbs and tcc to share it",
        ["Rachel Hartland-Lane", "Richard Cooper"],
        None,
    ),
    (ASSURANCE_2025, "by Friday, dcc to write", ["Rachel Jones"], None),
    (MONTHLY_2020, "PCC & DPCC to visit", ["John Campion", "Tracey Onslow"], None),
    (MONTHLY_2020, "PCC/CC to agree", ["John Campion", "Anthony Bangham"], None),
    (MONTHLY_2020, "the Chief Constable will write", ["Anthony Bangham"], None),
    (MONTHLY_2020, "T/CC to write", ["Anthony Bangham"], "T/CC"),
    (
        MONTHLY_2020,
        "Director of Business Services to share the plan",
        ["Rachel Hartland-Lane"],
        "Director of Business Services",
    ),
    (
        MONTHLY_2020,
        "Rachel Hartland-Lane to share the plan",
        ["Rachel Hartland-Lane"],
        None,
    ),
    (MONTHLY_2020, "RHL will share the plan", ["Rachel Hartland-Lane"], "RHL"),
    (MONTHLY_2020, "Ms Onslow to visit", ["Tracey Onslow"], "Ms Onslow"),
    (MONTHLY_2020, "Share the plan - DBS", ["Rachel Hartland-Lane"], "DBS"),
    (MONTHLY_2020, "Share the plan (DBS)", ["Rachel Hartland-Lane"], "DBS"),
    (MONTHLY_2020, "Training to start (DBS)", ["Rachel Hartland-Lane"], "DBS"),
    (MONTHLY_2020, "Share the plan. Owner: DBS", ["Rachel Hartland-Lane"], "DBS"),
    (MONTHLY_2020, "Vetting: DBS to share it", ["Rachel Hartland-Lane"], "DBS"),
    (MONTHLY_2020, "Vetting - DBS to share it", ["Rachel Hartland-Lane"], "DBS"),
    (MONTHLY_2020, "By Friday, DBS to share it", ["Rachel Hartland-Lane"], None),
    (MONTHLY_2020, "DBS: share the plan", ["Rachel Hartland-Lane"], "DBS"),
    (MONTHLY_2020, "PCC to be briefed by DBS", ["Rachel Hartland-Lane"], "DBS"),
    (ASSURANCE_2025, "Force to examine and provide an update", ["force"], "Force"),
    (
        ASSURANCE_2025,
        "Force to engage with OPCC and share findings",
        ["force"],
        "Force",
    ),
    (ASSURANCE_2025, "WMP and OPCC to meet", ["force", "office"], "WMP and OPCC"),
    (ASSURANCE_2025, "West Mercia Police to report", ["force"], None),
    (ASSURANCE_2025, "T/CC to write", ["Richard Cooper"], "T/CC"),
    (ASSURANCE_2025, "CC to write", ["Richard Cooper"], "CC"),
    (ASSURANCE_2025, "Chief Constable to write", ["Richard Cooper"], None),
    (ASSURANCE_2025, "Temporary Chief Constable to write", ["Richard Cooper"], None),
    (
        ASSURANCE_2025,
        "PCC/T/CC to agree",
        ["John Campion", "Richard Cooper"],
        "PCC/T/CC",
    ),
    (ASSURANCE_2025, "DCC to write", ["Rachel Jones"], "DCC"),
    (ASSURANCE_2025, "ACC Grant Wills to attend", ["Grant Wills"], "ACC Grant Wills"),
    (ASSURANCE_2025, "ACC Wills to attend", ["Grant Wills"], "ACC Wills"),
    (ASSURANCE_2025, "RJ to attend", ["Rachel Jones"], "RJ"),
    (ASSURANCE_2025, "Policy Officer to attend", ["Nicola Lowery"], None),
    (
        ASSURANCE_2025,
        "Senior Policy Officer, NL and RHL to attend",
        ["Charity Pearce", "Nicola Lowery", "Rachel Hartland-Lane"],
        None,
    ),
    (
        ASSURANCE_2025,
        "Rachel Hartland-Lane (RHL) to attend",
        ["Rachel Hartland-Lane"],
        None,
    ),
    (
        REF_HEADINGS,
        "The DCC will take up any further points of clarity with the DCEO away from "
        "this meeting.",
        ["Joan Marsh"],
        "DCC",
    ),
    (
        REF_HEADINGS,
        "RM is to establish where we stand among all other forces for grant money and "
        "is to bring the answer back to the PCC.",
        ["Ray Mould"],
        "RM",
    ),
    (
        REF_HEADINGS,
        "RM is to find out which forces sit below us, is this because of what they "
        "spend on buildings?",
        ["Ray Mould"],
        "RM",
    ),
    (REF_HEADINGS, "ACC to attend", ["Rhona James"], "ACC"),
    (REF_HEADINGS, "ACC Local Policing to attend", ["Rhona James"], None),
    (REF_HEADINGS, "GB and RJ to meet", ["Gillian Brook", "Rhona James"], None),
    (
        REF_HEADINGS,
        "PL, GB and RM are to meet",
        ["Peter Lane", "Gillian Brook", "Ray Mould"],
        "PL, GB and RM",
    ),
    (
        TRAILING_OWNER,
        "ACC RJ is to confirm what the word ‘ward’ means in the paper.",
        ["Rhona James"],
        "ACC RJ",
    ),
    (
        TRAILING_OWNER,
        "RHL is to check which account insurance refunds go to.",
        ["Ruth Hartley-Lee"],
        "RHL",
    ),
    (
        TRAILING_OWNER,
        "RHL is to explain the “other” line in Years 2 and 3.",
        ["Ruth Hartley-Lee"],
        "RHL",
    ),
    (TRAILING_OWNER, "RHL will recast the costs.", ["Ruth Hartley-Lee"], "RHL"),
    (
        TRAILING_OWNER,
        "A review of good practice is to be written by the Force and OPCC together.",
        ["force", "office"],
        "the Force and OPCC",
    ),
    (
        DECISION_AND_MONTHS,
        "Force to ask volunteers what reward they would value and look at other Forces "
        "(RM) to provide an update report to the Board in 3 months",
        ["force", "Ray Mould"],
        "Force (RM)",
    ),
    (DECISION_AND_MONTHS, "PL to write to the Minister", ["Peter Lane"], "PL"),
    (CORRECTIONS, "RC to say when it can be done", ["Ron Cope"], "RC"),
    (CORRECTIONS, "ACC to say when it can be done", ["Ron Cope"], "ACC"),
    (CORRECTIONS, "AM and RC to meet", ["Alec Murray", "Ron Cope"], None),
    (
        ACTION_WORDS,
        "SE / JA to say more about tolerance levels and what is acceptable.",
        ["Sara Eden", "Jim Andrew"],
        "SE / JA",
    ),
    (
        ACTION_WORDS,
        "SE /JA to be clear on how many visits will be left",
        ["Sara Eden", "Jim Andrew"],
        "SE /JA",
    ),
    (
        ACTION_WORDS,
        "JA to provide update on partners at next Accountability Board.",
        ["Jim Andrew"],
        "JA",
    ),
    (ACTION_WORDS, "CC to write", ["Sara Eden"], "CC"),
    (ACTION_WORDS, "Chief Constable to write", ["Sara Eden"], None),
    (ACTION_WORDS, "Director for Delivery to write", ["Paul Field"], None),
    (
        NAMED_MONTH,
        "the force will ask the regulator about the peer review recommendations.",
        ["force"],
        "the force",
    ),
    (
        NAMED_MONTH,
        "SN to provide update on the backlog at the November meeting.",
        ["Sean Nichol"],
        "SN",
    ),
    (AGENDA, "T/CC and DPCC to brief", ["Alec Murray", "Mark Bailey"], None),
    (AGENDA, "Deputy PCC to brief", ["Mark Bailey"], "Deputy PCC"),
]

# People, line, owners, words that were not understood.
PARTLY = [
    (
        TRAILING_OWNER,
        "A review of good practice is to be written by the Force and OPCC together. "
        "Action: RJ/DB/AC",
        ["Rhona James", "Ann Champ"],
        ["DB"],
    ),
    (REF_HEADINGS, "GB, RC and PL to meet", ["Gillian Brook", "Peter Lane"], ["RC"]),
    (MONTHLY_2020, "DBS and team to meet", ["Rachel Hartland-Lane"], ["team"]),
    (MONTHLY_2020, "GB and RC to meet", [], ["GB", "RC"]),
    (MONTHLY_2020, "Rachel to share the plan", [], ["Rachel"]),
    (ASSURANCE_2025, "Rachel to share the plan", [], ["Rachel"]),
    (ASSURANCE_2025, "ACC Jones to share the plan", [], ["ACC Jones"]),
    (MONTHLY_2020, "PCC or DPCC to visit", [], ["PCC or DPCC"]),
    (NAMED_MONTH, "Fire Service to report", [], ["Fire Service"]),
    # An assistant chief constable, or the acting chief constable.
    (ACTING, "ACC to write", [], ["ACC"]),
]

NOBODY = [
    (ASSURANCE_2025, "To share Equality Impact assessment with the PCC."),
    (MONTHLY_2020, "To share EIA with the PCC"),
    (MONTHLY_2020, "To share it with the DBS and PCC to note"),
    (MONTHLY_2020, "Share it with the DBS and PCC to note"),
    (MONTHLY_2020, "OPCC to be sent the plan"),
    (MONTHLY_2020, "PCC to receive a briefing"),
    (MONTHLY_2020, "PCC to be kept informed"),
    (MONTHLY_2020, "Share the plan with the Chief Constable (CC)"),
    (MONTHLY_2020, "Report to be written"),
    (MONTHLY_2020, "so to speak"),
    (WORDS_AS_CODES, "it to be settled"),
    (WORDS_AS_CODES, "it to follow"),
    (WORDS_AS_CODES, "pa to follow"),
    (WORDS_AS_CODES, "all to note"),
    (WORDS_AS_CODES, "ed to write"),
    (ASSURANCE_2025, "Share the plan - dbs"),
    (ASSURANCE_2025, "Share the plan (tcc)"),
    (ASSURANCE_2025, "Ask the dbs to share the plan"),
    (ASSURANCE_2025, "Grant to be paid by Friday"),
    (ACTION_WORDS, "provision of a date for clearing the queue carried forward"),
    (ACTION_WORDS, "regarding comms plan for the control room carried forward"),
    (CORRECTIONS, "Action should be given to RC not RJ."),
    ([], "Training on safety to be run on a Board day"),
    ([], "A date to be set for deciding where patients keep belongings"),
    ([], "Return plan to be written"),
    (AGENDA, "Briefing to be given by the end of the day"),
    (MONTHLY_2020, ""),
    (MONTHLY_2020, "DBS"),
]


def read(people: list[NamedPerson], text: str) -> OwnersReading:
    return read_owners(text, people=people, organisations=ORGANISATIONS)


def keys(reading: OwnersReading) -> list[object]:
    return [owner.who.key for owner in reading.owners]


@pytest.mark.parametrize(("people", "text", "owners", "words"), UNDERSTOOD)
def test_owners_are_understood(
    people: list[NamedPerson], text: str, owners: list[str], words: str | None
) -> None:
    reading = read(people, text)
    assert keys(reading) == owners
    assert reading.not_understood == ()
    assert reading.words
    if words is not None:
        assert reading.words == words


@pytest.mark.parametrize(("people", "text", "owners", "unknown"), PARTLY)
def test_what_is_not_understood_is_said(
    people: list[NamedPerson], text: str, owners: list[str], unknown: list[str]
) -> None:
    reading = read(people, text)
    assert keys(reading) == owners
    assert list(reading.not_understood) == unknown


@pytest.mark.parametrize(("people", "text"), NOBODY)
def test_nobody_is_guessed(people: list[NamedPerson], text: str) -> None:
    assert read(people, text) == OwnersReading()


def test_two_who_fit_are_both_named() -> None:
    people = attendance("""
    Ann Bell | | Policy Officer
    Alan Brown | | Policy Officer
    """)
    for text in ("AB to write", "Policy Officer to write"):
        (doubt,) = read(people, text).doubts
        assert [who.name for who in doubt.may_be] == ["Ann Bell", "Alan Brown"]


def test_the_abbreviation_of_the_day_counts_before_initials() -> None:
    people = attendance("""
    Carol Price | | Treasurer
    Charity Pearce | CP | Policy Officer
    """)
    assert keys(read(people, "CP to write")) == ["Charity Pearce"]


def test_an_organisation_behind_a_person_says_where_they_work() -> None:
    people = [NamedPerson("rhl", "Rachel Hartland-Lane", "RHL", "Director", "force")]
    assert keys(read(people, "RHL (WMP) to write")) == ["rhl"]


def test_the_form_at_the_end_is_set_apart_from_the_words() -> None:
    text = "Good practice is to be reviewed. Action: RJ/AC"
    reading = read(TRAILING_OWNER, text)
    assert reading.words == "RJ/AC"
    assert text[: reading.trailing_from].strip() == "Good practice is to be reviewed."


@pytest.mark.parametrize("cell", ["MW", "JB", "MW/YO"])
def test_a_cell_of_a_tracker_is_names_alone(cell: str) -> None:
    people = attendance("""
    Mary West | MW |
    Yvonne Old | YO |
    Jane Bird | JB |
    """)
    reading = read_names(cell, people=people, organisations=ORGANISATIONS)
    assert len(reading.owners) == len(cell.split("/"))
    assert reading.words == cell
    unknown = read_names(cell, people=[], organisations=ORGANISATIONS)
    assert list(unknown.not_understood) == cell.split("/")


def test_codes_are_made_of_names_and_posts() -> None:
    assert acronym("Director of Business Services") == "DBS"
    assert acronym("Deputy PCC") == "DPCC"
    assert acronym("Police & Crime Commissioner") == "PCC"
    assert initials("Rachel Hartland-Lane") == {"RHL", "RH"}
    assert initials("Rachel") == set()


WORDS = "DBS T/CC / & and , ( ) to will be : Force OPCC Action: - sent by the Rachel or"
lines = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.one_of(
            st.sampled_from(WORDS.split(" ")),
            st.text(max_size=5),
        ),
        max_size=30,
    ).map(" ".join),
)


@given(lines)
def test_no_text_is_too_strange(text: str) -> None:
    reading = read(MONTHLY_2020, text)
    assert reading == read(MONTHLY_2020, text)
    assert len(set(keys(reading))) == len(reading.owners)
    if reading.owners:
        assert reading.words
    for owner in reading.owners:
        assert owner.words in text


MINUTES = settings.BASE_DIR.parent / "shared" / "minutes"
TRUTHS = sorted(MINUTES.rglob("*.json"))


def plain(words: str | None) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", (words or "").lower().replace("&", "and")))


@pytest.mark.skipif(not TRUTHS, reason=f"no minutes to read in {MINUTES}")
def test_owners_are_read_as_hand_made_truth_prints_them() -> None:
    """Every action of the sample minutes that are minutes, not trackers."""
    read_right = 0
    for path in TRUTHS:
        raw = json.loads(path.read_text())
        truth = raw.get("truth", raw)
        if truth.get("kind") == "tracker table":
            continue
        people = [
            NamedPerson(
                a["name"], a["name"], a["abbreviation"] or "", a["capacity"] or ""
            )
            for a in truth.get("attendees") or truth.get("attendance")
        ]
        lines = path.with_suffix(".txt").read_text().splitlines()
        for action in [*truth["actions"], *truth.get("earlier_actions", [])]:
            printed = action.get("owner_as_printed", action.get("owner"))
            # The line itself, where it has the mark, may say more: "Action: RJ/DB/AC".
            marked = filter(None, map(action_line, lines))
            text = next(
                (line for line in marked if line.startswith(action["text"])),
                action["text"],
            )
            reading = read(people, text)
            assert plain(reading.words) == plain(printed), text
            read_right += 1
    assert read_right >= 18
