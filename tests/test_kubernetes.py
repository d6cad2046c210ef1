"""The manifests of docs/kubernetes, as far as they can be checked without a cluster."""

from __future__ import annotations

import re
from typing import Any

import kubernetes_validate
import pytest
import yaml
from django.test import Client

from config import studio
from config.env import BASE_DIR
from tests.test_compose import COMPOSE, names_read

FOLDER = BASE_DIR / "docs" / "kubernetes"
FILES = sorted(FOLDER.glob("*.yml"))
MANIFESTS: list[dict[str, Any]] = [one for path in FILES for one in yaml.safe_load_all(path.read_text())]
OLDEST = "1.30"  # Kubernetes; the lifecycle hook that sleeps is of then


def called(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in MANIFESTS if one["kind"] == kind}


WORKLOADS = [*called("Deployment").values(), *called("Job").values()]


def container(workload: dict[str, Any]) -> dict[str, Any]:
    containers: list[dict[str, Any]] = workload["spec"]["template"]["spec"]["containers"]
    assert len(containers) == 1
    return containers[0]


@pytest.mark.parametrize("version", [OLDEST, "1.37"])
def test_they_keep_to_the_schemas(version: str) -> None:
    for manifest in MANIFESTS:
        kubernetes_validate.validate(manifest, version, strict=True)


def test_a_misspelt_field_would_be_noticed() -> None:
    wrong = yaml.safe_load(yaml.safe_dump(called("Deployment")["atelier-web"]))
    wrong["spec"]["replicaz"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, OLDEST, strict=True)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda one: one["metadata"]["name"])
def test_no_container_has_privileges(workload: dict[str, Any]) -> None:
    pod, own = workload["spec"]["template"]["spec"], container(workload)["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["automountServiceAccountToken"] is False
    assert own["readOnlyRootFilesystem"] is True
    assert own["allowPrivilegeEscalation"] is False
    assert own["capabilities"] == {"drop": ["ALL"]}


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda one: one["metadata"]["name"])
def test_every_container_says_what_it_needs(workload: dict[str, Any]) -> None:
    resources = container(workload)["resources"]
    assert {"cpu", "memory"} <= set(resources["requests"])
    assert "memory" in resources["limits"]
    assert workload["spec"]["template"]["metadata"]["labels"] == workload["metadata"]["labels"]


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_they_run_and_watch_what_the_composition_does(name: str) -> None:
    composed = yaml.safe_load(COMPOSE.read_text())["services"][name]
    found = container(called("Deployment")[f"atelier-{name}"])
    assert found["command"] == composed["command"]
    assert "livenessProbe" in found
    if name != "web":
        said = found["livenessProbe"]["exec"]["command"][-1]
        assert said == composed["healthcheck"]["test"][1].replace("$$", "$")
    assert set(getattr(studio, name.upper())) & set(found["command"])


def test_probes_ask_by_a_name_that_the_studio_answers_to(client: Client) -> None:
    """By themselves they would name the pod's address, which is nobody's host."""
    assert client.get("/healthz", headers={"host": "10.244.0.7:8000"}).status_code == 400
    web = container(called("Deployment")["atelier-web"])
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = web[probe]["httpGet"]
        headers = {header["name"].lower(): header["value"] for header in asked["httpHeaders"]}
        assert client.get(asked["path"], headers=headers).status_code == 200


def test_what_may_be_several_is_never_taken_away_at_once() -> None:
    budgets, scalers = called("PodDisruptionBudget"), called("HorizontalPodAutoscaler")
    assert budgets.keys() == scalers.keys() == {"atelier-web", "atelier-worker"}
    for name, scaler in scalers.items():
        deployment = called("Deployment")[name]
        assert budgets[name]["spec"]["selector"] == deployment["spec"]["selector"]
        assert scaler["spec"]["scaleTargetRef"]["name"] == name
        assert scaler["spec"]["minReplicas"] > budgets[name]["spec"]["minAvailable"]


def test_workers_follow_a_figure_that_there_is() -> None:
    [metric] = called("HorizontalPodAutoscaler")["atelier-worker"]["spec"]["metrics"]
    told = (BASE_DIR / "docs" / "monitoring.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{metric['external']['metric']['name']}` \| gauge", told, re.MULTILINE)


def test_every_name_they_set_is_one_that_the_settings_read() -> None:
    named = set(called("ConfigMap")["atelier"]["data"])
    named |= set(re.findall(r"\b[A-Z0-9]+(?:_[A-Z0-9]+)+\b", (FOLDER / "settings.yml").read_text().partition("api")[0]))
    sources = [*(BASE_DIR / "config").rglob("*.py")]
    read = {name for path in sources for name in re.findall(r'env\.\w+\(\s*"([A-Z][A-Z0-9_]*)"', path.read_text())}
    assert named <= read | names_read()
