"""What each due comes to, worked out by the database.

A tie ("at the next meeting on Workforce") is never stored: a view works it out, so an
action follows its meeting when that moves and waits again when it is cancelled.
"""

from typing import Any

from django.db import models


class ResolvedDue(models.Model):
    """One row for each action, from the view ``actions_resolveddue``."""

    action = models.OneToOneField(
        "actions.Action",
        models.DO_NOTHING,
        primary_key=True,
        related_name="resolved_due",
        db_constraint=False,
    )
    # The meeting it is due at, if it is tied to one that is planned or was held.
    due_at = models.ForeignKey(
        "meetings.Meeting",
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    # The day it is due: its own, or that meeting's.
    due_date = models.DateField(null=True)

    class Meta:
        managed = False

    def __str__(self) -> str:
        return f"{self.action_id}: {self.due_date}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("What a due comes to is worked out, never saved")


# Joins stay out of the view itself, or SQLite would work it out for every action.
# The first meeting behind the one the action was raised at; of the same day only a
# later one. A due agreed afterwards (due_after) looks behind that day instead.
# Meetings that were cancelled do not count.
_FIRST_AFTER = """
    SELECT m.id FROM meetings_meeting m
    LEFT JOIN meetings_meeting raised ON raised.id = a.meeting_id
    WHERE {wanted} AND m.state <> 'cancelled'
      AND (
        m.date > COALESCE(a.due_after, raised.date, a.source_on)
        OR (
          m.date = raised.date
          AND m.start > raised.start
          AND COALESCE(a.due_after, raised.date) = raised.date
        )
      )
    ORDER BY m.date, m.start NULLS FIRST, m.id
    LIMIT 1
"""
_ON_THEME = """
    m.id IN (
      SELECT t.meeting_id FROM meetings_meeting_themes t
      WHERE t.theme_id = a.due_theme_id
    )
"""
VIEW = "actions_resolveddue"
CREATE_VIEW = f"""
CREATE VIEW {VIEW} AS
SELECT
  tied.id AS action_id,
  tied.due_at_id,
  CASE
    WHEN tied.due_kind = 'date' THEN tied.due_on
    ELSE (SELECT m.date FROM meetings_meeting m WHERE m.id = tied.due_at_id)
  END AS due_date
FROM (
  SELECT
    a.id,
    a.due_kind,
    a.due_on,
    CASE a.due_kind
      WHEN 'meeting' THEN (
        SELECT m.id FROM meetings_meeting m
        WHERE m.id = a.due_meeting_id AND m.state <> 'cancelled'
      )
      WHEN 'theme' THEN ({_FIRST_AFTER.format(wanted=_ON_THEME)})
      WHEN 'type' THEN ({_FIRST_AFTER.format(wanted="m.type_id = a.due_type_id")})
    END AS due_at_id
  FROM actions_action a
) tied
"""  # noqa: S608
DROP_VIEW = f"DROP VIEW IF EXISTS {VIEW}"
