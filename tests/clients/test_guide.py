"""docs/api.md: every command in it works as it stands there, one after the other, for whoever has a key."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from config.env import BASE_DIR
from tests import studios
from tests.clients.conftest import Account, missing
from tests.test_studio import Studio

pytestmark = pytest.mark.studio
GUIDE = (BASE_DIR / "docs" / "api.md").read_text()
# As it stands there, but that an answer of 400 or more ends it.
BEGIN = """set -euo pipefail
curl() { command curl --fail-with-body --show-error --max-time 120 "$@"; }
set -x
"""


def test_every_command_of_the_guide_works(studio: Studio, account: Callable[[int], Account], tmp_path: Path) -> None:
    for tool in ("bash", "curl", "jq"):
        if shutil.which(tool) is None:
            missing(tool)
    blocks = re.findall(r"^```sh\n(.+?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 10
    somebody = account(200)
    known = {
        "STUDIO": f"http://127.0.0.1:{studio.port}",
        "KEY": somebody.key,
        "EMAIL": somebody.email,
        "PASSWORD": studios.PASSWORD,
    }
    done = subprocess.run(  # noqa: S603
        [str(shutil.which("bash")), "-c", BEGIN + "\n".join(blocks)],
        cwd=tmp_path,
        env=os.environ | known,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout[-1000:]}\n{done.stderr[-3000:]}"
    assert (tmp_path / "lighthouse.png").read_bytes().startswith(b"\x89PNG")
