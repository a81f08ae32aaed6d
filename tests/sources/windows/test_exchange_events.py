"""What Exchange's log of database moves means."""

import pytest

from tests.sources.logged import found, logged
from verdict.sign import Kind

PROVIDER = "Microsoft-Exchange-HighAvailability"


def move(event_id: int, at: str = "10", operation: str = "u1", **fields: str) -> str:
    data = {"UniqueId": operation, "DatabaseName": "DB01", "ActiveServer": "MBX1.corp.local"}
    event = logged(PROVIDER, event_id, named=data | fields, at=f"2026-03-01T02:14:{at}Z")
    return event.replace("<EventData>", "<EventData><!-- -->")


@pytest.mark.parametrize(
    ("reason", "kinds"),
    [
        ("NodeDown", [Kind.DATABASE_MOVED]),
        ("NodeDownConfirmed", [Kind.DATABASE_MOVED]),
        ("MapiNetFailure", [Kind.DATABASE_MOVED]),
        ("Cmdlet", [Kind.MOVE_ASKED]),
        ("Rebalance", [Kind.MOVE_ASKED]),
        ("SystemShutdown", [Kind.MOVE_ASKED]),
        ("ActivationDisabled", [Kind.MOVE_ASKED]),
        ("FailureItem", [Kind.DATABASE_MOVED, Kind.SOFTWARE_FAILED]),
        ("ManagedAvailability", [Kind.DATABASE_MOVED, Kind.SOFTWARE_FAILED]),
    ],
)
def test_the_reason_tells_a_failover_from_a_wish(reason: str, kinds: list[Kind]) -> None:
    signs = found(move(306, ActionReason=reason)).signs
    assert [sign.kind for sign in signs] == kinds
    assert {(sign.subject, sign.detail) for sign in signs} == {("DB01", reason)}
    assert signs[0].text == "event 306 on SQL02 (database DB01, active on MBX1)"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"ActionCategory": "AdminMove"}, Kind.MOVE_ASKED),
        ({"ActionCategory": "AutomaticFailover"}, Kind.DATABASE_MOVED),
        ({"ActionReason": "None", "ActionInitiator": "Admin"}, Kind.MOVE_ASKED),
        ({"ActionReason": "NodeDown", "ActionInitiator": "Admin"}, Kind.DATABASE_MOVED),
        ({}, Kind.DATABASE_MOVED),
    ],
)
def test_old_builds_name_a_category_instead(fields: dict[str, str], kind: Kind) -> None:
    assert [sign.kind for sign in found(move(306, **fields)).signs] == [kind]


def test_one_move_is_one_sign_stamped_when_it_began_in_either_order() -> None:
    events = [move(308, "13", ActionReason="NodeDown"), move(306, "10", ActionReason="NodeDown")]
    (sign,) = found(*events).signs
    assert sign.at.second == 10
    assert found(*reversed(events)).signs == (sign,)
    assert len(found(*events, move(306, "11", "u2", ActionReason="NodeDown")).signs) == 2
