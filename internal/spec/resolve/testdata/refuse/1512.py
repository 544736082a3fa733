from state import flow_tabel # want VIG1512 "the NF exports no state 'flow_tabel', it exports flows"
from state import mac_tabel # want VIG1512 "did you mean 'mac_table'"
from os import path # want VIG1512 "there is no module 'os'"
from properties.nothing import nothing # want VIG1512 "there is no file properties/nothing.py"
from properties.learn import lern # want VIG1512 "has no property 'lern'"
def spec(pkt, device, now):
    """Imports."""
    return ...
