"""`ivr orders`, `ivr reconcile` and `ivr cases`, run as people run them."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from typer.testing import CliRunner, Result

from ivr import pins
from ivr.adapters.bank.demo import seed
from ivr.adapters.bank.embedded import EmbeddedBank
from ivr.adapters.ledger.sqlite import SqliteLedger
from ivr.app.orderbook import OrderBook
from ivr.centre.orders.digest import canonical, digest
from ivr.cli import cases, orders
from ivr.cli.reconcile import reconcile
from ivr.model.prompt import Prompted, Spoken
from ivr.model.secret import Secret
from ivr.model.values import Money, Scalar
from ivr.ports.ledger import Booked
from ivr.ports.orders import Draft, ReadBack, Task
from ivr.ports.posting import Posting
from tests.contracts.ledger_kit import TRAVEL, StillClock, order_id

app = typer.Typer()
app.command()(reconcile)
app.add_typer(cases.app, name="cases")
app.add_typer(orders.app, name="orders")

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
AMOUNT = Money(12_345)
FROM, TO = "6222021001", "6222021002"
ARGUMENTS: dict[str, Scalar] = {"from": FROM, "to": TO, "amount": AMOUNT}


class Site:
    """A bank and a ledger in a folder, with its configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "onecall.yaml"
        self.config.write_text("state: var\n")
        (folder / "prompts").mkdir(parents=True)
        (folder / "prompts" / "en.yaml").write_text("goodbye: Thank you for calling.\n")
        self.ledger = folder / "var" / "ledger.sqlite"
        self.bank = folder / "var" / "bank.sqlite"
        self.references: dict[int, str] = {}

    def run(self, *arguments: str) -> Result:
        environment = {"ONECALL_CONFIG": str(self.config), "COLUMNS": "200"}
        return CliRunner().invoke(app, list(arguments), env=environment)

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)

    def fill(self) -> None:
        """One order done, one of unknown result, one request, one left."""
        asyncio.run(self._fill())

    async def _fill(self) -> None:
        ledger = await SqliteLedger.open(self.ledger)
        bank = await EmbeddedBank.open(self.bank, StillClock())
        book = OrderBook(ledger, StillClock(), by="node-1")
        for number in (1, 2, 3):
            said = await self._read_back(book, number)
            await book.authorise(said.id, said.digest, NOW, ())
            record = await book.record(said.id)
            assert record is not None
            self.references[number] = record.reference
        await book.sent(order_id(1))
        mark = digest(order_id(1), self._text(1))
        await bank.verify_pin(FROM, Secret("408297"), "", "", mark)
        posting = Posting(order_id(1), "transfer", "C1001", ARGUMENTS, mark, NOW)
        posted = await bank.post(posting)
        await book.done(
            order_id(1), Booked(posted.reference, posted.amount, posted.fee, posted.day)
        )
        await book.lost(order_id(2), "no answer within 3000 ms")
        await self._read_back(book, 4)
        await bank.close()
        await ledger.close()

    async def _read_back(self, book: OrderBook, number: int) -> ReadBack:
        kind = "travel" if number == 3 else "transfer"
        await book.begin(Draft(order_id(number), kind, "1.1", "C1001", FROM, "en", NOW))
        text = self._text(number)
        task = TRAVEL if number == 3 else Task("transfer", ARGUMENTS)
        slots: dict[str, Scalar] = {"source.id": FROM, "amount": AMOUNT}
        mark = digest(order_id(number), text)
        said = ReadBack(order_id(number), text, mark, slots, task, NOW, AMOUNT)
        await book.freeze(said)
        return said

    def _text(self, number: int) -> str:
        heard = (Prompted("goodbye"), Spoken("digits", TO), Spoken("money", AMOUNT))
        return canonical("en", heard, {}, Task(), AMOUNT, Money(0))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with orders, made once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pins, "MEMORY_KIB", 64)
        made = Site(tmp_path_factory.mktemp("site"))
        seed(made.bank)
        made.fill()
    return made


@pytest.fixture
def site(filled: Site, tmp_path: Path) -> Site:
    copied = Site(tmp_path)
    shutil.copytree(filled.ledger.parent, copied.ledger.parent)
    copied.references = filled.references
    return copied


def test_without_orders_it_says_so(tmp_path: Path) -> None:
    site = Site(tmp_path)
    for command in (["orders"], ["orders", "verify"], ["reconcile"]):
        result = site.run(*command)
        assert result.exit_code == 2, result.output
        assert "there are no orders yet" in result.stderr
    assert not site.ledger.exists()


def test_orders_are_listed_and_chosen(site: Site) -> None:
    listed = site.json("orders")
    assert [one["state"] for one in listed] == ["posted", "unknown", "posted", "read_back"]
    assert listed[0]["amount"] == "123.45 CNY"
    assert [one["id"] for one in site.json("orders", "--state", "unknown")] == [order_id(2)]
    assert [one["id"] for one in site.json("orders", "--kind", "travel")] == [order_id(3)]
    assert len(site.json("orders", "--last", "2")) == 2
    assert len(site.json("orders", "--day", "2026-11-23")) == 4
    assert site.run("orders", "--day", "2026-11-22").stdout == "no such orders\n"
    table = site.run("orders").stdout
    assert site.references[2] in table
    assert "no answer" not in table
    assert "is no day" in site.run("orders", "--day", "someday").stderr


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "客户已授权，业务编号"), ("en", "authorised by the caller under")]
)
def test_the_evidence_of_an_order_in_words(site: Site, language: str, said: str) -> None:
    result = site.run("orders", "show", site.references[1], "--language", language)
    assert result.exit_code == 0, result.output
    shown = result.stdout
    assert f"{said} {site.references[1]}" in shown if language == "zh" else said in shown
    assert ("已完成" if language == "zh" else "posted") in shown
    assert digest(order_id(1), site._text(1)) in shown
    assert FROM not in shown
    assert TO not in shown
    assert "Thank you for calling. ••••1002 123.45 CNY" in shown, "as it was heard"


def test_the_evidence_of_an_order_for_programs(site: Site) -> None:
    found = site.json("orders", "show", order_id(1))
    assert found["record"]["state"] == "posted"
    assert [one["entry"]["act"]["type"] for one in found["entries"]] == [
        "Drafted",
        "Heard",
        "Agreed",
        "Sent",
        "Done",
    ]
    assert found["entries"][1]["entry"]["previous"] == found["entries"][0]["hash"]
    result = site.run("orders", "show", "00000000")
    assert (result.exit_code, "there is no order 00000000" in result.stderr) == (2, True)


def test_a_ledger_is_verified(site: Site) -> None:
    result = site.run("orders", "verify")
    assert result.exit_code == 0, result.stderr
    assert "15 entries of 4 orders, each as it was written" in result.stdout
    head = result.stdout.splitlines()[1]
    assert site.run("orders", "verify", "--head", head).exit_code == 0
    with closing(sqlite3.connect(site.ledger)) as database, database:
        database.execute("UPDATE orders SET customer = 'C1002' WHERE id = ?", (order_id(2),))
    broken = site.run("orders", "verify")
    assert broken.exit_code == 1
    assert f"order {order_id(2)}: is listed as something else" in broken.stderr
    assert "restore the ledger" in broken.stderr
    assert site.run("orders", "verify", "--head", f"3:{'0' * 64}").exit_code == 1


def test_a_changed_entry_is_not_shown_as_evidence(site: Site) -> None:
    with closing(sqlite3.connect(site.ledger)) as database, database:
        database.execute("DROP TRIGGER entries_are_not_changed")
        database.execute("UPDATE entries SET body = x'7b7d' WHERE n = 2")
    result = site.run("orders", "show", order_id(1))
    assert result.exit_code == 2
    assert "was changed after it was written; see `ivr orders verify`" in result.stderr


def test_a_day_is_reconciled(site: Site) -> None:
    result = site.run("reconcile", "--day", "2026-11-23")
    assert result.exit_code == 1
    assert "2026-11-23: 1 posted here, 1 booked by the bank, 1 differences" in result.stdout
    (unknown,) = site.json("reconcile", "--day", "2026-11-23")["differences"]
    assert (unknown["sort"], unknown["order"]) == ("open", order_id(2))
    earlier = site.run("reconcile", "--day", "2026-11-22")
    assert (earlier.exit_code, "0 differences" in earlier.stdout) == (0, True)


def test_what_the_bank_has_and_nobody_authorised_is_found(site: Site) -> None:
    with closing(sqlite3.connect(site.bank)) as database, database:
        database.execute("UPDATE postings SET key = 'stranger', amount = 99")
    found = site.json("reconcile", "--day", "2026-11-23")["differences"]
    assert [(one["sort"], one["order"]) for one in found] == [
        ("not_booked", order_id(1)),
        ("open", order_id(2)),
        ("not_authorised", "stranger"),
    ]


def test_cases_have_owners(site: Site) -> None:
    owners = {one["owner"]: one["kind"] for one in site.json("cases")}
    assert owners == {"operations": "unknown_order", "travel-desk": "travel"}
    assert "no answer within 3000 ms" in site.run("cases", "--owner", "operations").stdout
    assert site.run("cases", "--owner", "nobody").stdout == "no open cases\n"


@pytest.mark.parametrize(
    "command", [["orders"], ["orders", "show"], ["orders", "verify"], ["reconcile"], ["cases"]]
)
def test_help_has_an_example_and_exit_statuses(tmp_path: Path, command: list[str]) -> None:
    told = Site(tmp_path).run(*command, "--help").stdout
    assert f"Example: ivr {' '.join(command)}" in told
    assert "Exit status" in told
