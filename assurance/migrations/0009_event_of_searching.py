from typing import Any

from django.db import migrations, models

KINDS = {
    "signed_in": "Signed in",
    "signed_out": "Signed out",
    "timed_out": "Signed out when the time was up",
    "wrong_password": "Wrong password",
    "wrong_code": "Wrong code or passkey",
    "stopped": "Sign-in stopped for 15 minutes",
    "password_changed": "Password changed",
    "reset_asked": "Link to set a password asked for",
    "invited": "Invited",
    "step_added": "Second step added",
    "step_removed": "Second step removed",
    "codes_made": "Recovery codes made",
    "code_used": "Recovery code used",
    "linked": "Linked with single sign-on",
    "unlinked": "Link with single sign-on ended",
    "sessions_ended": "Signed out elsewhere",
    "downloaded": "Withheld material downloaded",
    "handed_over": "Whole record taken away",
    "searched": "Whole record searched for data protection",
}


def name_as_before(apps: Any, schema_editor: Any) -> None:
    """Until now a search was written down as something taken away."""
    events = apps.get_model("assurance", "Event")
    events.objects.filter(kind="searched").update(kind="downloaded")


class Migration(migrations.Migration):
    dependencies = [("assurance", "0008_links_with_single_sign_on")]

    operations = [
        migrations.RemoveConstraint("event", "event_kind_known"),
        migrations.RunPython(migrations.RunPython.noop, name_as_before),
        migrations.AlterField(
            model_name="event",
            name="kind",
            field=models.CharField(max_length=20, choices=list(KINDS.items())),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(kind__in=list(KINDS)), name="event_kind_known"
            ),
        ),
    ]
