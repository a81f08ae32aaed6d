"""Passwords never stand in stuncheck.toml, and none comes out again in a message."""

import os
from pathlib import Path

import pytest

from tests.bot.trial import MARKER, PASSWORD, SMALL, VC_PASSWORD, VCENTER, Trial


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """Give a folder to write a stuncheck.toml to."""
    return Trial(tmp_path)


@pytest.mark.parametrize("key", ["password", "Password", "pasword", "passwd", "secret"])
@pytest.mark.parametrize("table", ["[winrm]\n", SMALL + "[cluster.winrm]\n", VCENTER])
def test_a_password_that_is_written_out_is_refused_and_not_repeated(
    trial: Trial, table: str, key: str
) -> None:
    told = trial.wrong(f'{table}{key} = "{MARKER}"\n', **PASSWORD, **VC_PASSWORD)
    assert any("is written out; a password never stands in this file." in one for one in told)


def test_a_password_below_a_cluster_is_sent_to_its_place(trial: Trial) -> None:
    told = trial.wrong(f'{SMALL}password = "{MARKER}"\n', **PASSWORD)
    assert len(told) == 1
    assert told[0].startswith(":6: [[cluster]] password of SQLAG01 is no key; a password never")
    assert "in [winrm], [cluster.winrm], [[vcenter]] or [[veeam]]." in told[0]


@pytest.mark.parametrize("key", ["password_file", "password_env"])
def test_a_password_that_stands_where_its_place_is_named_is_not_repeated(
    trial: Trial, key: str
) -> None:
    told = trial.wrong(f'{VCENTER}{key} = "{MARKER}"\n')
    assert len(told) == 1
    assert told[0].startswith(f":5: [[vcenter]] {key} of vc01")


@pytest.mark.parametrize("value", ["123456", f"['{MARKER}']", "{ password = '" + MARKER + "' }"])
def test_no_value_of_another_type_is_repeated_there(trial: Trial, value: str) -> None:
    (told,) = trial.wrong(f"{VCENTER}password_file = {value}\n")
    assert "password_file of vc01 is hidden, which cannot be used; wanted: the path of" in told


def test_an_address_with_a_password_in_it_is_not_repeated(trial: Trial) -> None:
    told = trial.wrong(SMALL.replace("sql01.corp", f"https://me:{MARKER}@sql01"), **PASSWORD)
    assert "hosts of SQLAG01 is hidden" in told[0]


def test_an_account_of_its_own_never_gets_the_password_of_another(trial: Trial) -> None:
    text = SMALL + "[cluster.winrm]\nuser = 'DMZ\\svc'\npassword_env = 'DMZ'\n"
    (cluster,) = trial.read(text, DMZ="theirs", **PASSWORD).site().clusters
    assert cluster.winrm.password
    assert cluster.winrm.password.reveal() == "theirs"
    assert cluster.winrm.user == r"DMZ\svc"


def test_a_cluster_takes_from_winrm_what_it_does_not_say(trial: Trial) -> None:
    text = SMALL.replace("[[", "port = 5999\nverify = false\n[[", 1)
    (cluster,) = trial.read(text + "[cluster.winrm]\ntls = false\n", **PASSWORD).site().clusters
    assert cluster.winrm.user == r"CORP\svc"
    assert not cluster.winrm.verify
    assert cluster.winrm.port is None  # the port of [winrm] was meant for TLS


def test_a_kerberos_ticket_does_without_a_password(trial: Trial) -> None:
    text = SMALL.replace("[[", "transport = 'kerberos'\n[[", 1)
    assert trial.read(text).site().clusters[0].winrm.password is None


def test_a_wrong_ca_and_no_verification_are_not_overlooked(trial: Trial) -> None:
    settings = trial.read(VCENTER + "verify = false\n", **VC_PASSWORD)
    assert "vcenter vc01: verify = false: whoever sits in between" in settings.warnings[0]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no mode")
@pytest.mark.parametrize(("mode", "warned"), [(0o600, 0), (0o640, 0), (0o400, 0), (0o644, 1)])
def test_a_password_that_others_can_read_is_a_warning(
    trial: Trial, tmp_path: Path, mode: int, warned: int
) -> None:
    file = tmp_path / "my secret"
    file.write_text(f"{MARKER}\n", encoding="utf-8")
    file.chmod(mode)
    settings = trial.read(VCENTER + "password_file = 'my secret'\n")
    assert settings.site().vcenters[0].password.reveal() == MARKER
    assert len(settings.warnings) == warned
    assert all(one.endswith(f"chmod 600 '{file}'") for one in settings.warnings)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty, "),
        (b"\r\n", "is empty, "),
        (MARKER.encode() + b"\nsecond", "holds more than one line of text, "),
        (b"\xff\xfe\x00", "is not text in UTF-8, "),
        (b"x" * 5000, "is larger than 4096 bytes, "),
    ],
)
def test_a_file_that_holds_no_password_is_named(
    trial: Trial, tmp_path: Path, data: bytes, said: str
) -> None:
    (tmp_path / "secret").write_bytes(data)
    (told,) = trial.wrong(VCENTER + "password_file = './secret'\n")
    assert said in told
    assert str(tmp_path / "secret") in told


def test_a_file_and_a_variable_are_one_too_many(trial: Trial) -> None:
    (told,) = trial.wrong(VCENTER + "password_file = 'a'\npassword_env = 'B'\n", B=MARKER)
    assert told.endswith("has both password_file and password_env; keep one of them.")


def test_two_systems_never_read_the_same_variable_by_chance(trial: Trial) -> None:
    twin = VCENTER.replace('"vc01"', '"vc-01"')
    other = VCENTER.replace('"vc01"', '"vc_01"')
    told = trial.wrong(twin + other, STUNCHECK_VCENTER_VC_01_PASSWORD=MARKER)
    assert "the same STUNCHECK_VCENTER_VC_01_PASSWORD as another" in told[0]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no mode")
def test_a_private_key_that_others_can_read_is_a_warning(trial: Trial) -> None:
    for name, mode in (("c.pem", 0o644), ("k.pem", 0o644)):
        (trial.folder / name).touch()
        (trial.folder / name).chmod(mode)
    settings = trial.read(
        "[winrm]\ntransport = 'certificate'\ncertificate_file = 'c.pem'\nkey_file = 'k.pem'\n"
        "[[cluster]]\nname = 'A'\nhosts = ['a']\n"
    )
    assert [warning.split("chmod 600 ")[1] for warning in settings.warnings] == [
        str(trial.folder / "k.pem")
    ]


def test_only_what_is_surely_the_name_of_a_variable_is_repeated(trial: Trial) -> None:
    (named,) = trial.wrong(VCENTER + "password_env = 'VC01_PASSWORD'\n")
    (hidden,) = trial.wrong(VCENTER + "password_env = 'HUNTER2'\n")
    assert "VC01_PASSWORD is not set" in named
    assert "HUNTER2" not in hidden


def test_a_warning_names_the_table_that_was_written(trial: Trial) -> None:
    own = trial.read(SMALL + "[cluster.winrm]\nverify = false\n", **PASSWORD)
    assert own.warnings[0].startswith("cluster SQLAG01 winrm: verify = false: ")
    text = SMALL.replace("[[", "verify = false\n[[", 1)
    assert trial.read(text, **PASSWORD).warnings[0].startswith("winrm: verify = false: ")
