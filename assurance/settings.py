"""All settings. Each one an office may change is an environment variable.

Safe by default: without DEBUG=1 the application refuses to start until SECRET_KEY
and ALLOWED_HOSTS are set, and names the one that is missing.
"""

import datetime as dt
import os
import sys
from datetime import timedelta
from pathlib import Path
from pwd import getpwuid

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from assurance.serving.fault_reports import report_to

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
# A variable that is named and left empty is one that is not set.
env.ENVIRON = {name: value for name, value in os.environ.items() if value.strip()}

DEBUG = env.bool("DEBUG", False)


def required(name: str, *, when_debugging: str) -> str:
    """The environment variable, or a refusal to start that names it."""
    value = env.str(name, when_debugging if DEBUG else "").strip()
    if not value:
        raise ImproperlyConfigured(
            f"Set the environment variable {name}. The README says what it is for."
        )
    return value


SECRET_KEY = required("SECRET_KEY", when_debugging="debug-only")
# Keys that were used before: what was signed or encrypted with one can still be read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = [
    host.strip()
    for host in required(
        "ALLOWED_HOSTS", when_debugging="localhost,127.0.0.1,testserver"
    ).split(",")
]

# The office that uses this installation, named in headings and documents.
OFFICE_NAME = env.str("OFFICE_NAME", "Office of the Police and Crime Commissioner")
HOLDER_TITLE = env.str("HOLDER_TITLE", "Police and Crime Commissioner")
HOLDER_ABBREVIATION = env.str("HOLDER_ABBREVIATION", "PCC")
SERVICE_NAME = env.str("SERVICE_NAME", "Assurance")
# Whom somebody writes to or calls who cannot use a page or a document.
ACCESSIBILITY_EMAIL = env.str("ACCESSIBILITY_EMAIL", "")
ACCESSIBILITY_PHONE = env.str("ACCESSIBILITY_PHONE", "")
# Offices ask the force for updates this many days before a meeting, by this hour
# (West Mercia: seven days before, by 9am).
FORCE_DEADLINE_DAYS = env.int("FORCE_DEADLINE_DAYS", 7)
FORCE_DEADLINE_HOUR = env.int("FORCE_DEADLINE_HOUR", 9)

INSTALLED_APPS = [
    "assurance",
    "meetings",
    "actions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_forms_gds",
    "csp",
    "django_filters",
    "django_htmx",
    "post_office",
    "simple_history",
]

MIDDLEWARE = [
    # First what every response gets, whatever happens to the request further in.
    "assurance.serving.logs.RequestMiddleware",
    "assurance.serving.defences.DefencesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "assurance.middleware.UploadMiddleware",
    "assurance.public.PublicPagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "assurance.sign_in.session_end.SessionEndMiddleware",
    "assurance.sign_in.second_step.SecondStepMiddleware",
    "assurance.downloads.DownloadMiddleware",
    "assurance.middleware.PermissionMiddleware",
    "assurance.middleware.HugeNumberMiddleware",
    "assurance.middleware.FileMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "assurance.sign_in.session_end.AnsweredMiddleware",
]

ROOT_URLCONF = "assurance.urls"
WSGI_APPLICATION = "assurance.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "assurance.context_processors.office",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["gds"]
CRISPY_TEMPLATE_PACK = "gds"
CRISPY_GDS_FRONTEND_VERSION = "6.6.0"
# Widgets the pack does not know by name.
CRISPY_CLASS_CONVERTERS = {
    "dayinput": "govuk-input moj-js-datepicker-input govuk-input--width-20",
    "numberinput": "govuk-input",
    "urlinput": "govuk-input",
    "selectmultiple": "govuk-select",
    "uploadinput": "govuk-file-upload",
    "uploadsinput": "govuk-file-upload",
}

# Database: a file beside the code, or DATABASE_URL=postgres://user@host/name.
DATABASES = {
    "default": env.db("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'db.sqlite3'}")
}
# For commands that make or exchange tables: the role that owns them. The one of
# DATABASE_URL, which is the system's user if it names none, is granted what it needs.
SERVICE_ROLE = ""
if env.str("DATABASE_OWNER_URL", ""):
    SERVICE_ROLE = DATABASES["default"].get("USER") or getpwuid(os.geteuid()).pw_name
    DATABASES["default"] = env.db("DATABASE_OWNER_URL")
database = DATABASES["default"]
if database["ENGINE"] == "django.db.backends.sqlite3":
    # Writers wait for each other at BEGIN instead of failing half-way.
    database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            # Replacing a row deletes it, which the guards of some tables refuse.
            "PRAGMA recursive_triggers=ON;"
            # What was deleted or removed does not stay in the file until it is used.
            "PRAGMA secure_delete=ON;"
        ),
    } | database.get("OPTIONS", {})
    # A file: in memory, threads of the browser tests would lock each other out.
    database["TEST"] = {
        "NAME": env.str("TEST_DB", str(BASE_DIR / "var" / "test.sqlite3"))
    }
    Path(database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
else:
    # Kept by each thread: a pool (psycopg) takes as long for each page.
    database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 60)
    database["CONN_HEALTH_CHECKS"] = True
    # Compiling the tracker's queries takes PostgreSQL ten times as long as running
    # them (186 ms against 8 ms with 10,000 actions).
    database.setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
    # Seconds: a page that waits for a server that is away helps nobody. A server that
    # vanished without a word is given up after as long.
    for name, value in {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
    }.items():
        database.setdefault("OPTIONS", {}).setdefault(name, value)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in limits are counted here, so every process must share it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

AUTH_USER_MODEL = "assurance.User"
# The address is unique whatever its capitals, by a constraint this check cannot see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["assurance.sign_in.adapter.SignInBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "assurance.sign_in.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "assurance.sign_in.passwords.NotTooLong", "OPTIONS": {"max_length": 128}},
    {"NAME": "assurance.sign_in.passwords.NotCommon"},
    {"NAME": "assurance.sign_in.passwords.NotExpected"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "assurance.sign_in.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "assurance.forms.accounts.SignInForm",
    "change_password": "assurance.forms.accounts.PasswordChangeForm",
    "reauthenticate": "assurance.forms.accounts.ConfirmPasswordForm",
}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# Wrong tries are counted by account. The default also counts them by the network
# address they come from, which would lock out a whole office; all sign-ins together
# are counted by it, generously, because a whole force may come from one.
# What somebody who is signed in confirms with a password counts with its wrong tries.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "5/15m/key",
    "login": "100/m/ip",
    "change_password": "30/m/user",
    "reauthenticate": "30/m/user",
    "password_forgotten": "5/h/key,100/m/ip",
}
# The longest that a link to set a password lasts: an invitation. One for a password
# that was forgotten lasts a day (see assurance/sign_in/invitations.py).
PASSWORD_RESET_TIMEOUT = 7 * 24 * 60 * 60
# How pages and e-mails name this installation: https://assurance.office.example. Not
# set, a page takes the address it was asked at, and commands make no links.
SITE_URL = env.str("SITE_URL", "").rstrip("/")

# Single sign-on with one OpenID provider, such as Microsoft Entra ID; off until the
# issuer is set.
OIDC_ISSUER = env.str("OIDC_ISSUER", "").strip()
OIDC_NAME = env.str("OIDC_NAME", "single sign-on")
OIDC_CLIENT_ID = OIDC_CLIENT_SECRET = ""
if OIDC_ISSUER:
    OIDC_CLIENT_ID = required("OIDC_CLIENT_ID", when_debugging="")
    OIDC_CLIENT_SECRET = required("OIDC_CLIENT_SECRET", when_debugging="")
SOCIALACCOUNT_ADAPTER = "assurance.sign_in.single_sign_on.Adapter"

# The second step: an app that gives codes, or passkeys, which alone let somebody in
# because the device asks who they are. A code may be half a minute early or late.
MFA_ADAPTER = "assurance.sign_in.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = {"webauthn_login": "100/m/ip"}
MFA_FORMS = {
    "authenticate": "assurance.forms.second_step.CodeForm",
    "reauthenticate": "assurance.forms.second_step.ConfirmCodeForm",
    "authenticate_webauthn": "assurance.forms.second_step.PasskeyStepForm",
    "reauthenticate_webauthn": "assurance.forms.second_step.ConfirmPasskeyForm",
    "login_webauthn": "assurance.forms.second_step.PasskeySignInForm",
}

SESSION_ENGINE = "assurance.sign_in.sessions"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Somebody is signed out when nothing was done for so many minutes, and so many hours
# after they signed in, whatever they do.
SESSION_IDLE = timedelta(minutes=env.int("SESSION_IDLE_MINUTES", 30))
SESSION_WHOLE = timedelta(hours=env.int("SESSION_HOURS", 12))
SESSION_COOKIE_AGE = int(SESSION_WHOLE.total_seconds())
# What is said on the next page may name people: not in a cookie of its own.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# TLS everywhere but on a machine of one's own (INSECURE_HTTP=1, or DEBUG).
TLS = not (DEBUG or env.bool("INSECURE_HTTP", False))
for name, address in {"SITE_URL": SITE_URL, "OIDC_ISSUER": OIDC_ISSUER}.items():
    if address and not address.startswith(
        "https://" if TLS else ("https://", "http://")
    ):
        raise ImproperlyConfigured(f"{name} must begin with https://")
SECURE_SSL_REDIRECT = TLS and env.bool("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_HSTS_PRELOAD = TLS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_NAME = "__Host-session" if TLS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if TLS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "assurance.views.pages.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Sign-ins a minute are limited by the visitor's address, not by the proxy's.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

# Nothing inline, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [("build", BASE_DIR / "static" / "build")]
# Files handed in: outside the web root, served only by views that ask who may.
# Several machines share one folder.
FILES_DIR = Path(env.str("FILES_DIR", str(BASE_DIR / "var" / "files")))
# Where `manage.py backup` puts its archives: best on another disk or machine.
BACKUP_DIR = Path(env.str("BACKUP_DIR", str(BASE_DIR / "var" / "backups")))
# The most one file may have, and all files of one action or one meeting together.
MAX_FILE_MB = env.int("MAX_FILE_MB", 20)
MAX_FILES_MB = env.int("MAX_FILES_MB", 100)
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": FILES_DIR,
            "file_permissions_mode": 0o640,
            "directory_permissions_mode": 0o750,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = ["assurance.formats"]

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# The page on which old minutes are checked has a field for everything in them.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# E-mails go into a queue in the database; ``manage.py send_mail`` sends them from there
# by EMAIL_URL: smtp+tls://user:password@host:587 (STARTTLS), smtp+ssl://...:465. Not
# set, they are printed.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = "assurance.mail.QueueBackend"
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST", "")
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL_CONFIG.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = EMAIL_CONFIG.get("EMAIL_FILE_PATH", "")
# Seconds a mail server may take to answer.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", 10)
MAIL_IS_SENT = bool(env.str("EMAIL_URL", ""))
POST_OFFICE = {
    "BACKENDS": {"default": EMAIL_CONFIG["EMAIL_BACKEND"]},
    "BATCH_SIZE": 20,
    # A server that is away is asked again for three days.
    "RETRY_INTERVAL": dt.timedelta(minutes=5),
    "MAX_RETRIES": 3 * 24 * 12,
    "LOG_LEVEL": 1,
}
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "assurance@localhost")

# To standard output, but for commands: what they print is theirs. LOG_FORMAT=plain is
# for a person at a terminal, who is told of trouble alone.
LOG_FORMAT = env.str("LOG_FORMAT", "plain" if DEBUG else "json")
LOG_LEVEL = env.str("LOG_LEVEL", "INFO" if LOG_FORMAT == "json" else "WARNING").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "assurance.serving.logs.SparingFormatter"},
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "stream": "ext://sys.stderr"
            if Path(sys.argv[0]).name == "manage.py"
            else "ext://sys.stdout",
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Django gives it a handler of its own for its development server.
        "django": {"handlers": [], "level": LOG_LEVEL},
        # The line of the request says as much, and the page of a fault writes it down.
        "django.request": {"level": "CRITICAL"},
        # Statements hold what they save.
        "django.db": {"level": "WARNING"},
        # What could not be sent is said by the command that sends. Without a handler it
        # makes one of its own, which tells addresses.
        "post_office": {
            "handlers": ["console"],
            "level": "CRITICAL",
            "propagate": False,
        },
    },
}

# Reports of faults, without anybody's words, to a Sentry that the office trusts.
SENTRY_DSN = env.str("SENTRY_DSN", "")
if SENTRY_DSN:
    report_to(SENTRY_DSN)
