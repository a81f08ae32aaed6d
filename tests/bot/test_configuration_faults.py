"""What is wrong in a stuncheck.toml is told so that it can be put right, all of it at once."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.configuration import NAME, load
from bot.configuration_tables import MANY, SINGLE
from sources.errors import UserError
from tests.bot.trial import MARKER, PASSWORD, SMALL, TABLES, VCENTER, Trial


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Give a folder to write a stuncheck.toml to."""
    return Trial(tmp_path)


WRONG = [
    # text, the password is set, what is said
    ("[winrn]\n", ":1: [winrn] is no table; perhaps winrm is meant."),
    ("[qqq]\n", ":1: [qqq] is no table; known: storage, deadlines, "),
    ("x = 1\n", ":1: [x] is no table; known: "),
    ("[storage]\npth = 'x'\n", ":2: [storage] pth is no key; perhaps path is meant."),
    ("[storage]\nkeep_days = '40'\n",
     ':2: [storage] keep_days is "40", which cannot be used; wanted: a whole number of days from'),
    ("[storage]\nkeep_days = 0\n", "keep_days is 0, which cannot be used"),
    ("[storage]\nkeep_days = true\n", "keep_days is true, which cannot be used"),
    ("[storage]\npath = ''\n", 'path is "", which cannot be used; wanted: the path'),
    ("[deadlines]\nsource_seconds = nan\n", "source_seconds is nan, which cannot be used"),
    ("[deadlines]\nwhole_seconds = 10\n", "source_seconds is 20, longer than whole_seconds, 10;"),
    ("[window]\nbefore_minutes = 2026-03-01\n", "before_minutes is a date or a time, which"),
    ("[log]\nlevel = 'loud'\n", 'level is "loud", which cannot be used; wanted: "debug",'),
    ("winrm = 'x'\n", ":1: [winrm] is no table; write [winrm], in single brackets"),
    ("[[winrm]]\n", ":1: [winrm] is no table; write [winrm], in single brackets"),
    ("[cluster]\nname = 'A'\n", ":1: [cluster] is no list of tables; write [[cluster]], in double"),
    ("[[cluster]]\nhosts = ['a']\n", ":1: [[cluster]] name (number 1) is missing; wanted: a name"),
    ("[[cluster]]\nname = 'A'\n", ":1: [[cluster]] hosts of A is missing; wanted: addresses of"),
    ("[[cluster]]\nname = 'A'\nhosts = []\n", ":3: [[cluster]] hosts of A is an empty list"),
    ("[[cluster]]\nname = 'A'\nhosts = 'a'\n", ':3: [[cluster]] hosts of A is "a", which'),
    ("[[cluster]]\nname = 'A'\nhosts = ['https://a']\n", 'hosts of A is "https://a", which'),
    ("[[cluster]]\nname = 'A'\nhosts = ['a:5986']\n", 'hosts of A is "a:5986", which'),
    ("[[cluster]]\nname = 'A'\nhosts = ['a']\n[cluster.vms]\na.b = 'x'\n",
     ":5: [cluster.vms] a of A is a table, which cannot be used; wanted: a VM's name in quotes"),
    ("[[cluster]]\nname = 'A'\nhosts = ['a']\n[cluster.winrm]\nport = 70000\n",
     ":5: [cluster.winrm] port of A is 70000, which cannot be used; wanted: a whole number from 1"),
    ("[[cluster]]\nname = 'A'\nhosts = ['a']\n", "[winrm] user is missing; wanted: an account"),
    (SMALL, ":1: [winrm] has no password: set the environment variable STUNCHECK_WINRM_PASSWORD"),
    (SMALL + "[cluster.winrm]\nuser = 'x'\n",
     "SQLAG01 has no password: set the environment variable STUNCHECK_CLUSTER_SQLAG01_WINRM_PASS"),
    (SMALL + VCENTER,
     "vc01 has no password: set the environment variable STUNCHECK_VCENTER_VC01_PASSWORD, or "),
    (SMALL + "vcenters = ['vc02']\n" + VCENTER,
     ":6: [[cluster]] vcenters of SQLAG01 names vc02, an unknown vcenter; perhaps vc01 is meant."),
    (SMALL + "veeams = ['vbr']\n", "names vbr, an unknown veeam; there is no such [[veeam]]."),
    (SMALL + "[[cluster]]\nname = 'sqlag01'\nhosts = ['a']\n",
     ":7: [[cluster]] name of sqlag01 is there twice: another cluster is called sqlag01 too."),
    ("[winrm]\ntransport = 'certificate'\ntls = false\n[[cluster]]\nname = 'A'\nhosts = ['a']\n",
     '[winrm] certificate_file is missing; transport = "certificate" takes the path of a PEM'),
    ("[winrm]\ntransport = 'certificate'\ntls = false\n[[cluster]]\nname = 'A'\nhosts = ['a']\n",
     ':3: [winrm] tls is false; transport = "certificate" works over TLS.'),
    (VCENTER + "ca_file = 'none.pem'\n", ":5: [[vcenter]] ca_file of vc01 names no file: "),
    (SMALL.replace("[[", f"transport = 'certificate'\nkey_file = '{'x' * 999}'\n[[", 1),
     "[winrm] key_file names no file"),
    (VCENTER.replace("vc01.corp.example", "vc:443"), 'host of vc01 is "vc:443", which cannot'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_named_with_its_line_and_what_is_right(
    trial: Trial, text: str, said: str
) -> None:
    assert any(said in fault for fault in trial.wrong(text))


@pytest.mark.parametrize(
    "text",
    [
        f"[slack]\nmode = '{MARKER}'\n",
        f"[slack]\nchannel = '{MARKER}'\n",
        f"[server]\nport = '{MARKER}'\n",
        f"[server]\nhost = '{MARKER}!'\n",
        f"[winrm]\ntls = '{MARKER}'\n",
        f"[winrm]\ntransport = '{MARKER}'\n",
        f"[[cluster]]\nname = 'A'\nhosts = ['a']\n[cluster.winrm]\ntransport = '{MARKER}'\n",
        VCENTER.replace("vc01.corp.example", f"{MARKER}!"),
        VCENTER + f"verify = '{MARKER}'\n",
    ],
)
def test_a_secret_in_the_wrong_key_of_a_table_that_has_secrets_is_not_told(
    trial: Trial, text: str
) -> None:
    assert any("is hidden, which cannot be used; wanted: " in fault for fault in trial.wrong(text))


@pytest.mark.parametrize("number", ["123456789", "-123456.5"])
def test_a_long_number_may_be_a_password_too(trial: Trial, number: str) -> None:
    (told,) = trial.wrong(f"[server]\nport = {number}\n")
    assert "port is hidden, which cannot be used" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[slack]\nmode = 'sockets'\n", 'mode is "sockets"'),
        ("[slack]\nmode = 'HTTPS'\n", 'mode is "HTTPS"'),
        ("[slack]\nmode = ''\n", 'mode is ""'),
        ("[slack]\nchannel = '#SQL Alerts'\n", 'channel is "#SQL Alerts"'),
        ("[slack]\napi_url = 'http://slack.example/api/'\n", '"http://slack.example/api/"'),
        ("[winrm]\ntransport = 'certificat'\n", 'transport is "certificat"'),
        ("[winrm]\ntls = 'True'\n", 'tls is "True"'),
        ("[server]\nport = '8765'\n", 'port is "8765"'),
        ("[server]\nport = 8765.5\n", "port is 8765.5"),
        ("[server]\nhost = 'https://a.example:1/ui/'\n", 'host is "https://a.example:1/ui/"'),
    ],
)
def test_a_slip_of_the_pen_beside_secrets_is_quoted_back(
    trial: Trial, text: str, said: str
) -> None:
    assert any(said in fault for fault in trial.wrong(text))


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file(trial: Trial) -> None:
    told = trial.wrong("[log]\nlevel = 1\n[storage]\nx = 1\n" + VCENTER + "port = 0\n[winrm]\ny=1")
    lines = [int(fault[1:].split(":")[0] or 0) for fault in told]
    assert lines == [2, 4, 9, 11]


def test_a_wrong_winrm_is_told_once_and_not_again_for_each_cluster(trial: Trial) -> None:
    other = "[[cluster]]\nname = 'B'\nhosts = ['b']\n"
    assert len(trial.wrong(SMALL.replace("user", "usr") + other)) == 1
    assert len(trial.wrong(SMALL + other)) == 1


@pytest.mark.parametrize("text", ["x = ", "[a]\n[a]\n", "x = 1" + "0" * 5000, "x=" + "[" * 9999])
def test_what_is_not_toml_is_told(trial: Trial, text: str) -> None:
    (told,) = trial.wrong(text)
    assert "this is not TOML: " in told


def test_bad_toml_is_told_with_its_line(trial: Trial) -> None:
    assert trial.wrong(f"[winrm]\npassword = {MARKER}\n")[0].startswith(":2: this is not TOML: ")


@pytest.mark.parametrize("name", ["missing.toml", "a\0b", "."])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="cannot be read: "):
        load(tmp_path / name, {})


def test_a_file_of_notepad_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        (tmp_path / NAME).write_text(SMALL.replace("\n", "\r\n"), encoding=encoding, newline="")
        assert load(tmp_path / NAME, PASSWORD).site().clusters


def test_what_lies_in_a_long_text_is_no_key(trial: Trial) -> None:
    text = "[storage]\npath = '''\n[log]\nlevel = 3\n'''\nkeep_days = 0\n[log]\nlevel = 3\n"
    assert [fault[:3] for fault in trial.wrong(text)] == [":2:", ":6:", ":8:"]


def _toml(value: object) -> str:
    """Write a value as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return _quoted(value) if isinstance(value, str) else str(value).lower()


def _quoted(text: str) -> str:
    escaped = "".join(c if c.isalnum() and c.isascii() else f"\\U{ord(c):08x}" for c in text)
    return f'"{escaped}"'


KEYS = sorted({key for _, model in TABLES for key in model.model_fields} | {"vms", "x"})
LEAVES = (
    st.sampled_from(["ntlm", "a.example", "debug", "", "a b", "../x", "\0", "~x/y", "é" * 300])
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
    | st.booleans()
    | st.integers(-2, 70000)
    | st.floats()
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
SECRETS = st.dictionaries(
    st.sampled_from(["password", "pasword", "token", "bot_token", "mode", "app_token"])
    | st.sampled_from(["transport", "port", "tls", "verify"])
    | st.sampled_from(["password_env", "password_file", "bot_token_env", "webhook_token_file"]),
    st.sampled_from([MARKER, [MARKER], {"x": MARKER}, f"x/{MARKER}"]),
    max_size=2,
)
ANY_TABLE = st.builds(
    dict.__or__, st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6), SECRETS
)
FILES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(SINGLE, ANY_TABLE | VALUES),
        **dict.fromkeys(MANY, st.lists(ANY_TABLE, max_size=3) | VALUES),
        "x": VALUES,
    },
)


@settings(deadline=None)  # a loaded disk is no fault of ours
@given(FILES)
def test_any_toml_is_read_or_told_and_never_tells_a_secret(
    tmp_path_factory: pytest.TempPathFactory, file: dict[str, object]
) -> None:
    path = tmp_path_factory.getbasetemp() / NAME
    text = "\n".join(f"{key} = {_toml(value)}" for key, value in file.items())
    path.write_text(text, encoding="utf-8")
    try:
        said = repr(load(path, {MARKER: MARKER}))
    except UserError as error:
        said = f"{error!r} {error} {error.hint}"
    assert MARKER not in said


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_read_or_told(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / NAME
    path.write_bytes(data)
    with suppress(UserError):
        load(path, {})
