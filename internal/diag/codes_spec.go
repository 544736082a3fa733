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
	// OldDialect says that a spec is written in the dialect of the original Vigor.
	//
	// Cause: names such as pop_header and received_on_port belong to that dialect, which this version
	// does not run.
	// Cure: read headers as pkt.ipv4 after pkt.has(ipv4), the device as device, what was sent as out.
	//
	// Example:
	//
	//	header = pop_header(ipv4)
	//	return ...
	OldDialect Code = 1503
	// MixedForms says that a file is a script and defines a spec, too.
	//
	// Cause: statements at the top level make the file a script, which is itself the spec.
	// Cure: move the statements into the function, or remove the function.
	//
	// Example:
	//
	//	if pkt.has(ipv4):
	//	    pass
	//	def spec(pkt, device, now):
	//	    """Everything open."""
	//	    return ...
	MixedForms Code = 1504
	// SpecForm says that a file holds no spec of the right form.
	//
	// Cause: a spec or property has exactly the parameters pkt, device and now, in this order.
	// Cure: write `def spec(pkt, device, now):`, or `def name(pkt, device, now):` for a property.
	//
	// Example:
	//
	//	def spec(packet, port):
	//	    """Everything open."""
	//	    return ...
	SpecForm Code = 1505
	// NoTitle says that a spec or property has no docstring.
	//
	// Cause: its first line is the title that reports show, and names the standard.
	// Cure: write a docstring as the function's first statement.
	//
	// Example:
	//
	//	def spec(pkt, device, now):
	//	    return ...
	NoTitle Code = 1506
	// UnknownName says that a name has no meaning here.
	//
	// Cause: it is misspelt, or is neither a local, an import nor predefined.
	// Cure: see the nearest name in the message, or assign it first.
	//
	// Example:
	//
	//	return devise, pkt
	UnknownName Code = 1510
	// NotImported says that a spec uses state, a record or configuration that it does not import.
	//
	// Cause: what a spec imports is what it makes claims about, so nothing is imported by itself.
	// Cure: add the import that the message gives.
	//
	// Example:
	//
	//	if len(flows) == 0:
	//	    return DROP
	//	return ...
	NotImported Code = 1511
	// NoSuchImport says that an import names nothing that the NF exports.
	//
	// Cause: the field has no tag `spec:"name"`, or the name is misspelt, or the module is none of
	// state, config, properties.NAME.
	// Cure: use a name of the message, or tag the field.
	//
	// Example:
	//
	//	from state import no_such_table
	//	def spec(pkt, device, now):
	//	    """Everything open."""
	//	    return ...
	NoSuchImport Code = 1512
	// NoSuchConfig says that a spec imports a configuration value that does not exist.
	//
	// Cause: configuration values are the fields of the NF's Config in snake case.
	// Cure: use a name of the message.
	//
	// Example:
	//
	//	from config import no_such_value
	//	def spec(pkt, device, now):
	//	    """Everything open."""
	//	    return ...
	NoSuchConfig Code = 1513
	// NotAssignable says that a spec assigns a name that has a fixed meaning.
	//
	// Cause: the name is predefined, a parameter of the spec, or defined at the top of the file.
	// Cure: choose another name.
	//
	// Example:
	//
	//	now = 0
	//	return ...
	NotAssignable Code = 1514
	// Unassigned says that a local may be read before it has a value.
	//
	// Cause: a branch on the way does not assign it.
	// Cure: assign it on every path.
	//
	// Example:
	//
	//	if pkt.has(ipv4):
	//	    level = 1
	//	if level == 1:
	//	    return DROP
	//	return ...
	Unassigned Code = 1515
	// SelfCall says that a function or file uses itself.
	//
	// Cause: functions are inlined and files spliced, so this would not end.
	// Cure: write the steps out, or a loop over a tuple.
	//
	// Example:
	//
	//	def twice(n):
	//	    return twice(n)
	//	def spec(pkt, device, now):
	//	    """Recursive."""
	//	    if twice(1) == 1:
	//	        return DROP
	//	    return ...
	SelfCall Code = 1516
	// Division says that an arithmetic operator is used where it has no integer meaning.
	//
	// Cause: '/' gives fractions, an exponent varies, or a constant divisor or shift is out of range.
	// Cure: write '//' for the quotient rounded down.
	//
	// Example:
	//
	//	if device / 2 == 1:
	//	    return DROP
	//	return ...
	Division Code = 1520
	// TypeMismatch says that values of different kinds meet.
	//
	// Cause: ints, addresses, bools, tuples and records are distinct, and each operator takes some of
	// them.
	// Cure: convert as the message says: int(a), ip4("…"), x != 0.
	//
	// Example:
	//
	//	if device == ip4("10.0.0.1"):
	//	    return DROP
	//	return ...
	TypeMismatch Code = 1521
	// NoField says that a value, header or state object has no such field or method.
	//
	// Cause: the name is misspelt, or belongs to another header or kind of state.
	// Cure: use a name of the message.
	//
	// Example:
	//
	//	if pkt.has(ipv4) and pkt.ipv4.tll == 1:
	//	    return DROP
	//	return ...
	NoField Code = 1522
	// NotBool says that a condition is no bool.
	//
	// Cause: Python takes numbers for conditions, the spec language does not.
	// Cure: write the comparison: x != 0.
	//
	// Example:
	//
	//	if device:
	//	    return DROP
	//	return ...
	NotBool Code = 1523
	// ConstantRange says that a constant does not fit the place it is assigned to.
	//
	// Cause: the header field or stored value has too few bits, or cannot be negative.
	// Cure: assign a value in range.
	//
	// Example:
	//
	//	if not pkt.has(udp):
	//	    return ...
	//	pkt.udp.dst_port = 70000
	//	return 0, pkt
	ConstantRange Code = 1524
	// Arity says that there are too many or too few values.
	//
	// Cause: a call, record, tuple or loop has a fixed number of them.
	// Cure: give each value once, by position or by name.
	//
	// Example:
	//
	//	if max() == 1:
	//	    return DROP
	//	return ...
	Arity Code = 1525
	// DerivedField says that a spec assigns a value that is computed from others.
	//
	// Cause: it has no place of its own in the packet, or belongs to a record, which does not change.
	// Cure: assign what it is computed from.
	//
	// Example:
	//
	//	if not pkt.has(ipv4):
	//	    return ...
	//	pkt.ipv4.is_fragment = False
	//	return 0, pkt
	DerivedField Code = 1526
	// SetValue says that a table is used as if it had values, or had none.
	//
	// Cause: a table whose values are struct{} is a set: keys alone.
	// Cure: sets: t.add(k), k in t, t.refresh(k); tables: t[k] = v, t[k].
	//
	// Example:
	//
	//	from state import Flow, flows
	//
	//	def spec(pkt, device, now):
	//	    """Adds a key to a table that has values, too."""
	//	    flows.add(Flow(ip4("10.0.0.1"), ip4("10.0.0.2"), 1, 2, 17, 0))
	//	    return 0, pkt
	SetValue Code = 1527
	// NotValue says that something that is no value is used as one.
	//
	// Cause: state objects, headers and functions can be asked, not stored, compared or left unused.
	// Cure: ask for what is needed of it, such as len(t) or pkt.ipv4.src.
	//
	// Example:
	//
	//	x = min
	//	return ...
	NotValue Code = 1528
	// ReadOnlyPacket says that a spec changes what it can only look at.
	//
	// Cause: old(…) and out are as they were; the length of a packet is fixed in this version.
	// Cure: assign fields of pkt, and state itself.
	//
	// Example:
	//
	//	pkt.length = 60
	//	return 0, pkt
	ReadOnlyPacket Code = 1529
	// NoOutcome says that a full spec ends without an outcome.
	//
	// Cause: a full spec says for every packet what leaves.
	// Cure: return DROP, or devices and pkt; `return ...` leaves outputs open.
	//
	// Example:
	//
	//	def spec(pkt, device, now):
	//	    """Says nothing about other devices."""
	//	    if device == 0:
	//	        return DROP
	NoOutcome Code = 1530
	// MisplacedPass says that pass stands where Python would go on.
	//
	// Cause: pass means that nothing more is compared, which must agree with Python's reading: the
	// function ends.
	// Cure: put what follows under else, or use assume() in a property.
	//
	// Example:
	//
	//	if device == 0:
	//	    pass
	//	return DROP
	MisplacedPass Code = 1531
	// NeverReached says that a statement follows the end of its path.
	//
	// Cause: the statement before returns on every way.
	// Cure: remove it, or indent it differently.
	//
	// Example:
	//
	//	return DROP
	//	return ...
	NeverReached Code = 1532
	// NotOutcome says that a returned value is no outcome.
	//
	// Cause: a spec returns DROP, `...`, or devices and pkt.
	// Cure: write `return device, pkt`, `return BROADCAST, pkt`, `return ..., pkt`, `return device,
	// ...`.
	//
	// Example:
	//
	//	return device
	NotOutcome Code = 1533
	// OpenValue says that something set to '...' is read, or that '...' stands where nothing can be
	// left open.
	//
	// Cause: '...' leaves a header field to the NF, so it has no value in the spec.
	// Cure: read old(pkt) or out.pkt, or assign a value first.
	//
	// Example:
	//
	//	if not pkt.has(ipv4):
	//	    return ...
	//	pkt.ipv4.ttl = ...
	//	if pkt.ipv4.ttl == 1:
	//	    return DROP
	//	return 0, pkt
	OpenValue Code = 1534
	// PropertyOnly says that a full spec uses assume or out.
	//
	// Cause: a full spec says what must happen, for every packet, whatever the NF did.
	// Cure: write an if, or move it to a property.
	//
	// Example:
	//
	//	assume(device == 0)
	//	return ...
	PropertyOnly Code = 1535
)
