from state import sessions, visits


def spec(pkt, device, now):
    """Entries with timers."""
    sessions.expire_before(now)  # want VIG1525 "expire_before takes 2 arguments, got 1"
    if not pkt.has(ether):
        return DROP
    who = pkt.ether.src
    sessions.refresh(who)  # want VIG1525 "refresh takes 2 arguments, got 1"
    sessions.insert(who, 1)  # want VIG1525 "insert takes 3 arguments, got 2"
    visits.insert(who, 1, 0)  # want VIG1525 "insert takes 2 arguments, got 3"
    old(visits).insert(who, 1)  # want VIG1529 "old"
    return ...
