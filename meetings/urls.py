"""Addresses of meetings."""

from django.urls import URLPattern, path

from meetings.views import (
    agenda,
    agreement,
    amending,
    attendance,
    documents,
    drafts,
    importing,
    live,
    live_action,
    meetings,
    minutes,
    people,
    publishing,
    registers,
)

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
    path("<int:pk>/circulate/", agreement.meeting_circulate, name="meeting_circulate"),
    path(
        "<int:pk>/circulate/preview/",
        agreement.circulate_preview,
        name="circulate_preview",
    ),
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
    path(
        "<int:pk>/agenda/<int:item_pk>/papers/<int:paper_pk>/file/",
        agenda.paper_file,
        name="paper_file",
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
    path("<int:pk>/documents/", documents.documents, name="documents"),
    path(
        "<int:pk>/versions/<int:version_pk>/",
        documents.minutes_version,
        name="minutes_version",
    ),
    path("<int:pk>/minutes/", minutes.minutes, name="minutes"),
    path(
        "<int:pk>/minutes/<int:item_pk>/save/", live.minutes_save, name="minutes_save"
    ),
    path(
        "<int:pk>/minutes/<int:item_pk>/attendance/",
        live.minutes_attendance,
        name="minutes_attendance",
    ),
    path(
        "<int:pk>/minutes/<int:item_pk>/actions/<int:action_pk>/",
        live_action.minutes_action,
        name="minutes_action",
    ),
    path("<int:pk>/minutes/state/", live.minutes_state, name="minutes_state"),
    path(
        "<int:pk>/minutes/understood/",
        live.minutes_understood,
        name="minutes_understood",
    ),
    path(
        "<int:pk>/minutes/shortcuts/", live.minutes_shortcuts, name="minutes_shortcuts"
    ),
]

# The draft that goes round, its agreement, and amendments afterwards.
_agreement: list[URLPattern] = [
    path("comments/", drafts.comments_waiting, name="comments_waiting"),
    path("<int:pk>/draft/", drafts.draft, name="draft"),
    path("<int:pk>/draft/comment/", drafts.draft_comment, name="draft_comment"),
    path(
        "<int:pk>/draft/comment/<int:item_key>/",
        drafts.draft_comment,
        name="draft_comment_item",
    ),
    path("<int:pk>/comments/", drafts.comments, name="comments"),
    path(
        "<int:pk>/comments/<int:comment_pk>/",
        drafts.comment_answer,
        name="comment_answer",
    ),
    path("<int:pk>/agree/", agreement.meeting_agree, name="meeting_agree"),
    path("<int:pk>/amend/", amending.meeting_amend, name="meeting_amend"),
    path(
        "<int:pk>/amend/<int:item_key>/",
        amending.meeting_amend_item,
        name="amend_item",
    ),
    path(
        "<int:pk>/amend/action/<int:year>/<int:number>/",
        amending.meeting_amend_action,
        name="amend_action",
    ),
]

# What of a meeting the public reads, as the office sees to it.
_publishing: list[URLPattern] = [
    path("<int:pk>/publish/", publishing.publish, name="publish"),
    path(
        "<int:pk>/publish/<int:number>/withdraw/",
        publishing.published_withdraw,
        name="published_withdraw",
    ),
]

# Old minutes on their way in.
_importing: list[URLPattern] = [
    path("import/", importing.imports, name="imports"),
    path("import/read/", importing.import_read, name="import_read"),
    path("import/<int:pk>/", importing.import_check, name="import_check"),
    path("import/<int:pk>/drop/", importing.import_drop, name="import_drop"),
]

# Registers: people, themes and meeting types.
_registers: list[URLPattern] = [
    path("people/", people.people, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path("registers/", registers.registers, name="registers"),
    path("registers/types/new/", registers.type_new, name="type_new"),
    path("registers/types/<int:pk>/", registers.type_edit, name="type_edit"),
    path(
        "registers/types/<int:pk>/items/new/",
        registers.standing_new,
        name="standing_new",
    ),
    path(
        "registers/types/<int:pk>/items/<int:item_pk>/",
        registers.standing_edit,
        name="standing_edit",
    ),
    path(
        "registers/types/<int:pk>/items/<int:item_pk>/move/",
        registers.standing_move,
        name="standing_move",
    ),
    path(
        "registers/types/<int:pk>/items/<int:item_pk>/remove/",
        registers.standing_delete,
        name="standing_delete",
    ),
    path("registers/themes/new/", registers.theme_new, name="theme_new"),
    path("registers/themes/<int:pk>/", registers.theme_edit, name="theme_edit"),
]

urlpatterns: list[URLPattern] = [
    *_meetings,
    *_agreement,
    *_publishing,
    *_importing,
    *_registers,
]
