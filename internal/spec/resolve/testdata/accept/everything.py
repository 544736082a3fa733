"""Every construct that the checker knows."""
from config import device_count, external_ip, lan, wan as outside
from properties.learn import learn
from state import Bucket, Flow, buckets, counter, flows, mac_table, macTable as learned, names, static_table

LIMIT = 4 * SECOND // 2
NET = net4("10.0.0.0/8")
PAIR = (1, 2)


def pick(a, b):
    """The larger one."""
    if a > b:
        return a
    return b


def clear(p):
    p.ipv4.ttl = 1


def everything(pkt, device, now):
    """Uses everything.

    More text.
    """
    learn(pkt, device, now)
    assume(pkt.has(ether) and device < device_count)
    x: int = pick(1, device) if device != 0 else -1
    x += LIMIT ** 2 % 7
    x <<= 2
    a, (b, c) = 1, PAIR
    total = 0
    for i in range(1, 10, 3):
        total += i
    for p, q in ((1, True), (2, False)):
        total = total + p if q else total
    assert all(n > 0 for n in (a, b, c)) and any((a == 1, b < c <= 3)), "numbers"
    assert min(1, 2) + max((3, total)) - abs(~x) == 0 or len((1, 2)) == 2
    src = pkt.ether.src
    if src.is_group or src == mac("01:80:c2:00:00:00") or int(src) & 1 == 1 or src in static_table:
        pkt.ether.src, pkt.ether.dst = ..., src
        pkt.ether = ...
        return ..., pkt
    if pkt.has(ipv4) and pkt.ipv4.src in NET and pkt.ipv4.src != ip4("10.0.0.1") and external_ip < pkt.ipv4.dst:
        clear(pkt)
        ip = pkt.ipv4
        ip.df = not ip.mf
        was = old(pkt).ipv4.ttl
        assert was != ip.ttl or ip.checksum_ok
        if pkt.has(inner) and pkt.inner.ipv4.ttl == pkt.inner.l4.src_port:
            return (device, lan), ...
    buckets.expire_before(now - LIMIT)
    key = ip4("1.2.3.4")
    if key in buckets and buckets.time(key) < now and 3 in buckets.indices and buckets.key(3) == key:
        bucket = buckets[key]
        buckets.set(key, Bucket(level=bucket.level, time=now))
        del buckets[key]
    elif not buckets.full and buckets.capacity > len(buckets):
        buckets[key] = (1, now)
    flow = Flow(key, 1, key, 2, 6, device)
    if flow in old(flows):
        flows.refresh(flow)
        flows.add(flow)
        assert flows.index(flow) >= 0 and (flow.src, flow.src_port) == (key, 1)
    if 2 < len(names):
        names[2] = names[1] + 1 if names[1] < 9 else 0
    counter.value = counter.value // 2
    unspecified(mac_table)
    assert out.sent and out.device in out.devices and out.pkt.length == pkt.length, "sent"
    if outside == device:
        return BROADCAST, pkt
    else:
        pass
