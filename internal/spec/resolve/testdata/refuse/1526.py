from state import Flow
def spec(pkt, device, now):
    """Derived."""
    if not pkt.has(ipv4):
        return DROP
    pkt.ipv4.is_fragment = False # want VIG1526 "ipv4.is_fragment is derived: assign mf, fragment_offset"
    pkt.ipv4.header_length = 20 # want VIG1526 "assign ihl"
    flow = Flow(pkt.ipv4.src, 1, pkt.ipv4.dst, 2, 6, device)
    flow.device = 3 # want VIG1526 "records do not change: build a new one"
    return ..., pkt
