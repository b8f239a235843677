"""The examples for systemd and nginx are ones that systemd and nginx take."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import trustme
from django.conf import settings
from django.core.management import get_commands

from assurance.middleware import _FORM_BESIDE_FILES
from tests.servers import Installation

DEPLOY = Path(settings.BASE_DIR) / "assurance" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


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


def test_nginx_takes_its_example(tmp_path: Path) -> None:
    nginx = program("nginx")
    certificate = trustme.CA().issue_cert("assurance.office.example")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    text = re.sub(
        r"/etc/assurance/tls/\w+\.pem",
        str(tmp_path / "both.pem"),
        (DEPLOY / "nginx.conf").read_text(),
    ).replace("/var/log/nginx/assurance.log", str(tmp_path / "log"))
    (tmp_path / "site.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; events {{}} http {{ include {tmp_path}/site.conf; }}"
    )
    said = subprocess.run(
        [nginx, "-t", "-c", tmp_path / "nginx.conf", "-e", tmp_path / "log"],
        capture_output=True,
        text=True,
    )
    assert said.returncode == 0, said.stderr


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
    show = "from django.conf import settings as s; print(s.OFFICE_NAME, s.SECRET_KEY)"
    said = subprocess.run(
        ["sh", command, "shell", "--no-imports", "-c", show],
        env={"PATH": os.environ["PATH"], "ASSURANCE_ENVIRONMENT": str(environment)},
        capture_output=True,
        text=True,
    )
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
