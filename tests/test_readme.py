"""What the README shows works."""

from __future__ import annotations

import re
from pathlib import Path

from ivr.adapters.flowfile import load_files
from ivr.adapters.prompts.catalogue import load_catalogue
from ivr.engine.check import Known, check

ROOT = Path(__file__).parent.parent
BESIDE = ("queues.yaml", "agents.yaml", "service.yaml")


def test_the_flow_of_the_readme_has_no_mistake() -> None:
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert shown is not None
    catalogue = load_catalogue(ROOT / "prompts")
    prompts = {language: catalogue.ids(language) for language in catalogue.languages}
    known = Known(prompts=prompts, destinations=())
    beside = {name: (ROOT / "flows" / name).read_text("utf-8") for name in BESIDE}
    assert check(load_files({"main.yaml": shown[1], **beside}), known) == ()
