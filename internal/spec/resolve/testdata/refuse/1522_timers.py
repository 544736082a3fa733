from state import sessions, visits


def spec(pkt, device, now):
    """Entries with timers."""
    if not pkt.has(ether):
        return DROP
    who = pkt.ether.src
    sessions.add(who)  # want VIG1522 "has no field 'add'"
    visits.add(who)  # want VIG1522 "has no field 'add'"
    return ...
