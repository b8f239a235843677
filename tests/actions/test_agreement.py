"""Circulating and agreeing minutes: what is kept and what is refused."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db.models.signals import post_save
from django.utils import timezone

from actions.agreement import agree, circulate_minutes
from actions.bulk import re_own
from actions.doubts import doubts, doubts_before_agreeing
from actions.models import Owner, Review, TrackerReview, Update
from actions.operations import edit_action, raise_action, replace_action
from actions.record import gather, record_of
from actions.reviewing import record_review
from actions.since_draft import changes_since, digest_of, minutes_to_agree, ordinal
from meetings.comments import comment
from meetings.models import Agreement, Meeting, Person
from meetings.operations import confirm_next_meeting
from meetings.record import from_json
from meetings.versions import agreed_version, latest_draft
from tests.factories import (
    ActionFactory,
    AgendaItemFactory,
    AttendeeFactory,
    MeetingFactory,
    MeetingTypeFactory,
    OrganisationFactory,
    ThemeFactory,
    UserFactory,
    decision,
    due_on,
)
from tests.minutes import HELD_ON, NEXT_ON, Minutes

pytestmark = pytest.mark.django_db

CHAIR, AT_MEETING = Agreement.How.CHAIR, Agreement.How.MEETING


@pytest.fixture
def minutes(staff) -> Minutes:
    return Minutes(by=staff)


def changed(minutes: Minutes) -> list[str]:
    draft, now = minutes_to_agree(minutes.meeting, minutes.by)
    return [one.sentence for one in changes_since(from_json(draft.content), now)]


def kept(minutes: Minutes):
    return from_json(agreed_version(minutes.meeting).content)


def refusal(call, *args, **kwargs) -> str:
    with pytest.raises(ValidationError) as refused:
        call(*args, **kwargs)
    return " ".join(refused.value.messages)


# Circulating


def test_each_draft_that_goes_round_is_kept_under_the_next_number(minutes):
    minutes.circulate()
    minutes.write(minutes.open, notes="Speeding was discussed at length.")
    minutes.circulate()
    drafts = list(minutes.meeting.versions.drafts().order_by("number"))
    assert [draft.number for draft in drafts] == [1, 2]
    notes = [from_json(d.content).item(minutes.open.pk).notes for d in drafts]
    assert notes == ["Speeding was discussed.", "Speeding was discussed at length."]


def test_a_draft_shows_the_actions_as_they_are_issued_with_it(minutes):
    minutes.circulate()
    (line,) = from_json(latest_draft(minutes.meeting).content).actions
    minutes.action.refresh_from_db()
    assert minutes.action.is_issued
    assert (line.reference, line.not_used) == (minutes.action.reference, False)


def test_a_draft_that_was_taken_back_goes_round_anew_as_the_next(minutes):
    minutes.circulate()
    minutes.meeting.take_back_draft()
    minutes.circulate()
    assert latest_draft(minutes.meeting).number == 2


def test_a_draft_that_went_round_meanwhile_is_not_sent_twice(minutes):
    minutes.circulate()
    said = refusal(circulate_minutes, minutes.meeting, by=minutes.by, number=1)
    assert "Draft 1 went round meanwhile" in said
    assert minutes.meeting.versions.count() == 1


def test_what_looks_unfinished_before_it_goes_round(staff):
    meeting = MeetingFactory(state="draft")
    AgendaItemFactory(meeting=meeting, heading="Silence")
    AgendaItemFactory(
        meeting=meeting, heading="Slip", notes="[[withold s40]]Ann Lee[[/withhold]]"
    )
    AttendeeFactory(
        meeting=meeting, person__name="Pat", attendance="invited", capacity=""
    )
    found = [doubt.sentence for doubt in doubts(meeting, gather(meeting, staff))]
    assert found == [
        "Nobody is recorded as present.",
        "Still only invited: Pat.",
        "No chair is recorded.",
        "No capacity is given for: Pat.",
        "Nothing is noted under: 1 Silence.",
        "[[/withhold]] has no beginning: type [[withhold s40]] where the passage "
        "begins, or take it out, in “2 Slip”.",
        "“[[withold s40]]” is not understood: type [[withhold s40]] before a passage "
        "and [[/withhold]] after it, or take the brackets out, in “2 Slip”.",
    ]


# What looks unfinished before agreeing


def test_minutes_with_nothing_doubtful_have_no_doubts(minutes):
    minutes.circulate()
    assert doubts_before_agreeing(minutes.meeting, minutes.by) == []


def test_everything_that_looks_unfinished_is_a_doubt_of_its_own(minutes, staff):
    minutes.meeting.next_meeting = None
    minutes.meeting.save()
    bare = ActionFactory(meeting=minutes.meeting)
    minutes.write(
        minutes.open,
        notes="[[action 1999/09]]\n\nSaid [[withhold s40]]in confidence",
    )
    minutes.circulate()
    comment(latest_draft(minutes.meeting), by=staff, text="Not so")
    found = [d.sentence for d in doubts_before_agreeing(minutes.meeting, staff)]
    assert found == [
        "[[action 1999/09]] under “1 Roads policing” marks nothing.",
        "[[withhold]] is left open: type [[/withhold]] where the passage ends, in "
        "“1 Roads policing”.",
        f"Actions without an owner: {bare.reference}.",
        f"Actions without a due date: {bare.reference}.",
        f"1 comment is not answered: {staff.name}.",
        "The next meeting is not confirmed.",
    ]


def test_a_doubt_that_is_not_let_pass_stops_the_agreement(minutes):
    minutes.circulate()
    minutes.write(minutes.open, notes="[[action 1999/09]]")
    said = refusal(minutes.agree, overruled=[], changes="A mark was put in")
    assert "marks nothing: put it right, or tick to agree all the same" in said
    assert minutes.meeting.versions.agreed().count() == 0


def test_a_doubt_that_came_up_meanwhile_is_not_let_pass_with_the_others(minutes):
    minutes.meeting.next_meeting = None
    minutes.meeting.save()
    minutes.circulate()
    seen = [d.sentence for d in doubts_before_agreeing(minutes.meeting, minutes.by)]
    comment(latest_draft(minutes.meeting), by=minutes.by, text="Not so")
    said = refusal(minutes.agree, overruled=seen)
    assert "not answered" in said
    assert "next meeting" not in said


def test_what_was_let_pass_is_kept_with_the_agreement(minutes):
    minutes.meeting.next_meeting = None
    minutes.meeting.save()
    agreement = minutes.circulate().agree()
    assert agreement.overruled == "The next meeting is not confirmed."


def test_reviews_not_reached_are_a_doubt_and_agreeing_finishes_the_review(staff):
    type_ = MeetingTypeFactory(reviews_tracker=True)
    early = MeetingFactory(date=HELD_ON - dt.timedelta(days=40), state="draft")
    reviewed, missed = (
        ActionFactory(meeting=early, due=due_on(2025, 3, 1)) for _ in range(2)
    )
    minutes = Minutes(by=staff, type=type_)
    record_review(
        reviewed, minutes.meeting, Review.Outcome.NOTED, by=staff, note="Well"
    )
    minutes.circulate()
    (doubt,) = doubts_before_agreeing(minutes.meeting, staff)
    assert doubt.sentence == (
        "The review of actions is not finished, and agreeing the minutes ends it. "
        f"1 is not reached: {missed.reference}."
    )
    minutes.agree()
    assert TrackerReview.objects.filter(meeting=minutes.meeting).exists()
    assert kept(minutes).not_reached == (missed.reference,)


def test_a_meeting_that_reviewed_nothing_is_not_given_a_review(staff):
    early = MeetingFactory(date=HELD_ON - dt.timedelta(days=40), state="draft")
    ActionFactory(meeting=early, due=due_on(2025, 3, 1))
    minutes = Minutes(by=staff, type=MeetingTypeFactory(reviews_tracker=True))
    minutes.circulate()
    (doubt,) = doubts_before_agreeing(minutes.meeting, staff)
    assert doubt.sentence == (
        "No action was reviewed; 1 is on the list of this meeting."
    )
    minutes.agree()
    assert not Review.objects.filter(meeting=minutes.meeting).exists()


# What changed since the draft


def test_nothing_is_changed_in_a_draft_that_just_went_round(minutes):
    assert changed(minutes.circulate()) == []


def test_what_changed_since_the_draft_is_said_without_headings_or_names(minutes):
    minutes.circulate()
    minutes.write(minutes.open, notes="No.", decisions="Yes.")
    minutes.write(minutes.restricted, notes="Something else", heading="Secret")
    AgendaItemFactory(meeting=minutes.meeting, heading="Late", numbering="none")
    minutes.write(minutes.seat, attendance="apologies")
    minutes.meeting.venue = "Room 12"
    minutes.meeting.save()
    new = ActionFactory(meeting=minutes.meeting, issued=False)
    sentences = changed(minutes)
    assert sentences == [
        "The venue was changed.",
        "The list of who attended was changed.",
        "Item 1: notes and decisions changed.",
        "Item 2: heading and notes changed.",
        "The 4th item was added.",
        f"Action {new.reference} was added.",
    ]


def test_wording_owners_and_due_of_an_action_are_changes(minutes, staff):
    minutes.circulate()
    action = minutes.action
    action.refresh_from_db()
    action.text = "Share the whole plan"
    edit_action(action, save=action.save, by=staff, owners=[], changed=["wording"])
    action.redate(
        due_on(2025, 7, 1),
        "Minuted wrongly",
        by=staff,
        decision=decision(),
        meeting=minutes.meeting,
    )
    assert changed(minutes) == [
        f"Action {action.reference}: wording, owners and due date changed."
    ]


def test_a_due_date_decided_by_email_after_the_draft_is_no_correction(minutes, staff):
    minutes.circulate()
    minutes.action.refresh_from_db()
    minutes.action.redate(due_on(2025, 9, 1), "Longer", by=staff, decision=decision())
    assert changed(minutes) == []


def test_a_correction_of_a_due_date_is_kept_whatever_is_decided_later(minutes, staff):
    minutes.circulate()
    minutes.action.refresh_from_db()
    for day, meeting in [(1, minutes.meeting), (2, None)]:
        minutes.action.redate(
            due_on(2025, 9, day), "So", by=staff, decision=decision(), meeting=meeting
        )
    minutes.agree(changes="The due date was the first of September")
    assert [line.due for line in kept(minutes).actions] == ["1 September 2025"]


def test_a_first_due_date_given_after_the_draft_is_a_correction(minutes, staff):
    undated = ActionFactory(meeting=minutes.meeting, issued=False)
    minutes.circulate()
    undated.refresh_from_db()
    undated.redate(due_on(2025, 9, 1), "Said", by=staff, decision=decision())
    assert changed(minutes) == [f"Action {undated.reference}: due date changed."]


def test_actions_given_to_others_after_the_draft_keep_their_owners_in_the_minutes(
    minutes, staff
):
    minutes.circulate()
    minutes.action.refresh_from_db()
    others = [Owner(organisation=OrganisationFactory())]
    re_own([minutes.action], others, by=staff, seen={})
    assert changed(minutes) == []
    minutes.agree()
    (line,) = kept(minutes).actions
    (owner,) = line.owners
    assert owner.organisation == minutes.organisation.abbreviation


def test_the_next_draft_says_of_actions_what_the_last_did_but_for_corrections(
    minutes, staff
):
    minutes.circulate()
    minutes.action.refresh_from_db()
    minutes.action.redate(due_on(2025, 9, 1), "Longer", by=staff, decision=decision())
    minutes.circulate()
    draft = latest_draft(minutes.meeting)
    assert draft.number == 2
    assert [line.due for line in from_json(draft.content).actions] == ["1 June 2025"]


def test_what_a_review_made_keeps_the_due_date_it_was_made_with(staff):
    early = MeetingFactory(date=HELD_ON - dt.timedelta(days=40), state="draft")
    action = ActionFactory(meeting=early, due=due_on(2025, 3, 1))
    minutes = Minutes(by=staff, type=MeetingTypeFactory(reviews_tracker=True))
    record_review(
        action, minutes.meeting, "replaced", by=staff, note="Two", replacements=["One"]
    )
    minutes.circulate()
    (new,) = action.replaced_by.all()
    new.redate(due_on(2025, 9, 1), "Longer", by=staff, decision=decision())
    minutes.agree()
    ((made,),) = (one.made for one in kept(minutes).reviewed)
    assert made.due == "1 March 2025"


def test_a_due_date_moved_at_a_later_meeting_is_no_change_of_the_minutes(
    minutes, staff
):
    minutes.circulate()
    later = MeetingFactory(date=NEXT_ON)
    minutes.action.refresh_from_db()
    minutes.action.redate(
        due_on(2025, 9, 1), "Longer", by=staff, decision=decision(), meeting=later
    )
    assert changed(minutes) == []
    minutes.agree()
    (line,) = kept(minutes).actions
    assert line.due == "1 June 2025"


def test_what_takes_the_place_of_an_action_later_was_not_agreed_at_the_meeting(
    minutes, staff
):
    """Neither at the review of another meeting nor by a decision after the draft."""
    by_mail = minutes._action(minutes.open, "Write the plan")
    minutes.circulate()
    later = MeetingFactory(date=NEXT_ON, state="in_progress")
    for action in (minutes.action, by_mail):
        action.refresh_from_db()
    record_review(
        minutes.action, later, "replaced", by=staff, note="Two", replacements=["One"]
    )
    replace_action(by_mail, ["Two"], reason="Two", by=staff, decision=decision())
    assert changed(minutes) == []
    minutes.agree()
    assert [(line.text, line.status) for line in kept(minutes).actions] == [
        ("Share the plan", "Replaced"),
        ("Write the plan", "Replaced"),
    ]


def test_what_takes_the_place_of_an_action_at_a_later_meeting_is_in_no_draft_of_this(
    minutes, staff
):
    later = MeetingFactory(date=NEXT_ON, state="in_progress")
    minutes.action.refresh_from_db()
    record_review(
        minutes.action, later, "replaced", by=staff, note="Two", replacements=["One"]
    )
    replace_action(
        minutes._action(minutes.open, "Plan"),
        ["Write the plan"],
        reason="Clearer",
        by=staff,
        decision=decision(),
    )
    minutes.circulate()
    (draft, _) = minutes_to_agree(minutes.meeting, staff)
    assert [line.text for line in from_json(draft.content).actions] == [
        "Share the plan",
        "Plan",
        "Write the plan",
    ]
    assert changed(minutes) == []


def test_how_an_action_stands_is_no_change_and_is_kept_as_it_stood(minutes, staff):
    minutes.circulate()
    minutes.action.refresh_from_db()
    minutes.action.close(by=staff, decision=decision(), text="Done")
    assert changed(minutes) == []
    minutes.agree()
    assert [line.status for line in kept(minutes).actions] == ["Closed"]


def test_marking_what_is_withheld_is_no_change_of_what_was_said(minutes):
    minutes.circulate()
    minutes.write(
        minutes.open, notes="[[withhold s40]]Speeding[[/withhold]] was discussed."
    )
    minutes.write(minutes.open, withheld=True, withheld_reason="s36")
    assert changed(minutes) == []


@pytest.mark.parametrize(
    "marked",
    [
        "One\n[[withhold s40]]\nTwo\n[[/withhold]]\n\nThree",
        "One\n[[withhold s40]]Two[[/withhold]]\n\nThree",
        "One\nTwo\n\n[[withhold s40]]\n\nThree\n[[/withhold]]\n",
    ],
)
def test_marks_on_lines_of_their_own_are_no_change_of_what_was_said(minutes, marked):
    minutes.write(minutes.open, notes="One\nTwo\n\nThree")
    minutes.circulate()
    minutes.write(minutes.open, notes=marked)
    assert changed(minutes) == []
    minutes.write(minutes.open, notes=marked.replace("Two", "Four"))
    assert changed(minutes) == ["Item 1: notes changed."]


def test_marking_a_passage_of_an_action_is_no_change_of_its_wording(minutes, staff):
    minutes.circulate()
    minutes.action.refresh_from_db()
    minutes.action.text = "Share [[withhold s31]]the plan[[/withhold]]"
    minutes.action.save()
    assert changed(minutes) == []


def test_themes_were_changed(minutes):
    minutes.circulate()
    minutes.meeting.themes.add(ThemeFactory())
    assert changed(minutes) == ["The themes were changed."]


def test_what_changes_at_the_moment_of_agreeing_is_not_frozen_unseen(minutes):
    minutes.circulate()

    def rename(**_) -> None:
        Person.objects.filter(name="John Campion").update(name="Somebody Else")

    post_save.connect(rename, sender=Agreement)
    try:
        said = refusal(minutes.agree)
    finally:
        post_save.disconnect(rename, sender=Agreement)
    assert "changed at this moment" in said


def test_a_next_meeting_that_only_moved_is_as_it_was_presented(minutes):
    minutes.circulate()
    minutes.next.date = NEXT_ON + dt.timedelta(days=7)
    minutes.next.save()
    assert changed(minutes) == []
    minutes.agree()
    assert kept(minutes).following.date == NEXT_ON


def test_another_next_meeting_is_a_change(minutes):
    minutes.circulate()
    confirm_next_meeting(minutes.meeting, MeetingFactory(date=dt.date(2025, 7, 1)))
    minutes.meeting.refresh_from_db()
    assert changed(minutes) == ["The next meeting was changed."]


def test_ordinals() -> None:
    said = [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 22, 112)]
    assert " ".join(said) == "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 112th"


# Agreeing


def test_minutes_are_agreed_by_the_chair_and_kept_as_they_stand(minutes):
    agreement = minutes.circulate().agree()
    minutes.meeting.refresh_from_db()
    assert minutes.meeting.state == Meeting.State.AGREED
    assert agreement.in_words == (
        "Agreed by John Campion, PCC on 2 April 2025, as presented"
    )
    version = minutes.meeting.versions.agreed().get()
    assert (version.number, version.by, version.is_intact) == (1, minutes.by, True)
    assert kept(minutes).agreement == agreement.in_words


def test_minutes_are_agreed_at_a_later_meeting_and_both_say_so(minutes):
    minutes.circulate()
    minutes.next.start_minutes()
    agreement = minutes.agree(how=AT_MEETING, at_meeting=minutes.next)
    assert agreement.agreed_on == NEXT_ON
    assert kept(minutes).agreement == (
        "Agreed at the meeting of 30 May 2025, as presented"
    )
    (sentence,) = record_of(minutes.next, minutes.by).last_minutes
    assert sentence.endswith("26 March 2025, were agreed as presented.")


@pytest.mark.parametrize(
    ("state", "days", "said"),
    [
        ("planned", 400, "still to be held"),
        ("draft", -900, "after this one"),
        ("agreed", 30, "Nothing can be recorded in the minutes of that meeting"),
        ("cancelled", 30, "Nothing can be recorded in the minutes of that meeting"),
    ],
)
def test_minutes_are_agreed_only_at_a_later_meeting_that_was_held(
    minutes, state, days, said
):
    minutes.circulate()
    date = timezone.localdate() if days == 400 else HELD_ON
    other = MeetingFactory(
        date=date + dt.timedelta(days=days),
        state=state,
        cancelled_because="Snow" if state == "cancelled" else "",
    )
    assert said in refusal(minutes.agree, how=AT_MEETING, at_meeting=other)


def test_what_changed_since_the_draft_is_not_agreed_as_presented(minutes):
    minutes.circulate()
    minutes.write(minutes.open, notes="Nothing of the kind.")
    said = refusal(minutes.agree)
    assert "after draft 1 went round" in said
    agreement = minutes.agree(changes="Item 1: notes changed.")
    assert agreement.outcome == "subject to these changes: Item 1: notes changed"
    assert kept(minutes).item(minutes.open.pk).notes == "Nothing of the kind."


def test_what_changed_while_somebody_read_is_not_agreed_unseen(minutes):
    minutes.circulate()
    seen = digest_of([])
    minutes.write(minutes.open, notes="Nothing of the kind.")
    said = refusal(minutes.agree, changes="Something", seen=seen)
    assert "were changed while you were reading" in said


def test_a_changed_action_says_in_its_timeline_that_the_minutes_say_so(minutes, staff):
    minutes.circulate()
    action = minutes.action
    action.refresh_from_db()
    action.text = "Share the whole plan"
    action.save()
    minutes.agree(changes="The wording of an action")
    entry = action.updates.filter(what=Update.What.EDITED).get()
    assert entry.text.endswith("26 March 2025, were agreed subject to changes: wording")
    assert (entry.meeting, entry.office_only) == (minutes.meeting, False)


def test_an_action_raised_since_the_draft_is_issued_when_they_are_agreed(
    minutes, staff
):
    minutes.circulate()
    late = raise_action(by=staff, text="Late", meeting=minutes.meeting)
    minutes.agree(changes="An action was added")
    late.refresh_from_db()
    assert late.is_issued


@pytest.mark.parametrize("state", ["planned", "in_progress", "draft", "cancelled"])
def test_only_minutes_that_went_round_are_agreed(minutes, state):
    minutes.meeting.state = state
    minutes.meeting.cancelled_because = "Snow" if state == "cancelled" else ""
    minutes.meeting.save()
    assert "only minutes that went round are agreed" in refusal(minutes.agree)


def test_who_agrees_second_is_told_who_was_first(minutes):
    minutes.circulate().agree()
    said = refusal(
        agree,
        Meeting.objects.get(pk=minutes.meeting.pk),
        by=UserFactory(),
        how=CHAIR,
        agreed_by="Somebody else",
        agreed_on=HELD_ON,
    )
    assert "agreed already. Agreed by John Campion" in said
    assert minutes.by.name in said
    assert Agreement.objects.count() == 1


def test_minutes_agreed_before_agreements_were_kept_are_not_agreed_again(minutes):
    minutes.meeting.state = "agreed"
    minutes.meeting.save()
    assert refusal(minutes.agree) == "These minutes are agreed already"


def test_minutes_are_not_agreed_before_the_meeting_or_by_nobody(minutes):
    minutes.circulate()
    early = HELD_ON - dt.timedelta(days=1)
    assert "no earlier than the meeting" in refusal(minutes.agree, agreed_on=early)
    assert "who agreed them" in refusal(minutes.agree, agreed_by=" ")
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert "not in the future" in refusal(minutes.agree, agreed_on=tomorrow)
