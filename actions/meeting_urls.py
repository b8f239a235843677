"""Addresses below a meeting that concern its actions."""

from django.urls import URLPattern, path

from actions.views import asking, briefing, note

urlpatterns: list[URLPattern] = [
    path("<int:pk>/updates/", asking.meeting_updates, name="meeting_updates"),
    path("<int:pk>/briefing/", briefing.briefing, name="briefing"),
    path("<int:pk>/action-note/", note.meeting_action_note, name="meeting_action_note"),
]
