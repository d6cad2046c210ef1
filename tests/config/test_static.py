"""Static files as an image keeps them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from config.env import BASE_DIR
from tests.patience import SECONDS

IMPORT = re.compile(r"""(?:from|import)\s*["'](\.{1,2}/[^"']+)["']""")
# Compressing takes most of a minute and changes no name.
COLLECT = """
import django
from django.conf import settings
from django.core.management import call_command

django.setup()
settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = "css eot html js json map md otf png svg ttf txt".split()
call_command("collectstatic", interactive=False, verbosity=0)
"""


def test_collected_modules_import_each_other_by_hashed_names(tmp_path: Path) -> None:
    subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", COLLECT],
        cwd=BASE_DIR,
        env=os.environ | {"STATIC_ROOT": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=True,
        timeout=SECONDS,
    )
    names = json.loads((tmp_path / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    modules = [tmp_path / hashed for name, hashed in names.items() if re.fullmatch(r"js/[\w-]+\.js", name)]
    imported = [
        module.parent / found for module in modules for found in IMPORT.findall(module.read_text(encoding="utf-8"))
    ]

    assert imported
    assert all(re.search(r"\.[0-9a-f]{12}\.js$", path.name) and path.exists() for path in imported)
