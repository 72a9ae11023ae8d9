"""The command `ivr`."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from ivr.cli import (
    agents,
    asterisk,
    bank,
    callbacks,
    campaigns,
    canary,
    cases,
    config,
    db,
    hours,
    notify,
    orders,
    prompts,
    proxy,
    recordings,
    report,
    staff,
    survey,
    voc,
)
from ivr.cli.bench import bench
from ivr.cli.calls import calls
from ivr.cli.check import check
from ivr.cli.desk import desk
from ivr.cli.diff import diff
from ivr.cli.doctor import doctor
from ivr.cli.draw import draw
from ivr.cli.events import events
from ivr.cli.manual import manual
from ivr.cli.openapi import openapi
from ivr.cli.operations import drain, resume, status
from ivr.cli.prove import prove
from ivr.cli.publish import publish
from ivr.cli.queue_sim import queue_sim
from ivr.cli.queues import queues
from ivr.cli.reconcile import reconcile
from ivr.cli.reference import reference
from ivr.cli.releases import releases
from ivr.cli.reload import reload
from ivr.cli.replay import replay
from ivr.cli.rollback import rollback
from ivr.cli.sandbox import sandbox
from ivr.cli.schema import schema
from ivr.cli.serve import serve
from ivr.cli.simulate import simulate
from ivr.cli.staff_plan import plan
from ivr.cli.supervise import supervise
from ivr.cli.test import run_tests
from ivr.cli.told import told
from ivr.cli.top import top
from ivr.cli.version import version
from ivr.cli.why import tell


class Commands(TyperGroup):
    """All commands. What the machine forbids is said in a line, whichever of them meets it."""

    def invoke(self, ctx: Any) -> Any:
        """Run one."""
        try:
            return super().invoke(ctx)
        except PermissionError as error:
            hint = "run this as the engine's user, such as: sudo -u onecall ivr …"
            typer.echo(f"ivr: {error.filename}: {error.strerror}; {hint}", err=True)
            raise typer.Exit(2) from None


app = typer.Typer(
    name="ivr",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="OneCall: a bank hotline in a box, on Asterisk. Try `ivr simulate flows` first.",
)
app.command()(check)
app.command()(prove)
app.command()(simulate)
app.command("test")(run_tests)
app.command()(publish)
app.command()(releases)
app.command()(told(rollback))
app.command()(serve)
app.command()(supervise)
app.command()(told(reload))
app.command()(status)
app.command()(drain)
app.command()(resume)
app.command()(doctor)
app.command()(calls)
app.command()(events)
app.command("why")(tell)
app.command()(replay)
app.command()(told(draw))
app.command()(diff)
app.command()(told(schema))
app.command()(told(reference))
app.command()(queue_sim)
app.command()(reconcile)
app.command()(sandbox)
app.command()(told(openapi))
app.command()(desk)
app.command()(top)
app.command()(queues)
app.command()(bench)
app.command()(version)
app.command()(told(manual))
app.add_typer(hours.app, name="hours")
app.add_typer(canary.app, name="canary")
app.add_typer(prompts.app, name="prompts")
app.add_typer(orders.app, name="orders")
app.add_typer(report.app, name="report")
app.add_typer(bank.app, name="bank")
app.add_typer(asterisk.app, name="asterisk")
app.add_typer(proxy.app, name="proxy")
app.add_typer(config.app, name="config")
app.add_typer(db.app, name="db")
app.add_typer(notify.app, name="notify")
staff.app.command("plan")(plan)
app.add_typer(staff.app, name="staff")
app.add_typer(agents.app, name="agents")
app.add_typer(recordings.app, name="recordings")
app.add_typer(callbacks.app, name="callbacks")
app.add_typer(cases.app, name="cases")
app.add_typer(survey.app, name="survey")
app.add_typer(campaigns.app, name="campaigns")
app.add_typer(voc.app, name="voc")


def main() -> None:
    """Run the command line. What is typed must be text: it may come to be kept, or looked for."""
    for word in sys.argv[1:]:
        try:
            word.encode()
        except UnicodeEncodeError:
            shown = os.fsencode(word).decode("utf-8", "backslashreplace")
            typer.echo(
                f"ivr: `{shown}` is not UTF-8; type it, or name the file, in UTF-8", err=True
            )
            raise SystemExit(2) from None
    app()
