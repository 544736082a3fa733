from state import sessions, visits


def spec(pkt, device, now):
    """Entries with timers."""
    if not pkt.has(ether):
        return DROP
    who = pkt.ether.src
    sessions[who] = 1  # want VIG1521 "without a timer: write sessions.insert.k, v, timer."
    sessions.insert(who, 1, who)  # want VIG1521 "int"
    sessions.insert(1, 1, 1)  # want VIG1521 "key"
    return ...
