"""The reference of `onecall.yaml`: every key with its default, its variable, and what it means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from ivr.app.config.keys import Key, keys, section_of
from ivr.app.config.whole import Config

_HEAD = """\
# onecall.yaml

<!-- Written by `ivr config reference`; edit the fields in ivr/app/config/ instead. -->

The one configuration file: `./onecall.yaml`, or what `--config` or `ONECALL_CONFIG` names. Everything has a default,
and a file may be empty. Paths are relative to the file. Secrets are never in it: it names the files they are in, of
mode 0600. `ivr config check` says what is wrong, with `file:line:column`; `ivr config show` what holds, and who says so.

What the environment says holds before the file: the keys in capitals with two underscores between and before them,
and a value in YAML (`ONECALL__AGI__PORT=4600`, `ONECALL__DIALLER__ALLOW='["13"]'`).

```yaml
zone: Asia/Shanghai
agi: {port: 4573}
ami: {user: onecall, secret_file: /etc/onecall/ami.secret}
```
"""


def page() -> str:
    """Return the page, in Markdown."""
    # Stable: first the keys that are in no section.
    found = sorted(keys(), key=lambda key: "." in key.path)
    sections = groupby(found, _section_name)
    return "\n".join([_HEAD, *(line for name, group in sections for line in _section(name, group))])


def _section_name(key: Key) -> str:
    first, dot, _ = key.path.partition(".")
    return first if dot else ""


def _section(name: str, group: Iterator[Key]) -> Iterator[str]:
    yield f"## `{name}`" if name else "## The file itself"
    yield ""
    section = section_of(Config.model_fields[name]) if name else None
    if section is not None:
        yield " ".join((section.__doc__ or "").split())
        yield ""
    yield "| key | default | means |"
    yield "|---|---|---|"
    for key in group:
        shown = "" if key.default is None else f"`{json.dumps(key.default, ensure_ascii=False)}`"
        meaning = key.meaning.replace("|", "\\|")
        yield f"| `{key.path.removeprefix(f'{name}.')}` | {shown} | {meaning} |"
    yield ""
