"""Who gets what at every address, on reading and on sending: written by hand from who
may do what, never from the code.
"""

from meetings.models import Meeting

VISITORS = ["stranger", "liaison", "commissioner", "staff", "administrator"]
OK, SIGN_IN = "ok", "sign in"

# What each visitor gets, in the order above.
OPEN = (OK, OK, OK, OK, OK)
SIGNED_IN = (SIGN_IN, OK, OK, OK, OK)
HIDDEN = (SIGN_IN, 404, OK, OK, OK)  # a liaison may not know that it exists
READERS = (SIGN_IN, 403, OK, OK, OK)
OFFICE = (SIGN_IN, 403, 403, OK, OK)
ADMINISTRATORS = (SIGN_IN, 403, 403, 403, OK)
FORCES = (SIGN_IN, OK, 404, 404, 404)  # what only the organisation itself has
NOBODY = (SIGN_IN, 404, 404, 404, 404)

OWN, FOREIGN, NOT_ISSUED = "own action", "another's action", "action not issued"
ATTENDED = "circulated to those who were there"
NOBODYS, CLOSED = "nobody's action", "own closed action"
READ_IN = "old minutes to check"
SHEET = "tracker to check"
BY_ID = "an action by its id"
LINK = "link to set a password"
UNSENT = "what somebody else had typed"
STATES = [str(state) for state in Meeting.State]
OVER = ["draft", "circulated", "agreed", "cancelled"]

# Address and what it is of: on reading, on sending.
TABLE: dict[tuple[str, str], tuple[tuple, tuple]] = {
    ("home", ""): (SIGNED_IN, SIGNED_IN),
    ("live", ""): (OPEN, OPEN),
    ("ready", ""): (OPEN, OPEN),
    ("accessibility", ""): (OPEN, OPEN),
    # What the public reads
    ("published", ""): (OPEN, OPEN),
    ("published_feed", ""): (OPEN, OPEN),
    ("published_minutes", "agreed"): (OPEN, OPEN),
    # Sign-in
    ("account_login", ""): (OPEN, OPEN),
    ("account_logout", ""): (OPEN, OPEN),
    ("account_inactive", ""): (OPEN, OPEN),
    ("account_change_password", ""): (SIGNED_IN, SIGNED_IN),
    ("password_forgotten", ""): (OPEN, OPEN),
    ("password_link_sent", ""): (OPEN, OPEN),
    ("account_set_password", ""): (SIGNED_IN, SIGNED_IN),
    ("password_set", LINK): (OPEN, OPEN),
    # Single sign-on is off unless an office sets it up.
    ("single_sign_on", ""): ((404,) * 5, (OK,) * 5),
    ("single_sign_on_back", ""): ((404,) * 5, (OK,) * 5),
    ("account_reauthenticate", ""): (SIGNED_IN, SIGNED_IN),
    # The second step: of oneself, and for administrators of others
    ("mfa_authenticate", ""): (OPEN, OPEN),
    ("mfa_login_webauthn", ""): (OPEN, OPEN),
    ("mfa_reauthenticate", ""): (SIGNED_IN, SIGNED_IN),
    ("mfa_reauthenticate_webauthn", ""): (SIGNED_IN, SIGNED_IN),
    ("second_step", ""): (SIGNED_IN, SIGNED_IN),
    ("second_step_app", ""): (SIGNED_IN, SIGNED_IN),
    ("second_step_passkey", ""): (SIGNED_IN, SIGNED_IN),
    ("second_step_codes", ""): (SIGNED_IN, SIGNED_IN),
    ("second_step_remove", "account"): (NOBODY, NOBODY),  # it is somebody else's
    ("account_second_step", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    # Accounts and organisations
    ("accounts", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_new", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_edit", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_invite", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_invited", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_unlink", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_events_of", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    ("account_sign_out_everywhere", "account"): (ADMINISTRATORS, ADMINISTRATORS),
    # One's own account, and what nobody else had typed
    ("account", ""): (SIGNED_IN, SIGNED_IN),
    ("account_events", ""): (SIGNED_IN, SIGNED_IN),
    ("account_sign_out", ""): (SIGNED_IN, SIGNED_IN),
    ("session_left", ""): (SIGNED_IN, SIGNED_IN),
    ("unsent", UNSENT): (NOBODY, NOBODY),
    ("unsent_drop", UNSENT): ((SIGN_IN, OK, OK, OK, OK), NOBODY),
    ("organisations", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("organisation_new", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("organisation_edit", "organisation"): (ADMINISTRATORS, ADMINISTRATORS),
    ("record_hand_over", ""): (ADMINISTRATORS, ADMINISTRATORS),
    # History: of what somebody may read in full, and of everything
    ("history", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("history_of", "draft: meetings"): (READERS, READERS),
    ("history_of", f"{BY_ID}: actions"): (READERS, READERS),
    ("history_of", "draft: drafts"): ((SIGN_IN, 403, 404, 404, 404),) * 2,
    ("history_of", "person: people"): (READERS, READERS),
    ("history_of", "type: types"): (READERS, READERS),
    ("history_of", "theme: themes"): (READERS, READERS),
    ("history_of", f"{READ_IN}: old-minutes"): (OFFICE, OFFICE),
    ("history_of", f"{SHEET}: trackers"): (OFFICE, OFFICE),
    ("history_of", "account: accounts"): (ADMINISTRATORS, ADMINISTRATORS),
    ("history_of", "organisation: organisations"): (ADMINISTRATORS, ADMINISTRATORS),
    # Legal holds, and removals for data protection
    ("holds", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("hold_new", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("hold_lift", "hold"): (ADMINISTRATORS, ADMINISTRATORS),
    ("removals", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("removal_new", ""): (ADMINISTRATORS, ADMINISTRATORS),
    ("removal", "removal"): (ADMINISTRATORS, ADMINISTRATORS),
    ("removal_file", "stored file"): (ADMINISTRATORS, ADMINISTRATORS),
    # Registers
    ("people", ""): (READERS, READERS),
    ("person", "person"): (READERS, READERS),
    ("person_new", ""): (OFFICE, OFFICE),
    ("person_edit", "person"): (OFFICE, OFFICE),
    ("registers", ""): (READERS, READERS),
    ("type_new", ""): (OFFICE, OFFICE),
    ("type_edit", "type"): (OFFICE, OFFICE),
    ("standing_new", "type"): (OFFICE, OFFICE),
    ("standing_edit", "type"): (OFFICE, OFFICE),
    ("standing_move", "type"): (OFFICE, OFFICE),
    ("standing_delete", "type"): (OFFICE, OFFICE),
    ("theme_new", ""): (OFFICE, OFFICE),
    ("theme_edit", "theme"): (OFFICE, OFFICE),
    # Meetings: a liaison knows of those to come, and of nothing said there
    ("meetings", ""): (SIGNED_IN, SIGNED_IN),
    ("meeting_new", ""): (OFFICE, OFFICE),
    ("meeting", "planned"): (SIGNED_IN, SIGNED_IN),
    ("meeting", "in_progress"): (SIGNED_IN, SIGNED_IN),
    **{("meeting", state): (HIDDEN, HIDDEN) for state in OVER},
    ("meeting", ATTENDED): (SIGNED_IN, SIGNED_IN),
    # A draft that goes round, for a liaison who was there, and its agreement
    ("draft", "circulated"): (HIDDEN, HIDDEN),
    ("draft", ATTENDED): (SIGNED_IN, SIGNED_IN),
    ("draft_comment", "circulated"): (HIDDEN, HIDDEN),
    ("draft_comment", ATTENDED): (SIGNED_IN, SIGNED_IN),
    ("draft_comment_item", "circulated"): (HIDDEN, HIDDEN),
    ("draft_comment_item", ATTENDED): (SIGNED_IN, SIGNED_IN),
    ("comments", "circulated"): (READERS, READERS),
    ("comments", ATTENDED): (READERS, READERS),
    ("comments_waiting", ""): (OFFICE, OFFICE),
    ("comment_answer", "circulated"): (OFFICE, OFFICE),
    ("meeting_agree", ATTENDED): (READERS, READERS),
    ("meeting_amend", "agreed"): (OFFICE, OFFICE),
    ("amend_item", "agreed"): (OFFICE, OFFICE),
    ("amend_action", "agreed"): (OFFICE, OFFICE),
    ("agenda", "planned"): (READERS, READERS),
    ("agenda", "draft"): (READERS, READERS),
    ("attendance", "planned"): (READERS, READERS),
    ("attendance", "draft"): (READERS, READERS),
    ("minutes", "planned"): (READERS, OFFICE),
    ("minutes", "draft"): (READERS, OFFICE),
    ("minutes_save", "draft"): (OFFICE, OFFICE),
    ("minutes_attendance", "draft"): (OFFICE, OFFICE),
    ("minutes_action", "draft"): (OFFICE, OFFICE),
    ("minutes_understood", "draft"): (OFFICE, OFFICE),
    ("minutes_state", "draft"): (OFFICE, OFFICE),
    ("minutes_shortcuts", "draft"): (OFFICE, OFFICE),
    ("briefing", "planned"): (READERS, READERS),
    ("briefing", "draft"): (READERS, READERS),
    ("meeting_action_note", "draft"): (OFFICE, OFFICE),
    ("documents", "planned"): (READERS, READERS),
    ("documents", "draft"): (READERS, READERS),
    ("minutes_version", "draft"): (READERS, READERS),
    ("meeting_updates", "planned"): (READERS, OFFICE),
    ("meeting_updates", "draft"): (READERS, OFFICE),
    ("meeting_edit", "draft"): (OFFICE, OFFICE),
    ("publish", "agreed"): (READERS, OFFICE),
    ("published_withdraw", "agreed"): (OFFICE, OFFICE),
    ("meeting_reschedule", "draft"): (OFFICE, OFFICE),
    ("meeting_cancel", "draft"): (OFFICE, OFFICE),
    ("meeting_state", "draft"): (OFFICE, OFFICE),
    ("meeting_circulate", "draft"): (OFFICE, OFFICE),
    ("circulate_preview", "draft"): (OFFICE, OFFICE),
    ("meeting_agenda_sent", "draft"): (OFFICE, OFFICE),
    ("next_meeting", "draft"): (OFFICE, OFFICE),
    ("item_new", "draft"): (OFFICE, OFFICE),
    ("item_edit", "draft"): (OFFICE, OFFICE),
    ("item_move", "draft"): (OFFICE, OFFICE),
    ("item_delete", "draft"): (OFFICE, OFFICE),
    ("paper_new", "draft"): (OFFICE, OFFICE),
    ("paper_edit", "draft"): (OFFICE, OFFICE),
    ("paper_delete", "draft"): (OFFICE, OFFICE),
    ("paper_file", "draft"): (READERS, READERS),
    ("attendee_new", "draft"): (OFFICE, OFFICE),
    ("everyone_here", "draft"): (OFFICE, OFFICE),
    ("attendee_edit", "draft"): (OFFICE, OFFICE),
    ("attendee_move", "draft"): (OFFICE, OFFICE),
    ("attendee_remove", "draft"): (OFFICE, OFFICE),
    ("meeting_review", "draft"): (READERS, READERS),
    ("review_record", "draft"): (READERS, READERS),
    ("review_undo", "draft"): (READERS, READERS),
    ("review_read", "draft"): (READERS, READERS),
    ("review_add", "draft"): (READERS, READERS),
    ("review_finish", "draft"): (READERS, READERS),
    ("review_reopen", "draft"): (READERS, READERS),
    # Old minutes on their way in
    ("imports", ""): (OFFICE, OFFICE),
    ("import_read", ""): (OFFICE, OFFICE),
    ("import_check", READ_IN): (OFFICE, OFFICE),
    ("import_drop", READ_IN): (OFFICE, OFFICE),
    # Actions: a liaison knows of their organisation's, once issued
    ("tracker", ""): (SIGNED_IN, SIGNED_IN),
    ("action_new", ""): (OFFICE, OFFICE),
    ("actions_issue", ""): (OFFICE, OFFICE),
    ("bulk_owners", ""): (OFFICE, OFFICE),
    ("bulk_due", ""): (OFFICE, OFFICE),
    ("bulk_bring_forward", ""): (OFFICE, OFFICE),
    ("hand_over", ""): (OFFICE, OFFICE),
    ("tracker_import", ""): (OFFICE, OFFICE),
    ("tracker_columns", SHEET): (OFFICE, OFFICE),
    ("tracker_rows", SHEET): (OFFICE, OFFICE),
    ("tracker_row", SHEET): (OFFICE, OFFICE),
    ("tracker_drop", SHEET): (OFFICE, OFFICE),
    ("action", OWN): (SIGNED_IN, SIGNED_IN),
    ("action", CLOSED): (SIGNED_IN, SIGNED_IN),
    ("action", FOREIGN): (HIDDEN, HIDDEN),
    ("action", NOBODYS): (HIDDEN, HIDDEN),
    ("action", NOT_ISSUED): (HIDDEN, HIDDEN),
    ("action_update", OWN): (SIGNED_IN, SIGNED_IN),
    ("action_update", CLOSED): (SIGNED_IN, SIGNED_IN),
    ("action_update", FOREIGN): (HIDDEN, HIDDEN),
    ("action_update", NOBODYS): (HIDDEN, HIDDEN),
    ("action_update", NOT_ISSUED): (HIDDEN, HIDDEN),
    ("update_correct", OWN): ((SIGN_IN, 403, OK, OK, OK), (SIGN_IN, 403, OK, OK, OK)),
    ("update_correct", FOREIGN): (HIDDEN, HIDDEN),
    ("evidence_file", OWN): (SIGNED_IN, SIGNED_IN),
    ("evidence_file", FOREIGN): (HIDDEN, HIDDEN),
    ("drafts", ""): (SIGNED_IN, SIGNED_IN),
    # The draft is of the liaison's organisation; others look for the office's.
    ("draft_delete", OWN): (FORCES, FORCES),
    ("draft_delete", FOREIGN): (NOBODY, NOBODY),
    ("draft_evidence_file", OWN): (FORCES, FORCES),
    ("draft_evidence_file", FOREIGN): (NOBODY, NOBODY),
    ("action_note", OWN): (READERS, READERS),
    ("action_note", FOREIGN): (READERS, READERS),
    ("action_edit", OWN): (OFFICE, OFFICE),
    ("action_edit", FOREIGN): (OFFICE, OFFICE),
    ("action_issue", OWN): (OFFICE, OFFICE),
    ("action_issue", NOT_ISSUED): (OFFICE, OFFICE),
    ("action_bring_forward", OWN): (READERS, READERS),
    ("action_bring_forward", FOREIGN): (READERS, READERS),
    ("action_answer", OWN): (READERS, READERS),
    ("action_answer", FOREIGN): (READERS, READERS),
    ("action_move", f"{OWN}: propose"): (SIGNED_IN, SIGNED_IN),
    ("action_move", f"{OWN}: take-back"): (SIGNED_IN, SIGNED_IN),
    ("action_move", f"{FOREIGN}: propose"): (HIDDEN, HIDDEN),
    ("action_move", f"{NOT_ISSUED}: propose"): (HIDDEN, HIDDEN),
    **{
        ("action_move", f"{OWN}: {move}"): (READERS, READERS)
        for move in (
            "close",
            "return",
            "redate",
            "hold",
            "resume",
            "replace",
            "withdraw",
            "reopen",
        )
    },
    ("action_move", f"{FOREIGN}: close"): (HIDDEN, HIDDEN),
    # Before it is issued an action is the office's own.
    ("action_move", f"{NOT_ISSUED}: withdraw"): (
        (SIGN_IN, 404, 403, OK, OK),
        (SIGN_IN, 404, 403, OK, OK),
    ),
    ("action_move", f"{OWN}: dance"): (
        (SIGN_IN, 404, 404, 404, 404),
        (SIGN_IN, 404, 404, 404, 404),
    ),
}

# One of each address, for what is not a matter of rows.
ONCE = dict(reversed(TABLE))
