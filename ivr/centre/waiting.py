"""What callers in a queue are told, and what agents hear before they talk with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.model.prompt import Audible, Prompted, Spoken
from ivr.model.values import Scalar
from ivr.ports.waiting import Wait

SHORT_S = 60
LONG_S = 20 * 60
"""An estimate beyond this is not told as a number: it would promise what nobody can."""
OFFER = "queue-offer-callback"
RECORDED = "queue-recorded"
AGREES, REFUSES = "1", "2"
"""The keys that answer it."""
CAMPAIGN = "campaign"
"""The fact of who is called by a campaign: which."""
ACCEPT = "whisper-accept"
ACCEPTED = "1"
"""The key by which an agent takes a call where the queue wants one."""
LONG_WAIT_S = 300
TOLD = (
    "queue-next",
    "queue-position",
    "queue-position-end",
    "queue-estimate",
    "queue-estimate-short",
    "queue-estimate-long",
    RECORDED,
    "queue-thanks",
)
"""The prompts that a queue needs, in every language; the offer only where it can be made."""


def told(wait: Wait) -> tuple[Audible, ...]:
    """Return what is to be heard now."""
    return (*map(Prompted, wait.prompts), *(_standing(wait) if wait.say else ()))


def whispers(
    facts: Mapping[str, Scalar],
    language: str,
    waited_s: float,
    *,
    transferred: bool,
    callback: bool,
) -> tuple[str, ...]:
    """Return what an agent hears of a caller before talking, beside what the queue says."""
    calls = facts.get("calls_today")
    told = {
        "whisper-vip": facts.get("segment") == "vip",
        "whisper-transfer": transferred,
        # Whom a campaign has rung did not ask for it.
        "whisper-callback": callback and CAMPAIGN not in facts,
        "whisper-campaign": callback and CAMPAIGN in facts,
        "whisper-second-today": calls == 2,
        "whisper-often-today": isinstance(calls, int) and calls > 2,
        "whisper-waited": waited_s >= LONG_WAIT_S,
        "whisper-en": language == "en",
    }
    return tuple(prompt for prompt, holds in told.items() if holds)


def _standing(wait: Wait) -> Iterator[Audible]:
    if wait.position == 0:
        yield Prompted("queue-thanks")
    elif wait.position == 1:
        yield Prompted("queue-next")
    else:
        yield Prompted("queue-position")
        yield Spoken("number", wait.position)
        yield Prompted("queue-position-end")
    if wait.estimate_s is None:
        return
    if wait.estimate_s < SHORT_S:
        yield Prompted("queue-estimate-short")
    elif wait.estimate_s > LONG_S:
        yield Prompted("queue-estimate-long")
    else:
        yield Prompted("queue-estimate")
        yield Spoken("duration", -(-wait.estimate_s // 60) * 60)
