"""Comments on a draft: who may say what of which item, and what the office answers."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.comments import AnsweredMeanwhile, answer, comment
from meetings.models import Comment, Meeting
from meetings.operations import delete_item
from meetings.versions import latest_draft
from tests.factories import AgendaItemFactory, UserFactory
from tests.meetings.pages import as_shown, said
from tests.minutes import Minutes, made_once

pytestmark = pytest.mark.django_db

LONG = "A long comment. " * 800


kept_minutes, minutes, staff, liaison = made_once(
    lambda staff, liaison: Minutes(by=staff, liaison=liaison).circulate()
)


def on_item(minutes: Minutes, item=None) -> str:
    item = item or minutes.open
    return reverse("draft_comment_item", args=[minutes.meeting.pk, item.pk])


def on_the_whole(minutes: Minutes) -> str:
    return reverse("draft_comment", args=[minutes.meeting.pk])


def say(client, url: str, text: str = "Not so", **changes):
    form = client.get(url).context["form"]
    return client.post(url, as_shown(form, text=text, **changes))


def commented(minutes: Minutes, by, text: str = "Not so") -> Comment:
    draft = latest_draft(minutes.meeting)
    return comment(draft, by=by, text=text, key=minutes.open.pk)


# Commenting


@pytest.mark.parametrize("role", ["liaison", "commissioner", "staff", "administrator"])
def test_all_who_read_a_draft_comment_on_its_items_and_on_the_whole(as_, minutes, role):
    user = minutes.liaison if role == "liaison" else UserFactory(role=role)
    client = as_(user)
    sent = say(client, on_item(minutes))
    assert sent.url.endswith(f"/draft/#item-{minutes.open.pk}")
    assert "The office answers it" in said(sent)
    say(client, on_the_whole(minutes), text="Well written")
    first, second = Comment.objects.order_by("pk")
    assert (first.item, first.author, first.text) == (minutes.open, user, "Not so")
    assert (second.item, second.version.number) == (None, 1)
    page = client.get(reverse("draft", args=[minutes.meeting.pk]))
    assert "Well written" in page.text
    assert page.text.count("Not answered yet") == 2


def test_the_form_under_an_item_of_the_draft_is_the_one_of_its_page(as_, minutes):
    client = as_(minutes.liaison)
    page = client.get(reverse("draft", args=[minutes.meeting.pk]))
    form = page.context["forms"][minutes.open.pk]
    client.post(on_item(minutes), as_shown(form, text="From the draft"))
    assert Comment.objects.get().text == "From the draft"
    assert set(page.context["forms"]) == {minutes.open.pk}


def test_nobody_comments_on_what_is_left_out_of_their_copy(as_, minutes):
    client = as_(minutes.liaison)
    for item in (minutes.restricted, minutes.withheld):
        assert client.get(on_item(minutes, item)).status_code == 404
        assert client.post(on_item(minutes, item)).status_code == 404
        with pytest.raises(ValidationError, match="not in the draft"):
            comment(
                latest_draft(minutes.meeting),
                by=minutes.liaison,
                text="Hm",
                key=item.pk,
            )
    assert say(as_(minutes.by), on_item(minutes, minutes.restricted)).status_code == 302


def test_an_empty_comment_is_asked_for_and_a_long_one_kept(as_, minutes):
    client = as_(minutes.liaison)
    page = say(client, on_item(minutes), text=" ")
    assert page.status_code == 422
    assert "Enter your comment" in page.text
    say(client, on_item(minutes), text=LONG)
    assert Comment.objects.get().text == LONG.strip()


def test_a_comment_sent_twice_is_one(as_, minutes):
    client, url = as_(minutes.liaison), on_item(minutes)
    data = as_shown(client.get(url).context["form"], text="Not so")
    assert client.post(url, data).url == client.post(url, data).url
    assert Comment.objects.count() == 1


def test_a_comment_on_a_draft_that_another_followed_is_kept_and_shown_again(
    as_, minutes
):
    client, url = as_(minutes.liaison), on_item(minutes)
    data = as_shown(client.get(url).context["form"], text="What I typed")
    minutes.circulate()
    page = client.post(url, data)
    assert page.status_code == 422
    assert "Draft 2 went round while you were writing" in page.text
    assert "What I typed" in page.text
    sent = client.post(url, as_shown(page.context["form"]))
    assert sent.status_code == 302
    assert Comment.objects.get().version.number == 2


def test_a_draft_taken_back_meanwhile_takes_no_comment_and_gives_the_text_back(
    as_, minutes, commissioner
):
    client, url = as_(commissioner), on_item(minutes)
    data = as_shown(client.get(url).context["form"], text="What I typed")
    minutes.meeting.refresh_from_db()
    minutes.meeting.take_back_draft()
    page = client.post(url, data)
    assert page.status_code == 422
    assert "does not go round any more" in page.text
    assert "What I typed" in page.text


def test_an_item_taken_off_meanwhile_is_commented_on_as_a_whole(as_, minutes):
    bare = AgendaItemFactory(meeting=minutes.meeting, heading="Bare")
    minutes.circulate()
    client, url = as_(minutes.liaison), on_item(minutes, bare)
    data = as_shown(client.get(url).context["form"], text="What I typed")
    delete_item(bare)
    page = client.post(url, data)
    assert page.status_code == 422
    assert "comment on the whole instead" in page.text


def test_an_item_with_comments_stays_on_the_agenda(minutes):
    bare = AgendaItemFactory(meeting=minutes.meeting, heading="Bare")
    minutes.circulate()
    comment(latest_draft(minutes.meeting), by=minutes.by, text="Hm", key=bare.pk)
    with pytest.raises(ValidationError, match="commented on “Bare” in a draft"):
        delete_item(bare)


# Reading them


def test_a_liaison_reads_their_own_comments_and_nobody_elses(as_, minutes, staff):
    commented(minutes, staff, "Of the office")
    mine = commented(minutes, minutes.liaison, "Of the force")
    answer(mine, outcome="not_changed", text="It is right as it is", by=staff)
    text = as_(minutes.liaison).get(reverse("draft", args=[minutes.meeting.pk])).text
    assert "Of the force" in text
    assert "It is right as it is" in text
    assert "Of the office" not in text


def test_comments_stay_with_the_draft_they_were_made_on(as_, minutes):
    commented(minutes, minutes.liaison, "On the first")
    minutes.circulate()
    page = as_(minutes.liaison).get(reverse("draft", args=[minutes.meeting.pk]))
    before, after = page.text.split("Comments on earlier drafts")
    assert "On the first" not in before
    assert "Draft 1, Roads policing." in after
    assert "On the first" in after


def test_the_overview_has_what_waits_for_an_answer_first(as_, minutes, staff):
    first = commented(minutes, staff, "First")
    commented(minutes, staff, "Second")
    answer(first, outcome="changed", text="", by=staff)
    page = as_(staff).get(reverse("comments", args=[minutes.meeting.pk]))
    assert [one.text for one in page.context["page"]] == ["Second", "First"]
    assert "2 comments, 1 not answered" in page.text


def test_without_comments_the_overview_says_who_can_make_one(as_, minutes):
    page = as_(minutes.by).get(reverse("comments", args=[minutes.meeting.pk]))
    assert "Nobody has commented" in page.text


def test_the_office_finds_what_waits_for_an_answer_of_all_meetings(as_, minutes, staff):
    commented(minutes, staff, "Waits")
    other = Minutes(by=staff).circulate()
    commented(other, staff, "Waits too")
    done = Minutes(by=staff).circulate()
    commented(done, staff, "Too late")
    done.agree()
    page = as_(staff).get(reverse("comments_waiting"))
    assert page.context["found"] == 2
    assert "Too late" not in page.text


@pytest.mark.parametrize("name", ["comments", "comments_waiting"])
def test_a_page_of_comments_takes_as_many_queries_as_one_comment(
    as_, minutes, staff, name, django_assert_num_queries
):
    args = [minutes.meeting.pk] if name == "comments" else []
    client, url = as_(staff), reverse(name, args=args)
    commented(minutes, staff)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(24):
        Comment.objects.create(
            version=latest_draft(minutes.meeting),
            item=minutes.open,
            author=UserFactory(liaison=True),
            text=f"Comment {number}",
        )
    with django_assert_num_queries(len(few)):
        page = client.get(url)
    assert len(page.context["page"]) == 25


# Answering


def answer_page(minutes: Minutes, said_of_it: Comment) -> str:
    return reverse("comment_answer", args=[minutes.meeting.pk, said_of_it.pk])


def test_the_office_answers_each_comment_with_words(as_, minutes, staff):
    one = commented(minutes, minutes.liaison)
    client, url = as_(staff), answer_page(minutes, one)
    form = client.get(url).context["form"]
    sent = client.post(url, as_shown(form, outcome="changed", answer="It says so now"))
    assert f"{minutes.liaison.name} can read it" in said(sent)
    one.refresh_from_db()
    assert (one.outcome, one.answer, one.answered_by) == (
        "changed",
        "It says so now",
        staff,
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("", "Choose whether"), ("not_changed", "Say why it was not changed")],
)
def test_an_answer_that_says_nothing_is_refused(as_, minutes, staff, outcome, words):
    one = commented(minutes, minutes.liaison)
    client, url = as_(staff), answer_page(minutes, one)
    form = client.get(url).context["form"]
    page = client.post(url, as_shown(form, outcome=outcome, answer=""))
    assert page.status_code == 422
    assert words in page.text
    one.refresh_from_db()
    assert one.outcome == ""


def test_an_answer_given_meanwhile_is_shown_beside_ones_own_and_nothing_is_lost(
    as_, minutes, staff
):
    one = commented(minutes, minutes.liaison)
    client, url = as_(staff), answer_page(minutes, one)
    form = client.get(url).context["form"]
    other = UserFactory(name="Other Colleague")
    answer(one, outcome="not_changed", text="It is right", by=other)
    page = client.post(url, as_shown(form, outcome="changed", answer="Mended"))
    assert page.status_code == 422
    assert "Saved by Other Colleague while you were writing" in page.text
    assert "It is right" in page.text
    assert "Mended" in page.text
    one.refresh_from_db()
    assert one.answer == "It is right"
    assert client.post(url, as_shown(page.context["form"])).status_code == 302
    one.refresh_from_db()
    assert one.answer == "Mended"
    assert one.history.count() == 3


def test_nothing_is_answered_or_said_once_the_minutes_are_agreed(as_, minutes, staff):
    one = commented(minutes, minutes.liaison)
    client, url = as_(staff), answer_page(minutes, one)
    form = client.get(url).context["form"]
    minutes.agree()
    page = client.post(url, as_shown(form, outcome="changed", answer="Kept"))
    assert page.status_code == 422
    assert "are agreed, so nothing in them can be changed" in page.text
    assert "Kept" in page.text
    assert client.get(url).status_code == 302
    with pytest.raises(ValidationError):
        commented(minutes, staff)
    one.refresh_from_db()
    assert one.outcome == ""


def test_a_stale_answer_is_refused_by_the_domain_too(minutes, staff):
    one = commented(minutes, minutes.liaison)
    answer(one, outcome="changed", text="A", by=staff)
    with pytest.raises(AnsweredMeanwhile):
        answer(one, outcome="changed", text="B", by=staff, seen="")


def test_only_the_office_answers(as_, client, minutes, commissioner):
    one = commented(minutes, minutes.liaison)
    url = answer_page(minutes, one)
    assert "/accounts/login/" in client.get(url).url
    for user in (minutes.liaison, commissioner):
        assert as_(user).get(url).status_code == 403
        assert as_(user).post(url, {"outcome": "changed"}).status_code == 403


def test_a_comment_is_found_only_below_its_own_meeting(as_, minutes, staff):
    one = commented(minutes, minutes.liaison)
    other = Minutes(by=staff).circulate()
    assert as_(staff).get(answer_page(other, one)).status_code == 404


@pytest.mark.parametrize("state", ["agreed", "draft"])
def test_a_comment_that_comes_too_late_is_given_back(as_, minutes, state):
    client, url = as_(minutes.liaison), on_item(minutes)
    sent = as_shown(client.get(url).context["form"], text="Item 2 says too much")
    Meeting.objects.filter(pk=minutes.meeting.pk).update(state=state)
    page = client.post(url, sent)
    assert page.status_code == 409
    assert "Item 2 says too much" in page.text
    assert "no longer open to comments" in page.text
    assert as_(UserFactory(liaison=True)).post(url, sent).status_code == 404
    assert not Comment.objects.exists()
