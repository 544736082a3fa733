package ixgbe

// Registers of the 82599, with the section of its datasheet.
const (
	ctrl       = 0x00000 // 8.2.3.1.1
	deviceStat = 0x00008 // 8.2.3.1.2
	ctrlExt    = 0x00018 // 8.2.3.1.3
	eimc       = 0x00888 // 8.2.3.5.4
	eimcMore   = 0x00ab0 // 8.2.3.5.9, two registers
	rdbal      = 0x01000 // 8.2.3.8.1; RDBAH follows
	rdlen      = 0x01008 // 8.2.3.8.3
	dcaRxctrl  = 0x0100c // 8.2.3.11.1
	srrctl     = 0x01014 // 8.2.3.8.7
	rdt        = 0x01018 // 8.2.3.8.5
	rxdctl     = 0x01028 // 8.2.3.8.6; one for each of 64 queues, every 40h bytes
	rxdctlMore = 0x0d028 // those of 64 more queues
	rdrxctl    = 0x02f00 // 8.2.3.8.8
	rxctrl     = 0x03000 // 8.2.3.8.10
	fcrth      = 0x03260 // 8.2.3.3.4
	rxpbsize   = 0x03c00 // 8.2.3.8.9, eight registers
	hlreg0     = 0x04240 // 8.2.3.22.8
	mflcn      = 0x04294 // 8.2.3.22.34
	rttdcs     = 0x04900 // 8.2.3.10.2
	txpbthresh = 0x04950 // 8.2.3.9.16, eight registers
	dmatxctl   = 0x04a80 // 8.2.3.9.2
	fctrl      = 0x05080 // 8.2.3.7.1
	mta        = 0x05200 // 8.2.3.7.7, 128 registers
	tdbal      = 0x06000 // 8.2.3.9.5; TDBAH follows
	tdlen      = 0x06008 // 8.2.3.9.7
	tdt        = 0x06018 // 8.2.3.9.9
	txdctl     = 0x06028 // 8.2.3.9.10
	dtxmxszrq  = 0x08100 // 8.2.3.9.1
	mtqc       = 0x08120 // 8.2.3.9.15
	secrxctrl  = 0x08d00 // 8.2.3.12.5
	secrxstat  = 0x08d04 // 8.2.3.12.6
	mpsar      = 0x0a600 // 8.2.3.7.10, 256 registers
	txpbsize   = 0x0cc00 // 8.2.3.9.13, eight registers
	ftqf       = 0x0e600 // 8.2.3.7.19, 128 registers
	pfvlvf     = 0x0f100 // 8.2.3.27.15, 64 registers
	pfvlvfb    = 0x0f200 // 8.2.3.27.16, 128 registers
	pfuta      = 0x0f400 // 8.2.3.27.17, 128 registers
	eec        = 0x10010 // 8.2.3.2.1
)

// Fields of these registers, by their masks.
const (
	ctrlMasterDisable = 1 << 2
	ctrlReset         = 1 << 26
	statMaster        = 1 << 19 // PCIe Master Enable Status
	extNoSnoopDisable = 1 << 16
	eimcAll           = 1<<31 - 1 // bit 31 is reserved
	rxNoSnoop         = 1 << 12   // reserved; 4.6.7 has it cleared
	srrSize           = 0x1f      // BSIZEPACKET, in KB
	srrType           = 7 << 25   // DESCTYPE: 0 is legacy
	srrDrop           = 1 << 28
	queueEnable       = 1 << 25
	queueTags         = 1 << 30 // VME
	rdrxStripCRC      = 1 << 1
	rdrxReady         = 1 << 3 // DMAIDONE
	rdrxCoalesced     = 0x1f << 17
	rdrxCoalesceAck   = 1 << 25
	rdrxWriteFix      = 1 << 26
	rxEnable          = 1
	thresholdHigh     = 0x3fff << 5
	flowControl       = 1 << 31
	bufferSize        = 0x3ff << 10
	hlTransmitCRC     = 1
	hlStripCRC        = 1 << 1
	hlJumbo           = 1 << 2
	hlPad             = 1 << 10
	hlLoopback        = 1 << 15
	mflcnReceive      = 1 << 3
	arbiterDisable    = 1 << 6
	threshold         = 0x3ff
	txEnable          = 1
	filterBad         = 1 << 1 // SBP
	filterMulticast   = 1 << 8
	filterUnicast     = 1 << 9
	filterBroadcast   = 1 << 10
	prefetch          = 0x7f
	hostThreshold     = 0x7f << 8
	writeBack         = 0x7f << 16
	requests          = 0xfff
	multiQueue        = 0xf
	securityDisable   = 1 << 1
	securityReady     = 1
	fiveTuple         = 1 << 31
	eepromPresent     = 1 << 8
	eepromRead        = 1 << 9
)
