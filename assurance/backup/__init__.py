"""Backup of database and files as one archive, and putting it back.

``archive`` is the file itself, ``making`` fills one, ``restoring`` puts it back;
``sqlite`` and ``postgresql`` know how each database is copied.
"""


class Refused(Exception):
    """It was not done; the text says why and what to do, and nothing was changed."""
