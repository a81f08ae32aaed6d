"""Live objects of vCenter as the rows of a bundle: inventory.json, tasks.json, events.json."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sources.vcenter.properties import Estate, unescaped

Row = dict[str, Any]

FAILED_HOSTS = ("failedHost", "isolatedHost")
"""Where events of a whole cluster name the host they are about (vSphere API)."""


def inventory_json(estate: Estate) -> bytes:
    """Write every VM; a template never runs and is left out."""
    return _json(
        {
            "name": vm.name,
            "moref": vm.ref,
            "guest_host_name": vm.guest,
            "host": estate.name(vm.host),
            "datastores": [
                {"name": known.name, "type": known.type}
                for ref in vm.datastores
                if (known := estate.objects.get(ref))
            ],
            "bios_uuid": vm.uuid,
            "log_directory": vm.log_directory,
            "vm_path": vm.vm_path,
        }
        for vm in estate.vms
        if not vm.template
    )


def tasks_json(tasks: Iterable[Any]) -> bytes:
    """Write TaskInfos."""
    return _json(map(_task, tasks))


def events_json(events: Iterable[Any], known: frozenset[str]) -> bytes:
    """Write events, each once; `known` are the references of the VMs in the inventory."""
    once = {event.key: event for event in events}
    return _json(_event(once[key], known) for key in sorted(once))


def _task(info: Any) -> Row:  # noqa: ANN401  pyvmomi's
    method = getattr(info.name, "info", None)
    return {
        "key": info.key,
        "entity": getattr(info.entity, "_moId", None),
        "entityName": unescaped(info.entityName or "") or None,
        "descriptionId": info.descriptionId,
        "name": getattr(method, "wsdlName", None),
        "userName": getattr(info.reason, "userName", None),
        "queueTime": _stamp(info.queueTime),
        "startTime": _stamp(info.startTime),
        "completeTime": _stamp(info.completeTime),
        "state": str(info.state),
    }


def _event(event: Any, known: frozenset[str]) -> Row:  # noqa: ANN401  pyvmomi's
    source = getattr(event, "sourceHost", None)
    return {
        "eventTypeId": event_id(event),
        "createdTime": _stamp(event.createdTime),
        "vm": _vm(event.vm, known),
        "host": _host(event),
        "userName": event.userName or None,
        "message": event.fullFormattedMessage,
        "sourceHost": source.name if source else None,
    }


def event_id(event: Any) -> str:  # noqa: ANN401  pyvmomi's
    """Give an event's id: its own where it is an extended one, else the name of its class."""
    own = getattr(event, "eventTypeId", None)
    return own or type(event).__name__.rpartition(".")[2]


def _host(event: Any) -> str | None:  # noqa: ANN401  pyvmomi's
    named = [getattr(event, field, None) for field in FAILED_HOSTS]
    host = next((host for host in (*named, event.host) if host), None)
    return host.name if host else None


def _vm(argument: Any, known: frozenset[str]) -> str | None:  # noqa: ANN401  pyvmomi's
    if argument is None:
        return None
    ref = getattr(argument.vm, "_moId", None)
    return ref if ref in known else unescaped(argument.name)


def _stamp(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _json(rows: Iterable[Row]) -> bytes:
    return json.dumps(list(rows), ensure_ascii=False, indent=1).encode()
