from config import flow_timeout, heartbeat_port, heartbeat_to, networks
from state import flows


def heartbeats_end_here(pkt, device, now):
    """A heartbeat is sent to nobody and no flow (Maglev, NSDI 2016, 3.4)."""
    assume(device < len(networks) and networks[device].backends and networks[device].prefix.length == 0)
    assume(pkt.has(udp) and pkt.ipv4.dst == heartbeat_to and pkt.udp.dst_port == heartbeat_port)
    flows.expire_before(now - flow_timeout)
    return DROP
