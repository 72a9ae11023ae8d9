-- Finding calls, and what happened between two times.
CREATE INDEX events_of_time ON events (at);

CREATE INDEX events_of_starts ON events (at) WHERE kind = 'CallStarted';

-- The kinds that tell how a call went (ivr.centre.outcomes): a fifth of all, so a day's calls are
-- read without the rest. The query names the same list in the same order, or cannot use it.
CREATE INDEX events_that_tell ON events (call_id) WHERE kind IN (
  'CallStarted', 'CallEnded', 'CallQueued', 'CallTransferred', 'LanguageChanged', 'StepFailed'
);
