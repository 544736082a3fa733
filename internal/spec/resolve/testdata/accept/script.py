"""The form of the paper's third figure."""
from config import lan
from state import flows
import script

if pkt.has(tcp):
    flows.expireOlder(now - 10 * SECOND)
    if port == lan and SYN in pkt.tcp.flags and next_proto_id == PROTOCOL_ID_TCP:
        if pkt.flow in flows:
            flows.refresh(pkt.flow)
        return ...
    if pkt.src_mac == pkt.dst_mac or pkt.ip.ttl == 1:
        return DROP
