"""`make demo`: the hotline, up; a real call through it, told as it happens; up until Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ivr.adapters.bank.demo import ACCOUNTS, CUSTOMERS
from ivr.adapters.clock import SystemClock
from ivr.adapters.prompts.catalogue import load_catalogue
from ivr.adapters.sim.callers import load_caller
from ivr.adapters.staff.demo import seed as seed_staff
from ivr.adapters.staff.embedded import PEPPER, EmbeddedStaff
from ivr.app.demo import seed
from ivr.app.staff import FILE
from ivr.model.say import say
from lab.caller import LiveCaller
from lab.engine import Engine, Event
from lab.errors import LabError
from lab.heard import Heard
from lab.installation import REPOSITORY
from lab.ports import ADDRESS
from lab.site import HOTLINE, Lab
from lab.telephone import PhoneCall, Telephone

SCRIPT = REPOSITORY / "flows" / "callers" / "balance-zh.yaml"
CALLED_ACCOUNT = "6222021001"
LANGUAGE = "zh"
ZONE = "Asia/Shanghai"
LOOK_SECONDS = 0.1


class Transcript:
    """Prints what a call hears, presses and reaches, with the time since it was placed."""

    def __init__(self, console: Console, texts: dict[str, str]) -> None:
        self._console = console
        self._texts = texts
        self._began = time.monotonic()
        self._printed = 0

    def begin(self) -> None:
        """The call is placed."""
        self._began = time.monotonic()

    def line(self, kind: str, what: str, style: str = "") -> None:
        """Print one line."""
        seconds = time.monotonic() - self._began
        self._console.print(
            f"[dim]{seconds:7.2f}[/]  [{style or 'default'}]{kind:8}[/] {what}",
            highlight=False,
            soft_wrap=True,
        )

    def event(self, line: Event) -> None:
        """Print a step that the engine enters."""
        event = line["event"]
        if event["type"] == "StepEntered":
            self.line("step", f"{event['flow']}.{event['step']}", "cyan")

    def told(self, what: str, detail: str) -> None:
        """Print what the caller does. Which keys it is, is no secret here: it is a demo account."""
        self.line(what, detail, "bold yellow")

    async def listen(self, phone: Telephone) -> None:
        """Print each recording once it is recognised."""
        while True:
            for call in phone.calls:
                self._heard(call)
            await asyncio.sleep(LOOK_SECONDS)

    def _heard(self, call: PhoneCall) -> None:
        for heard in call.heard[self._printed :]:
            if not (heard.certain or heard.done):
                return
            self._printed += 1
            self.line("heard", self._text(heard), "green")

    def _text(self, heard: Heard) -> str:
        name = heard.name.rpartition("/")[2]
        return f"{self._texts.get(heard.name, '')} [dim]{name}[/]"


async def demo(lab: Lab, console: Console) -> int:
    """Run the demo; return an exit status. Raises LabError."""
    folder = lab.folder / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    transcript = Transcript(console, _texts(lab.prompts))
    seed(folder / "bank.sqlite")
    await _staff(folder)
    # Whoever is called back is so on the softphone.
    dialler = {"dialler": {"trunk": "softphone", "allow": ["1"]}}
    async with Engine(lab, folder, dialler, on_event=transcript.event) as engine:
        _introduce(lab, console)
        ended = asyncio.ensure_future(_call(lab, engine, transcript, console))
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            ended.cancel()
            await asyncio.wait({ended})
            return 0
        failures = ended.result()
        if failures or stop.is_set():
            return 1
        console.print("\nThe hotline stays up: call it yourself. [bold]Ctrl-C[/] ends it.\n")
        await stopped
        console.print("ending")
    return 0


async def _staff(folder: Path) -> None:
    """Let the demo's agents and supervisors log in."""
    staff = await EmbeddedStaff.open(folder / FILE, SystemClock(ZONE), folder / PEPPER)
    await seed_staff(staff)
    await staff.close()


async def _call(
    lab: Lab, engine: Engine, transcript: Transcript, console: Console
) -> tuple[str, ...]:
    """Place the demo's call and say whether all was as it should be."""
    script = load_caller(SCRIPT)
    async with Telephone(lab) as phone:
        console.print(f"[bold]A caller dials {script.calls}[/] ({script.caller}; SIP and RTP)")
        transcript.begin()
        listening = asyncio.create_task(transcript.listen(phone))
        try:
            failures = [*await LiveCaller(phone, engine, script, transcript.told).run()]
        finally:
            listening.cancel()
        heard = [one.name.rpartition("/")[2] for call in phone.calls for one in call.heard]
    failures += _balance(heard, console)
    for failure in failures:
        console.print(f"[red]not as expected:[/] {failure}", highlight=False)
    return tuple(failures)


def _balance(heard: list[str], console: Console) -> list[str]:
    """Compare the balance that was heard with the bank's."""
    account = next(one for one in ACCOUNTS if one.number == CALLED_ACCOUNT)
    money = account.balance
    said = say(LANGUAGE, "money", money)
    begin = heard.index("balance-is") + 1 if "balance-is" in heard else 0
    found = tuple(heard[begin : begin + len(said.segments)])
    if found != said.segments:
        return [f"the bank has {money}, but {' '.join(found)} was heard"]
    console.print(f"[green]✓[/] heard “{said.text}”, and the bank has {money}")
    return []


def _introduce(lab: Lab, console: Console) -> None:
    ports = lab.ports
    console.print(f"\n[bold]OneCall's demo hotline {HOTLINE} is up.[/]\n")
    console.print("To call it with a softphone on this machine, register it as:", highlight=False)
    console.print(f"  server    {ADDRESS}:{ports.sip} (UDP)", highlight=False)
    console.print("  user      softphone", highlight=False)
    console.print(f"  password  {lab.softphone_password}", highlight=False)
    console.print(f"and dial [bold]{HOTLINE}[/]. Accounts to try:", highlight=False)
    names = {customer.number: customer.name for customer in CUSTOMERS}
    table = Table("account", "PIN", "customer", "balance")
    for one in ACCOUNTS:
        table.add_row(one.number, one.pin, names[one.customer], str(one.balance))
    console.print(table)
    console.print("Branches to ask for: 101 to 105. 0 leads to a person, 9 repeats a menu.")
    console.print("Once the PIN is known, *7 adds the service used last to a menu of your own; *8 ")
    console.print(
        "reads that menu out and changes it. Account 6222021002 has a transfer to hear of."
    )
    config = lab.folder / "demo" / f"onecall-{ports.agi}.yaml"
    console.print("Edit flows/ and put it in force for the next caller, without a restart:")
    console.print(f"  .venv/bin/ivr publish -c {config} -m WHY\n", highlight=False, soft_wrap=True)


def _texts(prompts: Path) -> dict[str, str]:
    """Return the text of each recording by `language/id`."""
    catalogue = load_catalogue(prompts)
    return {
        f"{language}/{name}": text
        for language in catalogue.languages
        for name, text in catalogue.texts(language).items()
    }


def run(lab: Lab) -> int:
    """Bring the lab up, run the demo, and end what was started for it."""
    console = Console()
    began = not lab.exchange.alive()
    lab.start()
    try:
        return asyncio.run(demo(lab, console))
    except TimeoutError as error:
        raise LabError(
            "the call was not answered, or did not end; see the logs in .lab/"
        ) from error
    except OSError as error:
        raise LabError(str(error)) from error
    finally:
        if began:
            lab.stop()
