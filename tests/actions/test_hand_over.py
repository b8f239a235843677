"""What one colleague leads goes to another: all of it at once."""

import uuid

import pytest
from django.urls import reverse

from actions.models import Action, Update
from tests.factories import ActionFactory, UserFactory, decision

pytestmark = pytest.mark.django_db

URL = reverse("hand_over")


@pytest.fixture
def giver():
    return UserFactory(name="Gail Giver")


@pytest.fixture
def taker():
    return UserFactory(name="Tom Taker")


@pytest.fixture
def led(giver):
    return [ActionFactory(office_lead=giver) for _ in range(3)]


def test_all_unresolved_actions_go_over_and_say_so(as_, staff, giver, taker, led):
    led[0].close(by=staff, decision=decision())
    others = ActionFactory(office_lead=UserFactory())
    client = as_(staff)
    page = client.get(URL)
    assert "Gail Giver: 2 unresolved actions" in page.text
    sent = client.post(URL, {"giver": giver.pk, "taker": taker.pk})
    assert "2 actions handed over from Gail Giver to Tom Taker." in (
        client.get(sent.url).text
    )
    leads = dict(Action.objects.values_list("pk", "office_lead"))
    assert leads == {
        led[0].pk: giver.pk,
        led[1].pk: taker.pk,
        led[2].pk: taker.pk,
        others.pk: others.office_lead_id,
    }
    for action in led[1:]:
        entry = action.updates.get(what=Update.What.EDITED)
        assert entry.text == "Office lead from Gail Giver to Tom Taker"
        assert (entry.author, entry.office_only) == (staff, True)
        latest = action.history.first()
        assert (latest.office_lead_id, latest.history_user) == (taker.pk, staff)
        assert latest.version == action.version + 1
    assert not led[0].updates.filter(what=Update.What.EDITED).exists()


def test_who_may_no_longer_sign_in_hands_over_but_takes_nothing(
    as_, staff, giver, taker, led
):
    giver.is_active = False
    giver.save()
    client = as_(staff)
    page = client.get(URL, {"from": giver.pk})
    assert "Gail Giver: 3 unresolved actions, may no longer sign in" in page.text
    assert f'value="{giver.pk}" selected' in page.text
    takers = page.context["form"].fields["taker"].queryset
    assert giver not in takers
    refused = client.post(URL, {"giver": led[0].office_lead_id, "taker": giver.pk})
    assert refused.status_code == 422
    assert client.post(URL, {"giver": giver.pk, "taker": taker.pk}).status_code == 302


@pytest.mark.parametrize("role", ["liaison", "commissioner"])
def test_only_the_office_leads(as_, staff, giver, led, role, request):
    user = request.getfixturevalue(role)
    refused = as_(staff).post(URL, {"giver": giver.pk, "taker": user.pk})
    assert refused.status_code == 422
    assert Action.objects.filter(office_lead=giver).count() == 3


def test_to_oneself_is_no_hand_over(as_, staff, giver, led):
    page = as_(staff).post(URL, {"giver": giver.pk, "taker": giver.pk})
    assert page.status_code == 422
    assert "Choose somebody else to hand over to" in page.text


def test_with_nothing_to_hand_over_it_says_so(as_, staff, giver, taker):
    assert "Nobody leads an unresolved action" in as_(staff).get(URL).text
    page = as_(staff).post(URL, {"giver": giver.pk, "taker": taker.pk})
    assert page.status_code == 422


def test_pressing_twice_hands_over_once(as_, staff, giver, taker, led):
    sent = {"giver": giver.pk, "taker": taker.pk, "submission": str(uuid.uuid4())}
    for _ in range(2):
        assert as_(staff).post(URL, sent).status_code == 302
    assert Update.objects.filter(what=Update.What.EDITED).count() == 3


def test_a_liaison_is_not_told(as_, liaison, staff, giver, taker):
    action = ActionFactory(office_lead=giver, organisation=liaison.organisation)
    as_(staff).post(URL, {"giver": giver.pk, "taker": taker.pk})
    assert "Tom Taker" in as_(staff).get(action.get_absolute_url()).text
    assert "Tom Taker" not in as_(liaison).get(action.get_absolute_url()).text


@pytest.mark.parametrize("role", ["liaison", "commissioner"])
def test_only_the_office_hands_over(as_, giver, taker, led, role, request):
    client = as_(request.getfixturevalue(role))
    assert client.get(URL).status_code == 403
    sent = client.post(URL, {"giver": giver.pk, "taker": taker.pk})
    assert sent.status_code == 403
    assert URL not in client.get(reverse("tracker")).text


def test_a_stranger_signs_in_first(client):
    assert client.get(URL).url.startswith(reverse("account_login"))


def test_the_office_finds_the_way(as_, staff, administrator, giver, led):
    assert URL in as_(staff).get(reverse("tracker")).text
    giver.is_active = False
    giver.save()
    page = as_(administrator).get(reverse("account_edit", args=[giver.pk]))
    assert f"{URL}?from={giver.pk}" in page.text


def test_the_number_of_queries_does_not_grow_with_the_rows(
    as_, staff, giver, taker, led, django_assert_max_num_queries
):
    client = as_(staff)

    def queries(one, other):
        with django_assert_max_num_queries(40) as found:
            client.post(URL, {"giver": one.pk, "taker": other.pk})
        return len(found)

    few = queries(giver, taker)
    for _ in range(27):
        ActionFactory(office_lead=taker)
    assert queries(taker, giver) == few
