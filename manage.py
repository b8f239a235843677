#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line

# They read files and sign nothing: no secret, host or database is asked for.
WITHOUT_SETTINGS = {"read_minutes", "makemigrations"}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assurance.settings")
    if sys.argv[1:2] and sys.argv[1] in WITHOUT_SETTINGS:
        os.environ.setdefault("DEBUG", "1")
        os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
    execute_from_command_line(sys.argv)
