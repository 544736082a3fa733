from state import Flow, flows, mac_table
def spec(pkt, device, now):
    """Fields."""
    if not pkt.has(l4) or pkt.l4.srcport == 1: # want VIG1522 "l4 has no field 'srcport'.*did you mean 'src_port'"
        return DROP
    a = pkt.ip4.ttl # want VIG1522 "pkt has no 'ip4'.*did you mean 'ipv4'"
    b = pkt.has(tpc) # want VIG1522 "there is no header 'tpc'; did you mean 'tcp'"
    flow = Flow(pkt.ipv4.src, 1, pkt.ipv4.dst, 2, 6, device)
    c = flow.sport # want VIG1522 "Flow has no field 'sport'"
    flows.expire(now) # want VIG1522 "flows has no field 'expire'"
    flows.insert(flow, 1, 2) # want VIG1522 "flows has no timer classes"
    flows.refresh(flow, 2) # want VIG1522 "no timer classes"
    d = pkt.ipv4.src.is_group # want VIG1522 "ip4 has no field 'is_group'"
    e = device.x # want VIG1522 "int has no 'x'"
    return ...
