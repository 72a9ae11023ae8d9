"""The codes of problems. They are stable: a code is never given a second meaning.

docs/errors/ has a page for each; a test keeps them complete.
"""

from __future__ import annotations

import enum


class Code(enum.StrEnum):
    """IVR1xx: not readable. IVR2xx: not a flow. IVR3xx: a flow that would go wrong. IVR4xx: it costs
    callers something. IVR5xx: what `ivr prove` finds. `summary` says in a few words what is wrong."""

    summary: str

    def __new__(cls, value: str, summary: str = "") -> Code:
        code = str.__new__(cls, value)
        code._value_ = value
        code.summary = summary
        return code

    UNREADABLE = "IVR100", "the file or folder cannot be read"
    SYNTAX = "IVR101", "not YAML"
    TOO_LARGE = "IVR102", "too large"
    ALIAS = "IVR103", "an anchor or alias"
    TAG = "IVR104", "a tag or a directive"
    MERGE = "IVR105", "a merge key"
    DUPLICATE_KEY = "IVR106", "a key stands twice"
    STRANGE_KEY = "IVR107", "a key that is no text"
    UNCLEAR_NUMBER = "IVR108", "a number that readers of YAML do not agree on"
    EMPTY_VALUE = "IVR109", "nothing stands after a key"
    HIDDEN_BY_COMMENT = "IVR110", "a # that YAML takes for a comment"
    CONTROL_CHARACTER = "IVR111", "a control character"
    SEVERAL_DOCUMENTS = "IVR112", "a second document"
    EMPTY_FILE = "IVR113", "an empty file"

    NOT_A_FLOW_FILE = "IVR201", "no flow, calendar or order type, no queues or agents"
    WRONG_NAME = "IVR202", "the name is not the file's"
    SAME_NAME = "IVR203", "two flows, calendars or order types of one name"
    UNKNOWN_FIELD = "IVR204", "an unknown key"
    MISSING_FIELD = "IVR205", "a key is missing"
    WRONG_VALUE = "IVR206", "a value that cannot be used"
    WRONG_EXPRESSION = "IVR207", "not an expression"
    UNKNOWN_VERB = "IVR208", "no such step type"
    NOT_ONE_VERB = "IVR209", "a step has exactly one verb"
    NO_NORMAL_OUTCOME = "IVR210", "`next` on a step without one normal outcome"
    EDGE_TWICE = "IVR211", "an outcome with two edges"
    WRONG_CALENDAR = "IVR212", "a calendar's day, hours, date, zone or country cannot be used"
    NO_FLOWS = "IVR213", "no flow in the folder"
    NOT_ONE_KIND = "IVR214", "a slot is of exactly one kind"

    UNKNOWN_STEP = "IVR301", "no such step"
    UNKNOWN_OUTCOME = "IVR302", "the step never ends with this outcome"
    MISSING_EDGE = "IVR303", "an outcome that leads nowhere"
    UNREACHABLE = "IVR304", "a step that no way leads to"
    UNKNOWN_FLOW = "IVR305", "no such flow"
    RECURSION = "IVR306", "flows that call themselves, or too deep"
    WRONG_ARGUMENTS = "IVR307", "a flow is not given what it accepts"
    WRONG_RETURN = "IVR308", "`return` and `returns` differ"
    UNSET_VARIABLE = "IVR309", "a name that nothing has set"
    READS_SENSITIVE = "IVR310", "a secret goes where it may not"
    MISSING_PROMPT = "IVR311", "a prompt is missing in a language"
    UNKNOWN_QUEUE = "IVR312", "no such queue"
    UNKNOWN_DESTINATION = "IVR313", "no such destination"
    UNKNOWN_CALENDAR = "IVR314", "no such calendar"
    SAME_NUMBER = "IVR315", "a number is answered twice"
    NO_NUMBER = "IVR316", "no flow answers any number"
    NO_AUTHENTICATION = "IVR317", "no flow raises the caller to the level required"
    ENDLESS = "IVR318", "steps that go round without an exit"
    WRONG_LANGUAGE = "IVR319", "a language that the flow does not speak"
    HIDDEN_GROUP = "IVR320", "a variable hides a group or a word"
    KEY_TWICE = "IVR321", "a key means two things"
    UNSET_SOMETIMES = "IVR322", "a name that is not set on every way"
    WRONG_TYPE = "IVR323", "types that do not fit"
    NO_PAUSE = "IVR324", "steps that go round without waiting for the caller"
    TOO_LONG = "IVR325", "a time that no step may take"
    NO_HOLIDAYS = "IVR326", "hours without a rule for holidays"
    OPEN_SECRET = "IVR327", "a secret that is kept in the open"
    UNKNOWN_ORDER = "IVR328", "no such order type"
    WRONG_POSTING = "IVR329", "the bank is not given what it takes"
    NOT_READ_BACK = "IVR330", "something is signed that is not heard"
    UNKNOWN_SLOT = "IVR331", "no such slot, or not before this one"
    LOW_LEVEL = "IVR332", "an order type below the level that it needs"
    IDLE_LIMIT = "IVR333", "a limit that no order can keep"
    UNKNOWN_SKILL = "IVR334", "no such skill"
    NO_AGENT = "IVR335", "a queue that nobody can serve"
    UNKNOWN_THEME = "IVR336", "no such theme"
    IDLE_RULE = "IVR337", "a rule that never comes to hold"
    UNKNOWN_DISPOSITION = "IVR338", "no such disposition"
    UNKNOWN_CASE_KIND = "IVR339", "no such kind of cases"
    UNKNOWN_QUESTION = "IVR340", "no such question of a survey"
    NEVER_ASKED = "IVR341", "a question that nobody is asked"
    MANY_QUESTIONS = "IVR342", "more questions than a caller is to be asked"
    LONG_SURVEY = "IVR343", "a survey of more than a minute"
    SAME_SURVEY = "IVR344", "two surveys for the same callers"
    UNKNOWN_OWNER = "IVR345", "no such desk and no such agent"
    WRONG_CLOCK = "IVR346", "a clock of cases that says nothing"
    NO_CAMPAIGN_CODE = "IVR350", "a campaign whose flow has no service code"
    UNKNOWN_RESULT = "IVR351", "no such outcome of a campaign"

    AMBIGUOUS_PREFIX = "IVR401", "a choice that begins another one"
    MANY_OPTIONS = "IVR402", "more than five options"
    UNUSED_FLOW = "IVR403", "a flow that nothing leads to"
    KEY_FIRST = "IVR404", "the key is told before what it is for"
    LATE_OPTION = "IVR405", "more than 7 s before the first option"
    NO_SUCH_KEY = "IVR406", "a key is told that is no choice"
    NOT_TOLD = "IVR407", "a choice that no prompt tells"
    STANDARD_KEY = "IVR408", "a standard key that means something else"
    SLOW_KEYS = "IVR409", "the inter-digit time is longer than the first"
    UNUSED_SURVEY = "IVR410", "a survey that nobody is asked"
    NOT_ASKED = "IVR411", "callers who are not asked to rate the call"
    NOT_AT_THE_END = "IVR412", "a survey before the end of the call"

    NO_END = "IVR501", "a way that cannot end"
    NO_PERSON = "IVR502", "no person and no promise within reach"
    LEVEL_TOO_LOW = "IVR503", "money below the level it needs"
    SECRET_TOLD = "IVR504", "a secret is told"
    HANGUP_LOST = "IVR505", "a hang-up that is not taken"
    GOES_ROUND = "IVR506", "a call that goes round without the caller"
    NOBODY_TAKES = "IVR507", "an error that no handler takes"
    STEP_FAILS = "IVR508", "a step that fails by the flow's own mistake"
    NEVER_ENTERED = "IVR509", "a step that no call comes to"
    KEYS_MOVE = "IVR510", "a standard key that is not the same to every caller"
