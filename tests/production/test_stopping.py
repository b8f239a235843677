"""SIGTERM, as systemd sends it, ends the server after what it was asked."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers import PATIENCE, Installation, Server, new_database, wait_until

BODY = b"login=nobody%40office.example&password=" + b"x" * 2000


@pytest.fixture
def server(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path
) -> Iterator[Server]:
    with (
        django_db_blocker.unblock(),
        new_database(tmp_path) as url,
        Installation(tmp_path, url).serve() as server,
    ):
        yield server


def connect(server: Server, *, timeout: float = PATIENCE) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout)


def is_answered(server: Server) -> bool:
    """Whether somebody who comes now is."""
    try:
        with connect(server, timeout=5) as late:
            late.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return bool(late.recv(100))
    except OSError:
        return False


def test_a_request_in_hand_is_answered_before_it_ends(server: Server) -> None:
    head = (
        "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        "Expect: 100-continue\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    )
    with connect(server) as slow:
        slow.sendall(head.encode())
        # A worker has begun to read it.
        assert slow.recv(100).startswith(b"HTTP/1.1 100 ")
        slow.sendall(BODY[:500])
        server.process.terminate()
        wait_until(lambda: not is_answered(server))
        assert server.process.poll() is None
        slow.sendall(BODY[500:])
        answer = b""
        while piece := slow.recv(65536):
            answer += piece
    # Without a token it is refused, by the application and in full.
    assert answer.startswith(b"HTTP/1.1 403")
    assert answer.rstrip().endswith(b"</html>")
    assert server.process.wait(PATIENCE) == 0


def test_with_nothing_in_hand_it_ends_at_once(server: Server) -> None:
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 15
