"""Addresses below a meeting that concern its actions."""

from django.urls import URLPattern, path

from actions.views import asking, briefing, note, review

REVIEW = "<int:pk>/review/"

urlpatterns: list[URLPattern] = [
    path("<int:pk>/updates/", asking.meeting_updates, name="meeting_updates"),
    path(REVIEW, review.meeting_review, name="meeting_review"),
    path(f"{REVIEW}undo/", review.review_undo, name="review_undo"),
    path(f"{REVIEW}read/", review.review_read, name="review_read"),
    path(f"{REVIEW}add/", review.review_add, name="review_add"),
    path(f"{REVIEW}finish/", review.review_finish, name="review_finish"),
    path(f"{REVIEW}reopen/", review.review_reopen, name="review_reopen"),
    path(
        f"{REVIEW}<int:year>/<number:number>/",
        review.review_record,
        name="review_record",
    ),
    path("<int:pk>/briefing/", briefing.briefing, name="briefing"),
    path("<int:pk>/action-note/", note.meeting_action_note, name="meeting_action_note"),
]
