"""What a report is computed of: two months of what was said, and of the calls among which it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

import msgspec

from ivr.centre.voc.classifying import Guessing, classify
from ivr.centre.voc.feedback import Tracked
from ivr.centre.voc.figures import digest
from ivr.centre.voc.listening import Traffic
from ivr.centre.voc.merging import merge
from ivr.centre.voc.values import Classified, Matter, Month, Voice
from ivr.centre.voc.year import Past
from ivr.model.taxonomy import TaxonomyDocument
from ivr.ports.voc import Accuracy, Corrected


class Half(msgspec.Struct):
    """A month of so many days: what was said, merged, and the calls."""

    days: int
    said: list[Classified]
    matters: list[Matter]
    traffic: Traffic

    def calls(self, branch: str) -> int:
        """Return how many calls of a branch began in it; without one, of the whole bank."""
        return sum(self.by_day(branch))

    def by_day(self, branch: str) -> list[int]:
        """Return the same of each day."""
        found: Counter[int] = Counter()
        for (day, owner), count in self.traffic.calls.items():
            if branch in ("", owner):
                found[day] += count
        return [found[day] for day in range(self.days)]


class Material(msgspec.Struct):
    """All that figures are computed of. `feedback` is that of the month before, as it stood when the
    month ended; `lessons` had the classifier, and `accuracy` is how good it is; `past` are the months
    before, as they were reported."""

    month: Month
    branch: str
    zone: tzinfo
    taxonomy: TaxonomyDocument
    now: Half
    before: Half
    feedback: Sequence[Tracked]
    until: datetime
    lessons: int
    accuracy: Accuracy | None
    past: Sequence[Past] = ()

    @property
    def exposed(self) -> str:
        """The branch whose calls complaints are compared with: the whole bank's, where the branch has
        none of its own."""
        return self.branch if self.now.calls(self.branch) else ""

    def matters(self, half: Half) -> list[Matter]:
        """Return the matters of a month that the report is about."""
        return [one for one in half.matters if self.branch in ("", one.branch)]

    def said(self, half: Half) -> Iterator[Classified]:
        """Yield what was said in them."""
        return (one for matter in self.matters(half) for one in matter.said)

    def hashed(self) -> str:
        """Return the SHA-256 (hex) over all that was said, as it is sorted and merged."""
        return digest(
            [
                [[_key(one) for one in matter.said] for matter in self.matters(half)]
                for half in (self.now, self.before)
            ]
        )


def _key(one: Classified) -> list[object]:
    voice = one.voice
    return [voice.id, voice.at_ms, voice.branch, voice.menu, one.theme, one.how, one.complaint]


def half(
    days: int,
    voices: Iterable[Voice],
    traffic: Traffic,
    taxonomy: TaxonomyDocument,
    said: Mapping[str, Corrected],
    guessing: Guessing | None,
) -> Half:
    """Classify and merge what was said in a month."""
    ordered = sorted(voices, key=lambda one: (one.at_ms, one.id))
    found = classify(taxonomy, ordered, said, guessing)
    return Half(days, found, merge(found, taxonomy.merge), traffic)
