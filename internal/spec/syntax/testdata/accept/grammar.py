"""Every construct of the grammar
on two lines."""
from state import (
    flows as f,  # a comment in brackets
    Flow,
)
from config import wan, lan as inside
import learn
LIMIT = 0x1_F
MASK: int = 0b1010 | 0o17 & ~3 ^ 1
LATER: int

def helper(a, b: int,) -> int:
    return a ** -b ** 2, -a ** 2

def one(a): return a; pass

def empty(): pass

@scenario
def endpoint(nf, p: Packet):
    assert nf, 'it''s' "so"

def spec(pkt, device, now):
    x = y = (1, 2)
    (a, b), c = (x), 3
    a, b = b, a,
    if not a < b <= c != 4 or a in x and b not in (1,): pass
    elif a: b += 1; c //= 2
    elif b:
        x = 1 if a else 2 if b else (3)
    else:
        for i, j in ((1, 2), (3, 4)): del f[i, j]
    for k in range(4):
        if k == 2:
            pass

        # comment at the left

    assert all(x > 1 for x in (1, 2)), "text"
    assert any((a, b)) \
        and True
    z = ((1, 2), (3)), ()
    w = ((((1,))))
    f[(1, 2)] = f[1,] = ...
    pkt.ether = ...
    v = a << 2 >> 1 + 3 * 4 % 5 // 6 - - 7
    e2 = "ünï" 'x' r"\n" + "\t\"\\q"
    q = f(a, b=1, c=(2, 3),)
    q.x[1].y(2)[3] %= 4
    return ..., pkt
