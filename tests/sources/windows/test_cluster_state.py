"""What the scripts and cluster.exe answer, read without trusting it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sources.windows.cluster_exe import read_cluster_exe
from sources.windows.cluster_state import read_cluster, read_roles

ANSWER = {
    "name": "SQLAG01",
    "os": "Windows Server 2016 Standard",
    "properties": {"SameSubnetDelay": 1000, "SameSubnetThreshold": 10, "ClusterLogLevel": 3},
    "nodes": [{"name": "SQL01", "state": "Up", "addresses": ["10.0.0.1", "fe80::1"]}],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "nodes", "properties", "resources", "parameters", "addresses"])
            | st.sampled_from(["groups", "LeaseTimeout", "HealthCheckTimeout", "type"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_a_cluster_is_read_as_its_cluster_json_would_be() -> None:
    state = read_cluster(ANSWER)
    configuration, gaps = state.configuration({"sql01.corp.example": "VM-SQL01"})
    assert (configuration.name, configuration.os) == ("SQLAG01", "Windows Server 2016 Standard")
    assert configuration.nodes == {"SQL01": "VM-SQL01"}
    assert configuration.properties == {"SameSubnetDelay": 1000, "SameSubnetThreshold": 10}
    assert state.properties["ClusterLogLevel"] == 3
    assert not gaps


def test_a_value_out_of_its_range_is_a_gap() -> None:
    state = read_cluster({"name": "X", "properties": {"SameSubnetThreshold": 5000}})
    configuration, gaps = state.configuration({})
    assert not configuration.properties
    assert [gap.subject for gap in gaps] == ["SameSubnetThreshold"]


def test_only_availability_groups_have_a_lease() -> None:
    times = {"LeaseTimeout": 20000, "HealthCheckTimeout": 30000, "FailureConditionLevel": 3}
    rows = [
        {"name": "AG1", "type": "SQL Server Availability Group", "parameters": times},
        {"name": "SQL Server", "type": "SQL Server", "parameters": {"HealthCheckTimeout": 60000}},
    ]
    state = read_roles({"resources": rows, "groups": [{"name": "AG1", "owner": "SQL01"}]})
    (group,) = state.configuration({})[0].groups
    assert (group.name, group.lease_timeout) == ("AG1", timedelta(seconds=20))
    assert state.resources[1].health_check_timeout == timedelta(seconds=60)
    assert state.resources[0].failure_condition_level == 3
    assert state.roles[0].owner == "SQL01"


@given(JSON)
def test_nothing_that_is_answered_breaks_the_reader(answer: object) -> None:
    for state in (read_cluster(answer), read_roles(answer)):
        state.configuration({})


# The layout is that of cluster.exe on Windows Server 2008 R2; headings are translated, not columns.
PROPERTIES = """Eigenschaften fuer SQLCL wird aufgelistet:

T  Cluster              Name                           Wert
-- -------------------- ------------------------------ -----------------------
M  SQLCL                AdminExtensions
D  SQLCL                SameSubnetDelay                1000 (0x3e8)
D  SQLCL                SameSubnetThreshold            5 (0x5)
DR SQLCL                EnableEventLogReplication      0 (0x0)
B  SQLCL                Security Descriptor            01 00 04 80 ... (148 bytes)
"""
NODES = """Status aller verfuegbaren Knoten wird aufgelistet:

Knoten         Knoten-ID Status
-------------- --------- ---------------------
SQL01                  1 Aktiv
SQL02                  2 Nicht aktiv
"""


def test_cluster_exe_is_read_in_any_language() -> None:
    state = read_cluster_exe(PROPERTIES.replace("\n", "\r\n"), NODES.replace("\n", "\r\n"))
    assert state.name == "SQLCL"
    assert state.properties["SameSubnetThreshold"] == 5
    assert [(node.name, node.state) for node in state.nodes] == [
        ("SQL01", "Aktiv"),
        ("SQL02", "Nicht aktiv"),
    ]


@given(st.text(max_size=300), st.text(max_size=300))
def test_no_output_of_cluster_exe_breaks_the_reader(properties: str, nodes: str) -> None:
    read_cluster_exe(properties, nodes)
