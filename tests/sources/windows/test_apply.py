"""Changing heartbeat values over real pywinrm and NTLM: what is sent, and what may be believed."""

import base64
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.access import ClusterAccess, WinRmAccess
from sources.deadline import Deadline
from sources.errors import LateError, RefusedError, SourceError
from sources.windows import apply as module
from sources.windows import script, set_heartbeat
from sources.windows.apply import Applied, Outcome, apply, may_change
from sources.windows.heartbeat_steps import in_order, objection, written
from sources.windows.heartbeat_values import read_values
from tests.peers.cluster_model import ClusterModel, Faults, NodeModel
from tests.peers.heartbeat_scripts import NAMES
from tests.peers.script_answer import ScriptError
from tests.peers.winrm_scene import Scene, running, with_password
from tests.peers.winrm_server import PASSWORD
from verdict.heartbeat import RANGES

pytestmark = pytest.mark.timed

NOW = {name: 1000 if name.endswith("Delay") else 20 for name in RANGES}
ACCESS = ClusterAccess("SQLAG01", (), WinRmAccess())
WANTED = {"SameSubnetThreshold": 40, "CrossSubnetThreshold": 40}
EVIL = (
    "SameSubnetThreshold; Remove-Cluster",
    "SameSubnetThreshold'",
    "SameSubnetThreshold\n",
    "samesubnetthreshold",
    "SameSubnetThreshold ",
    "$(calc)",
    "& calc",
    "QuorumArbitrationTimeMax",
    "",
)
NOT_NUMBERS: tuple[Any, ...] = ("40", "40; calc", 40.0, True, None, b"40", [40], "$(calc)")


class Sly(int):
    """A number that writes itself as something else."""

    def __str__(self) -> str:
        return "40;calc"

    def __format__(self, spec: str) -> str:
        return "40;calc"


class Level(IntEnum):
    """A number with a name."""

    HIGH = 40


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with running(tmp_path) as made:
        made.access = replace(made.access, hosts=("127.0.0.1", "127.0.0.2"))
        yield made
        made.server.closing.set()
        assert made.server.settled()


def change(
    scene: Scene,
    wanted: Mapping[str, Any] = WANTED,
    expected: Mapping[str, Any] = NOW,
    seconds: float = 5.0,
) -> Applied:
    done = apply(scene.access, expected, wanted, Deadline.after(seconds))
    assert PASSWORD not in repr(done)
    assert bool(done.why) == (done.outcome is not Outcome.APPLIED)
    return done


def four(scene: Scene) -> dict[str, int]:
    return {name: scene.server.cluster.properties[name] for name in NAMES}


def programs(scene: Scene) -> list[str]:
    """Give every script that was sent, as PowerShell would read it."""
    lines = [line for line in scene.server.shell.seen if line.startswith("powershell")]
    return [base64.b64decode(line.rsplit(maxsplit=1)[-1]).decode("utf-16-le") for line in lines]


def sent(scene: Scene) -> list[str]:
    """Give every order to set something, whichever way it came."""
    by_line = [line for line in scene.server.shell.seen if line.startswith("cluster.exe /prop ")]
    return [text for text in programs(scene) if script.text("set_heartbeat") in text] + by_line


def then(scene: Scene, name: str, what: Callable[[ClusterModel, NodeModel], None]) -> None:
    """Have something happen right after a script was answered."""
    answer = scene.server.shell.scripts[name]

    def both(cluster: ClusterModel, node: NodeModel, told: Mapping[str, str]) -> object:
        said = answer(cluster, node, told)
        what(cluster, node)
        return said

    scene.server.shell.scripts[name] = both


def old(scene: Scene) -> None:
    """Make it a cluster of Windows Server 2008 R2 without the module."""
    for node in scene.server.cluster.nodes:
        node.has_module, node.version = False, "6.1.7601"


def test_values_are_set_once_on_one_node_and_read_back(scene: Scene) -> None:
    done = change(scene)
    assert (done.outcome, done.node) == (Outcome.APPLIED, "SQL01")
    assert done.before == NOW
    assert done.after == four(scene) == NOW | WANTED
    assert len(sent(scene)) == 1
    assert scene.clean()


def test_the_values_that_were_read_say_when_and_by_whom(scene: Scene) -> None:
    values = read_values(scene.access, Deadline.after(5))
    assert (values.properties, values.node) == (NOW, "SQL01")
    assert values.read_at.utcoffset() is not None


def test_names_and_values_travel_as_data_and_only_ours(scene: Scene) -> None:
    change(scene)
    (text,) = sent(scene)
    given_there = dict(re.findall(r"(\w+)=\(D '([A-Za-z0-9+/=]*)'\)", text))
    told = {name: base64.b64decode(value).decode() for name, value in given_there.items()}
    assert told == {
        "Expected": " ".join(f"{name}={NOW[name]}" for name in RANGES),
        "Set": "CrossSubnetThreshold=40 SameSubnetThreshold=40",
    }


@pytest.mark.parametrize("name", EVIL)
def test_a_name_that_is_not_ours_never_reaches_the_wire(scene: Scene, name: str) -> None:
    assert change(scene, {name: 40}).outcome is Outcome.FAILED
    assert change(scene, WANTED, NOW | {name: 40}).outcome is Outcome.FAILED
    assert not scene.server.counts.requests


@pytest.mark.parametrize("value", [*NOT_NUMBERS, Sly(40), Level.HIGH], ids=repr)
def test_what_is_no_plain_number_never_reaches_the_wire(scene: Scene, value: object) -> None:
    assert change(scene, {"SameSubnetThreshold": value}).outcome is Outcome.FAILED
    expected = NOW | {"SameSubnetThreshold": value}
    assert change(scene, WANTED, expected).outcome is Outcome.FAILED
    assert not scene.server.counts.requests


@pytest.mark.parametrize("value", [-40, 0, 2, 121, 2**31, 10**400])
def test_a_value_out_of_range_never_reaches_the_wire(scene: Scene, value: int) -> None:
    done = change(scene, {"SameSubnetThreshold": value})
    assert done.outcome is Outcome.FAILED
    assert "outside of 3 to 120" in done.why
    assert not scene.server.counts.requests


@given(st.dictionaries(st.text() | st.sampled_from(NAMES), st.integers() | st.text(), max_size=5))
def test_whatever_is_asked_for_only_our_words_are_written(wanted: dict[str, Any]) -> None:
    if objection(NOW, wanted, "") is None:
        text = written(in_order(NOW, wanted))
        pattern = r"(?:(?:Same|Cross)Subnet(?:Delay|Threshold)=[0-9]{1,4}(?: |\Z))*"
        assert re.fullmatch(pattern, text)


@pytest.mark.parametrize("wanted", [{}, {"SameSubnetThreshold": 20}])
def test_nothing_to_change_sends_nothing(scene: Scene, wanted: dict[str, int]) -> None:
    done = change(scene, wanted)
    assert (done.outcome is Outcome.APPLIED) == bool(wanted)
    assert not sent(scene)


def test_half_of_what_was_shown_is_not_enough(scene: Scene) -> None:
    done = change(scene, WANTED, {"SameSubnetThreshold": 20})
    assert done.outcome is Outcome.FAILED
    assert not scene.server.counts.requests


PAIR = st.tuples(st.integers(3, 120), st.integers(250, 2000))


@given(st.tuples(PAIR, PAIR, PAIR, PAIR))
def test_no_step_gives_less_time_than_before_and_after(
    pairs: tuple[tuple[int, int], ...],
) -> None:
    (t1, d1), (t2, d2), (t3, d3), (t4, d4) = pairs
    before, after = (
        {
            "SameSubnetDelay": min(a, b),
            "SameSubnetThreshold": min(c, d),
            "CrossSubnetDelay": max(a, b),
            "CrossSubnetThreshold": max(c, d),
        }
        for a, b, c, d in ((d1, d2, t1, t2), (d3, d4, t3, t4))
    )
    stands = dict(before)
    for name, value in in_order(before, after):
        stands[name] = value
        for what in ("Delay", "Threshold"):
            assert stands[f"SameSubnet{what}"] <= stands[f"CrossSubnet{what}"]
        for relation in ("SameSubnet", "CrossSubnet"):
            least = min(_time(before, relation), _time(after, relation))
            assert _time(stands, relation) >= least
    assert stands == after


def _time(values: Mapping[str, int], relation: str) -> int:
    return values[f"{relation}Delay"] * values[f"{relation}Threshold"]


def test_the_steps_reach_the_cluster_in_their_order(scene: Scene) -> None:
    change(scene, {"SameSubnetThreshold": 30, "CrossSubnetThreshold": 30, "SameSubnetDelay": 500})
    order = [
        next(name for name in NAMES if a[name] != b[name])
        for a, b in zip([NOW, *scene.server.cluster.history], scene.server.cluster.history,
                        strict=False)
    ]  # fmt: skip
    assert order == ["CrossSubnetThreshold", "SameSubnetThreshold", "SameSubnetDelay"]


def test_values_that_somebody_changed_are_left_alone(scene: Scene) -> None:
    scene.server.cluster.properties["CrossSubnetDelay"] = 2000
    done = change(scene)
    assert done.outcome is Outcome.DRIFTED
    assert done.before == done.after == four(scene) == NOW | {"CrossSubnetDelay": 2000}
    assert "CrossSubnetDelay is 2000, not 1000" in done.why
    assert not sent(scene)


def test_values_changed_at_the_last_moment_are_left_alone(scene: Scene) -> None:
    then(scene, "heartbeat", lambda cluster, _: cluster.properties.update(SameSubnetDelay=800))
    done = change(scene)
    assert done.outcome is Outcome.DRIFTED
    assert done.after == four(scene) == NOW | {"SameSubnetDelay": 800}
    assert not scene.server.cluster.history


def test_a_change_that_stops_in_the_middle_tells_what_stands(scene: Scene) -> None:
    scene.server.cluster.stubborn.add("SameSubnetThreshold")
    done = change(scene)
    assert done.outcome is Outcome.FAILED
    assert done.after == four(scene) == NOW | {"CrossSubnetThreshold": 40}
    assert "SameSubnetThreshold is 20, not 40" in done.why
    assert "The parameter is incorrect" in done.why


def test_an_account_that_may_only_read_is_refused_with_the_line_to_type(scene: Scene) -> None:
    scene.node().full_access = False
    done = change(scene)
    assert done.outcome is Outcome.REFUSED
    assert done.after == four(scene) == NOW
    assert "Grant-ClusterAccess -User CORP\\stuncheck -Full" in (done.hint or "")


@pytest.mark.parametrize("access", ["cluster_access", "full_access"])
def test_a_missing_right_is_told_before_anything_is_changed(scene: Scene, access: str) -> None:
    assert may_change(scene.access, Deadline.after(5)) is None
    setattr(scene.node(), access, False)
    why = may_change(scene.access, Deadline.after(5))
    assert why is not None
    assert "Grant-ClusterAccess -User CORP\\stuncheck -Full" in why
    assert not scene.server.cluster.history
    assert not sent(scene)


def test_a_right_is_asked_of_windows_2008_the_same_way(scene: Scene) -> None:
    old(scene)
    assert may_change(scene.access, Deadline.after(5)) is None


def test_a_right_that_nobody_could_tell_is_an_error(scene: Scene) -> None:
    for name in ("SQL01", "SQL02"):
        scene.server.refuse(name)
    with pytest.raises(SourceError):
        may_change(scene.access, Deadline.after(5))


def test_an_account_is_put_into_a_line_to_type_only_if_it_is_one(scene: Scene) -> None:
    for user in ("a b", "CORP\\x; calc", "svc@corp.example", "", "CORP\\x\n"):
        access = replace(scene.access, winrm=replace(scene.winrm, user=user))
        assert "-User DOMAIN\\account -Full" in module.right(access)


def test_a_node_that_is_down_is_passed_over(scene: Scene) -> None:
    scene.server.refuse("SQL01")
    done = change(scene)
    assert (done.outcome, done.node) == (Outcome.APPLIED, "SQL02")


def test_a_node_that_hangs_leaves_time_for_the_next(scene: Scene) -> None:
    scene.node().faults.hang = "accept"
    begun = time.monotonic()
    done = change(scene, seconds=6)
    assert (done.outcome, done.node) == (Outcome.APPLIED, "SQL02")
    assert time.monotonic() - begun < 2.2  # half of half of it, and what the second took


def test_a_node_out_of_the_cluster_is_passed_over(scene: Scene) -> None:
    answer = scene.server.shell.scripts["heartbeat"]

    def stopped(cluster: ClusterModel, node: NodeModel, told: Mapping[str, str]) -> object:
        if node.name == "SQL01":
            raise ScriptError("The cluster service is not running.", code=1060)
        return answer(cluster, node, told)

    scene.server.shell.scripts["heartbeat"] = stopped
    assert change(scene).node == "SQL02"


def test_no_node_at_all_is_failed_and_nothing_was_sent(scene: Scene) -> None:
    for name in ("SQL01", "SQL02"):
        scene.server.refuse(name)
    done = change(scene)
    assert (done.outcome, done.after, done.node) == (Outcome.FAILED, None, "")
    assert "Nothing was changed." in done.why
    with pytest.raises(SourceError):
        read_values(scene.access, Deadline.after(5))


def test_no_host_configured_is_failed(scene: Scene) -> None:
    scene.access = replace(scene.access, hosts=())
    assert change(scene).outcome is Outcome.FAILED


def test_a_wrong_password_is_refused(scene: Scene) -> None:
    scene.access = replace(scene.access, winrm=with_password(scene.winrm, "wrong"))
    assert change(scene).outcome is Outcome.REFUSED
    with pytest.raises(RefusedError):
        read_values(scene.access, Deadline.after(5))


def test_no_time_at_all_is_failed(scene: Scene) -> None:
    assert change(scene, seconds=0).outcome is Outcome.FAILED
    with pytest.raises(LateError):
        read_values(scene.access, Deadline.after(0))


LOST = [
    ("reset", "Command"),
    ("cut", "Command"),
    ("hang", "Command"),
    ("garbage", "Command"),
    ("not_yet", "Command"),
    ("reset", "Receive"),
    ("cut", "Receive"),
    ("hang", "Receive"),
    ("garbage", "Receive"),
]


@pytest.mark.parametrize("way", ["module", "cluster.exe"])
@pytest.mark.parametrize(("fault", "action"), LOST, ids=["-".join(lost) for lost in LOST])
def test_an_answer_lost_after_sending_is_unknown_and_no_second_node_is_tried(
    scene: Scene, fault: str, action: str, way: str
) -> None:
    wanted = WANTED
    if way == "cluster.exe":
        old(scene)
        wanted = {"CrossSubnetDelay": 2000}
    commands_before = 4 if way == "cluster.exe" else 1
    scene.node().faults.spared = commands_before
    setattr(scene.node().faults, fault, action)
    done = change(scene, wanted, seconds=1.5)
    assert (done.outcome, done.after, done.node) == (Outcome.UNKNOWN, None, "SQL01")
    assert done.before == NOW
    assert "not known" in done.why
    assert "Get-Cluster" in (done.hint or "")
    assert len(sent(scene)) <= 1
    assert four(scene) in (NOW, NOW | wanted)
    scene.node().faults = Faults()
    assert read_values(scene.access, Deadline.after(5)).properties == four(scene)


@pytest.mark.parametrize("fault", ["reset", "cut", "garbage", "hang", "not_yet"])
def test_a_connection_lost_before_sending_is_failed(scene: Scene, fault: str) -> None:
    then(scene, "heartbeat", lambda _, node: setattr(node.faults, fault, "Create"))
    done = change(scene, seconds=2)
    assert (done.outcome, done.after) == (Outcome.FAILED, None)
    assert not sent(scene)
    assert four(scene) == NOW


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "yes",
        {},
        {"began": True},
        {"began": "true", "after": NOW | WANTED},
        {"began": None, "after": NOW | WANTED},
        {"began": True, "before": NOW, "after": None},
        {"began": True, "before": NOW, "after": {"SameSubnetThreshold": 40}},
        {"began": True, "before": NOW, "after": NOW | {"SameSubnetThreshold": "40"}},
        {"began": False},
        {"began": False, "drifted": True},
        {"began": False, "drifted": True, "before": NOW},
    ],
    ids=repr,
)
def test_an_answer_that_does_not_tell_is_unknown(scene: Scene, answer: object) -> None:
    scene.server.shell.scripts["set_heartbeat"] = lambda *_: answer
    assert change(scene).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("text", ["", "DOMAIN policy forbids scripts"])
def test_a_script_that_ends_without_an_answer_is_unknown(scene: Scene, text: str) -> None:
    def broken(*_: object) -> object:
        raise ScriptError(text, code=5)

    scene.server.shell.scripts["set_heartbeat"] = broken
    assert change(scene).outcome is Outcome.UNKNOWN


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from([NOW, NOW | WANTED, NOW | {"SameSubnetThreshold": 40}]),
    lambda inner: st.dictionaries(
        st.sampled_from(["began", "before", "after", "drifted", "trouble", "code", "text", *NAMES]),
        inner,
        max_size=6,
    ),
    max_leaves=12,
)


KNOWN = st.sampled_from([NOW, NOW | WANTED, NOW | {"SameSubnetThreshold": 40}])


@given(
    JSON
    | st.fixed_dictionaries(
        {},
        optional={
            "began": st.none() | st.booleans(),
            "drifted": st.booleans(),
            "before": KNOWN | JSON,
            "after": KNOWN | JSON,
            "trouble": JSON | st.fixed_dictionaries({"code": st.just(5), "text": st.text()}),
        },
    )
)
def test_whatever_is_answered_only_a_full_read_back_is_applied(answer: object) -> None:
    told = set_heartbeat.read(answer, "sql01")
    done = module.outcome(ACCESS, told, NOW, NOW | WANTED, "SQL01")
    if done.outcome is Outcome.APPLIED:
        assert isinstance(answer, dict)
        assert answer["began"] is True
        assert done.after == answer["after"] == NOW | WANTED
    if done.outcome is Outcome.UNKNOWN:
        assert done.after is None
    assert bool(done.why) == (done.outcome is not Outcome.APPLIED)


def test_windows_2008_is_changed_by_one_line_of_cluster_exe(scene: Scene) -> None:
    old(scene)
    scene.server.cluster.properties |= {"SameSubnetThreshold": 5, "CrossSubnetThreshold": 5}
    expected = NOW | {"SameSubnetThreshold": 5, "CrossSubnetThreshold": 5}
    done = change(scene, {"SameSubnetThreshold": 10, "CrossSubnetThreshold": 20}, expected)
    assert done.outcome is Outcome.APPLIED
    assert done.after == four(scene)
    line = "cluster.exe /prop CrossSubnetThreshold=20:DWORD SameSubnetThreshold=10:DWORD"
    assert sent(scene) == [line]


@pytest.mark.parametrize("has_module", [True, False])
def test_windows_2008_takes_less(scene: Scene, has_module: bool) -> None:
    old(scene)
    for node in scene.server.cluster.nodes:
        node.has_module = has_module
    done = change(scene)
    assert (done.outcome, done.after) == (Outcome.FAILED, NOW)
    assert "outside of 3 to 10" in done.why
    assert not sent(scene)


def test_cluster_exe_that_is_denied_is_refused(scene: Scene) -> None:
    old(scene)
    scene.node().full_access = False
    done = change(scene, {"CrossSubnetDelay": 2000})
    assert (done.outcome, done.after) == (Outcome.REFUSED, NOW)


def test_cluster_exe_that_fails_sets_nothing(scene: Scene) -> None:
    old(scene)
    scene.server.cluster.stubborn.add("CrossSubnetDelay")
    done = change(scene, {"CrossSubnetDelay": 2000})
    assert (done.outcome, done.after) == (Outcome.FAILED, NOW)
    assert "87" in done.why


def test_values_changed_before_cluster_exe_sets_them_are_left_alone(scene: Scene) -> None:
    old(scene)

    def meddle(line: str) -> None:
        if line.startswith("echo"):  # the last that is asked before the change
            scene.server.cluster.properties["SameSubnetDelay"] = 800

    scene.server.shell.afterwards = meddle
    done = change(scene, {"CrossSubnetDelay": 2000})
    assert (done.outcome, done.after) == (Outcome.DRIFTED, NOW | {"SameSubnetDelay": 800})
    assert not sent(scene)


def test_values_changed_right_after_cluster_exe_set_them_are_not_applied(scene: Scene) -> None:
    old(scene)

    def meddle(line: str) -> None:
        if line.startswith("cluster.exe /prop "):
            scene.server.cluster.properties["SameSubnetDelay"] = 800

    scene.server.shell.afterwards = meddle
    done = change(scene, {"CrossSubnetDelay": 2000})
    assert done.outcome is Outcome.FAILED
    assert done.after == four(scene) == NOW | {"CrossSubnetDelay": 2000, "SameSubnetDelay": 800}


def test_a_node_without_module_and_cluster_exe_is_told_what_to_install(scene: Scene) -> None:
    old(scene)
    scene.server.cluster.properties.clear()
    with pytest.raises(SourceError) as caught:
        read_values(scene.access, Deadline.after(5))
    assert "Install-WindowsFeature" in (caught.value.hint or "")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=st.dictionaries(st.sampled_from(NAMES), st.integers(250, 300), max_size=4)
    | st.dictionaries(st.sampled_from(NAMES), st.integers(3, 120), max_size=4)
    | st.just(WANTED),
    stubborn=st.sets(st.sampled_from(NAMES), max_size=1),
    full_access=st.booleans(),
    drift=st.booleans(),
    fault=st.sampled_from(["", "reset", "cut"]),
)
def test_applied_is_never_said_of_what_is_not_so(
    scene: Scene,
    *,
    wanted: dict[str, int],
    stubborn: set[str],
    full_access: bool,
    drift: bool,
    fault: str,
) -> None:
    cluster, node = scene.server.cluster, scene.node()
    cluster.properties |= NOW | ({"SameSubnetDelay": 900} if drift else {})
    cluster.stubborn, node.full_access = stubborn, full_access
    cluster.history.clear()
    node.faults = Faults(spared=scene.server.commands("SQL01") + 1)
    if fault:
        setattr(node.faults, fault, "Receive")
    done = change(scene, wanted)
    if done.outcome is Outcome.APPLIED:
        assert four(scene) == NOW | wanted
    if done.outcome in {Outcome.REFUSED, Outcome.DRIFTED}:
        assert not cluster.history
    if done.after is not None:
        assert done.after == four(scene)
