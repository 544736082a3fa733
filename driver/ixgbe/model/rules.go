package model

import "vigor/driver/world"

// rule is the number of one thing that a driver must do, or must not.
type rule uint8

// What is enforced, in the order of [Rules].
const (
	unknownRegister rule = iota
	readOnlyRegister
	writeOnlyRegister
	resetFirst
	queuesStopped
	masterStopped
	resetMillisecond
	resetPause
	interruptsOff
	eepromRead
	dmaReady
	filterTables
	filterRunning
	badFrames
	crcAgrees
	coalescing
	receiveControl
	receiveBuffers
	highThreshold
	macBits
	arbiterOff
	arbiterOn
	transmitBuffers
	ringAlignment
	ringLength
	ringPlace
	ringRunning
	bufferUnits
	descriptorType
	tagsStripped
	tailEarly
	tailRange
	tailBeyond
	receiveHalted
	noSnoop
	transmitFirst
	hostThreshold
	writeBack
	descriptorDone
	descriptorPlace
	bufferOwned
	sendLength
	sendCommand
	sendFields
	bufferChanged
	descriptorChanged
	rules
)

// Rules are all rules that the model enforces, besides that reserved and read-only bits of a register are
// not changed, for which the rule names the register's section. Clauses are sections of the 82599 datasheet.
var Rules = [rules]world.Rule{
	unknownRegister:   {Clause: "82599 8.2.2", Text: "only registers of the model are accessed, as aligned words"},
	readOnlyRegister:  {Clause: "82599 8.2.2", Text: "a register that is only read is not written"},
	writeOnlyRegister: {Clause: "82599 8.2.3.5", Text: "a register that only clears masks is not read"},
	resetFirst:        {Clause: "82599 4.6.3", Text: "the device is reset before it is configured"},
	queuesStopped:     {Clause: "82599 5.2.5.3.2, 4.6.7.1.2", Text: "all receive queues are disabled, and read as such, before a software reset"},
	masterStopped:     {Clause: "82599 4.2.1.6.1, 5.2.5.3.2", Text: "PCIe Master Enable Status is read as 0 before a software reset"},
	resetMillisecond:  {Clause: "82599 8.2.3.1.1", Text: "no register is accessed for 1 ms after a reset"},
	resetPause:        {Clause: "82599 4.6.3.2", Text: "the driver waits for 10 ms after a reset"},
	interruptsOff:     {Clause: "82599 4.6.3.1", Text: "all interrupts are disabled again after the reset"},
	eepromRead:        {Clause: "82599 4.6.3", Text: "the end of the EEPROM's automatic read is awaited"},
	dmaReady:          {Clause: "82599 4.6.3", Text: "RDRXCTL.DMAIDONE is awaited"},
	filterTables:      {Clause: "82599 4.6.7, 8.2.3.27", Text: "the tables of filters are initialized before receive is enabled"},
	filterRunning:     {Clause: "82599 8.2.3.7.1", Text: "filters are changed only while RXCTRL.RXEN is 0"},
	badFrames:         {Clause: "82599 8.2.3.7.1", Text: "frames with errors are not stored, since the driver does not look for errors"},
	crcAgrees:         {Clause: "82599 4.6.7", Text: "RDRXCTL.CRCStrip and HLREG0.RXCRCSTRP are equal, and 1"},
	coalescing:        {Clause: "82599 4.6.7", Text: "RDRXCTL.RSCFRSTSIZE is 0"},
	receiveControl:    {Clause: "82599 8.2.3.8.8", Text: "RSCACKC and FCOE_WRFIX of RDRXCTL are 1"},
	receiveBuffers:    {Clause: "82599 4.6.11.3.4", Text: "RXPBSIZE[0] is 200h, and the others are 0"},
	highThreshold:     {Clause: "82599 4.6.3.2, 8.2.3.3.4", Text: "FCRTH[0].RTH is set, below the size of the packet buffer, and FCEN is 0"},
	macBits:           {Clause: "82599 8.2.3.22.8", Text: "the MAC appends CRCs and pads, and neither loops back nor takes jumbo frames"},
	arbiterOff:        {Clause: "82599 4.6.8", Text: "DTXMXSZRQ, TXPBSIZE, TXPBTHRESH and MTQC are written while RTTDCS.ARBDIS is 1"},
	arbiterOn:         {Clause: "82599 4.6.8", Text: "RTTDCS.ARBDIS is 0 again before transmit is enabled"},
	transmitBuffers:   {Clause: "82599 4.6.11.3.4", Text: "TXPBSIZE[0] is A0h, TXPBTHRESH[0] less by a frame, DTXMXSZRQ FFFh, and the others are 0"},
	ringAlignment:     {Clause: "82599 8.2.3.8.1, 8.2.3.9.5", Text: "a ring begins at a multiple of 128 bytes"},
	ringLength:        {Clause: "82599 8.2.3.8.3, 8.2.3.9.7", Text: "the length of a ring is a multiple of 128 bytes up to 128 KB, and not 0"},
	ringPlace:         {Clause: "82599 7.1.9, 7.2.3.3", Text: "a ring lies in memory for it"},
	ringRunning:       {Clause: "82599 4.6.7, 4.6.8", Text: "address, length and buffer size of a ring are not changed while its queue is enabled"},
	bufferUnits:       {Clause: "82599 8.2.3.8.7", Text: "SRRCTL.BSIZEPACKET is 1 to 16 KB"},
	descriptorType:    {Clause: "82599 8.2.3.8.7", Text: "SRRCTL.DESCTYPE is that of legacy descriptors"},
	tagsStripped:      {Clause: "82599 8.2.3.8.6", Text: "RXDCTL.VME is 0, so that tags stay in frames"},
	tailEarly:         {Clause: "82599 4.6.7, 4.6.8", Text: "a tail is moved after its queue was read as enabled"},
	tailRange:         {Clause: "82599 8.2.3.8.5, 8.2.3.9.9", Text: "a tail is a descriptor of its ring"},
	tailBeyond:        {Clause: "82599 7.1.9, 7.2.3.3", Text: "a tail moves over descriptors that are software's, and does not reach the head"},
	receiveHalted:     {Clause: "82599 4.6.7", Text: "RXCTRL.RXEN is set while SECRXCTRL.RX_DIS is 1 and SECRXSTAT.SECRX_RDY was read as 1"},
	noSnoop:           {Clause: "82599 4.6.7", Text: "CTRL_EXT.NS_DIS is set, and bit 12 of DCA_RXCTRL is 0, before frames are received"},
	transmitFirst:     {Clause: "82599 4.6.8", Text: "DMATXCTL.TE is set before a transmit queue is enabled"},
	hostThreshold:     {Clause: "82599 8.2.3.9.10", Text: "HTHRESH is not 0 where PTHRESH is not"},
	writeBack:         {Clause: "82599 7.2.3.5.1", Text: "WTHRESH is 0 where each descriptor asks for its status"},
	descriptorDone:    {Clause: "82599 7.1.5", Text: "DD and EOP are 0 in a descriptor that hardware is given"},
	descriptorPlace:   {Clause: "82599 7.1.5, 7.2.3.2.2", Text: "a descriptor's bytes lie within one buffer"},
	bufferOwned:       {Clause: "82599 7.1.9", Text: "a buffer that hardware writes is given to it once"},
	sendLength:        {Clause: "82599 7.2.3.2.2", Text: "what is sent has 1 byte to 15.5 KB"},
	sendCommand:       {Clause: "82599 7.2.3.2.2", Text: "a frame in one legacy descriptor has EOP, IFCS and RS, and not DEXT"},
	sendFields:        {Clause: "82599 7.2.3.2.2", Text: "offload fields, DD and reserved bits of what is sent are 0"},
	bufferChanged:     {Clause: "82599 7.1.9, 7.2.3.3", Text: "a buffer that hardware has is not written"},
	descriptorChanged: {Clause: "82599 7.1.9, 7.2.3.3", Text: "a descriptor that hardware has is not changed"},
}
