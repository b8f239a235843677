"""Many actions at once: all of them are changed, or none."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from actions.models import Action, Due, Owner, Review, Update
from tests.actions.pages import DECIDED, SOON, TODAY
from tests.factories import (
    ActionFactory,
    MeetingFactory,
    OrganisationFactory,
    UserFactory,
    decision,
    due_on,
)

pytestmark = pytest.mark.django_db

OWNERS, DUE, FORWARD = "bulk_owners", "bulk_due", "bulk_bring_forward"
PAGES = [OWNERS, DUE, FORWARD]


@pytest.fixture
def meeting():
    return MeetingFactory(date=TODAY + dt.timedelta(days=9))


@pytest.fixture
def actions():
    return [
        ActionFactory(organisation=OrganisationFactory(), due=due_on(2025, 9, n + 1))
        for n in range(3)
    ]


@pytest.fixture
def fields(meeting):
    """What each page asks for."""
    owner = OrganisationFactory(name="Council", short_names="")
    return {
        OWNERS: {"owner_1": f"organisation-{owner.pk}", "post_1": "Chief Executive"},
        DUE: DECIDED
        | {"due_kind": "date", "due_on": f"{SOON:%d/%m/%Y}", "text": "Late"},
        FORWARD: {"meeting": meeting.pk, "text": "Look again"},
    }


def address(page: str, actions, **more) -> str:
    numbers = "&".join(f"action={getattr(a, 'pk', a)}" for a in actions)
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{reverse(page)}?{numbers}{extra}"


def send(client, page, actions, data, **more):
    """Open the page, then send it with what it came with."""
    url = address(page, actions, **more)
    form = client.get(url).context["form"]
    sent = {name: form[name].value() for name in ("seen", "actions")}
    return client.post(url, sent | {"submission": str(uuid.uuid4())} | data)


def entries(actions, what) -> list[int]:
    return [action.updates.filter(what=what).count() for action in actions]


def test_the_same_owners_for_all(as_, staff, actions, fields):
    client = as_(staff)
    sent = send(client, OWNERS, actions, fields[OWNERS])
    assert sent.url == reverse("tracker")
    assert "3 actions have new owners." in client.get(sent.url).text
    for action in actions:
        [owner] = action.owners.all()
        assert (owner.organisation.name, owner.post) == ("Council", "Chief Executive")
        assert owner.leads
        entry = action.updates.get(what=Update.What.OWNERS)
        assert entry.author == staff
        assert entry.text.endswith("to Council, Chief Executive")


def test_the_same_due_for_all_with_one_reason_and_the_decision(
    as_, staff, actions, fields
):
    send(as_(staff), DUE, actions, fields[DUE])
    for action in actions:
        entry = action.updates.get(what=Update.What.REDATED)
        assert (entry.text, entry.decided_by, entry.due_on) == (
            "Late",
            "John Campion",
            SOON,
        )
        assert Action.objects.get(pk=action.pk).due == Due.on_date(SOON)
        assert action.first_due() != Due.on_date(SOON)


def test_all_brought_forward_to_one_meeting(as_, staff, actions, fields, meeting):
    send(as_(staff), FORWARD, actions, fields[FORWARD])
    assert Review.objects.filter(meeting=meeting).count() == 3
    assert entries(actions, Update.What.BROUGHT_FORWARD) == [1, 1, 1]


def test_what_is_left_out_stays_as_it_was(as_, staff, actions, fields):
    data = fields[DUE] | {"actions": [actions[0].pk, actions[2].pk]}
    send(as_(staff), DUE, actions, data)
    assert entries(actions, Update.What.REDATED) == [1, 0, 1]


def test_what_nobody_was_told_of_is_mended_without_a_decision(as_, staff, fields):
    mine = [ActionFactory(issued=False, due=due_on(2025, 9, 1)) for _ in range(2)]
    page = as_(staff).get(address(DUE, mine))
    assert "decided_by" not in page.context["form"].fields
    wanted = ("due_kind", "due_on", "text")
    send(as_(staff), DUE, mine, {name: fields[DUE][name] for name in wanted})
    assert entries(mine, Update.What.DUE_SET) == [1, 1]


def test_in_a_mixed_choice_only_what_was_issued_is_by_decision(
    as_, staff, actions, fields
):
    mine = ActionFactory(issued=False, due=due_on(2025, 9, 1))
    send(as_(staff), DUE, [*actions, mine], fields[DUE])
    assert mine.updates.get(what=Update.What.DUE_SET).decided_by == ""
    assert actions[0].updates.get(what=Update.What.REDATED).decided_by


def test_issued_after_the_page_was_opened_it_needs_the_decision(as_, staff, fields):
    mine = ActionFactory(issued=False, due=due_on(2025, 9, 1))
    url, client = address(DUE, [mine]), as_(staff)
    form = client.get(url).context["form"]
    mine.issue(by=staff)
    data = {"actions": [mine.pk], "seen": form["seen"].value(), "text": "Late"}
    page = client.post(url, data | {"due_kind": "date", "due_on": f"{SOON:%d/%m/%Y}"})
    assert page.status_code == 422
    assert "Enter who decided it" in page.text
    assert entries([mine], Update.What.REDATED) == [0]


# All or nothing


def close(action, by):
    action.close(by=by, decision=decision())


def hold(action, by):
    until = TODAY + dt.timedelta(days=90)
    action.hold("Audit", until=until, by=by, decision=decision())


@pytest.mark.parametrize(
    ("page", "obstacle", "sentence"),
    [
        (OWNERS, close, "is closed now, so its owners stay"),
        (DUE, close, "is closed now, so this cannot be done"),
        (FORWARD, close, "is closed"),
        (FORWARD, hold, "is on hold until"),
    ],
)
def test_one_that_refuses_keeps_all_as_they_were_and_is_named(
    as_, staff, actions, fields, page, obstacle, sentence
):
    url, client = address(page, actions), as_(staff)
    form = client.get(url).context["form"]
    obstacle(actions[1], UserFactory())
    before = Update.objects.count()
    sent = {name: form[name].value() for name in ("seen", "actions")}
    answer = client.post(url, sent | fields[page])
    assert answer.status_code == 422
    assert sentence in answer.text
    errors = answer.context["form"].non_field_errors()
    assert actions[1].reference in errors[0]
    assert errors[-1] == "Nothing was changed"
    assert Update.objects.count() == before
    assert not Review.objects.exists()


def test_every_one_that_refuses_is_named(as_, staff, actions, fields):
    late = [ActionFactory(meeting=MeetingFactory(date=TODAY)) for _ in range(2)]
    soon = TODAY - dt.timedelta(days=3)
    data = fields[DUE] | {"due_on": f"{soon:%d/%m/%Y}"}
    page = send(as_(staff), DUE, [*actions, *late], data)
    assert page.status_code == 422
    for action in late:
        assert f"{action.reference}: Enter a due date after the meeting date" in (
            page.text
        )
    assert entries(actions, Update.What.REDATED) == [0, 0, 0]


def test_raised_after_the_meeting_it_cannot_be_brought_there(
    as_, staff, actions, fields, meeting
):
    later = MeetingFactory(date=meeting.date + dt.timedelta(days=1))
    raised = ActionFactory(meeting=later)
    page = send(as_(staff), FORWARD, [*actions, raised], fields[FORWARD])
    assert page.status_code == 422
    assert f"{raised.reference}: Choose a meeting after the action was raised" in (
        page.text
    )
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("page", "meddle"),
    [
        (OWNERS, lambda a: a.owners.update(post="Chief Constable")),
        (
            DUE,
            lambda a: a.redate(
                due_on(2027, 1, 1), "Later", by=UserFactory(), decision=decision()
            ),
        ),
    ],
)
def test_what_somebody_else_changed_meanwhile_is_shown_before_it_is_replaced(
    as_, staff, actions, fields, page, meddle
):
    url, client = address(page, actions), as_(staff)
    form = client.get(url).context["form"]
    meddle(actions[0])
    sent = {name: form[name].value() for name in ("seen", "actions")} | fields[page]
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert f"{actions[0].reference}: somebody else changed" in refused.text
    assert entries(actions[1:], Update.What.REDATED) == [0, 0]
    assert ("Chief Constable" in refused.text) or ("due 1 January 2027" in refused.text)
    again = sent | {"seen": refused.context["form"]["seen"].value()}
    assert client.post(url, again).status_code == 302


def test_an_update_given_meanwhile_is_in_nobodys_way(as_, staff, actions, fields):
    url, client = address(DUE, actions), as_(staff)
    form = client.get(url).context["form"]
    actions[0].add_update("Begun", by=UserFactory())
    sent = {name: form[name].value() for name in ("seen", "actions")}
    assert client.post(url, sent | fields[DUE]).status_code == 302


def test_what_is_so_already_is_left_alone(as_, staff, actions, fields):
    actions[0].redate(Due.on_date(SOON), "Late", by=staff, decision=decision())
    client = as_(staff)
    sent = send(client, DUE, actions, fields[DUE])
    assert entries(actions, Update.What.REDATED) == [1, 1, 1]
    said = client.get(sent.url).text
    assert "2 actions have a new due date. 1 had it so already." in said


def test_pressing_twice_changes_once(as_, staff, actions, fields):
    url, client = address(FORWARD, actions), as_(staff)
    sent = fields[FORWARD] | {
        "submission": str(uuid.uuid4()),
        "actions": [action.pk for action in actions],
    }
    for _ in range(2):
        assert client.post(url, sent).status_code == 302
    assert entries(actions, Update.What.BROUGHT_FORWARD) == [1, 1, 1]


# What is chosen


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_one_unknown_number_refuses_all(as_, staff, actions, fields, page, method):
    for unknown in (10**9, "x", "1" + "0" * 30, "٣"):
        url = address(page, [*actions, unknown])
        sent = fields[page] if method == "post" else None
        assert getattr(as_(staff), method)(url, sent).status_code == 404
    assert not Update.objects.filter(author=staff).exists()


@pytest.mark.parametrize("page", PAGES)
def test_a_number_that_was_not_shown_refuses_all(as_, staff, actions, fields, page):
    data = fields[page] | {"actions": [actions[0].pk, actions[1].pk]}
    answer = as_(staff).post(address(page, actions[:1]), data)
    assert answer.status_code == 422
    assert "Choose the actions again" in answer.text
    assert not Update.objects.filter(author=staff).exists()


@pytest.mark.parametrize("page", PAGES)
def test_nothing_ticked_leads_back_with_a_sentence(as_, staff, actions, page):
    client = as_(staff)
    sent = client.get(reverse(page), {"back": "list=all&flag=overdue"})
    assert sent.url == f"{reverse('tracker')}?list=all&flag=overdue"
    assert "Tick at least one action first" in client.get(sent.url).text


def test_more_than_a_page_leads_back_with_a_sentence(as_, staff):
    client = as_(staff)
    sent = client.get(address(OWNERS, range(1, 52)))
    assert "Choose at most 50 actions at a time" in client.get(sent.url).text


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        ("list%3Dall%26flag%3Doverdue", "/actions/?list=all&flag=overdue"),
        ("https%3A%2F%2Fevil.example%2F", "/actions/?https%3A%2F%2Fevil.example%2F="),
        ("q%3D" + "x" * 2000, "/actions/?q=" + "x" * 248),
        ("", "/actions/"),
    ],
)
def test_afterwards_it_is_the_list_they_were_chosen_in(
    as_, staff, actions, fields, back, expected
):
    sent = send(as_(staff), FORWARD, actions, fields[FORWARD], back=back)
    assert sent.url == expected


@pytest.mark.parametrize(
    ("page", "missing", "sentence"),
    [
        (OWNERS, "owner_1", "Choose the organisation this post belongs to"),
        (DUE, "text", "Enter the reason"),
        (DUE, "decided_by", "Enter who decided it"),
        (FORWARD, "text", "Enter the reason"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_kept(
    as_, staff, actions, fields, page, missing, sentence
):
    answer = send(as_(staff), page, actions, fields[page] | {missing: ""})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert answer.text.count("checked") >= len(actions)
    assert not Update.objects.filter(author=staff).exists()


def test_an_owner_must_be_chosen(as_, staff, actions):
    answer = send(as_(staff), OWNERS, actions, {"owner_1": ""})
    assert "Choose the new owner" in answer.text
    assert all(action.owners.count() == 1 for action in actions)


def test_the_decision_is_not_before_the_last_was_raised(as_, staff, actions, fields):
    data = fields[DUE] | {"decided_on": "1/1/2025"}
    page = send(as_(staff), DUE, actions, data)
    assert "on or after the day the action was raised" in page.text


# Who may


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", ["liaison", "commissioner"])
def test_only_the_office_works_in_bulk(as_, actions, fields, page, role, request):
    user = request.getfixturevalue(role)
    url = address(page, actions)
    assert as_(user).get(url).status_code == 403
    assert as_(user).post(url, fields[page]).status_code == 403
    assert not Update.objects.filter(author=user).exists()


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_signs_in_first(client, actions, page):
    sent = client.get(address(page, actions))
    assert sent.url.startswith(reverse("account_login"))


def test_the_tracker_offers_ticks_to_the_office_alone(
    as_, staff, commissioner, liaison
):
    action = ActionFactory(organisation=liaison.organisation)
    tick = f'name="action" value="{action.pk}" aria-label="Choose {action.reference}"'
    page = as_(staff).get(reverse("tracker")).text
    assert tick in page
    for name in PAGES:
        assert f'formaction="{reverse(name)}"' in page
    for user in (commissioner, liaison):
        page = as_(user).get(reverse("tracker")).text
        assert action.reference in page
        assert "app-tick" not in page
        assert reverse(OWNERS) not in page


def test_neither_closed_actions_nor_home_offer_ticks(as_, staff, actions):
    close(actions[0], staff)
    page = as_(staff).get(reverse("tracker"), {"list": "resolved"}).text
    assert actions[0].reference in page
    assert "app-tick" not in page
    assert "app-tick" not in as_(staff).get(reverse("home")).text


@pytest.mark.parametrize("page", PAGES)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    as_, staff, meeting, django_assert_max_num_queries, page
):
    client = as_(staff)

    def some(count):
        return [
            ActionFactory(
                due=Due.at_meeting(meeting),
                owners=[Owner(organisation=OrganisationFactory(), post="Chief")],
            )
            for _ in range(count)
        ]

    def queries(chosen):
        with django_assert_max_num_queries(25) as found:
            assert client.get(address(page, chosen)).status_code == 200
        return len(found)

    one, many = some(1), some(30)
    assert queries(many) == queries(one)
