"""Where to reach a node that nobody configured, seen from a host that was."""

from ipaddress import ip_address

from sources.windows.cluster_state import NodeState


def beside(node: NodeState, host: str) -> str:
    """Give the address of a node in the way of the host that named it.

    Who configured addresses gets an address, which needs no DNS: that in the host's network, the
    one with the longest common beginning. Who configured full names gets a name in the same
    domain, which certificates and Kerberos need.
    """
    if not is_address(host):
        _, dot, domain = host.partition(".")
        return f"{node.name}{dot}{domain}"
    same_kind = [a for a in node.addresses if is_address(a) and (":" in a) == (":" in host)]
    wanted = int(ip_address(host))
    return min(same_kind, key=lambda a: int(ip_address(a)) ^ wanted, default=node.name)


def is_address(host: str) -> bool:
    """Whether a host is told by its IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
