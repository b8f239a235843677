"""An SQLite database for tests that is made once and then copied.

Running all migrations takes longer than most test files. A copy is out of date as soon
as a migration is another; whatever is missing in it, ``migrate`` adds as usual.
"""

import hashlib
import os
import shutil
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).parent.parent


def lay_down() -> bool:
    """Put a copy where the tests look for their database; False when there is none."""
    if connection.vendor != "sqlite" or not _kept().exists():
        return False
    name = connection.settings_dict["TEST"]["NAME"]
    for rest in ("-wal", "-shm"):
        Path(name + rest).unlink(missing_ok=True)
    shutil.copyfile(_kept(), name)
    return True


def copy_to(path: Path) -> None:
    """A database with all tables and no rows, for a server of a test's own."""
    shutil.copyfile(_kept(), path)


def keep() -> None:
    """Keep what was just made, in place of what is kept from other migrations."""
    if connection.vendor != "sqlite" or _kept().exists() or not _is_of_tests():
        return
    kept = _kept()
    mine = kept.with_suffix(f".{os.getpid()}")
    mine.unlink(missing_ok=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(mine)])
    for other in set(mine.parent.glob("migrated-*.sqlite3")) - {kept}:
        other.unlink(missing_ok=True)
    # Of those who made it at once, one after another: it is there for all meanwhile.
    mine.replace(kept)


def _is_of_tests() -> bool:
    """pytest-django makes no database when no test is marked as using one."""
    settings = connection.settings_dict
    return str(settings["NAME"]) == str(settings["TEST"]["NAME"])


def _kept() -> Path:
    folder = Path(connection.settings_dict["TEST"]["NAME"]).parent
    return folder / f"migrated-{migrations()}.sqlite3"


def migrations() -> str:
    """What tells one set of migrations from another: ours, what is laid on the tables
    after them, and those of libraries by their versions.
    """
    read = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    laid = (ROOT / "assurance" / f"{name}.py" for name in ("grants", "guards"))
    for path in [*sorted(ROOT.glob("*/migrations/*.py")), *laid]:
        read.update(path.read_bytes())
    return read.hexdigest()[:16]
