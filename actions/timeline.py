"""The timeline of an action as people read it: corrections over what they correct."""

from actions.models import Action, Update
from assurance.models import User

# What may be said better; an office note may be followed by another.
_WORDS = (Update.What.UPDATE, Update.What.PROPOSED)


def read_timeline(action: Action, user: User) -> list[Update]:
    """Everything this account may see, newest first; a constant number of queries.

    Each has ``corrected``, the words it took the place of, newest first, which are not
    listed themselves; and ``may_correct``, whether this account may say it better.
    """
    updates = (
        action.updates.visible_to(user)
        .with_whose()
        .select_related("meeting__type", "due_meeting", "due_theme", "due_type")
        .select_related("answers")
        .prefetch_related("evidence__file", "answer", "correction")
        .newest_first()
    )
    by_pk = {update.pk: update for update in updates}
    for update in by_pk.values():
        update.corrected = []
        before = by_pk.get(update.corrects_id or 0)
        while before:
            update.corrected.append(before)
            before = by_pk.get(before.corrects_id or 0)
        update.may_correct = (
            update.what in _WORDS and action.is_unresolved and update.is_word_of(user)
        )
    return [update for update in by_pk.values() if not update.is_corrected]
