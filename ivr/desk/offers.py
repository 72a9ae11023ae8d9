"""What an agent may choose: reasons, dispositions, queues, telephones; in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ivr.desk.wording import words
from ivr.model.flow import FlowSet
from ivr.ports.dictation import Choice

QUEUE_NAME = "queue-name-{}"
"""The prompt by which callers hear a queue's name; its text is what pages show."""


class Offers:
    """What the flows in force offer. `flows` returns them; `texts` are the prompts' texts by
    language; `telephones` are those that agents may log in from."""

    def __init__(
        self,
        flows: Callable[[], FlowSet],
        texts: Mapping[str, Mapping[str, str]],
        telephones: Iterable[str] = (),
    ) -> None:
        self._flows = flows
        self._texts = texts
        self.telephones = tuple(telephones)

    def telephone(self, agent: str) -> str:
        """Return the telephone that is likely an agent's own."""
        likely = f"agent{agent}"
        return likely if not self.telephones or likely in self.telephones else ""

    def reasons(self, language: str) -> tuple[Choice, ...]:
        """Return why an agent may pause."""
        found = self._flows().queues.reasons
        return tuple(Choice(one, self.word("reason", one, language)) for one in found.values())

    def dispositions(self, language: str) -> tuple[Choice, ...]:
        """Return what a call may have been about."""
        found = self._flows().queues.dispositions
        return tuple(Choice(one, self.word("disposition", one, language)) for one in found.values())

    def queues(self, language: str) -> tuple[Choice, ...]:
        """Return the queues there are."""
        found = self._flows().queues.queues
        return tuple(Choice(one, self.queue(one, language)) for one in found)

    def called_by(self, language: str) -> tuple[Choice, ...]:
        """Return the queues whose agents call customers back."""
        found = self._flows().queues.queues.items()
        return tuple(
            Choice(name, self.queue(name, language)) for name, one in found if one.callbacks
        )

    def queue_of(self, desk: str) -> str:
        """Return the queue of a desk that owns cases, if it has one."""
        sheet = self._flows().cases
        found = sheet.document.desks.get(desk) if sheet is not None else None
        return (found.queue if found is not None else None) or ""

    def case_kinds(self, language: str) -> tuple[Choice, ...]:
        """Return the kinds of cases there are."""
        sheet = self._flows().cases
        names = sheet.document.cases if sheet is not None else ()
        return tuple(Choice(name, self.case_kind(name, language)) for name in names)

    def case_kind(self, name: str, language: str) -> str:
        """Return what a kind of cases is called."""
        sheet = self._flows().cases
        found = sheet.document.cases.get(name) if sheet is not None else None
        return found.title.get(language, name) if found is not None else name

    def prompts(self, language: str) -> Mapping[str, str]:
        """Return the texts of prompts in a language, by id."""
        return self._texts.get(language, {})

    def queue(self, name: str, language: str) -> str:
        """Return what a queue is called."""
        return self._texts.get(language, {}).get(QUEUE_NAME.format(name), name)

    @staticmethod
    def word(kind: str, name: str, language: str) -> str:
        """Return the word for a reason, a disposition, a segment …; what the bank has added itself is
        shown as it is."""
        return words(language).get(f"{kind}-{name}", name)
