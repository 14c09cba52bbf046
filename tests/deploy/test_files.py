"""The files that deploy agelens say what the settings and the design say."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.dockerfile import CHECKOUT, instructions
from tests.scale.cluster import NGINX, nginx_command, nginx_conf
from webapp.settings import Settings

DEPLOY = CHECKOUT / "deploy"
SYSTEMD = shutil.which("systemd-analyze")
# A form's further fields, as webapp/web/albums/uploads.py bounds them.
FORM_BYTES = 220_000


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return document


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "nginx.conf").write_text(nginx_conf(tmp_path, 8080, [8001, 8002]))
    command = [*nginx_command(tmp_path), "-t"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


def test_nginx_lets_in_whatever_agelens_would_take() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    sizes = [int(size) << 20 for size in re.findall(r"client_max_body_size (\d+)m;", text)]
    photo, *albums = sizes
    settings = Settings()
    assert photo >= settings.max_bytes + FORM_BYTES
    assert len(albums) == 2
    for album in albums:
        assert album >= settings.album_bytes + FORM_BYTES


def test_nginx_passes_on_nothing_that_a_stranger_says_of_himself() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    headers = dict(re.findall(r"proxy_set_header (\S+) (\S+);", text))
    assert headers["X-Forwarded-For"] == "$remote_addr"
    assert headers["X-Request-ID"] == "$request_id"
    assert headers["Forwarded"] == '""'
    assert "$proxy_add_x_forwarded_for" not in text
    # A location that sets one header loses all that the server sets.
    assert text.count("proxy_set_header") == len(headers)


def test_only_nginx_can_be_reached_and_only_from_this_machine(services: dict[str, Any]) -> None:
    open_ports = {
        name: service["ports"] for name, service in services.items() if "ports" in service
    }
    assert open_ports == {"nginx": ["127.0.0.1:8080:8080"]}


def test_redis_is_reached_by_web_machines_and_workers_only(compose: dict[str, Any]) -> None:
    services = compose["services"]
    beside = {name for name, service in services.items() if "back" in service.get("networks", ())}
    assert beside == {"redis", "web-1", "web-2", "worker"}
    assert compose["networks"]["back"]["internal"]
    assert compose["networks"]["front"]["internal"]


def test_every_container_is_confined(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
        assert "healthcheck" in service or name.startswith("web-"), name  # theirs is the image's


def test_nginx_and_compose_agree_on_names_paths_and_proxies(services: dict[str, Any]) -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    machines = re.findall(r"server (\S+):8000 ", text)
    assert machines == ["web-1", "web-2"] * 2
    for name in machines:
        assert services[name]["environment"]["AGELENS_PROXIES"] == "1"
        assert "--open" not in services[name]["command"]
        assert services[name]["environment"]["AGELENS_USERS"]
    places = [volume.split(":")[1] for volume in services["nginx"]["volumes"]]
    assert "/var/cache/nginx" in places


def test_one_service_builds_the_image_and_nobody_asks_a_registry_for_it(
    services: dict[str, Any],
) -> None:
    ours = {name: service for name, service in services.items() if service["image"] == "agelens"}
    assert len(ours) == 4
    assert [name for name, service in ours.items() if "build" in service] == ["web-1"]
    assert {service["pull_policy"] for service in ours.values()} == {"never"}
    assert not (DEPLOY / "Dockerfile").read_text().startswith("# syntax")


def test_down_leaves_no_volume_without_a_name(
    compose: dict[str, Any], services: dict[str, Any]
) -> None:
    for service in services.values():
        sources = [volume.split(":")[0] for volume in service.get("volumes", ())]
        assert all(name in compose["volumes"] or name.startswith(".") for name in sources)
    declared = [json.loads(rest) for name, rest in instructions(1) if name == "VOLUME"]
    named = {volume.split(":")[1] for volume in services["worker"]["volumes"]}
    assert set(*declared) <= named
    assert any(mount.startswith("/data:") for mount in services["redis"]["tmpfs"])  # its image's


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_whatever_starts_with_the_rest_can_become_healthy(services: dict[str, Any]) -> None:
    for service in services.values():
        assert "profiles" in service or not service.get("healthcheck", {}).get("disable")
    keyword, python, *check = services["worker"]["healthcheck"]["test"]
    assert (keyword, python) == ("CMD", "python")
    sleep = [sys.executable, "-c", "import time; time.sleep(60)", "consume", "."]
    with subprocess.Popen(sleep) as process:
        subprocess.run([sys.executable, *check], check=True)
        process.kill()
    absent = [part.replace("consume", "no-such-command") for part in check]
    assert subprocess.run([sys.executable, *absent], check=False, capture_output=True).returncode


def test_the_image_runs_as_a_user_with_a_fixed_number() -> None:
    final = instructions(1)
    assert ("USER", "10001:10001") in final
    assert [rest for name, rest in final if name == "ENTRYPOINT"] == ['["agelens"]']


def test_what_the_image_is_made_of_is_not_ignored() -> None:
    kept = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    copies = [rest.split()[:-1] for name, rest in instructions(0) if name == "COPY"]
    for source in (source for sources in copies for source in sources):
        assert f"!{source}" in kept
        assert (CHECKOUT / source).exists()


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", ["agelens.service", "agelens-worker.service"])
def test_systemd_accepts_the_unit_and_finds_it_confined(unit: str, tmp_path: Path) -> None:
    text = (DEPLOY / unit).read_text()
    copy = tmp_path / unit
    copy.write_text(text.replace("/opt/agelens/bin/agelens", "/bin/true"))
    for command in ([SYSTEMD, "verify", copy], [SYSTEMD, "security", "--offline=true", copy]):
        checked = subprocess.run(command, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        assert checked.stderr == ""
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", checked.stdout)
    assert exposure is not None
    assert float(exposure[1]) <= 2.0
