"""Addresses of meetings."""

from django.urls import URLPattern, path

from meetings.views import agenda, attendance, meetings, minutes

# Meetings: the list, one meeting, its agenda, attendance and minutes.
_meetings: list[URLPattern] = [
    path("", meetings.meeting_list, name="meetings"),
    path("new/", meetings.meeting_new, name="meeting_new"),
    path("<int:pk>/", meetings.meeting, name="meeting"),
    path("<int:pk>/edit/", meetings.meeting_edit, name="meeting_edit"),
    path(
        "<int:pk>/reschedule/", meetings.meeting_reschedule, name="meeting_reschedule"
    ),
    path("<int:pk>/cancel/", meetings.meeting_cancel, name="meeting_cancel"),
    path("<int:pk>/state/", meetings.meeting_state, name="meeting_state"),
    path("<int:pk>/circulate/", meetings.meeting_circulate, name="meeting_circulate"),
    path(
        "<int:pk>/agenda-sent/",
        meetings.meeting_agenda_sent,
        name="meeting_agenda_sent",
    ),
    path("<int:pk>/next/", meetings.next_meeting, name="next_meeting"),
    path("<int:pk>/agenda/", agenda.agenda, name="agenda"),
    path("<int:pk>/agenda/new/", agenda.item_new, name="item_new"),
    path("<int:pk>/agenda/<int:item_pk>/edit/", agenda.item_edit, name="item_edit"),
    path("<int:pk>/agenda/<int:item_pk>/move/", agenda.item_move, name="item_move"),
    path(
        "<int:pk>/agenda/<int:item_pk>/delete/", agenda.item_delete, name="item_delete"
    ),
    path(
        "<int:pk>/agenda/<int:item_pk>/papers/new/",
        agenda.paper_new,
        name="paper_new",
    ),
    path(
        "<int:pk>/agenda/<int:item_pk>/papers/<int:paper_pk>/edit/",
        agenda.paper_edit,
        name="paper_edit",
    ),
    path(
        "<int:pk>/agenda/<int:item_pk>/papers/<int:paper_pk>/delete/",
        agenda.paper_delete,
        name="paper_delete",
    ),
    path("<int:pk>/attendance/", attendance.attendance, name="attendance"),
    path("<int:pk>/attendance/new/", attendance.attendee_new, name="attendee_new"),
    path(
        "<int:pk>/attendance/everyone-here/",
        attendance.everyone_here,
        name="everyone_here",
    ),
    path(
        "<int:pk>/attendance/<int:attendee_pk>/edit/",
        attendance.attendee_edit,
        name="attendee_edit",
    ),
    path(
        "<int:pk>/attendance/<int:attendee_pk>/move/",
        attendance.attendee_move,
        name="attendee_move",
    ),
    path(
        "<int:pk>/attendance/<int:attendee_pk>/remove/",
        attendance.attendee_remove,
        name="attendee_remove",
    ),
    path("<int:pk>/minutes/", minutes.minutes, name="minutes"),
]

# Registers: people, themes and meeting types.
_registers: list[URLPattern] = []

urlpatterns: list[URLPattern] = [*_meetings, *_registers]
