package model

import (
	"sort"

	"vigor/driver/world"
)

// register is one register, or several in a row.
type register struct {
	offset, number uint32
	writable       uint32 // bits that the driver may change
	initial        uint32 // those bits after a reset
	access         uint8
	section        string
}

const (
	readable = 1
	writable = 2
	both     = readable | writable
)

// junk is what reserved bits hold, so that a driver that does not preserve them is found.
const junk = 0xa5a5_5a5a

// table has the registers that a driver for one queue each way needs, by offset. Offsets, fields and initial values are
// those of the datasheet's sections. Tables of filters hold anything after a reset.
var table = []register{
	{0x00000, 1, 1<<2 | 1<<3 | 1<<26, 0, both, "8.2.3.1.1"},                  // CTRL
	{0x00008, 1, 0, 0, readable, "8.2.3.1.2"},                                // STATUS
	{0x00018, 1, 1 << 16, 0, both, "8.2.3.1.3"},                              // CTRL_EXT
	{0x00888, 1, 0x7fff_ffff, 0, writable, "8.2.3.5.4"},                      // EIMC
	{0x00ab0, 2, 0xffff_ffff, 0, writable, "8.2.3.5.9"},                      // EIMC1, EIMC2
	{0x01000, 1, 0xffff_ffff, 0, both, "8.2.3.8.1"},                          // RDBAL
	{0x01004, 1, 0xffff_ffff, 0, both, "8.2.3.8.2"},                          // RDBAH
	{0x01008, 1, 0xffff_ffff, 0, both, "8.2.3.8.3"},                          // RDLEN
	{0x0100c, 1, 1 << 12, 1 << 12, both, "8.2.3.11.1"},                       // DCA_RXCTRL
	{0x01014, 1, 0x1e00_3f1f | 1<<28, 0x402, both, "8.2.3.8.7"},              // SRRCTL
	{0x01018, 1, 0xffff, 0, writable, "8.2.3.8.5"},                           // RDT
	{0x02f00, 1, 0x063e_0002, 0x0010_0000, both, "8.2.3.8.8"},                // RDRXCTL
	{0x03000, 1, 1, 0, both, "8.2.3.8.10"},                                   // RXCTRL
	{0x03260, 1, 1<<31 | 0x3fff<<5, 0, both, "8.2.3.3.4"},                    // FCRTH[0]
	{0x03c00, 8, 0x3ff << 10, 0x200 << 10, both, "8.2.3.8.9"},                // RXPBSIZE
	{0x04240, 1, 1 | 1<<1 | 1<<2 | 1<<10 | 1<<15, 0x403, both, "8.2.3.22.8"}, // HLREG0
	{0x04294, 1, 1 << 3, 0, both, "8.2.3.22.34"},                             // MFLCN
	{0x04900, 1, 1 << 6, 0, both, "8.2.3.10.2"},                              // RTTDCS
	{0x04950, 8, 0x3ff, 0x96, both, "8.2.3.9.16"},                            // TXPBTHRESH
	{0x04a80, 1, 1, 0, both, "8.2.3.9.2"},                                    // DMATXCTL
	{0x05080, 1, 1<<1 | 7<<8, 0, both, "8.2.3.7.1"},                          // FCTRL
	{0x05200, 128, 0xffff_ffff, junk, both, "8.2.3.7.7"},                     // MTA
	{0x06000, 1, 0xffff_ffff, 0, both, "8.2.3.9.5"},                          // TDBAL
	{0x06004, 1, 0xffff_ffff, 0, both, "8.2.3.9.6"},                          // TDBAH
	{0x06008, 1, 0xffff_ffff, 0, both, "8.2.3.9.7"},                          // TDLEN
	{0x06018, 1, 0xffff, 0, writable, "8.2.3.9.9"},                           // TDT
	{0x06028, 1, 0x7f | 0x7f<<8 | 0x7f<<16 | 1<<25, 0, both, "8.2.3.9.10"},   // TXDCTL
	{0x08100, 1, 0xfff, 0x10, both, "8.2.3.9.1"},                             // DTXMXSZRQ
	{0x08120, 1, 0xf, 0, both, "8.2.3.9.15"},                                 // MTQC
	{0x08d00, 1, 1 << 1, 0, both, "8.2.3.12.5"},                              // SECRXCTRL
	{0x08d04, 1, 0, 0, readable, "8.2.3.12.6"},                               // SECRXSTAT
	{0x0a600, 256, 0xffff_ffff, junk, both, "8.2.3.7.10"},                    // MPSAR
	{0x0cc00, 8, 0x3ff << 10, 0xa0 << 10, both, "8.2.3.9.13"},                // TXPBSIZE
	{0x0e600, 128, 1 << 31, 1 << 31, both, "8.2.3.7.19"},                     // FTQF
	{0x0f100, 64, 0xffff_ffff, junk, both, "8.2.3.27.15"},                    // PFVLVF
	{0x0f200, 128, 0xffff_ffff, junk, both, "8.2.3.27.16"},                   // PFVLVFB
	{0x0f400, 128, 0xffff_ffff, junk, both, "8.2.3.27.17"},                   // PFUTA
	{0x10010, 1, 0, 0, readable, "8.2.3.2.1"},                                // EEC
}

// Registers by name, where the model does something.
const (
	ctrl, status, ctrlExt             = 0x00000, 0x00008, 0x00018
	eimc, eimc1, eimc2                = 0x00888, 0x00ab0, 0x00ab4
	rdbal, rdlen, dcaRxctrl           = 0x01000, 0x01008, 0x0100c
	srrctl, rdt, rxdctl               = 0x01014, 0x01018, 0x01028
	rdrxctl, rxctrl, fcrth, rxpbsize  = 0x02f00, 0x03000, 0x03260, 0x03c00
	hlreg0, rttdcs, txpbthresh        = 0x04240, 0x04900, 0x04950
	dmatxctl, fctrl, mta              = 0x04a80, 0x05080, 0x05200
	tdbal, tdlen, tdt, txdctl         = 0x06000, 0x06008, 0x06018, 0x06028
	dtxmxszrq, mtqc, mpsar            = 0x08100, 0x08120, 0x0a600
	secrxctrl, secrxstat, txpbsize    = 0x08d00, 0x08d04, 0x0cc00
	ftqf, pfvlvf, pfvlvfb, pfuta, eec = 0x0e600, 0x0f100, 0x0f200, 0x0f400, 0x10010
)

// Fields of registers.
const (
	masterDisable, resetBit = 1 << 2, 1 << 26
	masterStatus            = 1 << 19
	enable                  = 1 << 25
	tags                    = 1 << 30
	dmaDone                 = 1 << 3
	securityOff             = 1 << 1
	arbiterBit              = 1 << 6
	present, automatic      = 1 << 8, 1 << 9
)

// queueOf is the receive queue whose RXDCTL is at an offset (8.2.3.8.6).
func queueOf(offset uint32) (queue uint32, ok bool) {
	switch {
	case offset >= rxdctl && offset < rxdctl+64*0x40 && (offset-rxdctl)%0x40 == 0:
		return (offset - rxdctl) / 0x40, true
	case offset >= 0xd028 && offset < 0xd028+64*0x40 && (offset-0xd028)%0x40 == 0:
		return 64 + (offset-0xd028)/0x40, true
	}
	return 0, false
}

// find returns the register at an offset.
func find(offset uint32) (register, bool) {
	if _, ok := queueOf(offset); ok {
		return register{offset, 1, enable | tags, 0, both, "8.2.3.8.6"}, true
	}
	next := sort.Search(len(table), func(i int) bool { return table[i].offset > offset })
	if next == 0 || offset%4 != 0 || offset >= table[next-1].offset+4*table[next-1].number {
		return register{}, false
	}
	return table[next-1], true
}

// values are the contents of all registers.
type values [0x10014 / 4]uint32

// at is the content of a register.
func (v *values) at(offset uint32) uint32 { return v[offset/4] }

// set changes it.
func (v *values) set(offset, value uint32) { v[offset/4] = value }

// defaults sets all registers to their values after a reset.
func (d *Device) defaults() {
	d.values = values{}
	for _, r := range table {
		content := r.initial | junk&^r.writable
		if r.number >= 8 { // in tables, reserved bits are 0
			content = r.initial & r.writable
		}
		for i := range r.number {
			d.values.set(r.offset+4*i, content)
		}
	}
	for i := range uint32(7) {
		d.values.set(txpbthresh+4+4*i, 0)
	}
}

// preserved complains if a store changes bits that are not the driver's.
func (d *Device) preserved(r register, offset, value uint32) bool {
	if r.access == writable {
		if value&^r.writable == 0 {
			return true
		}
	} else if (value^d.values.at(offset))&^r.writable == 0 {
		return true
	}
	d.World.Fail(Reserved(r.section))
	return false
}

// Reserved is the rule about bits of the register in a section.
func Reserved(section string) world.Rule {
	return world.Rule{Clause: "82599 " + section, Text: "reserved and read-only bits of a register keep their values"}
}
