"""Checking an incident: pull, judge every failover its alerts tell of, store, say it.

The verdict and what is to be said of it are stored in one piece; whoever sends it to people may
be killed in between and goes on from there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from commands.context import Context
from commands.course import Course
from commands.evidence import evidence_of, picture_of
from commands.incident import card
from commands.kept import read, written
from commands.reply import Card, Reply, Section
from commands.settle import Gathered, Settled, settle
from commands.wording import date_time
from sources.pull import Request
from storage.alerts import StoredAlert, Way, alerts_of, move_alert, move_alerts
from storage.checks import Check, finish_check, look_later, want_check
from storage.incidents import StoredIncident, close_unjudged, incident_of
from storage.posts import Kind, Place, Post, Wish, post_named, want
from storage.verdicts import revisions
from verdict.evidence import Evidence
from verdict.failover import Loss, failovers
from verdict.judge import judge
from verdict.verdict import Cause, Confidence, Verdict
from verdict.words import clock_time

LOOKS = (timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=60))
"""When to look again for what was not there yet: a log still locked, a removal still running."""

OFFERED = ("evidence", "what_if", "check_again", "wrong")
"""What can be done from a card."""

FIGURES = ("Cause", "Job")
"""Figures that stand on the card itself; the sentences above them have the others."""

SHORT = {"Missing": 3, "What to do": 2}
"""Sections that stand on the card itself, and how much of them; the rest is in the thread."""

LATEST = "Latest"
"""The section that says what changed since the card was first there."""

ASKED = Section(LATEST, ("It is being checked again.",))

TOLD = 5
"""Alerts that a card names one by one."""

WAYS = {Way.WATCH: "the cluster's own log", Way.WEBHOOK: "webhook"}


def card_name(incident: str) -> str:
    """Name the post of an incident's card."""
    return f"card {incident}"


def check(context: Context, request: Request, asked: Check, course: Course) -> tuple[Settled, ...]:
    """Check an incident as it was asked for. Raises UserError where storing fails."""
    store = context.store
    alerts = alerts_of(store, asked.incident)
    moments = sorted({alert.at for alert in alerts} or {asked.at})
    reach = max(moments[-1] - request.at, timedelta(0))
    material = context.pull(replace(request, after=request.after + reach), course.told)
    gathered = Gathered.of(context, material, moments[0])
    verdicts = _verdicts(gathered.evidence, moments)
    expected = incident_of(store, asked.incident)
    nearest_first = sorted(verdicts, key=lambda one: abs(one.at - expected.at))
    with store.writing():
        settled = tuple(settle(context, gathered, one, expected) for one in nearest_first)
        for one in settled:
            _fold(context, expected, one)
        _share(context, expected, settled)
        for one in settled:
            if one.kept:
                publish(context, one, gathered.evidence)
            elif asked.round == 0:  # somebody asked, or another alert came
                refresh(context, one)
        finish_check(store, asked, _again(context, request, asked, settled))
        for one in settled:
            again = _again(context, request, asked, (one,))
            if again and one.incident.id != asked.incident:
                look_later(store, one.incident.id, again)
    return settled


def publish(context: Context, one: Settled, evidence: Evidence) -> None:
    """Have a verdict's card say it, and its thread prove it."""
    store, now, incident = context.store, context.now(), one.incident.id
    alerts = alerts_of(store, incident)
    if alerts and all(alert.quiet for alert in alerts) and one.verdict.cause is Cause.PLANNED:
        return
    whole = card(one.verdict)
    reply = Reply(payload={}, cards=(_short(whole, one, alerts),))
    wish = Wish(card_name(incident), written(reply), Kind.CARD, incident, offered=OFFERED)
    want(store, wish, now)
    prove(context, one, evidence)


def refresh(context: Context, one: Settled) -> None:
    """Have a card name the alerts that came since, or say that nothing is new."""
    store, incident = context.store, one.incident.id
    post = post_named(store, card_name(incident))
    if post is None:
        return
    reply = read(post.reply)
    asked = any(ASKED in shown.sections for shown in reply.cards)
    latest = (Section(LATEST, (one.news,)),) if asked else ()
    _put(context, post, reply, (*latest, *_told_by(alerts_of(store, incident))))


def ask_again(context: Context, incident: str) -> None:
    """Have an incident checked once more because a person wants it, and say so on its card.

    Raises KeyError where the incident is not there, UserError.
    """
    store = context.store
    with store.writing():
        want_check(store, incident_of(store, incident).id, context.now())
        post = post_named(store, card_name(incident))
        if post:
            _put(context, post, read(post.reply), (ASKED,))


def _put(context: Context, post: Post, reply: Reply, new: Sequence[Section]) -> None:
    """Put sections on a card, in the place of those with the same titles."""
    titles = {section.title for section in new}
    cards = tuple(
        replace(shown, sections=(*(s for s in shown.sections if s.title not in titles), *new))
        for shown in reply.cards
    )
    if cards == reply.cards:
        return
    said = written(replace(reply, cards=cards))
    wish = Wish(post.name, said, Kind.CARD, post.incident, offered=post.offered)
    want(context.store, wish, context.now())


def prove(context: Context, one: Settled, evidence: Evidence, *, asked: bool = False) -> None:
    """Have the evidence of a verdict stand below its card, once.

    What nobody asked for comes after all cards, and in a storm not at all.
    """
    store, now, incident = context.store, context.now(), one.incident.id
    post = post_named(store, card_name(incident))
    if post is None:
        return
    picture = written(picture_of(card(one.verdict), one.verdict))
    words = written(evidence_of(one.verdict, evidence))
    key = f"{incident} {one.revision}"
    parts = ((f"picture {key}", picture, Kind.PICTURE), (f"evidence {key}", words, Kind.TEXT))
    for name, said, kind in parts:
        if post_named(store, name) is None:
            wish = Wish(name, said, kind, incident, Place(below=post.id), urgent=asked)
            want(store, wish, now)


def _verdicts(evidence: Evidence, moments: Iterable[datetime]) -> list[Verdict]:
    """Judge each failover that is nearest to one of the moments; bare ones only if none is."""
    found: dict[datetime, Evidence] = {}
    bare: dict[datetime, Evidence] = {}
    for moment in moments:
        about = replace(evidence, at=moment)
        failover = failovers(about)[0]
        (bare if failover.loss is Loss.ASKED else found).setdefault(failover.at, about)
    asked = list(found.values()) or list(bare.values())[:1]
    return [verdict for about in asked for verdict in judge(about)]


def _fold(context: Context, expected: StoredIncident, one: Settled) -> None:
    """Give the alerts of an incident that turned out to be a known one to that one."""
    store = context.store
    if one.incident.id == expected.id or revisions(store, expected.id):
        return
    move_alerts(store, expected.id, one.incident.id)
    if post_named(store, card_name(expected.id)):
        known = f"This is the failover of {date_time(one.verdict.at)}, which was judged already."
        said = Reply(payload={}, cards=(), closing=(known, *_headline(one)))
        want(store, Wish(card_name(expected.id), written(said)), context.now())
    close_unjudged(store, expected.id)


def _share(context: Context, expected: StoredIncident, settled: Sequence[Settled]) -> None:
    """Give each alert to the failover it is nearest to, where one incident proved to be two."""
    store = context.store
    if not revisions(store, expected.id):
        return
    known = {expected.id: incident_of(store, expected.id).at}
    known |= {one.incident.id: one.verdict.at for one in settled}
    for alert in alerts_of(store, expected.id):
        meant = min(known, key=lambda incident: abs(known[incident] - alert.at))
        if meant != expected.id:
            move_alert(store, alert, meant)


def _headline(one: Settled) -> tuple[str, ...]:
    shown = card(one.verdict)
    return (f"{shown.tone.value}: {shown.headline}.", *shown.paragraphs[:1])


def _short(whole: Card, one: Settled, alerts: Sequence[StoredAlert]) -> Card:
    """Cut a card to what a person just woken up reads; the rest is in the thread."""
    kept = tuple(
        Section(section.title, section.items[: SHORT[section.title]])
        for section in whole.sections
        if section.title in SHORT
    )
    latest = (Section(LATEST, (one.news,)),) if one.news else ()
    figures = tuple(pair for pair in whole.figures if pair[0] in FIGURES)
    sections = (*latest, *kept, *_told_by(alerts))
    return replace(whole, figures=figures, sections=sections)


def _told_by(alerts: Sequence[StoredAlert]) -> tuple[Section, ...]:
    """Name the alerts that told of a failover."""
    told = tuple(map(_told, alerts[:TOLD]))
    if len(alerts) > TOLD:
        told += (f"and {len(alerts) - TOLD} more",)
    return (Section("Told by", told),) if told else ()


def _told(alert: StoredAlert) -> str:
    return f"{WAYS.get(alert.way, alert.tool or 'a person')}, {clock_time(alert.at)}"


def _again(
    context: Context, request: Request, asked: Check, settled: Sequence[Settled]
) -> datetime | None:
    """Say when to look again; None where all is known."""
    if asked.round >= len(LOOKS) or all(_final(context, request, one) for one in settled):
        return None
    return context.now() + LOOKS[asked.round]


def _final(context: Context, request: Request, one: Settled) -> bool:
    verdict = one.verdict
    certain = verdict.confidence is Confidence.CONFIRMED and not verdict.missing
    return certain and context.now() >= verdict.at + request.after
