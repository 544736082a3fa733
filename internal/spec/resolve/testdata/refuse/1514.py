from state import flows
from config import wan
SECOND = 5 # want VIG1514 "'SECOND' is predefined"
wan = 3 # want VIG1514 "'wan' has a meaning already"
def spec(pkt, device, now):
    """Assignments."""
    now = 3 # want VIG1514 "'now' is predefined and cannot be assigned"
    DROP = 3 # want VIG1514 "'DROP' is predefined"
    flows = 3 # want VIG1514 "'flows' is defined at the top"
    for device in (1, 2): # want VIG1514 "'device' is predefined"
        x = 1
    return ...
