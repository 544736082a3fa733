package diag

// Codes of the spec front end: 150x form, 151x names, 152x types, 153x control flow.
const (
	// SpecSyntax says that a spec is not Python.
	//
	// Cause: a bracket, quote, colon or indentation is missing or misplaced.
	// Cure: see the message; every spec file must also be accepted by Python 3.
	//
	// Example:
	//
	//	if pkt.has(ipv4:
	//	    return DROP
	//	return ...
	SpecSyntax Code = 1501
	// SpecRefused says that a spec uses Python that is not in the spec language.
	//
	// Cause: the construct has no meaning in a proof, or none that is needed.
	// Cure: the message names what to write in its place.
	//
	// Example:
	//
	//	while device > 0:
	//	    device -= 1
	//	return ...
	SpecRefused Code = 1502
)
