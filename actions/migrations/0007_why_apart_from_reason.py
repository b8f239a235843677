"""Why an action was on the list apart from why it was brought forward.

On its own, because PostgreSQL changes no table in a transaction that changed its rows.
"""

from django.db import migrations
from django.db.models import F, OuterRef, Subquery


def tell_apart(apps, schema_editor):
    for name in ("Review", "HistoricalReview"):
        rows = apps.get_model("actions", name).objects
        recorded = rows.exclude(outcome="").filter(why="")
        recorded.filter(brought_by__isnull=True).update(why=F("reason"), reason="")
        recorded.filter(brought_by__isnull=False).update(why=F("reason"))
    brought = (
        apps.get_model("actions", "Update")
        .objects.filter(
            what="brought_forward",
            action=OuterRef("action"),
            meeting=OuterRef("meeting"),
        )
        .order_by("-at")
    )
    apps.get_model("actions", "Review").objects.filter(
        brought_by__isnull=False
    ).update(brought_at=Subquery(brought.values("at")[:1]))


def put_together(apps, schema_editor):
    for name in ("Review", "HistoricalReview"):
        rows = apps.get_model("actions", name).objects
        rows.exclude(outcome="").exclude(why="").update(reason=F("why"))


class Migration(migrations.Migration):
    dependencies = [("actions", "0006_list_as_it_was")]

    operations = [migrations.RunPython(tell_apart, put_together)]
