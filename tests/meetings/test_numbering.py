"""The numbers of an agenda, as offices print them."""

import pytest

from tests.factories import AgendaItemFactory, MeetingFactory

pytestmark = pytest.mark.django_db


def agenda_of_2020():
    """The agenda of 4 August 2020: two numbered items, an unnumbered child, four
    numbered ones after it, and unnumbered items at the end.
    """
    meeting = MeetingFactory()
    AgendaItemFactory(meeting=meeting, order=0, heading="Outstanding matters")
    second = AgendaItemFactory(meeting=meeting, order=1, heading="Holding to account")
    AgendaItemFactory(
        meeting=meeting, parent=second, order=0, heading="DEI", numbering="none"
    )
    for order, heading in enumerate(["Leadership", "Recruitment", "Retention", "Exit"]):
        AgendaItemFactory(
            meeting=meeting, parent=second, order=order + 1, heading=heading
        )
    for order, heading in enumerate(["HMICFRS", "AOB", "Next meeting"]):
        AgendaItemFactory(
            meeting=meeting, order=order + 2, heading=heading, numbering="none"
        )
    return meeting


def test_the_agenda_of_2020_is_numbered_as_it_was_printed():
    printed = [(i.number, i.heading, i.depth) for i in agenda_of_2020().agenda()]
    assert printed == [
        ("1", "Outstanding matters", 0),
        ("2", "Holding to account", 0),
        ("", "DEI", 1),
        ("2.1", "Leadership", 1),
        ("2.2", "Recruitment", 1),
        ("2.3", "Retention", 1),
        ("2.4", "Exit", 1),
        ("", "HMICFRS", 0),
        ("", "AOB", 0),
        ("", "Next meeting", 0),
    ]


def test_a_fixed_number_is_printed_and_not_counted_and_carries_down():
    meeting = MeetingFactory()
    AgendaItemFactory(meeting=meeting, order=0)
    late = AgendaItemFactory(
        meeting=meeting, order=1, numbering="fixed", fixed_number="5.1"
    )
    AgendaItemFactory(meeting=meeting, order=0, parent=late)
    AgendaItemFactory(meeting=meeting, order=2)
    assert [i.number for i in meeting.agenda()] == ["1", "5.1", "5.1.1", "2"]


def test_the_agenda_and_its_minutes_print_these_numbers(as_, staff):
    meeting = agenda_of_2020()
    for path in ("agenda/", "minutes/"):
        page = as_(staff).get(f"/meetings/{meeting.pk}/{path}")
        assert "2.3 Retention" in page.text
        assert "2.5" not in page.text
