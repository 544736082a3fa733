from config import heartbeat_port, heartbeat_to, networks
from state import places, spread, stations


def only_heartbeats_mark(pkt, device, now):
    """Nothing but a heartbeat marks a backend alive or moves one: no other traffic of it does, either."""
    heartbeat = pkt.has(udp) and pkt.ipv4.dst == heartbeat_to and pkt.udp.dst_port == heartbeat_port
    assume(not heartbeat or pkt.ipv4.src not in places)
    return ...                                        # and spread and stations are as they were
