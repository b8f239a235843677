"""Accounts of an installation that a test starts, made in its database."""

import json
from collections.abc import Iterator

from tests.servers import Installation

PASSWORD = "a-password-for-tests"
# By role, of accounts that have a second step.
RECOVERY_CODES: dict[str, Iterator[str]] = {}
_MAKE = """
from assurance.models import Organisation, User
force = Organisation.objects.create(name="Mercia Police", kind="force")
for role in ("administrator", "staff", "commissioner", "liaison"):
    User.objects.create_user(
        f"{role}@office.example", %r, name=f"Some {role}", role=role,
        organisation=force if role == "liaison" else None, is_demonstration=True,
    )
"""
_MAKE_REAL = """
import json
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from assurance.models import User
User.objects.update(is_demonstration=False)
codes = {}
for user in User.objects.all():
    TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    codes[user.role] = RecoveryCodes.activate(user).get_unused_codes()
print(json.dumps(codes))
"""


def make_accounts(office: Installation, *, real: bool = False) -> None:
    """One of each role, ``staff@office.example`` and so on; the liaison is of Mercia
    Police. They need no second step, or, ``real``, have one as everybody must where
    others reach the service.
    """
    office.manage("shell", "--no-imports", "-c", _MAKE % PASSWORD)
    if real:
        said = office.manage("shell", "--no-imports", "-c", _MAKE_REAL)
        codes = json.loads(said.strip().splitlines()[-1])
        RECOVERY_CODES.update({role: iter(codes[role]) for role in codes})
