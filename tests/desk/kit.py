"""A desk in this process: the ports it asks, kept by small ones in memory that do what the real ones do."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import msgspec

from ivr.app.callbacks.outgoing import NoCalls
from ivr.app.cases.book import Book
from ivr.app.config import DeskConfig
from ivr.app.recordings import Sounds
from ivr.centre.agents import Act, Standing, step
from ivr.desk.application import application
from ivr.desk.casewatch import CaseWatch
from ivr.desk.offers import Offers
from ivr.desk.records import Card, Linked
from ivr.desk.site import Site
from ivr.desk.watch import Watch
from ivr.model.errors import PortError
from ivr.model.floor import Alerted
from ivr.model.secret import Secret
from ivr.ports.agents import AgentView, Done, Refusal, Spying
from ivr.ports.callbacks import Kept, Refused
from ivr.ports.cases import CaseFilter, CaseRecord, NewCase
from ivr.ports.clock import Clock
from ivr.ports.dictation import Choice, DictationForm, FormField
from ivr.ports.floor import Alert, Board, CallerView, QueueView
from ivr.ports.ledger import OrderLedger
from ivr.ports.staff import Noted, Person, Role
from ivr.ports.voc import Acts, Entry, VocBook
from ivr.ports.waiting import Errand
from tests.desk.cases_kit import FLOWS, PLAN, book_of

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
PASSWORD = "demo-Harbour-41"
PIN = "582047"
ACCOUNT = "6222021001"
PEOPLE = {
    one.name: one
    for one in (
        Person("li.na", Role.AGENT, "1001", "李娜"),
        Person("grace.liu", Role.SUPERVISOR, "", "Grace Liu"),
        Person("admin", Role.ADMINISTRATOR, "", "管理员"),
        Person("he.ying", Role.AGENT, "", "何颖"),
    )
}
TEXTS = {
    "zh": {"queue-name-service": "客户服务", "queue-name-loans": "贷款"},
    "en": {"queue-name-service": "Customer service", "queue-name-loans": "Loans"},
}


class Time:
    """A clock that is put forward."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class People:
    """Implements the Staff port: everybody has the same password."""

    def __init__(self) -> None:
        self.there = dict(PEOPLE)
        self.notes: list[Noted] = []

    async def check(self, name: str, password: Secret, source: str) -> Person | Refusal:
        right = password.matches(PASSWORD) and name in self.there
        return self.there[name] if right else Refusal.CREDENTIALS

    async def check_pin(self, agent: str, pin: Secret, source: str) -> Person | Refusal:
        return Refusal.CREDENTIALS

    async def person(self, name: str) -> Person | None:
        return self.there.get(name)

    async def note(self, who: str, what: str, about: str = "", source: str = "") -> None:
        self.notes.append(Noted(NOW, who, what, about, source))

    async def trail(self, last: int = 100) -> tuple[Noted, ...]:
        return tuple(self.notes[-last:])

    def noted(self) -> list[str]:
        return [one.what for one in self.notes]


class Hall:
    """Implements the Agents and Floor ports on the table of states."""

    def __init__(self, clock: Clock, agents: Mapping[str, str]) -> None:
        self._clock = clock
        self._names = dict(agents)
        self._standings = {agent: Standing(agent, since=NOW) for agent in agents}
        self.callers: dict[str, CallerView] = {}
        self.queues: tuple[QueueView, ...] = (queue("loans"), queue("service"))
        self.alerts: tuple[Alert, ...] = ()
        self.errands: list[Errand] = []
        self.asked: list[tuple[str, ...]] = []
        self.down = self.nobody = False
        self._change = 1
        self._changed = asyncio.Event()

    async def board(self) -> Board:
        if self.down:
            raise PortError("floor", "cannot be reached")
        agents = await self.views()
        callers = tuple(self.callers.values())
        return Board(self._clock.now(), self._change, self.queues, agents, callers, self.alerts)

    async def changed(self, since: int, within_ms: int) -> Board:
        try:
            async with asyncio.timeout(within_ms / 1000):
                while self._change <= since:
                    await self._changed.wait()
        except TimeoutError:
            pass
        return await self.board()

    def news(self) -> None:
        self._change += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def act(self, agent: str, act: Act, **more: str) -> Done:
        stands = step(self._standings[agent], act, self._clock.now(), **more)  # type: ignore[arg-type]
        if stands is None:
            return Done(self.view(agent), Refusal.STATE)
        self._standings[agent] = stands
        self.news()
        return Done(self.view(agent))

    def view(self, agent: str) -> AgentView:
        one = self._standings[agent]
        return AgentView(
            agent,
            self._names[agent],
            one.state,
            one.since,
            one.reason,
            one.endpoint,
            one.call_id,
            one.queue,
            one.missed,
            one.until,
        )

    async def views(self) -> tuple[AgentView, ...]:
        return tuple(map(self.view, self._standings))

    async def at(self, endpoint: str) -> AgentView | None:
        return next((one for one in await self.views() if one.endpoint == endpoint), None)

    async def login(self, agent: str, pin: Secret, endpoint: str) -> Done:
        if not pin.matches(PIN):
            return Done(self.view(agent), Refusal.CREDENTIALS)
        return self.act(agent, Act.LOGIN, endpoint=endpoint)

    async def logout(self, agent: str) -> Done:
        return self.act(agent, Act.LOGOUT)

    async def ready(self, agent: str) -> Done:
        return self.act(agent, Act.READY)

    async def pause(self, agent: str, reason: str) -> Done:
        if reason not in PLAN.reasons.values():
            return Done(self.view(agent), Refusal.TARGET)
        return self.act(agent, Act.PAUSE, reason=reason)

    async def extend(self, agent: str) -> Done:
        return self.act(agent, Act.EXTEND)

    async def dispose(self, agent: str, disposition: str, note: str = "") -> Done:
        self.asked.append(("dispose", disposition, note))
        return Done(self.view(agent))

    async def hold(self, agent: str) -> Done:
        return self.act(agent, Act.HELD)

    async def resume(self, agent: str) -> Done:
        return self.act(agent, Act.JOINED)

    async def consult(self, agent: str, target: str) -> Done:
        self.asked.append(("consult", target))
        return self.act(agent, Act.CONSULTED)

    async def complete(self, agent: str) -> Done:
        return self.act(agent, Act.ENDED)

    async def transfer(self, agent: str, target: str) -> Done:
        self.asked.append(("transfer", target))
        if self.nobody:
            return Done(self.view(agent), Refusal.TARGET)
        return self.act(agent, Act.ENDED)

    async def hand_off(self, agent: str, errand: Errand) -> Done:
        done = self.act(agent, Act.HANDED_OFF)
        if done.refused is None:
            self.errands.append(errand)
        return done

    async def spy(self, supervisor: str, endpoint: str, agent: str, how: Spying) -> Done:
        self.asked.append(("spy", supervisor, endpoint, agent, how.value))
        return Done(self.view(agent))

    def join(self, agent: str, name: str) -> None:
        """Have another agent in the plan."""
        self._names[agent], self._standings[agent] = name, Standing(agent, since=NOW)
        self.news()

    def call(self, caller: CallerView) -> None:
        """Have an agent talk with a caller."""
        self.callers[caller.call_id] = caller
        for act in (Act.CHOSEN, Act.RANG, Act.JOINED):
            self.act(caller.agent, act, call_id=caller.call_id, queue=caller.queue)

    def change(self, call_id: str, **values: object) -> None:
        self.callers[call_id] = msgspec.structs.replace(self.callers[call_id], **values)
        self.news()


class Forms:
    """Implements the Dictation port for one order type, whose account number is asked for only where
    the payee is new."""

    async def types(self, language: str) -> tuple[Choice, ...]:
        return (Choice("transfer", {"zh": "转账", "en": "Transfer"}[language]),)

    async def form(
        self, call_id: str, order: str, language: str, written: dict[str, str]
    ) -> DictationForm:
        accounts = (Choice(ACCOUNT, "account ending 1001"),)
        payees = (Choice("6222021002", "L. Q., ending 1002"), Choice("new", "somebody new"))
        fields = [
            self._field("source", "choose", "From", written, accounts),
            self._field("payee", "choose", "To", written, payees),
        ]
        if written.get("payee") == "new":
            fields.append(self._field("target", "digits", "Account", written))
        fields.append(self._field("amount", "money", "Amount", written))
        complete = all(one.value and not one.problem for one in fields)
        return DictationForm(order, "Transfer", tuple(fields), complete)

    @staticmethod
    def _field(
        name: str, kind: str, label: str, written: dict[str, str], choices: tuple[Choice, ...] = ()
    ) -> FormField:
        value = written.get(name, "")
        bad = kind in ("money", "digits") and not re.fullmatch(r"[0-9.]+", value)
        problem = "missing" if not value else "invalid" if bad else ""
        return FormField(name, kind, label, value, choices, problem)


class Books:
    """Implements Records on a book of cases, and counts the cards."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.cards = 0

    async def card(self, caller: CallerView) -> Card:
        self.cards += 1
        return Card(cases=await self._book.find(CaseFilter(customer=caller.customer)))

    def forget(self, caller: CallerView) -> None:
        pass

    async def linked(self, case: CaseRecord) -> tuple[Linked, ...]:
        return tuple(map(Linked, case.links))


class Diary(NoCalls):
    """Implements CallbackBook as far as the desk asks it: keeps what was promised."""

    def __init__(self) -> None:
        self.promised: list[dict[str, object]] = []
        self.refused: Refused | None = None

    async def schedule(
        self, queue: str, number: str, language: str, begins: datetime, ends: datetime, by: str,
        customer: str = "", about: str = "", agent: str = "",
    ) -> Kept:  # fmt: skip
        if self.refused:
            return Kept(refused=self.refused)
        said = {"queue": queue, "number": number, "language": language, "by": by}
        more = {"customer": customer, "about": about, "agent": agent}
        self.promised.append({**said, **more, "begins": begins, "ends": ends})
        return Kept(ends, id=f"scheduled-{len(self.promised)}")


class Sheets:
    """Implements VocBook as far as the desk asks it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: list[Entry] = []

    def entries(self, mark: int | None = None) -> list[Entry]:
        return list(self._entries)

    def append(self, by: str, *acts: Acts) -> list[Entry]:
        at, first = self._clock.now(), len(self._entries) + 1
        new = [Entry(first + place, at, by, act) for place, act in enumerate(acts)]
        self._entries += new
        return new


def missed(agent: str, at: datetime = NOW) -> Alert:
    """An alert: an agent has not answered three calls."""
    return Alert(at, Alerted(f"agent:{agent}", kind="missed", said={"agent": agent, "count": "3"}))


def queue(name: str, waiting: int = 0, **values: object) -> QueueView:
    usual = QueueView(name, waiting, 0, 0, None, 10, 9, 0, 0.9, 0.02, None, 1)
    return msgspec.structs.replace(usual, **values)


def caller(agent: str = "1001", **values: object) -> CallerView:
    usual = CallerView(
        call_id="call-1",
        queue="service",
        since=NOW,
        state="talking",
        agent=agent,
        ani="13800001001",
        customer="C1001",
        level=1,
        language="zh",
        steps=("main.welcome", "main.menu"),
        facts={"name": "王芳", "segment": "vip", "calls_today": 2},
    )
    return msgspec.structs.replace(usual, **values)


class Desk:
    """A desk that is running, and what it stands on."""

    def __init__(self, agents: Mapping[str, str], settings: DeskConfig) -> None:
        self.clock, self.people = Time(), People()
        self.hall = Hall(self.clock, agents)
        self.book, self.diary = book_of(self.clock), Diary()
        self.sheet = Sheets(self.clock)
        self.books = Books(self.book)
        self.watch = Watch(self.hall, NOW, pace_s=0, retry_s=0.01)
        self.casewatch = CaseWatch(self.book, pace_s=0, retry_s=0.01)
        far: Any = SimpleNamespace(
            agents=self.hall, dictation=Forms(), callbacks=self.diary, cases=self.book
        )
        self.site = Site(
            settings,
            self.clock,
            self.people,
            far,
            self.watch,
            self.casewatch,
            self.books,
            Offers(lambda: FLOWS, TEXTS, ("agent1001", "agent1002")),
            cast(VocBook, self.sheet),
            cast(OrderLedger, None),
            Sounds(Path()),
        )
        self.app = application(self.site)

    def browser(self, language: str = "en") -> Browser:
        return Browser(self, language)

    async def seen(self) -> None:
        """Wait until the desk has seen the floor as it is."""
        change = (await self.hall.board()).change
        while self.watch.seen.board.change < change:
            await self.watch.after(self.watch.seen.number, 5)

    async def case(self, key: str = "case", **values: Any) -> CaseRecord:
        """Open a case, and wait until the desk has seen it."""
        usual = {"kind": "complaint", "by": "1001", "summary": "fees", "customer": "C1001"}
        found = await self.book.open(
            NewCase(**{"key": key, "ani": "13800001001", **usual, **values})
        )
        await self.cases_seen()
        return found

    async def cases_seen(self) -> None:
        """Wait until the desk has seen the book as it is."""
        entries = await self.book.store.written()
        while self.casewatch.entries < entries:
            await self.casewatch.after(self.casewatch.seen.number, 5)

    def put_forward(self, by: timedelta) -> None:
        self.clock.at += by


class Browser:
    """Somebody at a desk. Every page that comes is looked through for account numbers."""

    def __init__(self, desk: Desk, language: str) -> None:
        self._desk = desk
        transport = httpx.ASGITransport(desk.app)
        headers = {"accept-language": language}
        self.client = httpx.AsyncClient(
            transport=transport, base_url="http://desk", headers=headers
        )
        self.token = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return self._looked_through(await self.client.get(path, headers=headers))

    async def post(self, path: str, **form: str) -> httpx.Response:
        """Send a form as the pages' script does, when the desk has seen what happened before."""
        await self._desk.seen()
        headers = {"x-csrf-token": self.token, "hx-request": "true"}
        fields = {name.replace("__", "-"): text for name, text in form.items()}
        return self._looked_through(await self.client.post(path, data=fields, headers=headers))

    async def login(self, name: str = "li.na", password: str = PASSWORD) -> httpx.Response:
        page = await self.get("/login")
        form = {"csrf": token_of(page), "name": name, "password": password}
        answer = self._looked_through(await self.client.post("/login", data=form))
        if answer.status_code == 303:
            home = await self.client.get("/", follow_redirects=True)
            self.token = token_of(self._looked_through(home))
        return answer

    @staticmethod
    def _looked_through(answer: httpx.Response) -> httpx.Response:
        for secret in (ACCOUNT, "6222021002", PASSWORD, PIN):
            assert secret not in answer.text, f"{secret} is in {answer.url}"
        assert not re.search(r"<[^>]*&#34;", answer.text.replace("'{", "")), answer.text
        return answer


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert found, page.text
    return found[1]


def words_of(answer: httpx.Response) -> str:
    """Return what a page says, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@asynccontextmanager
async def running(
    settings: DeskConfig | None = None, agents: Mapping[str, str] | None = None
) -> AsyncIterator[Desk]:
    desk = Desk(agents or {"1001": "李娜", "1002": "王磊"}, settings or DeskConfig())
    async with desk.watch.running(), desk.casewatch.running():
        yield desk
