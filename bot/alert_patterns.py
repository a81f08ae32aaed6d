"""How alerts of failovers are worded: patterns with good defaults, others by configuration.

Vendors change their texts and users translate them, so a pattern is only half of the matter: a
message is an alert if it also names something we know. All are searched in any case, line by
line, in pieces of `WINDOW` characters.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.pattern_cost import CostlyError, check
from sources.errors import UserError
from sources.names import shown

SQL_NUMBERS = r"(?:1480|19407|19419|19421|35206|35256|35264|41\d{3})"
"""SQL Server's messages of a changed role, a lost lease, a lost connection, and Always On's own."""

CLUSTER_EVENTS = r"(?:1006|1069|1135|1146|1177|1205|1561|1564)"
"""Microsoft-Windows-FailoverClustering: membership, resources, quorum."""

_SUBJECTS = r"(?:cluster|fail-?over|availability.?group|availreplica|always.?on|AG\b|mssql|WSFC)"
_FATES = r"(?:failed|offline|down\b|moved|not running|lost|isolated|quarantined)"
_OVER = r"\s?(?:->|=>|→|to)\s?(?:ok|up|normal|resolved|healthy)\b"

FAILOVERS: dict[str, tuple[str, ...]] = {
    # https://github.com/prometheus/alertmanager template/default.tmpl; windows_exporter's metrics
    "Alertmanager": (
        r"\[FIRING(?::\d{1,6})?\].{0,250}" + _SUBJECTS,
        r"windows_(?:mscluster|mssql_availreplica|mssql_dbreplica)_",
    ),
    # https://git.zabbix.com templates/db/mssql_odbc
    "Zabbix": (
        r"MSSQL AG '.{1,60}'.{0,120}(?:unhealthy|not healthy|disconnected|recovery health)",
        r"MSSQL DB '.{1,80}': State is (?!online)",
    ),
    # https://github.com/DataDog/integrations-core sqlserver/assets/monitors
    "Datadog": (
        r"triggered\b.{0,80}(?:availability group|fail-?over|cluster)",
        r"availability group (?:failover detected|is not healthy|has failed over)",
    ),
    # https://systemcenter.wiki
    "SCOM": (
        r"cluster node.{0,100} is not (?:online|running)",
        r"resource group.{0,80}(?:state monitor|offline|failed|partial)",
    ),
    "PRTG": (r"(?:cluster|availability|always.?on|fail-?over).{0,150} (?:down|error)\b.{0,30}\(",),
    "Nagios": (
        r"\b(?:CRITICAL|WARNING|PROBLEM)\b.{0,120}(?:cluster|group|availability|resource)",
        r"\b(?:group|resource)\b.{0,80}(?:not online|not at preferred owner|is critical)",
    ),
    "Redgate": (r"availability group\s{0,3}[-\u2013]\s{0,3}failover", r"\bcluster failover\b"),
    # What DBAs call the alerts of SQL Server Agent, after Microsoft's message numbers
    "SQL Agent": (
        r"\bAlert-?AG\w{2,40}",
        r"\b(?:AG|error|event|message|msg|number|alert)\W{0,10}" + SQL_NUMBERS + r"\b",
        r"\blease\b.{0,80}(?:expired|time-?out|timed out|no longer valid)",
    ),
    "Windows": (
        r"\bfail(?:ed|ing)[- ]over\b",
        r"\bfail-?over\b(?!\W{1,3}(?:test|plan|drill|clustering|cluster manager))",
        r"removed from the (?:active )?(?:failover )?cluster",
        r"\bevent\W{0,3}(?:id)?\W{0,3}" + CLUSTER_EVENTS + r"\b",
        r"\bcluster(?:ed)? (?:node|resource|group|role|service)\b.{0,120}" + _FATES,
    ),
}
"""Regular expressions by the tool that words its alerts so."""

_FRONT = r"^\W{0,9}(?::[\w+-]{1,30}:\W{0,3})?"
"""Where a state stands: first in a line, after brackets, stars and an emoji."""

RECOVERIES: tuple[str, ...] = (
    _FRONT
    + r"(?:resolved|recovered|recovery|ok|closed|ended)(?:\s{0,2}(?:[]:|\u2013-]|$)| in\b| on\b)",
    r"(?-i:\b(?:RESOLVED|RECOVERED|RECOVERY)\b(?! PENDING))",
    r"(?:\[|\])\s?(?:resolved|recovered|ok)\b.{0,60}\]",  # [P2] [Recovered on {host:x}]
    r"\b(?:critical|down|problem|warning|error|unknown|firing)" + _OVER,
    r"^\W{0,3}(?:[a-z]{1,20} )?(?:status|state)\W{1,3}(?:ok|resolved|closed|ended)\W{0,9}$",
    r"^\W{0,3}(?:[a-z]{1,20} )?(?:status|state)\W{1,3}(?:resolved|closed)\b",
    r"\b(?:is|has) (?:now |been )?(?:ok|recovered|resolved)\b",
    r"(?-i:\bUp\b)\s?\(",
)
"""How tools say that it is over."""

PROBLEMS: tuple[str, ...] = (
    r"\[(?:FIRING|alerting)\b",
    r"\[(?:re-)?triggered\b",
    _FRONT + r"(?:triggered|re-triggered|problem|critical|warning|error|disaster)\b",
    r"(?-i:\b(?:PROBLEM|CRITICAL|DOWN|DISASTER|ALARM|FAILED|UNHEALTHY)\b)",
    r"(?-i:\bDown\b)\s?(?:\d|\()",
)
"""How tools say that something is wrong; what stands first in a message counts."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One wording, and the tool that words it so."""

    tool: str
    expression: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Patterns:
    """All that is looked for.

    `people` takes a person's message for an alert as well, for home-made tools that post in a
    person's name.
    """

    failovers: tuple[Pattern, ...]
    recoveries: tuple[Pattern, ...]
    problems: tuple[Pattern, ...]
    people: bool = False

    @classmethod
    def of(
        cls,
        failovers: Mapping[str, Sequence[str]] | None = None,
        recoveries: Sequence[str] | None = None,
        *,
        people: bool = False,
    ) -> "Patterns":
        """Take the wordings of a configuration, or the defaults where there is none.

        Failovers are given by tool; a tool that is named has its defaults replaced, the others
        keep theirs. Raises UserError for a pattern that is wrong or may take too long.
        """
        worded = {**FAILOVERS, **(failovers or {})}
        return cls(
            tuple(one for tool, texts in worded.items() for one in _compiled(tool, texts)),
            tuple(_compiled("recovery", RECOVERIES if recoveries is None else recoveries)),
            tuple(_compiled("problem", PROBLEMS)),
            people,
        )


def _compiled(tool: str, texts: Iterable[str]) -> list[Pattern]:
    """Check and compile. Raises UserError."""
    found = []
    for text in texts:
        try:
            check(text)
        except CostlyError as error:
            raise UserError(
                f"The pattern {shown(text)} of {shown(tool)} is not taken: {error}.",
                "Take it out, or split it into two that are simpler.",
            ) from None
        found.append(Pattern(tool, re.compile(text, re.IGNORECASE)))
    return found
