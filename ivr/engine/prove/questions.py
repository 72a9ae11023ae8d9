"""Questions, each looked at once in a step: what `ivr.centre.input.inquire` can come to."""

from __future__ import annotations

from collections.abc import Hashable

import msgspec

from ivr.centre.input import inquire
from ivr.engine.prove.graph import Graph
from ivr.engine.prove.memory import Memory
from ivr.engine.prove.script import Asked, Single, explore
from ivr.model.step import Context
from ivr.model.world import World

_REPEATS = 1
"""Repeats until one counts as a wrong key. Ten, as callers have them, lead nowhere else."""


Shared = dict[Hashable, Graph]
"""Questions that are the same whatever the call: all that they say is written out."""


class Questions:
    """Looks at each question of a step once; at one that is `shared`, once for all steps."""

    def __init__(self, context: Context, world: World, shared: Shared, *, gone: bool) -> None:
        self._context = context
        self._world = world
        self._gone = gone
        self._shared = shared
        self._memory = Memory(context)
        self._graphs: dict[Hashable, Graph] = {}

    def graph(self, asked: Asked) -> Graph:
        """Return all ways through a question."""
        question = asked.question
        rules = msgspec.structs.replace(asked.rules, repeats=_REPEATS)
        known = self._memory.of((question, rules))
        graphs = self._graphs
        if not any(speech.dynamic for speech in question.speeches()):
            graphs = self._shared
            world = self._world
            known = (known, world.language, world.compared, world.entries, self._gone)
        if known not in graphs:
            memory = Memory(self._context, question, rules, secrets=self._world.secrets)
            graphs[known] = explore(
                Single(lambda: inquire(self._context, question, rules), memory, self.graph),
                lambda command: command.answers(self._world),
                gone=self._gone,
                asks=True,
            )
        return graphs[known]
