from config import flow_timeout, start_port, wan
from state import Flow, flows


def table_updates(pkt, device, now):
    """The table changes by expiry, then by one flow added or refreshed (RFC 3022, 3)."""
    flows.expire_before(now - flow_timeout)
    if out.sent:
        ip, tp = old(pkt).ipv4, old(pkt).l4
        if device == wan:
            flows.refresh(flows.key(tp.dst_port - start_port))
        else:
            flows.add(Flow(ip.src, ip.dst, tp.src_port, tp.dst_port, ip.protocol, device))
    return ...
