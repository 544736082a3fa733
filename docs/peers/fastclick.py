#!/usr/bin/env python3
"""Our bridge and FastClick's take turns on one ring device of DPDK each, 256 frames going round.

fastclick.py CLICK CAPTURES TRAFFIC ROUNDS NAME=PROGRAM...

CLICK is what fastclick.sh has made. CAPTURES is a folder that has the traffic of ours, as written by
    vigor bench ./nfs/bridge --traffic random,sequential,reply --captures CAPTURES
and a PROGRAM is the one that this makes in the folder program of the user's cache, the newest:
    vigor bench ./nfs/bridge --io dpdk --quick
"""
import json, os, signal, statistics, struct, subprocess, sys, tempfile

HEAD = """DPDKInfo(NB_SOCKET_MBUF 16383);
in :: FromDPDKDevice(0, PROMISC false, BURST 32); out :: ToDPDKDevice(0, BLOCKING false, BURST 32);
TimedReplay(0, %s);
InfiniteSource(LENGTH 60, LIMIT 256, BURST 32) -> out;
"""
BRIDGE = "sw :: EtherSwitch(TIMEOUT 300); in -> %s[0]sw; %s -> [1]sw; sw[0] -> Discard; sw[1] -> out;"
LINES = 2  # of 64 chunks each, in a round


class Ours:
    def __init__(self, name, program, traffic):
        self.name = name
        self.process = subprocess.Popen([program, "--description", "nfs/bridge/bench.yaml"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.ask(setup=dict(traffic=traffic, frame=64, entries=65536, burst=32, ring=128 << 20, io="dpdk"))

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer
        return answer

    def round(self):
        return self.ask(round=dict(warm=16, chunks=64 * LINES, bursts=0))["round"]["function"]


class Click:
    """It never waits, so it is stopped while others are measured."""

    def __init__(self, name, click, capture, rest):
        self.name = name
        with tempfile.NamedTemporaryFile("w", suffix=".click", delete=False) as f:
            f.write(HEAD % capture + rest)
        self.process = subprocess.Popen(
            [click, "--dpdk", "-l", "1", "--no-huge", "--no-shconf", "-m", "512", "--no-pci", "--no-telemetry",
             "--vdev", "net_ring0", "--", f.name], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.lines(12)  # it has met every flow
        os.unlink(f.name)
        self.process.send_signal(signal.SIGSTOP)

    def lines(self, n):
        values = []
        while len(values) < 64 * n:
            line = self.process.stdout.readline()
            assert line, self.name + " ends"
            words = line.split()
            if len(words) == 64:
                values += map(float, words)
        return values

    def round(self):
        self.process.send_signal(signal.SIGCONT)
        values = self.lines(LINES + 2)[2 * 64:]
        self.process.send_signal(signal.SIGSTOP)
        return values


def turned(capture):
    """The first frame of each flow of a capture, with its addresses exchanged: they teach the receivers."""
    with open(capture, "rb") as f, tempfile.NamedTemporaryFile(suffix=".pcap", delete=False) as out:
        out.write(f.read(24))
        seen = set()
        while True:
            head = f.read(16)
            frame = f.read(struct.unpack("<I", head[8:12])[0])
            if frame[:6] in seen:
                return out.name
            seen.add(frame[:6])
            out.write(head + frame[6:12] + frame[:6] + frame[12:])


def quantile(values, q):
    return sorted(values)[min(int(q * len(values)), len(values) - 1)]


def main(click, captures, traffic, rounds, *programs):
    capture = "%s/bridge-%s-0-64-65536.pcap" % (captures, traffic)
    teach = "FromDump(%s)" % turned(capture) if traffic == "reply" else "Idle"
    all = [Ours(*p.split("=", 1), traffic) for p in programs]
    all += [Click("FastClick, wire", click, capture, "in -> out;"),
            Click("FastClick, no ageing", click, capture, BRIDGE % ("", teach)),
            Click("FastClick, ageing", click, capture, BRIDGE % ("SetTimestamp -> ", teach))]
    times = {one.name: [] for one in all}
    try:
        for _ in range(int(rounds)):
            for one in all:
                times[one.name].append(one.round())
    finally:
        for one in all:
            one.process.kill()
    print("%s traffic, load %s; ns per packet, and ours by this in each round" % (traffic, os.getloadavg()[0]))
    ours = times[all[0].name]
    for one in all:
        values = sum(times[one.name], [])
        ratios = [sorted(f(a) / f(b) for a, b in zip(ours, times[one.name]))
                  for f in (lambda v: quantile(v, .1), statistics.median)]
        print("%-22s %6.1f / %6.1f / %6.1f   p10 %.2f (%.2f-%.2f)   median %.2f (%.2f-%.2f)" % (
            one.name, min(values), quantile(values, .1), statistics.median(values),
            *(x for r in ratios for x in (statistics.median(r), r[0], r[-1]))))


if __name__ == "__main__":
    main(*sys.argv[1:])
