"""Addresses of actions: the tracker, one action, and each thing to do to it."""

from django.urls import path, register_converter

from actions.views import action, answers, bulk, issue, moves, tracker, trackers


class NumberConverter:
    """The running number of a reference: ``/actions/2025/03/``."""

    regex = "[0-9]{1,6}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:02d}"


register_converter(NumberConverter, "number")

ONE = "<int:year>/<number:number>/"

urlpatterns = [
    path("", tracker.tracker, name="tracker"),
    path("drafts/", answers.drafts, name="drafts"),
    path("new/", action.action_new, name="action_new"),
    path("issue/", issue.actions_issue, name="actions_issue"),
    path("bulk/owners/", bulk.bulk_owners, name="bulk_owners"),
    path("bulk/due/", bulk.bulk_due, name="bulk_due"),
    path("bulk/bring-forward/", bulk.bulk_bring_forward, name="bulk_bring_forward"),
    path("import/", trackers.tracker_import, name="tracker_import"),
    path("import/<int:pk>/", trackers.tracker_rows, name="tracker_rows"),
    path("import/<int:pk>/columns/", trackers.tracker_columns, name="tracker_columns"),
    path("import/<int:pk>/drop/", trackers.tracker_drop, name="tracker_drop"),
    path("import/<int:pk>/rows/<int:row>/", trackers.tracker_row, name="tracker_row"),
    path("hand-over/", bulk.actions_hand_over, name="hand_over"),
    path(ONE, action.action_page, name="action"),
    path(f"{ONE}edit/", action.action_edit, name="action_edit"),
    path(f"{ONE}update/", answers.action_update, name="action_update"),
    path(
        f"{ONE}update/<int:pk>/correct/", answers.update_correct, name="update_correct"
    ),
    path(f"{ONE}draft/delete/", answers.draft_delete, name="draft_delete"),
    path(
        f"{ONE}draft/evidence/<int:pk>/",
        answers.draft_evidence_file,
        name="draft_evidence_file",
    ),
    path(f"{ONE}evidence/<int:pk>/", answers.evidence_file, name="evidence_file"),
    path(f"{ONE}note/", action.action_note, name="action_note"),
    path(f"{ONE}issue/", issue.action_issue, name="action_issue"),
    path(
        f"{ONE}bring-forward/", moves.action_bring_forward, name="action_bring_forward"
    ),
    path(f"{ONE}answer/<int:pk>/", moves.action_answer, name="action_answer"),
    path(f"{ONE}<slug:move>/", moves.action_move, name="action_move"),
]
