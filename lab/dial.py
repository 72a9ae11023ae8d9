"""`make call NUMBER=95500 KEYS=1`: a real call through the lab, told as it is heard.

Each key is pressed when the hotline is silent: after what was said, as people do.
"""

from __future__ import annotations

import asyncio
import sys

from ivr.adapters.prompts.catalogue import Catalogue, load_catalogue
from lab.__main__ import default
from lab.errors import LabError
from lab.phone_call import CallFailed, Gone, NotHeard, PhoneCall
from lab.site import HOTLINE, Lab
from lab.telephone import Telephone

ANI = "13800001111"
SILENCE = 0.7
"""Seconds after which it is the caller's turn."""
OVER = 3.0
"""Seconds after which nothing more is to be expected: looking something up takes a while."""
LONGEST = 60.0


async def dial(lab: Lab, number: str, keys: str) -> int:
    """Place the call, press the keys one after the other, and say what was heard; 1: nothing was."""
    async with Telephone(lab) as phone:
        call = await phone.call(number, ani=ANI)
        await call.answered()
        for key in keys:
            await call.quiet(SILENCE, LONGEST)
            await call.press(key)
        await _end(call)
        texts = _texts(load_catalogue(lab.prompts))
        for one in call.heard:
            print(f"{one.name:28} {texts.get(one.name, '')}")
        return 0 if call.heard else 1


def _texts(catalogue: Catalogue) -> dict[str, str]:
    """Return what is said, by the names that recordings are heard under."""
    return {
        f"{language}/{name}": text
        for language in catalogue.languages
        for name, text in catalogue.texts(language).items()
    }


async def _end(call: PhoneCall) -> None:
    """Listen until the hotline hangs up, or says nothing more."""
    try:
        await call.quiet(OVER, LONGEST)
        if call.cause is None:
            await call.hang_up()
    except (NotHeard, Gone):
        return


def main() -> int:
    """Run it; 1 when nobody answers, with one message that says why."""
    number, keys = [*sys.argv[1:], *(HOTLINE, "")[len(sys.argv) - 1 :]]
    try:
        return asyncio.run(dial(default(), number, keys))
    except (LabError, CallFailed, TimeoutError, OSError) as error:
        print(f"lab: {error}; is an engine running? (ivr status)", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
