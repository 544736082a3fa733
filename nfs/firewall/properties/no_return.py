from config import inside, outside


def no_return(pkt, device, now):
    """What is passed leaves by the other side, never by the one it came from (F9)."""
    if out.sent:
        assert device == inside or device == outside, "a third device takes part"
        assert out.device == (outside if device == inside else inside), "not by the other side"
