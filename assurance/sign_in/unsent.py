"""Forms that came when the session of who filled them in had ended: kept for them.

What is kept is what was typed, nothing else: no file, no password, no code.
"""

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Mapping

from assurance.models import Unsent, User

# So many of an account; of each at most so many characters. Whoever has the browser
# of somebody whose session ended cannot drive out what they had typed.
MOST = 20
LONGEST = 3 * 1024 * 1024
LONGEST_PATH = 500
# A form says with this name that it is what was kept under that token.
FIELD = "unsent"
_LEFT_OUT = {"csrfmiddlewaretoken", FIELD}
# Words to be removed for data protection are kept nowhere either.
_SECRETS = {"code", "credential", "otp_code", "words_to_remove"}

Sent = Iterable[tuple[str, list[str]]]


def unsent_of(
    user: User, *, path: str, sent: Sent, files: Mapping[str, list[str]]
) -> Unsent:
    """What was sent to ``path``, not kept yet, without what is kept nowhere.

    ``files`` are the names of those that were chosen, by field.
    """
    return Unsent(
        token=secrets.token_urlsafe(32),
        user=user,
        path=path if len(path) <= LONGEST_PATH else path.partition("?")[0],
        sent=[
            [name, [_storable(value) for value in values]]
            for name, values in sent
            if name not in _LEFT_OUT and not is_secret(name)
        ],
        files=[
            [name, _storable(one)] for name, names in files.items() for one in names
        ],
    )


def keep_unsent(
    user: User, *, path: str, sent: Sent, files: Mapping[str, list[str]]
) -> Unsent | None:
    """Keep what was sent to ``path``; None if it is too large for that, or too
    many are kept already.
    """
    unsent = unsent_of(user, path=path, sent=sent, files=files)
    return unsent if _is_kept(unsent) else None


def _is_kept(unsent: Unsent) -> bool:
    if len(json.dumps(unsent.sent, ensure_ascii=False)) > LONGEST:
        return False
    if Unsent.objects.filter(user=unsent.user).count() >= MOST:
        return False
    unsent.save(force_insert=True)
    return True


def is_secret(name: str) -> bool:
    """Whether a field of this name may hold what opens an account."""
    return name in _SECRETS or "password" in name.lower()


def _storable(text: str) -> str:
    """PostgreSQL stores no NUL."""
    return text.replace("\0", "")


def forget(user: User, token: str) -> None:
    """Drop one, because it was sent or is not wanted."""
    Unsent.objects.filter(user=user, token=token[:64]).delete()


def forget_unsent(before: dt.datetime) -> int:
    """Drop what was kept before then and never sent; how many that were."""
    return Unsent.objects.filter(at__lt=before).delete()[0]
