"""What stands in front in production: ends TLS and hands on to one process, then to the
next, request by request.
"""

import http.client
import itertools
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

_OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding"}
_SET_HERE = {"x-forwarded-for", "x-forwarded-proto", "x-request-id"}


@dataclass
class Proxy:
    url: str
    verify: str
    # By the port of each process: how many requests it answered.
    answered: dict[int, int] = field(default_factory=dict)


@contextmanager
def in_front_of(ports: list[int], folder: Path) -> Iterator[Proxy]:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    turns = itertools.cycle(ports)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            for _ in ports:
                port = next(turns)
                try:
                    answer = self.ask(port, body)
                except ConnectionRefusedError:
                    continue
                proxy.answered[port] = proxy.answered.get(port, 0) + 1
                return self.hand_back(answer)
            return self.send_error(502)

        do_POST = do_HEAD = do_GET  # noqa: N815 - the names it looks for

        def ask(self, port: int, body: bytes) -> http.client.HTTPResponse:
            behind = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in _OF_ONE_CONNECTION | _SET_HERE
            } | {
                "X-Forwarded-For": self.client_address[0],
                "X-Forwarded-Proto": "https",
                "X-Request-ID": f"proxy-{sum(proxy.answered.values()):08}",
                "Connection": "close",
            }
            behind.request(self.command, self.path, body, headers)
            return behind.getresponse()

        def hand_back(self, answer: http.client.HTTPResponse) -> None:
            content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _OF_ONE_CONNECTION | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        url = f"https://localhost:{server.server_port}"
        proxy = Proxy(url, str(folder / "authority.pem"))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield proxy
        finally:
            server.shutdown()
