package diag

// Codes of the comparison of an NF with its spec.
const (
	// ActionDiffers says that the NF sends by other devices than the spec says, or drops what it sends.
	//
	// Cause: NF and spec decide differently about the packet shown.
	// Cure: follow the path shown, and mend the one that is wrong.
	//
	// Example:
	//
	//	return DROP
	ActionDiffers Code = 3002
	// PacketDiffers says that a byte of the packet sent is not what the spec says.
	//
	// Cause: the NF wrote another value, or wrote what the spec does not assign.
	// Cure: assign the field in the spec, assign `...` to leave it open, or mend the NF.
	//
	// Example:
	//
	//	if pkt.has(ether):
	//	    pkt.ether.type = 7
	//	return 0, pkt
	PacketDiffers Code = 3003
	// StateDiffers says that a state object ends otherwise than the spec computed.
	//
	// Cause: an entry, value or time was not stored, was stored for another key, or was refreshed when
	// the spec does not.
	// Cure: compare the state shown with the spec's lines about that object; unspecified(object) makes
	// no claim.
	//
	// Example:
	//
	//	from config import flow_timeout
	//	from state import flows
	//
	//	def spec(pkt, device, now):
	//	    """Forgets old flows, which the NF does not."""
	//	    flows.expire_before(now - flow_timeout)
	//	    return 0, pkt
	StateDiffers Code = 3004
	// StateNotImported says that the NF changes state that the full spec says nothing about.
	//
	// Cause: the spec does not import the object, so it claims that it does not change.
	// Cure: export the field by a tag `spec:"name"`, import it and say what becomes of it.
	//
	// Example:
	//
	//	n.flows.ExpireBefore(p.Time() - n.cfg.FlowTimeout)
	//	-- spec.py --
	//	return 0, pkt
	StateNotImported Code = 3010
	// Unreached says that nothing reaches a line of the spec, or a part of an assertion.
	//
	// Cause: conditions before it contradict each other, the NF or what Validate accepts; a claim about
	// nothing proves nothing. In `not a or b`, b is not reached where a never holds.
	// Cure: correct the condition, or remove the line or the part.
	//
	// Example:
	//
	//	if pkt.length > 65535:
	//	    return DROP
	//	return 0, pkt
	Unreached Code = 3201
)
