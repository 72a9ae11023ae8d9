"""`python -m lab get | up | down | status | demo | cluster`: a private Asterisk with the project's own
configuration, or two of them with all that several nodes have."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from lab import demo, installation, nodes
from lab.asterisk import Asterisk
from lab.errors import LabError
from lab.ports import ADDRESS, Ports
from lab.site import AMI_USER, HOTLINE, Lab


def main() -> int:
    """Run the command; 1 when it failed, with one message that says why."""
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    parser.add_argument("command", choices=["get", "up", "down", "status", "demo", "cluster"])
    command = parser.parse_args().command
    try:
        if command == "demo":
            return demo.run(default())
        if command == "cluster":
            return nodes.run()
        {"get": get, "up": up, "down": down, "status": status}[command]()
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read our words has read enough; Python must not complain about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return 130
    return 0


def default() -> Lab:
    """Return the lab of this repository, on the default ports."""
    found = installation.find(_say)
    return Lab(installation.lab_folder() / "default", Ports.from_environment(), found)


def get() -> None:
    """Have an Asterisk ready to run, without starting it."""
    lab = default()
    _say(f"Asterisk {lab.installation.version}, {lab.installation.origin}")


def up() -> None:
    """Start both Asterisks, or say that they run."""
    lab = default()
    _say(f"Asterisk {lab.installation.version}, {lab.installation.origin}")
    lab.start()
    describe(lab)


def down() -> None:
    """End what `up` started."""
    if not (installation.lab_folder() / "default").exists():
        _say("nothing was running")
        return
    ended = default().stop()
    _say("ended: " + ", ".join(ended) if ended else "nothing was running")


def status() -> None:
    """Say what runs and where."""
    lab = default()
    for one in (lab.exchange, lab.handset):
        calls = f"up, {len(one.channels())} channels" if one.alive() else "down"
        _say(f"{one.name:10} {calls}")
    if lab.exchange.alive():
        describe(lab)


def describe(lab: Lab) -> None:
    """Print how to reach the lab's parts."""
    ports = lab.ports
    _say(f"SIP        {ADDRESS}:{ports.sip}/udp, dial {HOTLINE}")
    _say(f"softphone  user softphone, password in {lab.exchange.folder}/var/softphone.secret")
    _say(f"FastAGI    calls are offered to {' and '.join(lab.nodes)}")
    _say(f"AMI        {ADDRESS}:{ports.ami}, user {AMI_USER}, secret in {lab.exchange.folder}/var")
    _say(f"telephone  SIP {ports.phone_sip}, AMI {ports.phone_ami}")
    _say(f"console    {console(lab.exchange)}")


def console(asterisk: Asterisk) -> str:
    """Return the command that opens a console on a running instance."""
    words = [*asterisk.installation.command, "-C", str(asterisk.etc / "asterisk.conf"), "-r"]
    return shlex.join(words)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
