"""Events: what happened in a call. Typed, frozen, and never with a caller's secret in them.

A new field needs a default: events of yesterday are read for years.
"""

from ivr.model.events.base import Event, Words
from ivr.model.events.call import (
    CallEnded,
    CallResumed,
    CallStarted,
    CallUnserved,
    HungUp,
    LevelLost,
    Lost,
    StepEntered,
    StepFailed,
    StepLeft,
)
from ivr.model.events.heard import (
    DigitsCollected,
    LanguageChanged,
    MenuMoved,
    MenuOffered,
    MessageRecorded,
    PromptMissing,
    PromptPlayed,
)
from ivr.model.events.served import (
    CallQueued,
    CallTransferred,
    CaseOpened,
    ConversationEnded,
    OrderChanged,
    RecordingAnswered,
)
from ivr.model.events.surveys import SurveyAnswered, SurveyEnded, SurveyOffered

__all__ = [
    "CallEnded",
    "CallQueued",
    "CallResumed",
    "CallStarted",
    "CallTransferred",
    "CallUnserved",
    "CaseOpened",
    "ConversationEnded",
    "DigitsCollected",
    "Event",
    "HungUp",
    "LanguageChanged",
    "LevelLost",
    "Lost",
    "MenuMoved",
    "MenuOffered",
    "MessageRecorded",
    "OrderChanged",
    "PromptMissing",
    "PromptPlayed",
    "RecordingAnswered",
    "StepEntered",
    "StepFailed",
    "StepLeft",
    "SurveyAnswered",
    "SurveyEnded",
    "SurveyOffered",
    "Words",
]
