"""What restores put aside and nobody has deleted yet: words may stand in it."""

from pathlib import Path

from django.db import connection

from assurance.backup import postgresql
from assurance.backup.restoring import ASIDE
from assurance.snapshot import files_folder


def lying_aside() -> list[str]:
    """Folders of files, database files and schemas, by their names."""
    folders = sorted(path.name for path in files_folder().glob(f"{ASIDE}*"))
    return _databases() + [f"{name} in the folder of files" for name in folders]


def _databases() -> list[str]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, %s) "
                "ORDER BY nspname",
                [postgresql.ASIDE],
            )
            return [f"schema {name} in the database" for (name,) in cursor.fetchall()]
    path = Path(connection.settings_dict["NAME"])
    found = sorted(aside.name for aside in path.parent.glob(f"{path.name}{ASIDE}*"))
    return [f"{name} beside the database" for name in found]
