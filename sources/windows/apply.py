"""Changing the heartbeat values of a cluster: once, on one node, and believed when read back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sources.access import ClusterAccess
from sources.deadline import Deadline
from sources.errors import RefusedError, SourceError
from sources.json_rows import Row
from sources.names import short
from sources.windows import script
from sources.windows.first_answer import first_answer
from sources.windows.heartbeat_steps import in_order, objection
from sources.windows.heartbeat_values import Found, find_values
from sources.windows.set_heartbeat import Told, by_line, by_script
from sources.windows.shell import Shell
from verdict.words import listing

FINDING = 0.5
"""Part of the time that may go into finding a node; what is left is for the change."""
ACCOUNT = re.compile(r"[\w.-]{1,64}\\[\w.$-]{1,64}")
"""An account as Grant-ClusterAccess takes it, fit to be put into a line to type."""
UNCHANGED = "Nothing was changed."
LOOK = "Read the values before anything else. On a node: Get-Cluster | fl *subnet*"


class Outcome(StrEnum):
    """What became of a change."""

    APPLIED = "applied"
    """Read back, and as wanted."""
    REFUSED = "refused"
    """The account lacks the right, or was not let in at all; nothing was changed."""
    FAILED = "failed"
    """It was not done, or not all of it: `after` tells what stands."""
    UNKNOWN = "unknown"
    """It may have been done; only reading the values tells."""
    DRIFTED = "drifted"
    """The values were others than expected; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a change; values in milliseconds and heartbeats."""

    outcome: Outcome
    before: Mapping[str, int]
    """As they were just before; empty where they were not read."""
    after: Mapping[str, int] | None
    """As they stand now; None where that was not read."""
    why: str = ""
    """In words for people; empty if applied."""
    hint: str | None = None
    node: str = ""
    """The node that was asked to do it; empty where it came to none."""


def apply(
    access: ClusterAccess,
    expected: Mapping[str, int],
    wanted: Mapping[str, int],
    deadline: Deadline,
) -> Applied:
    """Set the `wanted` values if all four are still as `expected`. Never raises for the cluster.

    It is done on the first node that tells the values, and never tried on a second. APPLIED says
    that the four were read back and are `expected` with `wanted` put in, and nothing else.
    """
    expected, wanted = dict(expected), dict(wanted)
    if why := objection(expected, wanted, ""):
        return Applied(Outcome.FAILED, {}, None, f"{why} {UNCHANGED}")
    try:
        found = find_values(access, deadline.sooner(deadline.left * FINDING))
    except SourceError as error:
        return _not_sent(access, error)
    return _apply_on(access, found, expected, wanted, deadline)


def may_change(access: ClusterAccess, deadline: Deadline) -> str | None:
    """Say why the account could not change the values, with the line to type; None if it could.

    Windows itself is asked, for a handle with full control that is closed again: it changes
    nothing, and goes for the node that answered and for this moment. Raises LateError or
    SourceError where no node could tell.
    """
    try:
        node, code = first_answer(access, deadline, _ask_right)
    except RefusedError as error:
        return f"{error.subject}: {error.message}. {error.hint or right(access)}"
    if code == 0:
        return None
    return f"{node} does not let the account change {access.name}. {right(access)}"


def right(access: ClusterAccess) -> str:
    """Name the right that a change takes, and the line that gives it."""
    user = access.winrm.user
    account = user if ACCOUNT.fullmatch(user) else "DOMAIN\\account"
    return (
        "It takes full control of the cluster, or a local administrator of its nodes. On a node: "
        f"Grant-ClusterAccess -User {account} -Full. See docs/permissions.md."
    )


def _apply_on(
    access: ClusterAccess,
    found: Found,
    expected: Mapping[str, int],
    wanted: Mapping[str, int],
    deadline: Deadline,
) -> Applied:
    """Go on with the node that was found. From entering the shell on nothing may raise."""
    now, node = found.values.properties, found.values.node
    if now != expected:
        return _drifted(now, expected, node)
    if why := objection(expected, wanted, found.os):
        return Applied(Outcome.FAILED, now, now, f"{why} {UNCHANGED}", None, node)
    steps = in_order(expected, wanted)
    if not steps:
        return Applied(Outcome.APPLIED, now, now, node=node)
    send = by_script if found.has_module else by_line
    try:
        with Shell(access.winrm, found.host, deadline) as shell:
            told = send(shell, expected, steps)
    except SourceError as error:  # on entering only: nothing was sent
        return _not_sent(access, error, found)
    return outcome(access, told, expected, {**expected, **wanted}, node)


def _ask_right(shell: Shell) -> tuple[str, int]:
    """Give the node and what Windows said: 0, or that access is denied. Raises SourceError."""
    answer = shell.script("may_change")
    row = Row(answer) if isinstance(answer, dict) else Row({})
    code = row.number("code")
    if code not in {0, script.DENIED}:
        message = f"Windows does not open the cluster there (error {code})"
        raise SourceError("winrm", shell.host, message, "Run on it: Get-Service ClusSvc")
    return row.text("node") or short(shell.host), code or 0


def outcome(
    access: ClusterAccess,
    told: Told,
    expected: Mapping[str, int],
    target: Mapping[str, int],
    node: str,
) -> Applied:
    """Judge what a node told: what was read back counts, then what is certain, else unknown."""
    before, stands = told.before or expected, told.after or told.before
    reason = f" The reason: {told.trouble.rstrip('.')}." if told.trouble else ""
    if told.began and told.after == target:
        return Applied(Outcome.APPLIED, before, told.after, node=node)
    untouched = told.began is False or (told.began and told.after == before)
    if untouched and told.drifted and before != expected:
        return _drifted(before, expected, node)
    if untouched and told.denied:
        why = f"{node} does not let the account change {access.name}. {UNCHANGED}"
        return Applied(Outcome.REFUSED, before, stands, why, right(access), node)
    if untouched and (told.trouble or told.began):
        return Applied(Outcome.FAILED, before, stands, f"{UNCHANGED}{reason}", None, node)
    if told.began and told.after:
        why = f"It was not all done: {_differences(told.after, target)}.{reason}"
        return Applied(Outcome.FAILED, before, told.after, why, LOOK, node)
    why = f"It was sent to {node}, and whether it was done is not known.{reason}"
    return Applied(Outcome.UNKNOWN, before, None, why, LOOK, node)


def _drifted(now: Mapping[str, int], expected: Mapping[str, int], node: str) -> Applied:
    why = f"Somebody changed the values meanwhile: {_differences(now, expected)}. {UNCHANGED}"
    return Applied(Outcome.DRIFTED, now, now, why, "Look at them and propose again.", node)


def _not_sent(access: ClusterAccess, error: SourceError, found: Found | None = None) -> Applied:
    """Tell what kept a change from being sent at all."""
    refused = isinstance(error, RefusedError)
    values = dict(found.values.properties) if found else {}
    why = f"{error.subject}: {error.message}. {UNCHANGED}"
    hint = right(access) if error.hint == script.RIGHTS else error.hint
    outcome = Outcome.REFUSED if refused else Outcome.FAILED
    return Applied(outcome, values, None, why, hint, found.values.node if found else "")


def _differences(stands: Mapping[str, int], wanted: Mapping[str, int]) -> str:
    """Name what stands otherwise than wanted."""
    return listing(
        [f"{name} is {stands[name]}, not {value}" for name, value in wanted.items()
         if stands[name] != value]
    )  # fmt: skip
