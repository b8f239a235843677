"""The application's settings, as in production but for what a test cannot have."""

import os
from unittest import mock

# Of the caller's environment tests know the database alone: they must not depend on,
# or write to, anything else that happens to be set.
environment = {
    "SECRET_KEY": "tests-only",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "INSECURE_HTTP": "1",
} | {
    name: os.environ[name]
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "TEST_DB")
    if name in os.environ
}

with mock.patch.dict(os.environ, environment, clear=True):
    from assurance.settings import *

if "TEST_TEMPLATE" in os.environ:
    DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ["TEST_TEMPLATE"]}
# Argon2 is slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests do not collect static files first.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
