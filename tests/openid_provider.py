"""A small OpenID provider for tests: real HTTP, real signatures, one person.

It does what a sign-in asks of one: discovery, keys, authorize, token, userinfo. Whoever
comes to its authorize page is the person that ``claims`` describes.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT_ID, CLIENT_SECRET = "assurance-tests", "known to both"


class OpenIDProvider(ThreadingHTTPServer):
    """``claims`` are put into the ID token over what belongs there; None leaves one
    out. ``signing_key`` and ``algorithm`` sign it, whatever the published key is.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}/tenant/v2.0"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signing_key: Any = self.key
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.description: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.used: list[str] = []
        self.is_away = False

    def describe(self) -> dict[str, Any]:
        base = self.issuer
        return {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "userinfo_endpoint": f"{base}/userinfo",
            "jwks_uri": f"{base}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "id_token_signing_alg_values_supported": ["RS256"],
        } | self.description

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "subject-1",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "auth_time": now,
        } | self.claims
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            self.signing_key,
            algorithm=self.algorithm,
            headers={"kid": "1"},
        )


class _Handler(BaseHTTPRequestHandler):
    server: OpenIDProvider

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        sent = {name: values[0] for name, values in parse_qs(address.query).items()}
        match address.path.removeprefix("/tenant/v2.0"):
            case _ if self.server.is_away:
                self.answer({"error": "server_error"}, status=503)
            case "/.well-known/openid-configuration":
                self.answer(self.server.describe())
            case "/keys":
                public = RSAAlgorithm.to_jwk(self.server.key.public_key(), as_dict=True)
                self.answer({"keys": [public | {"kid": "1", "use": "sig"}]})
            case "/authorize":
                self.authorize(sent)
            case "/userinfo":
                self.answer({"sub": "subject-1"} | self.server.userinfo)
            case _:
                self.answer({}, status=404)

    def authorize(self, sent: dict[str, str]) -> None:
        code = secrets.token_urlsafe(16)
        self.server.codes[code] = sent
        back = urlencode({"code": code, "state": sent["state"]})
        self.send_response(302)
        self.send_header("Location", f"{sent['redirect_uri']}?{back}")
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        # A code works once, and only for who asked for it.
        asked = self.server.codes.pop(sent.get("code", ""), None)
        self.server.used.append(sent.get("code", ""))
        verifier = sent.get("code_verifier", "").encode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest())
        is_right = asked and (
            sent["client_id"] == CLIENT_ID
            and sent["client_secret"] == CLIENT_SECRET
            and sent["redirect_uri"] == asked["redirect_uri"]
            and asked["code_challenge_method"] == "S256"
            and asked["code_challenge"] == challenge.decode().rstrip("=")
        )
        if not asked or not is_right:
            self.answer({"error": "invalid_grant"}, status=400)
            return
        self.answer(
            {
                "access_token": secrets.token_urlsafe(16),
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self.server.id_token(asked["nonce"]),
            }
        )

    def answer(self, data: Any, *, status: int = 200) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing on the console of the tests."""


@contextmanager
def openid_provider() -> Iterator[OpenIDProvider]:
    with OpenIDProvider() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
