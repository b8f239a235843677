"""When what the application stands on is away: its database, or room for files.

Such a fault passes by itself or once somebody has mended it, so the page says that it
will, and offers to send again what was typed.
"""

import errno
import sqlite3
from dataclasses import dataclass
from typing import Self

from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError

from assurance.sign_in.unsent import is_secret

_SQLITE_IS_AWAY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
# Characters of a form that a page is made of again.
_MOST = 1_000_000
# From here on a text was some work.
_LONG = 40


def is_database_away(error: BaseException | None) -> bool:
    """It cannot be reached, takes nothing just now, or went away in the middle."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    if isinstance(error.__cause__, sqlite3.Error):
        # What lies above the lowest byte says more of the same.
        code = getattr(error.__cause__, "sqlite_errorcode", 0)
        return code & 0xFF in _SQLITE_IS_AWAY
    return isinstance(error, OperationalError | InterfaceError)


def is_out_of_room(error: BaseException | None) -> bool:
    """The server can write no file."""
    return isinstance(error, OSError) and error.errno in _NO_ROOM


@dataclass(frozen=True)
class Typed:
    """What a form held. ``fields`` can be sent again as they were, the token of the
    session among them, without which they would be refused. With files they cannot:
    then there are only the longer ``texts``, to be copied.
    """

    fields: tuple[tuple[str, str], ...] = ()
    texts: tuple[str, ...] = ()

    @classmethod
    def in_(cls, request: HttpRequest) -> Self:
        """Nothing of what opens an account, nor of the pages where that is typed."""
        if request.method != "POST" or request.path_info.startswith("/accounts/"):
            return cls()
        try:
            sent, has_files = request.POST, bool(request.FILES)
        except (OSError, SuspiciousOperation, MultiPartParserError):
            return cls()
        fields = [
            (name, str(one))
            for name, got in sent.lists()
            for one in got
            if not is_secret(name)
        ]
        if sum(len(value) for _, value in fields) > _MOST:
            return cls()
        if not has_files:
            return cls(fields=tuple(fields))
        hidden = ("csrfmiddlewaretoken", "submission")
        return cls(
            texts=tuple(
                value
                for name, value in fields
                if len(value) >= _LONG and not name.endswith(hidden)
            )
        )
