"""What names a row that is not the visitor's to name is refused as a whole.

One foreign row among own ones, parts of an address that do not belong together: the
database is afterwards what it was.
"""

from typing import Any

import pytest
from django.urls import reverse

from actions.models import Action, DraftEvidence, UpdateDraft
from tests.addresses import addresses
from tests.browser import Browser
from tests.digest import changed, digest
from tests.forces import Forces
from tests.opened import without_what_is_new
from tests.test_mass_assignment import filled_in
from tests.walk import mismatched, numbers_of, urls

MISSING = 10**8
# Where no minutes are agreed there is nothing to amend, whatever item is named.
LEADS_BACK = "amend_item"


def browser_of(user: Any) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(user)
    return browser


def test_parts_of_an_address_that_do_not_belong_together(forces: Forces) -> None:
    browsers = [browser_of(forces.administrator), browser_of(forces.liaison)]
    before = digest()
    answers, tried = {}, 0
    for browser in browsers:
        for address in addresses():
            for url in mismatched(address)[:2]:
                tried += 1
                status = browser.post(url, {"text": "Changed"}).status_code
                # 409 shows what was typed for something removed meanwhile.
                if status not in (403, 404, 405, 409) and address.name != LEADS_BACK:
                    answers[address.name, url] = status
    assert answers == {}
    assert changed(before) == set()
    assert tried > 40


def test_sending_drafts_with_one_of_another_force_among_them(forces: Forces) -> None:
    UpdateDraft.objects.update(is_ready=True)
    own = UpdateDraft.objects.filter(organisation=forces.a, action=forces.own)
    others = UpdateDraft.objects.exclude(organisation=forces.a)
    browser = browser_of(forces.liaison)
    before = digest()
    for other in [*others.values_list("pk", flat=True), MISSING]:
        answer = browser.post(reverse("drafts"), {"drafts": [own.get().pk, other]})
        assert answer.status_code == 422
    assert changed(before) == set()
    answer = browser.post(reverse("drafts"), {"drafts": [own.get().pk]})
    assert answer.status_code == 302
    assert "actions_update" in changed(before)


def test_taking_evidence_out_of_the_draft_of_another_force(forces: Forces) -> None:
    action = forces.own
    url = reverse("action_update", args=[action.year, action.number])
    browser = browser_of(forces.liaison)
    form = browser.get(url).context["form"]
    own = DraftEvidence.objects.get(
        draft__organisation=forces.a, draft__action=action
    ).pk
    others = DraftEvidence.objects.exclude(draft__organisation=forces.a)
    before = digest()
    for other in [*others.values_list("pk", flat=True), MISSING]:
        data = filled_in(form) | {"removed": [own, other]}
        assert browser.post(url, data).status_code == 422
    assert changed(before) == set()


@pytest.mark.parametrize("page", ["bulk_owners", "bulk_due", "bulk_bring_forward"])
def test_many_actions_at_once_with_one_that_is_not_there(
    forces: Forces, page: str
) -> None:
    browser = browser_of(forces.staff)
    chosen = [forces.own.pk, forces.shared.pk]
    before = digest()
    for wrong in (MISSING, 0, "1x"):
        url = f"{reverse(page)}?" + "&".join(f"action={n}" for n in [*chosen, wrong])
        assert browser.get(url).status_code == 404
        assert browser.post(url, {"actions": chosen}).status_code == 404
    # One that is there, and was not chosen.
    url = f"{reverse(page)}?" + "&".join(f"action={n}" for n in chosen)
    data = filled_in(browser.get(url).context["form"])
    data |= {"actions": [*chosen, forces.foreign.pk], "text": "Late"}
    assert browser.post(url, data).status_code == 422
    assert changed(before) == set()


def test_issuing_and_asking_with_one_that_is_not_there(forces: Forces) -> None:
    browser = browser_of(forces.staff)
    before = digest()
    url = reverse("meeting_updates", args=[forces.planned.pk])
    good = f"{forces.shared.pk}-{forces.a.pk}"
    for bad in (
        f"{forces.shared.pk}-{forces.b.pk}",
        f"{forces.shared.pk}-{MISSING}",
        f"{MISSING}-{forces.a.pk}",
        f"{forces.unissued.pk}-{forces.a.pk}",
    ):
        assert browser.post(url, {"asks": [good, bad]}).status_code == 422
    url = reverse("actions_issue")
    form = browser.get(url).context["form"]
    for bad in (MISSING, forces.own.pk):
        data = filled_in(form) | {"actions": [forces.unissued.pk, bad]}
        assert browser.post(url, data).status_code == 422
    assert changed(before) == set()


def test_a_foreign_row_is_as_missing_as_one_that_never_was(forces: Forces) -> None:
    """The same status and the same page, so that nobody learns what there is."""
    browser = browser_of(forces.liaison)
    own = Action.objects.visible_to(forces.liaison).values_list("year", "number")
    differences, tried = {}, 0
    for address in addresses():
        known = numbers_of(address)
        if not known or not known[0]:
            continue
        last = list(known[0])[-1]
        if "<int:" not in address.route and "<number:" not in address.route:
            continue
        try:
            never = reverse(address.name, kwargs=known[-1] | {last: 999_999})
        except Exception:
            continue
        expected = plain(browser.get(never))
        for url, kwargs in zip(urls(address), known, strict=False):
            if (kwargs.get("year"), kwargs.get("number")) in own:
                continue
            answer = browser.get(url)
            if answer.status_code != 404:
                continue
            tried += 1
            if plain(answer) != expected and expected[0] == 404:
                differences[url] = (answer.status_code, expected[0])
    assert differences == {}
    assert tried > 30


def plain(answer: Any) -> tuple[int, str]:
    if answer.streaming:
        return answer.status_code, ""
    return answer.status_code, without_what_is_new(answer.content.decode())
