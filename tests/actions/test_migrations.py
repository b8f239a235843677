"""Migrations of data, on the database the tests run on."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from actions.models import Review
from tests.factories import ActionFactory, MeetingFactory, UserFactory


def migrate_to(name: str):
    call_command("migrate", "actions", name, verbosity=0)
    return MigrationExecutor(connection).loader.project_state(("actions", name)).apps


@pytest.mark.django_db(transaction=True)
def test_why_an_action_was_listed_is_told_apart_there_and_back() -> None:
    staff = UserFactory()
    action, meeting = ActionFactory(by=staff), MeetingFactory()
    try:
        before = migrate_to("0006_list_as_it_was")
        before.get_model("actions", "Review").objects.create(
            action_id=action.pk,
            meeting_id=meeting.pk,
            reason="12 days overdue",
            status_then="open",
            outcome="noted",
            recorded_by_id=staff.pk,
            recorded_at=timezone.now(),
        )
    finally:
        call_command("migrate", verbosity=0)
    review = Review.objects.get()
    assert (review.why, review.reason) == ("12 days overdue", "")
    try:
        back = migrate_to("0006_list_as_it_was")
        row = back.get_model("actions", "Review").objects.get()
        assert row.reason == "12 days overdue"
    finally:
        call_command("migrate", verbosity=0)
