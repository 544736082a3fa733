package diag

// Codes of what a spec itself must satisfy on every path: assertions, guards, ranges.
const (
	// AssertFails says that an assertion of a spec or property does not hold.
	//
	// Cause: the packet, state and configuration shown meet its premises and not its claim.
	// Cure: follow the path shown, and mend the NF or the assertion.
	//
	// Example:
	//
	//	assert pkt.length > 100, "frames are long"
	//	return ...
	AssertFails Code = 3001
	// DeviceRange says that a spec sends to a device that may not exist.
	//
	// Cause: the number comes from the packet, the state or the configuration and nothing bounds it.
	// Cure: check it in Validate, or keep only devices that exist (a Valid method on the stored type).
	//
	// Example:
	//
	//	return device + 1, pkt
	DeviceRange Code = 3006
	// KeyAbsent says that an entry is used which may not be there.
	//
	// Cause: t[k], t.index(k), t.time(k), t.refresh(k), t.set(k, v) and del t[k] need the key.
	// Cure: guard with `if k in t`.
	//
	// Example:
	//
	//	from state import Flow, flows
	//
	//	def spec(pkt, device, now):
	//	    """Sends to the device of a flow that may not be there."""
	//	    flow = Flow(ip4("10.0.0.1"), ip4("10.0.0.2"), 1, 2, 17, 0)
	//	    return flows[flow], pkt
	KeyAbsent Code = 3101
	// IndexRange says that an index may be outside a vector, or not in use in a table.
	//
	// Cause: nothing on this path bounds the index.
	// Cure: guard with `if i in t.indices`, or compare it with len(v).
	//
	// Example:
	//
	//	from state import flows
	//	def spec(pkt, device, now):
	//	    """The key of index 7, in use or not."""
	//	    flows.refresh(flows.key(7))
	//	    return ...
	IndexRange Code = 3102
	// TableFull says that an entry is added to a table that may be full.
	//
	// Cause: a full table has no implicit policy.
	// Cure: guard with `if k in t or not t.full`, and say what happens otherwise.
	//
	// Example:
	//
	//	from state import Flow, flows
	//
	//	def spec(pkt, device, now):
	//	    """Adds a flow, whether there is room or not."""
	//	    flow = Flow(ip4("10.0.0.1"), ip4("10.0.0.2"), 1, 2, 17, 0)
	//	    flows[flow] = 0
	//	    return 0, pkt
	TableFull Code = 3103
	// DoesNotFit says that a value may be too large, or negative, for the place it is stored in.
	//
	// Cause: integers of a spec are exact; the header field or stored type has fewer bits.
	// Cure: bound the operands, in Validate or by an if.
	//
	// Example:
	//
	//	if not pkt.has(ipv4):
	//	    return DROP
	//	pkt.ipv4.ttl += 1
	//	return ..., pkt
	DoesNotFit Code = 3104
	// HeaderAbsent says that a header is used which the frame may not have.
	//
	// Cause: nothing on this path says that the header is there; out.pkt needs a packet sent.
	// Cure: guard with `if pkt.has(ipv4)`, `if out.sent`.
	//
	// Example:
	//
	//	if pkt.ipv4.ttl == 0:
	//	    return DROP
	//	return ...
	HeaderAbsent Code = 3105
	// DivisorZero says that a divisor may be 0, or a shift negative or too far.
	//
	// Cause: nothing on this path excludes it.
	// Cure: guard with an if, or bound it in Validate.
	//
	// Example:
	//
	//	if 100 // device == 1:
	//	    return DROP
	//	return ...
	DivisorZero Code = 3106
	// ManyDevices says that out.device is read where the packet did not leave by exactly one device.
	//
	// Cause: the NF dropped the packet or sent several copies.
	// Cure: guard with `if out.sent`, or ask `d in out.devices`.
	//
	// Example:
	//
	//	return nf.Flood()
	//	-- spec.py --
	//	def leaves_by_zero(pkt, device, now):
	//	    """Every packet leaves by device 0, and by no other."""
	//	    assert out.device == 0, "another device"
	ManyDevices Code = 3107
)
