"""`ivr campaigns`: calls that the bank begins by list."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from ivr.app.campaigns.opened import Opened, opened_campaigns
from ivr.app.ledger import who
from ivr.cli.acting import As, AsJson
from ivr.cli.campaigns_asking import acting, done, known
from ivr.cli.campaigns_import import import_command
from ivr.cli.serve import ConfigFile
from ivr.cli.told import told
from ivr.ports.campaigns import CampaignView, Contact, ContactState, Running, Scope

app = typer.Typer(
    no_args_is_help=True, help="Calls by list: import, start, pause, stop, see; and who wants none."
)
dnc = typer.Typer(no_args_is_help=True, help="Who wants no calls (do not call).")
app.add_typer(dnc, name="dnc")
app.command("import")(import_command)

Name = Annotated[str, typer.Argument(help="The campaign, by the name in its file.")]
Number = Annotated[str, typer.Argument(help="The telephone's number, however it is written.")]
Kind = Annotated[
    Scope, typer.Option("--scope", help="Of what: all calls, or only those that sell or ask.")
]


@app.command("list")
def list_command(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show all campaigns: whether they run, their contacts, their calls of the last 24 hours.

    Example: ivr campaigns list

    Exit status: 0 shown, 2 the flows or the file cannot be read.
    """

    async def work(opened: Opened) -> None:
        views = await opened.book.views()
        if as_json:
            typer.echo(msgspec.json.format(msgspec.json.encode(views), indent=2).decode())
        elif views:
            Console(highlight=False).print(_campaigns(views))
        else:
            typer.echo("no campaign is published; write one: flows/campaigns/NAME.yaml")

    acting(config, work, opened_campaigns)


@app.command("show")
def show_command(name: Name, as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show one campaign: its contacts by state, and its calls with the share of drops.

    Example: ivr campaigns show reminders

    Exit status: 0 shown, 2 there is no such campaign.
    """

    async def work(opened: Opened) -> None:
        view = await opened.store.view(known(opened, name))
        if as_json:
            typer.echo(msgspec.json.format(msgspec.json.encode(view), indent=2).decode())
            return
        Console(highlight=False).print(_campaigns((view,)))
        for state, count in sorted(view.contacts.items()):
            typer.echo(f"  {state:8} {count}")
        wanted = view.talked + view.drops
        if wanted:
            typer.echo(f"  dropped {view.drops} of {wanted} ({view.drops / wanted:.1%})")

    acting(config, work, opened_campaigns)


@app.command("start")
@told
def start_command(name: Name, by: As = None, config: ConfigFile = None) -> None:
    """Call whom a campaign's list names, from now on, as its file says.

    Example: ivr campaigns start reminders

    Exit status: 0 done, 2 there is no such campaign.
    """
    _run(name, Running.RUNNING, by, config)


@app.command("pause")
@told
def pause_command(name: Name, by: As = None, config: ConfigFile = None) -> None:
    """Begin no call more, at once. Calls that ring or talk go on.

    Example: ivr campaigns pause reminders

    Exit status: 0 done, 2 there is no such campaign.
    """
    _run(name, Running.PAUSED, by, config)


@app.command("stop")
@told
def stop_command(name: Name, by: As = None, config: ConfigFile = None) -> None:
    """Begin no call more, and end those that only ring, within a second. Conversations go on.

    Example: ivr campaigns stop reminders

    Exit status: 0 done, 2 there is no such campaign.
    """
    _run(name, Running.STOPPED, by, config)


@app.command("contacts")
def contacts_command(
    name: Name,
    state: Annotated[ContactState | None, typer.Option(help="Only those.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many at most.")] = 50,
    as_json: AsJson = False,
    config: ConfigFile = None,
) -> None:
    """Show a campaign's contacts, the latest changed first.

    Example: ivr campaigns contacts reminders --state failed

    Exit status: 0 shown, 2 there is no such campaign.
    """

    async def work(opened: Opened) -> None:
        known(opened, name)
        found = await opened.book.contacts(name, state, limit)
        if as_json:
            typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        elif found:
            Console(highlight=False).print(_contacts(found))
        else:
            typer.echo("there are none")

    acting(config, work, opened_campaigns)


@app.command("approve")
@told
def approve_command(
    name: Name,
    contacts: Annotated[list[int] | None, typer.Argument(help="Contacts; all: none named.")] = None,
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Let contacts be called that somebody has looked at (stage `review` of sales).

    Example: ivr campaigns approve deposits 17 18

    Exit status: 0 done, 1 there was none to approve, 2 there is no such campaign.
    """

    async def work(opened: Opened) -> None:
        known(opened, name)
        count = await opened.book.approve(name, contacts or (), who(by))
        typer.echo(f"{count} are called from now on")
        if not count:
            raise typer.Exit(1)

    acting(config, work, opened_campaigns)


@app.command("consent")
@told
def consent_command(
    number: Number,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="They agree no more.")] = False,
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Write down that a customer agrees to be called for sales, or agrees no more.

    Example: ivr campaigns consent 13800001111

    Exit status: 0 done, 1 this is no number, 2 the file cannot be written.
    """

    async def work(opened: Opened) -> None:
        changed = await opened.book.agree(number, not withdrawn, who(by))
        done(changed, f"{number} {'agrees no more' if withdrawn else 'agrees'} to be called")

    acting(config, work, opened_campaigns)


@dnc.command("add")
@told
def dnc_add_command(
    number: Number,
    scope: Kind = Scope.ALL,
    message: Annotated[str, typer.Option("--message", "-m", help="Why, for people.")] = "",
    by: As = None,
    config: ConfigFile = None,
) -> None:
    """Call a number no more, whatever list it is on. It holds for every call that has not begun.

    Example: ivr campaigns dnc add 13800001111 -m "asked at the counter"

    Exit status: 0 done, 1 this is no number, 2 the file cannot be written.
    """

    async def work(opened: Opened) -> None:
        changed = await opened.book.bar(number, scope, who(by), message)
        done(changed, f"{number} is not called any more ({scope})")

    acting(config, work, opened_campaigns)


@dnc.command("remove")
@told
def dnc_remove_command(
    number: Number, scope: Kind = Scope.ALL, by: As = None, config: ConfigFile = None
) -> None:
    """Let a number be called again.

    Example: ivr campaigns dnc remove 13800001111

    Exit status: 0 done, 1 it was not on the list, 2 the file cannot be written.
    """

    async def work(opened: Opened) -> None:
        done(await opened.book.unbar(number, scope, who(by)), f"{number} may be called again")

    acting(config, work, opened_campaigns)


@dnc.command("list")
def dnc_list_command(as_json: AsJson = False, config: ConfigFile = None) -> None:
    """Show who wants no calls, the latest first.

    Example: ivr campaigns dnc list

    Exit status: 0 shown, 2 the file cannot be read.
    """

    async def work(opened: Opened) -> None:
        found = await opened.book.no_calls()
        if as_json:
            typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
            return
        table = Table(box=None, padding=(0, 2, 0, 0))
        for heading in ("telephone", "scope", "since", "by", "why"):
            table.add_column(heading)
        for one in found:
            table.add_row(one.telephone, one.scope, f"{one.at:%Y-%m-%d %H:%M}", one.by, one.why)
        Console(highlight=False).print(table if found else "nobody")

    acting(config, work, opened_campaigns)


def _run(name: str, running: Running, by: str | None, config: ConfigFile) -> None:
    async def work(opened: Opened) -> None:
        known(opened, name)
        done(await opened.book.run(name, running, who(by)), f"{name} is {running}")

    acting(config, work, opened_campaigns)


def _campaigns(views: tuple[CampaignView, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    headings = ("campaign", "kind", "", "since", "contacts", "calls", "answered", "talked", "drops")
    for heading in headings:
        table.add_column(heading)
    colours = {Running.RUNNING: "green", Running.PAUSED: "yellow", Running.STOPPED: "dim"}
    for one in views:
        since = f"{one.changed_at:%m-%d %H:%M} {one.by}" if one.changed_at else ""
        colour = colours[one.running]
        counts = (sum(one.contacts.values()), one.calls, one.answered, one.talked, one.drops)
        table.add_row(
            one.name, one.kind, f"[{colour}]{one.running}[/{colour}]", since, *map(str, counts)
        )
    return table


def _contacts(found: tuple[Contact, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("contact", "number", "customer", "state", "stage", "tries", "next", "outcome"):
        table.add_column(heading)
    for one in found:
        when = one.at or (one.not_before if one.state is ContactState.READY else None)
        table.add_row(
            str(one.id),
            one.number,
            one.customer,
            one.state,
            one.stage,
            str(one.attempts),
            f"{when:%m-%d %H:%M}" if when else "",
            one.outcome or one.note,
        )
    return table
