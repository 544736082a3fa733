from config import expiry # want VIG1513 "the configuration has no 'expiry', it has device_count, external_ip"
from config import flow_timout # want VIG1513 "did you mean 'flow_timeout'"
def spec(pkt, device, now):
    """Configuration."""
    return ...
