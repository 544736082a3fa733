from config import flow_timeout, wan

@scenario
def endpoint_independent_mapping(nf, p1: Packet, p2: Packet, d: Device, t1: Time, t2: Time):
    """Two packets of one inside endpoint leave from one outside endpoint (RFC 4787 REQ-1)."""
    assume(d != wan and p1.has(udp) and p2.has(udp) and t2 <= t1 + flow_timeout)
    assume((p1.ipv4.src, p1.udp.src_port) == (p2.ipv4.src, p2.udp.src_port))
    a = nf.process(p1, d, t1)
    b = nf.process(p2, d, t2)
    if a.sent and b.sent:
        assert (a.pkt.ipv4.src, a.pkt.udp.src_port) == (b.pkt.ipv4.src, b.pkt.udp.src_port), \
            "RFC 4787 REQ-1: the mapping depends on the destination"
