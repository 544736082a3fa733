from config import clients, flow_timeout
from state import flows


def only_clients_add_flows(pkt, device, now):
    """Only clients' packets add flows or keep them alive: others leave expiry alone to change the table."""
    assume(device != clients or not out.sent)
    flows.expire_before(now - flow_timeout)
    return ...
