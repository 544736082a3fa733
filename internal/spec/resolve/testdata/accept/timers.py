from state import sessions, visits


def spec(pkt, device, now):
    """Entries with timers."""
    sessions.expire_before(now - SECOND, 0)
    visits.expire_before(now, device)
    if not pkt.has(ether):
        return DROP
    who = pkt.ether.src
    if who in sessions:
        assert sessions.timer(who) < sessions.timers
        sessions.refresh(who, sessions.timer(who))
        sessions.set(who, 2)
        if sessions.time(who) == now and sessions.index(who) in sessions.indices and sessions[who] == 2:
            del sessions[who]
    elif not sessions.full and len(sessions) < sessions.capacity:
        sessions.insert(who, 1, 3)
        visits.insert(who, 0)
    return ...
