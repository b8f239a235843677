"""Who may do what: roles, permissions and the one table that joins them.

Two questions are kept apart. *Who may* is answered here, by role. *Whether it is
possible now* is answered by the thing itself (``action.can(Move.CLOSE)``), and
*which rows* by querysets (``visible_to(user)``).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import TextChoices

View = TypeVar("View", bound=Any)


class Role(TextChoices):
    """What an account is for."""

    ADMINISTRATOR = "administrator", "Administrator"
    STAFF = "staff", "Office staff"
    COMMISSIONER = "commissioner", "Commissioner or deputy"
    LIAISON = "liaison", "Liaison of a force or partner"


class Permission(TextChoices):
    """Something an account may do. ``PUBLIC`` needs no account at all."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    LIST_MEETINGS = "list meetings"
    READ_MINUTES = "read minutes, drafts and what is withheld"
    EDIT_MEETINGS = "create and edit meetings"
    READ_IN = "read existing minutes in"
    COMMENT_DRAFT = "read and comment on drafts of minutes that go round"
    AGREE_MINUTES = "agree minutes, or record that they were agreed"
    LIST_ACTIONS = "list actions"
    READ_ALL_ACTIONS = "read every organisation's actions and office notes"
    SEND_UPDATE = "send an update on an action"
    EDIT_ACTIONS = "create, issue, edit and re-own actions"
    DECIDE_ACTIONS = "close, re-date, return, hold, replace, withdraw and reopen"
    READ_REGISTERS = "read meeting types, themes and people"
    EDIT_REGISTERS = "edit meeting types, themes and people"
    MANAGE_ACCOUNTS = "manage accounts and organisations"


_LIAISON = {
    Permission.SIGNED_IN,
    Permission.LIST_MEETINGS,
    Permission.COMMENT_DRAFT,
    Permission.LIST_ACTIONS,
    Permission.SEND_UPDATE,
}
_COMMISSIONER = _LIAISON | {
    Permission.READ_MINUTES,
    Permission.AGREE_MINUTES,
    Permission.READ_ALL_ACTIONS,
    Permission.DECIDE_ACTIONS,
    Permission.READ_REGISTERS,
}
_STAFF = _COMMISSIONER | {
    Permission.EDIT_MEETINGS,
    Permission.READ_IN,
    Permission.EDIT_ACTIONS,
    Permission.EDIT_REGISTERS,
}

GRANTS: dict[str, set[Permission]] = {
    Role.LIAISON: _LIAISON,
    Role.COMMISSIONER: _COMMISSIONER,
    Role.STAFF: _STAFF,
    Role.ADMINISTRATOR: _STAFF | {Permission.MANAGE_ACCOUNTS},
}


def user_can(user: Any, permission: Permission) -> bool:
    """Whether this account may do this. One that may not sign in may do nothing."""
    if permission == Permission.PUBLIC:
        return True
    return (
        user.is_authenticated
        and user.may_sign_in
        and permission in GRANTS.get(user.role, set())
    )


def requires(
    permission: Permission, *, post: Permission | None = None
) -> Callable[[View], View]:
    """Declare what a view needs, and what a POST to it needs if that is more.

    ``PermissionMiddleware`` enforces it, and refuses a view that declares nothing.
    """

    def declare(view: View) -> View:
        view.permission = permission
        view.permission_to_post = post or permission
        return view

    return declare


def passive(view: View) -> View:
    """Declare that pages ask this by themselves: being asked is no sign that anybody is
    there, so it keeps no session alive (see ``SessionEndMiddleware``).
    """
    view.is_passive = True
    return view


def passive_by_script(view: View) -> View:
    """The same where only a script asks by itself: without it somebody pressed."""
    view.is_passive_by_script = True
    return view
