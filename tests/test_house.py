"""The arrows of the house hold because each contract breaks when one is planted the wrong way."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

PLANTED = {
    "layers: arrows go one way": ("model/secret.py", "import ivr.ports.clock"),
    "step types do not know each other": ("steps/say.py", "import ivr.steps.menu"),
    "adapters do not know each other": ("adapters/ami/client.py", "import ivr.adapters.agi.line"),
    "the core does no I/O": ("engine/interpreter.py", "import asyncio"),
    "panoramisk stays behind our own AMI client": ("app/manager.py", "import panoramisk"),
}


@pytest.mark.proof
@pytest.mark.timeout(60)
@pytest.mark.parametrize("contract", PLANTED)
def test_a_broken_arrow_breaks_its_contract(contract: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "ivr", tmp_path / "ivr", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file, line = PLANTED[contract]
    path = tmp_path / "ivr" / file
    path.write_text(f"{path.read_text('utf-8')}\n{line}\n", "utf-8")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout
    assert done.stdout.count("BROKEN") == 1
