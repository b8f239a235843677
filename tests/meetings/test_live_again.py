"""A line that was taken before and comes back, as Undo brings it, is made once."""

import pytest

from actions.models import Action
from tests.factories import AgendaItemFactory
from tests.meetings.test_live_saving import Desk, desk, item, stored

__all__ = ["desk", "item"]
pytestmark = pytest.mark.django_db

LINE = "ACTION: DBS to share the plan"


def test_a_line_that_comes_back_is_its_action_again(desk, item):
    desk.save(f"{LINE}\nMore")
    mark = stored(item).split("\n")[0]
    desk.save(f"{LINE}\nMore", in_hand="0")
    assert stored(item) == f"{LINE}\nMore"
    told = desk.save(f"{LINE}\nMore and").json()
    assert stored(item) == f"{mark}\nMore and"
    action = Action.objects.get()
    assert told["added"] == [f"The line is action {action.reference} again."]


def test_so_it_is_when_its_words_were_mended_meanwhile(desk, item):
    desk.save(f"{LINE}\nMore")
    action = Action.objects.get()
    action.text = "DBS to share the whole plan"
    action.save()
    desk.save(f"{LINE}\nMore")
    assert stored(item) == f"[[action {action.reference}]]\nMore"
    assert Action.objects.get().text == "DBS to share the whole plan"


def test_the_same_words_twice_are_two_actions(desk, item):
    desk.save(f"{LINE}\n{LINE}\n")
    desk.save(f"{stored(item)}{LINE}\n")
    assert len(set(stored(item).split())) == 4  # "[[action" and three references
    assert Action.objects.count() == 3


def test_the_same_words_at_another_item_are_another_action(as_, staff, desk, item):
    desk.save(f"{LINE}\n")
    desk.save("")
    other = AgendaItemFactory(meeting=item.meeting)
    Desk(as_(staff), other).save(f"{LINE}\n")
    assert Action.objects.count() == 2


def test_what_is_no_longer_to_be_done_is_raised_anew(desk, item, staff):
    desk.save(f"{LINE}\n")
    Action.objects.get().withdraw("Said in error", by=staff, decision=None)
    desk.save(f"{LINE}\n")
    assert Action.objects.count() == 2
    assert Action.objects.latest("pk").reference in stored(item)


def test_a_decision_that_comes_back_is_not_written_twice(desk, item):
    desk.save("DECISION: To go on\nMore")
    told = desk.save("DECISION: To go on\nMore and", decisions="To go on").json()
    assert told["stored"]["decisions"] == "To go on"
    assert stored(item) == "[[decision 1]]\nMore and"
