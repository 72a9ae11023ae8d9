"""Publishing: a bad folder never replaces a good set, and old versions stay for their calls."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.app.flows import Published
from ivr.engine.check import Known
from ivr.model.errors import FlowError

GOOD = """\
flow: main
numbers: ["95500"]
languages: [en]
start: hello
steps:
  hello: {say: hello, next: bye}
  bye: {hangup: completed}
"""
BAD = GOOD.replace("next: bye", "next: nowhere")
KNOWN = Known(prompts={"en": {"hello"}}, queues=(), destinations=())


class Shelf:
    """Keeps versions in memory, as the store does on disk."""

    def __init__(self) -> None:
        self.kept: dict[str, Mapping[str, str]] = {}

    async def keep_version(self, version: str, files: Mapping[str, str]) -> None:
        self.kept[version] = dict(files)

    async def version_files(self, version: str) -> Mapping[str, str] | None:
        return self.kept.get(version)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.yaml").write_text(GOOD, "utf-8")
    return tmp_path


async def test_a_bad_folder_is_refused_and_the_good_set_stays(folder: Path) -> None:
    published = Published(folder, KNOWN, Shelf())
    good = await published.publish()
    (folder / "main.yaml").write_text(BAD, "utf-8")
    with pytest.raises(FlowError, match=r"main\.yaml:6:\d+.*\n?.*nowhere"):
        await published.publish()
    assert published.current is good


@pytest.mark.parametrize("text", ["", "flow: [", "\x00", "flow: main", BAD])
async def test_nothing_unusable_is_ever_in_force(folder: Path, text: str) -> None:
    published = Published(folder, KNOWN, Shelf())
    good = await published.publish()
    (folder / "main.yaml").write_text(text, "utf-8")
    with pytest.raises(FlowError):
        await published.publish()
    assert published.current is good


async def test_a_call_finds_the_version_it_began_on_even_on_another_node(folder: Path) -> None:
    shelf = Shelf()
    first = await Published(folder, KNOWN, shelf).publish()
    (folder / "main.yaml").write_text(GOOD.replace("completed", "done"), "utf-8")
    other = Published(folder, KNOWN, shelf)
    second = await other.publish()
    assert second.version != first.version
    assert (await other.version(first.version)).files == first.files
    assert await other.version(second.version) is second


async def test_a_version_that_nobody_kept_says_so(folder: Path) -> None:
    with pytest.raises(FlowError, match="not here any more"):
        await Published(folder, KNOWN, Shelf()).version("0" * 64)


async def test_before_the_first_publish_there_are_no_flows(folder: Path) -> None:
    with pytest.raises(FlowError, match="no flows"):
        _ = Published(folder, KNOWN, Shelf()).current
