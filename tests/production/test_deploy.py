"""The examples for systemd and nginx are ones that systemd and nginx take."""

import http.client
import http.server
import os
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from django.conf import settings
from django.core.management import get_commands

from assurance.middleware import _FORM_BESIDE_FILES
from tests.postgresql import free_port
from tests.servers import PATIENCE, Installation, wait_until

DEPLOY = Path(settings.BASE_DIR) / "assurance" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]

OWN_HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if not found and os.environ.get("REQUIRE_ALL_TESTS"):
        pytest.fail(f"{name} is not installed here, and every test is required.")
    return found or pytest.skip(f"{name} is not installed here")


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    verify = program("systemd-analyze")
    for unit in UNITS:
        # The programs that they start are not where an office will have them.
        text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(text)
    said = subprocess.run(
        [verify, "verify", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_nginx_writes_no_address_down_where_it_answers() -> None:
    """Those of links hold tokens; on port 80 too, before they are led to https."""
    _, *servers = (DEPLOY / "nginx.conf").read_text().split("\nserver {")
    assert len(servers) == 2
    assert all("access_log off;" in server for server in servers)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_each_service_may_do_little_and_starts_what_there_is(unit: Path) -> None:
    text = unit.read_text()
    for line in (
        "User=assurance",
        "EnvironmentFile=/etc/assurance/environment",
        "ProtectSystem=strict",
        "ReadWritePaths=/var/lib/assurance",
        "NoNewPrivileges=yes",
        "PrivateTmp=yes",
        "CapabilityBoundingSet=",
    ):
        assert line in text.splitlines()
    (start,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    if "manage.py" in start:
        assert start.split()[2] in get_commands()
        assert unit.with_suffix(".timer") in UNITS
    else:
        (path,) = re.findall(r"-c /opt/assurance/(\S+)", start)
        assert (Path(settings.BASE_DIR) / path).exists()


def test_old_backups_do_not_fill_the_disk() -> None:
    text = (DEPLOY / "systemd" / "assurance-backup.service").read_text()
    assert re.search(r"^ExecStart=.* manage.py backup --keep \d+$", text, re.MULTILINE)


@dataclass
class Nginx:
    folder: Path
    behind: int
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)

    def is_there(self) -> bool:
        try:
            self.ask("/", tls=False)
        except ConnectionError:
            return False
        return True

    def ask(
        self, path: str, *, tls: bool = True, **more: Any
    ) -> http.client.HTTPResponse:
        connection: http.client.HTTPConnection
        if tls:
            trusting = ssl._create_unverified_context()
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self.tls_port, context=trusting, timeout=30
            )
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            connection.request("GET", path, **more)
            answer = connection.getresponse()
            answer.read()
        return answer


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    """The example, running; only where things are is changed."""
    command = program("nginx")
    server = Nginx(tmp_path, behind=free_port())
    certificate = trustme.CA().issue_cert("assurance.office.example")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    text = (DEPLOY / "nginx.conf").read_text()
    for there, here in {
        r"/etc/assurance/tls/\w+\.pem": f"{tmp_path}/both.pem",
        r"/var/log/nginx/assurance.log": f"{tmp_path}/log",
        r"/var/www/html": f"{tmp_path}/html",
        r"listen \[::\].*": "",
        r"listen 80;": f"listen 127.0.0.1:{server.port};",
        r"listen 443 ": f"listen 127.0.0.1:{server.tls_port} ",
        r"server 127.0.0.1:8000;": f"server 127.0.0.1:{server.behind};",
    }.items():
        text, changed = re.subn(there, here, text)
        assert changed
    (tmp_path / "site.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(
        f"user root; daemon off; pid {tmp_path}/pid; events {{}} "
        f"http {{ access_log off; client_body_temp_path {tmp_path}/bodies; "
        f"include {tmp_path}/site.conf; }}"
    )
    run = [command, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "log"]
    said = subprocess.run([*run, "-t"], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    with subprocess.Popen(run) as process:
        try:
            wait_until(lambda: process.poll() is not None or server.is_there())
            yield server
        finally:
            process.terminate()


def test_nginx_answers_certbot_and_leads_all_else_to_https(nginx: Nginx) -> None:
    proof = nginx.folder / "html" / ".well-known" / "acme-challenge" / "proof"
    proof.parent.mkdir(parents=True)
    proof.write_text("whose name it is")
    assert nginx.ask("/.well-known/acme-challenge/proof", tls=False).status == 200
    led = nginx.ask("/meetings/?q=a", tls=False, headers={"Host": "office.example"})
    assert led.status == 301
    assert led.headers["Location"] == "https://office.example/meetings/?q=a"


def test_nginx_writes_nobody_down_who_is_looked_for_not_even_at_a_fault(
    nginx: Nginx,
) -> None:
    (nginx.folder / "bodies").rmdir()
    path = "/people/?q=Wilma+Zander"
    referred = {"Referer": f"https://office.example{path}"}
    large = "x" * 1024**2
    asked = [
        nginx.ask(path, headers=referred).status,
        nginx.ask(path, headers=referred, body=large).status,
        nginx.ask(f"/.well-known/acme-challenge/{path}", tls=False).status,
    ]
    assert asked == [502, 500, 404]
    written = [log.read_text() for log in nginx.folder.glob("*log*")]
    assert written
    assert not any("Wilma" in text for text in written)


def test_pages_of_nginx_itself_defend_browsers_too(nginx: Nginx) -> None:
    too_much = {"Content-Length": str(200 * 1024**2)}
    for status, headers in {502: {}, 413: too_much}.items():
        answer = nginx.ask("/", headers=headers)
        assert answer.status == status
        for name, value in OWN_HEADERS.items():
            assert answer.headers.get_all(name) == [value]


def test_what_the_application_says_of_itself_nginx_does_not_say_again(
    nginx: Nginx,
) -> None:
    said = dict.fromkeys(OWN_HEADERS, "of the application")

    class Application(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            for name, value in said.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.HTTPServer(("127.0.0.1", nginx.behind), Application) as behind:
        thread = threading.Thread(target=behind.handle_request, daemon=True)
        thread.start()
        answer = nginx.ask("/")
        thread.join(PATIENCE)
    for name, value in said.items():
        assert answer.headers.get_all(name) == [value]


def test_nginx_lets_through_what_the_application_looks_at() -> None:
    """And sets what it is trusted for, instead of adding to what a visitor sent."""
    text = (DEPLOY / "nginx.conf").read_text()
    (most,) = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(most) * 1024**2 > settings.MAX_FILES_MB * 1024**2 + _FORM_BESIDE_FILES
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "proxy_set_header X-Forwarded-Proto $scheme;" in text
    assert "proxy_set_header X-Request-ID $request_id;" in text
    assert "proxy_add_x_forwarded_for" not in text


def test_a_command_runs_in_the_environment_of_the_service(tmp_path: Path) -> None:
    """As its user, where root asks; here as whoever tests."""
    office = Installation(tmp_path, "sqlite://:memory:")
    more = {"SECRET_KEY": "'a$HOME`key`'", "OFFICE_NAME": "'Office of the PCC'"}
    environment = tmp_path / "environment"
    lines = [f"{name}={value}" for name, value in (office.environment() | more).items()]
    environment.write_text("\n".join(lines))
    script = (DEPLOY / "manage").read_text()
    # Nobody else to become where tests run as root.
    script = script.replace('if [ "$(id -u)" = 0 ]', "if false")
    script = script.replace("root=$(dirname", f"root={settings.BASE_DIR} #")
    command = tmp_path / "manage"
    command.write_text(script)
    owner = tmp_path / "owner.environment"
    owner.write_text("DATABASE_OWNER_URL='postgres://owner:secret@127.0.0.1:1/none'")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", command, *arguments],
            env={
                "PATH": os.environ["PATH"],
                "ASSURANCE_ENVIRONMENT": str(environment),
                "ASSURANCE_OWNER_ENVIRONMENT": str(owner),
            },
            capture_output=True,
            text=True,
        )

    show = "from django.conf import settings as s; print(s.OFFICE_NAME, s.SECRET_KEY)"
    said = run("shell", "--no-imports", "-c", show)
    assert "port 1 failed" in run("migrate").stderr  # it asks as the owner
    assert said.stdout == "Office of the PCC a$HOME`key`\n", said.stderr


def test_the_example_of_the_environment_is_quoted_as_shell_and_systemd_agree() -> None:
    text = (DEPLOY / "environment.example").read_text()
    for line in text.splitlines():
        if assigned := re.fullmatch(r"#? ?[A-Z_]+=(.*)", line):
            assert re.fullmatch(r"[\w.,:/@%+=-]*|'[^']*'", assigned[1]), line


def test_the_example_of_the_environment_names_what_the_settings_read() -> None:
    text = (DEPLOY / "environment.example").read_text()
    names = set(re.findall(r"^#? ?([A-Z_]+)=", text, re.MULTILINE))
    code = (Path(settings.BASE_DIR) / "assurance" / "settings.py").read_text()
    code += (DEPLOY / "gunicorn_conf.py").read_text()
    assert {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "FILES_DIR"} <= names
    assert {name for name in names if f'"{name}"' not in code} == set()
