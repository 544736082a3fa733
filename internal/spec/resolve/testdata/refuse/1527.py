from state import Flow, flows, owners, mac_table
def spec(pkt, device, now):
    """Sets."""
    if not pkt.has(ether):
        return DROP
    k = Flow(ip4("1.1.1.1"), 1, ip4("1.1.1.1"), 2, 6, device)
    flows[k] = 3 # want VIG1527 "flows has no values: write flows.add.k."
    x = flows[k] # want VIG1527 "flows has no values"
    flows.set(k, k) # want VIG1527 "flows has no values"
    mac_table.add(pkt.ether.src) # want VIG1527 "mac_table has values: write mac_table.k. = v"
    return ...
