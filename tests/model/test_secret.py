"""A secret shows itself nowhere."""

from __future__ import annotations

import copy
import json
import pickle
import traceback

import msgspec
import pytest

from ivr.model.secret import Secret

PIN = "739146"


def test_no_way_of_printing_shows_it() -> None:
    secret = Secret(PIN)
    for shown in (repr(secret), str(secret), f"{secret}", f"{secret:>20}", "%s" % secret):  # noqa: UP031
        assert PIN not in shown
        assert "•••" in shown


def test_it_cannot_be_serialised_by_accident() -> None:
    secret = Secret(PIN)
    with pytest.raises(TypeError):
        json.dumps({"pin": secret})
    with pytest.raises(TypeError):
        msgspec.json.encode(secret)
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        copy.deepcopy(secret)
    with pytest.raises(TypeError):
        hash(secret)


def test_a_traceback_with_locals_hides_it() -> None:
    secret = Secret(PIN)
    try:
        raise ValueError(secret)
    except ValueError as error:
        shown = "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True).format()
        )
    assert PIN not in shown.replace(f"PIN = '{PIN}'", "")


def test_it_is_compared_in_constant_time_and_wiped() -> None:
    secret = Secret(PIN)
    assert secret.matches(PIN)
    assert not secret.matches("739147")
    assert secret != Secret(PIN)
    assert len(secret) == 6
    secret.wipe()
    assert len(secret) == 0
    assert secret.reveal() == ""
