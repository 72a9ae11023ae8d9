"""The lab: a private Asterisk beside the machine's own, and a telephone to call it with.

    installation    find an Asterisk >= 20, or unpack one into a folder of ours
    render          fill the templates of `asterisk-conf/` and `dialplans/`
    ports           which ports an instance uses
    processes       start a process, know it again, end exactly that one
    asterisk        one running Asterisk: start, readiness, console, stop
    exchange        the engine's Asterisk
    telephone       a second Asterisk that is a telephone, driven from Python
    ear             which recordings a caller heard, by their bytes
    fixtures        pytest fixtures on top of all this

`python -m lab up | down | status` is what `make lab` and `make lab-down` call. Everything lives
in one folder, `.lab/` (or `ONECALL_LAB_DIR`), and on loopback.
"""
