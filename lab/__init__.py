"""The lab: a private Asterisk beside the machine's own, and a telephone to call it with.

    installation    find an Asterisk >= 20, or unpack one into a folder of ours
    render          write rendered templates (`ivr.adapters.asterisk.template` fills them)
    ports           which ports an instance uses
    processes       start a process, know it again, end exactly that one
    asterisk        one running Asterisk: start, readiness, console, stop
    site            a whole lab: the engine's Asterisk (the exchange) and the telephone
    telephone       a second Asterisk that is a telephone, driven from Python; `phone_call` is a call
    ear             which recordings a caller heard, by their bytes; `library` is what it knows
    engine, caller  the product's engine as a process, and scripted callers on the telephone
    fixtures        pytest fixtures on top of all this

`python -m lab get | up | down | status | demo` is what `make` calls. Everything lives
in one folder, `.lab/` (or `ONECALL_LAB_DIR`), and on loopback.
"""
