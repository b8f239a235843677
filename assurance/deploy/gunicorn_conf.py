"""How gunicorn serves the application, in production and in the tests of it.

gunicorn and not granian (2.8): the application takes the time, not its server. Measured
on two busy cores, two processes of four threads, PostgreSQL with 10,000 actions, in CPU
time of a request: the page to sign in 3.5 ms with gunicorn and 4.8 with granian, the
published list 23 and 26, the tracker 188 and 168; memory 210 MB with both; both answer
what is in hand at SIGTERM. gunicorn is pure Python, tells systemd when it is ready, and
logs as the application does.
"""

import os
from pathlib import Path
from typing import Any

from django.urls import get_resolver
from gunicorn.http import wsgi

bind = os.environ.get("BIND") or "127.0.0.1:8000"
# Processes use the cores, threads wait for the database.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2 * (os.cpu_count() or 1) + 1)
threads = int(os.environ.get("WEB_THREADS") or 4)
# Loaded once and shared; and a worker that is begun anew in the middle of an upgrade
# runs what the others run.
preload_app = True
# What leaks memory, in a library written in C for example, leaks it for so long.
max_requests = 5000
max_requests_jitter = 500
# Seconds: a process that hangs is ended; one that is told to end answers first what it
# was asked. A large document takes ten.
timeout = 90
graceful_timeout = 30
# Longer than the proxy in front keeps a connection, so that it is never the one to be
# surprised.
keepalive = 75
# The heartbeat of a worker must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
# The application writes a line for each request; of gunicorn only what it says itself.
accesslog = None
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "assurance.serving.logs.SparingFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "stream": "ext://sys.stdout",
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": ["console"], "level": "INFO", "propagate": False}
    },
}


def when_ready(server: Any) -> None:
    """Before the first worker begins: all pages are loaded, once for all of them."""
    get_resolver().url_patterns  # noqa: B018


def _headers_but_the_server() -> None:
    """Nobody needs to know what answers."""
    usual = wsgi.Response.default_headers

    def default_headers(response: wsgi.Response) -> list[str]:
        return [line for line in usual(response) if not line.startswith("Server:")]

    wsgi.Response.default_headers = default_headers


_headers_but_the_server()
