"""Accounts of an installation that a test starts, made in its database."""

from tests.servers import Installation

PASSWORD = "a-password-for-tests"
_MAKE = """
from assurance.models import Organisation, User
force = Organisation.objects.create(name="Mercia Police", kind="force")
for role in ("administrator", "staff", "commissioner", "liaison"):
    User.objects.create_user(
        f"{role}@office.example", %r, name=f"Some {role}", role=role,
        organisation=force if role == "liaison" else None, is_demonstration=True,
    )
"""


def make_accounts(office: Installation) -> None:
    """One of each role, ``staff@office.example`` and so on, who needs no second step;
    the liaison is of Mercia Police.
    """
    office.manage("shell", "--no-imports", "-c", _MAKE % PASSWORD)
