"""Feeding back: what is sent once, replied to, closed; and how it stood at a month's end."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ivr.centre.voc import feedback
from ivr.centre.voc.feedback import FeedbackError, Standing, to_send, tracked
from ivr.centre.voc.values import Matter
from ivr.ports.voc import Acts, Closed, Corrected, Entry, Replied, Sent
from tests.centre.voc.kit import OCTOBER, ZONE, voice

AT = datetime(2026, 11, 2, 9, tzinfo=ZONE)
NAME = "2026-10/102/cards.fees"
SENT = Sent(NAME, "2026-10", "102", "cards.fees", 2, 1, AT + timedelta(days=14))
MATTERS = [
    Matter((voice(1, "cards.fees", complaint=True, branch="102"),)),
    Matter((voice(2, "cards.fees", branch="102"),)),
    Matter((voice(3, "cards.lost", branch="900"),)),
    Matter((voice(4, "cards.fees"),)),
    Matter((voice(5, "", branch="102"),)),
]


def book(*acts: Acts) -> list[Entry]:
    """Return a book: an act a day."""
    return [
        Entry(number, AT + timedelta(days=number - 1), "li", act)
        for number, act in enumerate(acts, 1)
    ]


def test_each_branch_and_theme_is_sent_once() -> None:
    sent = to_send(OCTOBER, MATTERS, {}, AT, 14)
    assert [(one.feedback, one.matters, one.complaints) for one in sent] == [
        (NAME, 2, 1),
        ("2026-10/900/cards.lost", 1, 0),
    ]
    assert sent[0] == SENT
    known = tracked(book(*sent))
    assert to_send(OCTOBER, MATTERS, known, AT, 14) == []
    assert [one.branch for one in to_send(OCTOBER, MATTERS, {}, AT, 14, "900")] == ["900"]


def test_it_is_tracked_to_its_end() -> None:
    entries = book(SENT, Corrected("x", "cards.fees"), Replied(NAME, "paid back"))
    assert tracked(entries[:1])[NAME].standing(AT) is Standing.OPEN
    assert tracked(entries[:1])[NAME].standing(AT + timedelta(days=15)) is Standing.LATE
    replied = tracked(entries)[NAME]
    assert replied.standing(AT + timedelta(days=99)) is Standing.REPLIED
    assert (replied.reply, replied.replied_by, replied.sent_at) == ("paid back", "li", AT)
    closed = tracked([*entries, Entry(4, AT, "wang", Closed(NAME, "done"))])[NAME]
    assert closed.standing(AT) is Standing.CLOSED
    assert (closed.reply, closed.how) == ("paid back", "done")


def test_a_month_ends_without_what_came_later_and_nothing_is_sent_anew() -> None:
    entries = book(SENT, Replied(NAME, "paid back"), SENT)
    assert tracked(entries, AT + timedelta(days=1))[NAME].replied_at is None
    assert tracked(entries, AT) == {}
    assert tracked(entries)[NAME].reply == "paid back"


def test_only_what_was_sent_is_replied_to_and_only_a_reply_ends_it() -> None:
    sent = tracked(book(SENT))
    replied = tracked(book(SENT, Replied(NAME, "paid back")))
    closed = tracked(book(SENT, Replied(NAME, "paid back"), Closed(NAME, "done")))
    assert feedback.reply(sent, NAME, " paid back ") == Replied(NAME, "paid back")
    assert feedback.close(replied, NAME, "done") == Closed(NAME, "done")
    refused = [
        (feedback.reply, sent, "2026-10/103/cards.fees", "x", "there is no feedback"),
        (feedback.reply, sent, NAME, "  ", "says nothing"),
        (feedback.reply, closed, NAME, "again", "is closed"),
        (feedback.close, sent, NAME, "done", "nobody has replied"),
        (feedback.close, replied, NAME, "", "how it ended"),
        (feedback.close, closed, NAME, "done", "is closed"),
    ]
    for act, known, name, text, why in refused:
        with pytest.raises(FeedbackError, match=why):
            act(known, name, text)
