"""Second factors: the embedded bank's part."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from ivr.adapters.bank.audit import What, note
from ivr.adapters.bank.shared import Part
from ivr.centre.pin import (
    ANSWER_FIGURES,
    CALLBACKS_WINDOW,
    FIGURES_VALID,
    MAX_CALLBACKS,
    MAX_MESSAGES,
    MESSAGE_CODE_DIGITS,
    MESSAGE_CODE_VALID,
    MESSAGES_WINDOW,
    POSITIONS_ASKED,
    SIGN_FIGURES,
)
from ivr.model.secret import Secret
from ivr.model.values import Scalar
from ivr.ports.identity import Begun, Challenge, Factor, PinResult
from ivr.ports.notify import Notice

TEMPLATE = "one-time-code"

_LOCKED = Challenge(Begun.LOCKED)
_REFUSED = Challenge(Begun.REFUSED)


class FactorDesk(Part):
    """The part of the Identity port that raises a caller to level 3 (see `ivr.ports.identity`)."""

    async def factors(self, customer: str) -> tuple[Factor, ...]:
        """Return the second factors that a customer can use."""
        found: list[Factor] = []
        if await self._positions_of(customer):
            found.append(Factor.CODE)
        if await self._number_of(customer):
            found += [Factor.MESSAGE] * (self._shared.notify is not None) + [Factor.CALLBACK]
        return tuple(found)

    async def begin_factor(
        self, customer: str, factor: Factor, language: str, call: str
    ) -> Challenge:
        """Begin a second factor; none is begun while the customer's are locked."""
        if not await self._shared.attempts.factors_left(customer):
            return _LOCKED
        if factor is Factor.CODE:
            return await self._choose(customer)
        number = await self._number_of(customer)
        if not number:
            return _REFUSED
        if factor is Factor.MESSAGE:
            return await self._send(customer, language)
        return await self._promise(customer, number, call)

    async def verify_factor(self, customer: str, factor: Factor, answer: Secret) -> PinResult:
        """Count an attempt, then look at the answer; a right one clears the counter, and was right
        once only."""
        made = await self._shared.attempts.factor(customer)
        if not made:
            return PinResult.LOCKED
        expected = await self._expected(customer, factor)
        given = self._given(customer, factor, answer.reveal(), expected)
        right = bool(expected) and _same(given, list(expected.values()))
        async with self._shared.file.writing() as database:
            if right:
                for sql in _ANSWERED:
                    await database.execute(sql, (customer,))
            elif self._shared.attempts.last(made):
                await note(database, self._shared.clock.now(), What.FACTORS_LOCKED, customer)
        return PinResult.RIGHT if right else PinResult.WRONG

    async def _choose(self, customer: str) -> Challenge:
        """Return the positions to ask for: chosen freshly, and kept until they are answered right, so
        that nobody asks again and again until they are those he knows."""
        positions = await self._positions_of(customer)
        if not positions:
            return _REFUSED
        chosen = sorted(self._shared.chance.sample(positions, POSITIONS_ASKED))
        async with self._shared.file.writing() as database:
            rows = await database.execute_fetchall(
                """INSERT INTO asked_positions VALUES (?, ?)
                   ON CONFLICT (customer) DO UPDATE SET positions = positions RETURNING positions""",
                (customer, " ".join(map(str, chosen))),
            )
        kept = next(iter(rows))[0]
        return Challenge(Begun.READY, tuple(map(int, kept.split())))

    async def _send(self, customer: str, language: str) -> Challenge:
        shared = self._shared
        if shared.notify is None:
            return _REFUSED
        now = shared.clock.now()
        code = "".join(shared.chance.choices("0123456789", k=MESSAGE_CODE_DIGITS))
        async with shared.file.writing() as database:
            counted = await database.execute_fetchall(
                "SELECT count(*) FROM sent_codes WHERE customer = ? AND at > ?",
                (customer, _before(now, MESSAGES_WINDOW)),
            )
            if next(iter(counted))[0] >= MAX_MESSAGES:
                return _REFUSED
            await database.execute(_FORGET_CODES, (customer,))
            sent = await database.execute(
                "INSERT INTO sent_codes (customer, keyed, at) VALUES (?, ?, ?)",
                (customer, self._keyed_code(customer, code), int(now.timestamp())),
            )
            await note(database, now, What.CODE_SENT, customer)
        minutes = MESSAGE_CODE_VALID // timedelta(minutes=1)
        values: dict[str, Scalar] = {"code": code, "minutes": minutes}
        key = f"code-{customer}-{sent.lastrowid}-{now:%Y%m%d%H%M%S}"
        notice = Notice(key, customer, TEMPLATE, language, values)
        return Challenge(Begun.READY) if await shared.notify.send(notice) else _REFUSED

    async def _promise(self, customer: str, number: str, call: str) -> Challenge:
        """Choose figures for a call to the number on file, never to one that a caller says; once for a
        call it is counted."""
        shared = self._shared
        now = shared.clock.now()
        figures = "".join(shared.chance.choices("0123456789", k=SIGN_FIGURES + ANSWER_FIGURES))
        async with shared.file.writing() as database:
            counted = await database.execute_fetchall(
                "SELECT count(*) FROM callbacks WHERE number = ? AND at > ? AND call <> ?",
                (number, _before(now, CALLBACKS_WINDOW), call),
            )
            if next(iter(counted))[0] >= MAX_CALLBACKS:
                return _REFUSED
            await database.execute(_FORGET_FIGURES, (customer,))
            noted = await database.execute(
                "INSERT OR IGNORE INTO callbacks (customer, number, call, at) VALUES (?, ?, ?, ?)",
                (customer, number, call, int(now.timestamp())),
            )
            keyed = self._keyed_figures(customer, figures[SIGN_FIGURES:])
            await database.execute(
                "UPDATE callbacks SET keyed = ?, at = ? WHERE call = ?",
                (keyed, int(now.timestamp()), call),
            )
            if noted.rowcount:
                await note(database, now, What.CALLBACK_PROMISED, customer)
        return Challenge(Begun.READY, number=number, figures=figures)

    async def _positions_of(self, customer: str) -> list[int]:
        found = await self._shared.file.rows(
            "SELECT position FROM code_digits WHERE customer = ? ORDER BY position", customer
        )
        return [position for (position,) in found]

    async def _number_of(self, customer: str) -> str:
        """Return the first number that is this customer's alone, or nothing."""
        found = await self._shared.file.row(
            """SELECT number FROM phones AS mine WHERE customer = ? AND NOT EXISTS (
               SELECT 1 FROM phones WHERE number = mine.number AND customer <> mine.customer)
               ORDER BY number LIMIT 1""",
            customer,
        )
        return str(found[0]) if found else ""

    async def _expected(self, customer: str, factor: Factor) -> dict[int, str]:
        """Return the keyed hashes that the answer must have, by position (0: of the code as a whole)."""
        if factor is Factor.CODE:
            found = await self._shared.file.rows(
                """SELECT position, keyed FROM code_digits JOIN asked_positions USING (customer)
                   WHERE customer = ? AND ' ' || positions || ' ' LIKE '% ' || position || ' %'
                   ORDER BY position""",
                customer,
            )
            return dict(found)
        now = self._shared.clock.now()
        sql, valid = _TOLD[factor]
        return dict(await self._shared.file.rows(sql, customer, _before(now, valid)))

    def _given(
        self, customer: str, factor: Factor, answer: str, expected: dict[int, str]
    ) -> list[str]:
        if factor is Factor.CODE:
            pairs = zip(expected, answer, strict=False) if len(answer) == len(expected) else ()
            return [
                self._shared.pins.keyed("code", customer, str(at), digit) for at, digit in pairs
            ]
        if factor is Factor.CALLBACK:
            return [self._keyed_figures(customer, answer)]
        return [self._keyed_code(customer, answer)]

    def _keyed_figures(self, customer: str, figures: str) -> str:
        return self._shared.pins.keyed("callback", customer, figures)

    def _keyed_code(self, customer: str, code: str) -> str:
        return self._shared.pins.keyed("message", customer, code)


_FORGET_CODES = "UPDATE sent_codes SET keyed = NULL WHERE customer = ?"
_FORGET_FIGURES = "UPDATE callbacks SET keyed = NULL WHERE customer = ?"
_ANSWERED = (
    "DELETE FROM factor_attempts WHERE customer = ?",
    "DELETE FROM asked_positions WHERE customer = ?",
    _FORGET_CODES,
    _FORGET_FIGURES,
)
_TOLD = {
    Factor.MESSAGE: (
        "SELECT 0, keyed FROM sent_codes WHERE customer = ? AND keyed IS NOT NULL AND at > ?",
        MESSAGE_CODE_VALID,
    ),
    Factor.CALLBACK: (
        "SELECT 0, keyed FROM callbacks WHERE customer = ? AND keyed IS NOT NULL AND at > ?",
        FIGURES_VALID,
    ),
}
"""What was told of a factor that is still good, and for how long."""


def _same(given: list[str], expected: list[str]) -> bool:
    return hmac.compare_digest(" ".join(given).encode(), " ".join(expected).encode())


def _before(now: datetime, window: timedelta) -> int:
    return int((now - window).timestamp())
