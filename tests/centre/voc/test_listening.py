"""Collecting from calls: what is counted, what is heard, and what is left out."""

from __future__ import annotations

import pytest

from ivr.centre.voc.listening import Listener
from ivr.centre.voc.placing import placed, trails
from ivr.centre.voc.values import Month, Owners, Source, Voice
from ivr.model.taxonomy import Said
from ivr.ports.voc import Told
from tests.centre.voc.kit import EDGES, TAXONOMY, ZONE, call


def heard(*calls: list[Told]) -> Listener:
    listener = Listener(TAXONOMY, EDGES)
    listener.take_all(sorted((one for told in calls for one in told), key=lambda one: one[1]))
    return listener


def test_calls_and_visits_are_counted_for_the_branch_they_end_in() -> None:
    listener = heard(
        call("a", "main.menu", "main.menu", "main.say!"),
        call("b", "main.menu", day=2, queue="cards", dnis="95502"),
        call("c", "main.menu", day=2, dnis="95502"),
    )
    assert listener.traffic.calls == {(0, ""): 1, (2, "900"): 1, (2, "102"): 1}
    assert listener.traffic.visits == {
        ("", "main.menu"): 2,
        ("900", "main.menu"): 1,
        ("102", "main.menu"): 1,
    }
    assert listener.traffic.versions == {"v1"}


def test_a_call_of_another_month_does_not_count() -> None:
    early = [(name, at - 86_400_000, event) for name, at, event in call("a", "main.complain!")]
    listener = heard(early)
    assert not listener.traffic.calls
    assert not listener.voices


def test_a_call_that_goes_on_counts_all_the_same() -> None:
    assert heard(call("a", "main.menu", over=False)).traffic.calls == {(0, ""): 1}


def test_what_is_chosen_is_heard_once_a_call() -> None:
    voices = heard(call("a", "main.menu", "main.complain!", "main.complain!")).voices
    assert [(one.id, one.source, one.step) for one in voices.values()] == [
        ("intent:a:main.complain", Source.INTENT, "main.complain")
    ]


def test_only_wanted_answers_and_comments_are_heard_and_each_of_the_call_it_is_about() -> None:
    answers = (
        ("satisfied", "5", ""),
        ("solved", "2", ""),
        ("satisfied", "1", "earlier"),
        ("comment", "recorded", ""),
        ("satisfied", "2", "case:00000007:0"),
    )
    voices = heard(call("a", answers=answers)).voices
    assert {one.id: one.call for one in voices.values()} == {
        "survey:earlier:after-agent.satisfied": "earlier",
        "survey:a:after-agent.comment": "a",
        "survey:case:00000007:0:after-agent.satisfied": "",
    }


def test_a_voice_is_placed_by_its_call() -> None:
    told = call("a", "main.menu", "cards.menu", queue="cards")
    ways = trails(told)
    keyed = Voice("disposition:a:1", Source.DISPOSITION, told[-1][1] + 9, "a")
    chosen = Voice("intent:a:main.complain", Source.INTENT, told[1][1], "a", branch="102", who="W")
    found = [placed(Owners(TAXONOMY), one, ways) for one in (keyed, chosen)]
    assert [(one.who, one.branch, one.menu, one.queue) for one in found] == [
        ("C1001", "900", "cards.menu", "cards"),
        ("W", "102", "main.menu", "cards"),
    ]
    # Where one complains is not what one complains about.
    taxonomy = TAXONOMY.model_copy(
        update={"collect": Said(steps=("complaints.words", "main.complain"))}
    )
    last = call("b", "main.menu", "cards.menu", "complaints.menu")
    opened = Voice("case:2", Source.CASE, last[-1][1] + 9, "b")
    assert placed(Owners(taxonomy), opened, trails(last)).menu == "cards.menu"
    stranger = Voice("case:1", Source.CASE, 0, "no such call")
    assert placed(Owners(TAXONOMY), stranger, ways) == stranger


@pytest.mark.parametrize(("text", "days"), [("2026-02", 28), ("2024-02", 29), ("2026-12", 31)])
def test_a_month_has_its_days_and_neighbours(text: str, days: int) -> None:
    month = Month.of(text)
    assert str(month) == text
    assert len(month.days(ZONE)) == days
    assert month.before.after == month.after.before == month


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "october", "2026-10-01", ""])
def test_what_is_no_month_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Month.of(text)
