#!/usr/bin/env python
"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assurance.settings")
    if sys.argv[1:2] == ["read_minutes"]:
        # It reads a file and prints: no secret, no host and no database is asked for.
        os.environ.setdefault("DEBUG", "1")
    execute_from_command_line(sys.argv)
