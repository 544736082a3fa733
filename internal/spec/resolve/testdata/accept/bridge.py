from config import ageing_time
from state import mac_table, static_table

def spec(pkt, device, now):
    """MAC bridge: learning, ageing, filtering, relay (IEEE 802.1Q-2014, 8.6 to 8.8)."""
    if not pkt.has(ether):
        return DROP
    src, dst = pkt.ether.src, pkt.ether.dst
    mac_table.expire_before(now - ageing_time)                               # 8.8.3
    learnable = not (src.is_group or src.is_zero or src in static_table)     # 8.7
    if learnable and (src in mac_table or not mac_table.full):
        mac_table[src] = device                       # a new station, or one that has moved

    if int(dst) >> 4 == 0x0180C200000:                # 01-80-C2-00-00-0x: never relayed, 8.6.3
        return DROP
    if dst in static_table:                                                  # 8.8.1
        entry = static_table[dst]
        if entry.filtered or entry.device == device:
            return DROP
        return entry.device, pkt
    if dst not in mac_table:
        return BROADCAST, pkt
    if mac_table[dst] == device:                      # its own segment, 8.6
        return DROP
    return mac_table[dst], pkt
