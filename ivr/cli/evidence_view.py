"""The evidence of an order, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ivr.adapters.prompts.texts import CatalogueError, load_texts
from ivr.app.config import Config
from ivr.app.evidence import Evidence, heard, lines
from ivr.centre.ledger.masking import masked

LABELS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "order": "业务",
        "state": "状态",
        "customer": "客户",
        "call": "通话",
        "amount": "金额（手续费）",
        "read back": "复述内容",
        "digest": "复述摘要",
        "at the bank": "银行流水",
        "case": "工单",
        "draft": "办理中",
        "read_back": "已复述",
        "authorised": "已授权",
        "posting": "提交中",
        "posted": "已完成",
        "rejected": "已拒绝",
        "unknown": "结果未知",
        "cancelled": "已撤销",
    },
    "en": {},
}
"""What the parts and the states are called; in English as they are named here."""


def in_json(found: Evidence) -> str:
    """Return all of it: the record, and each entry with its hash."""
    entries = [
        {"number": one.number, "hash": one.hash, "entry": msgspec.Raw(one.body)}
        for one in found.sealed
    ]
    whole = msgspec.json.encode({"record": found.record, "entries": entries})
    return msgspec.json.format(whole, indent=2).decode()


def picture(found: Evidence, language: str, config: Config) -> RenderableType:
    """Draw it. Raises NotGenuine for an entry that was changed."""
    zone = ZoneInfo(config.zone)
    table = Table.grid(padding=(0, 2))
    for line in lines(found, language):
        when = f"{line.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        texts = Text(line.text, overflow="fold")
        table.add_row(Text(when, "dim"), texts, Text(line.by, "dim"), Text(line.hash[:12], "dim"))
    return Group(_head(found, language, config), "", table)


def _head(found: Evidence, language: str, config: Config) -> Table:
    record, order = found.record, found.record.order
    said, booked = record.said, record.booked
    labels = LABELS[language]
    parts = {
        "order": f"{order.kind} {order.reference} ({order.id})",
        "state": " ".join(filter(None, (labels.get(order.state, order.state), order.reason))),
        "customer": f"{order.customer}, {masked(record.draft.account)}",
        "call": record.draft.call_id,
        "amount": f"{order.amount} ({order.fee})",
        "read back": heard(said.text, _prompts(config, record.draft.language)) if said else "",
        "digest": said.digest if said else "",
        "at the bank": f"{booked.reference} {booked.day}".strip() if booked else "",
        "case": order.case,
    }
    for name, value in (said.slots if said else {}).items():
        parts[f"· {name}"] = masked(value) if isinstance(value, str) else str(value)
    table = Table.grid(padding=(0, 2))
    for name, text in parts.items():
        if text:
            table.add_row(Text(labels.get(name, name), "cyan"), Text(text, overflow="fold"))
    return table


def _prompts(config: Config, language: str) -> Mapping[str, str]:
    """Return the texts of prompts by id; none where they cannot be read."""
    try:
        return load_texts(config.prompts).get(language, {})
    except CatalogueError:
        return {}
