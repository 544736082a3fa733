package ixgbe

import (
	"testing"

	"vigor/driver/check"
	"vigor/driver/check/mutants"
)

// TestMutants plants faults in the driver.
func TestMutants(t *testing.T) {
	mutants.Run(t, mutants.Suite{
		Package: "vigor/driver/ixgbe",
		Shared:  []string{"ring/ring.go"},
		Options: []check.Options{{Size: 8}, {Size: 64}},
		Frames:  1000,
		Table:   "../../docs/full-stack.md",
		Mutants: []mutants.Mutant{
			{
				Name: "the tail is one too far", File: "ixgbe.go",
				Old:     "q.offered&(q.size-1))",
				New:     "(q.offered+1)&(q.size-1))",
				FoundBy: "rec",
			},
			{
				Name: "the length has eight bits", File: "queue.go",
				Old:     "lengthMask   = 0xffff",
				New:     "lengthMask   = 0xff",
				FoundBy: "rec",
			},
			{
				Name: "buffers are taken back whether the device has done them or not", File: "queue.go",
				Old:     "word&done == 0",
				New:     "word == 1",
				FoundBy: "rec",
			},
			{
				Name: "EIMC1 is elsewhere", File: "registers.go",
				Old:     "eimcMore   = 0x00ab0",
				New:     "eimcMore   = 0x00aac",
				FoundBy: "rec",
			},
			{
				Name: "requests are sized while the arbiter runs", File: "start.go",
				Old:     "\td.change(rttdcs, 0, arbiterDisable) // 4.6.8: while the following are set\n",
				New:     "",
				FoundBy: "rec",
			},
			{
				Name: "the arbiter stays off", File: "start.go",
				Old:     "\td.change(rttdcs, arbiterDisable, 0)\n",
				New:     "",
				FoundBy: "rec",
			},
			{
				Name: "receive is halted by another bit", File: "registers.go",
				Old:     "securityDisable   = 1 << 1",
				New:     "securityDisable   = 1",
				FoundBy: "rec",
			},
			{
				Name: "receive stays halted", File: "start.go",
				Old:     "\td.change(secrxctrl, securityDisable, 0)\n",
				New:     "",
				FoundBy: "rec",
			},
			{
				Name: "the receive queue is not awaited", File: "start.go",
				Old:     "\tif !d.await(rxdctl, queueEnable, queueEnable) {\n\t\treturn false\n\t}\n",
				New:     "",
				FoundBy: "rec",
			},
			{
				Name: "accesses to memory are not stopped before the reset", File: "start.go",
				Old:     "\td.change(ctrl, 0, ctrlMasterDisable)\n\tif !d.await(deviceStat, statMaster, 0) {\n\t\treturn Busy\n\t}\n\td.change(ctrl",
				New:     "\td.change(ctrl",
				FoundBy: "rec",
			},
			{
				Name: "the end of accesses to memory is not awaited", File: "start.go",
				Old:     "\tif !d.await(deviceStat, statMaster, 0) {\n\t\treturn Busy\n\t}\n\td.change(ctrl",
				New:     "\td.change(ctrl",
				FoundBy: "rec",
			},
			{
				Name: "receive queues above 63 are forgotten", File: "start.go",
				Old:     " || !d.disable(rxdctlMore+0x40*i)",
				New:     "",
				FoundBy: "rec",
			},
			{
				Name: "the reset has a millisecond", File: "start.go",
				Old:     "d.timer.Delay(10_000)",
				New:     "d.timer.Delay(1_000)",
				FoundBy: "rec",
			},
			{
				Name: "reserved bits of FCTRL are lost", File: "start.go",
				Old:     "d.change(fctrl, filterBad, filterMulticast|filterUnicast|filterBroadcast)",
				New:     "d.registers.Store32(fctrl, filterMulticast|filterUnicast|filterBroadcast)",
				FoundBy: "rec",
			},
			{
				Name: "a bit that must be cleared is set", File: "start.go",
				Old:     "d.change(dcaRxctrl, rxNoSnoop, 0)",
				New:     "d.change(dcaRxctrl, 0, rxNoSnoop)",
				FoundBy: "rec",
			},
			{
				Name: "rings begin anywhere", File: "queue.go",
				Old:     "q.first = uint32(-address&127) / 16",
				New:     "q.first = 0",
				FoundBy: "rec",
			},
			{
				Name: "all descriptors of a ring are used", File: "queue.go",
				Old:     "q.offered-q.taken < q.size-1",
				New:     "q.offered-q.taken < q.size",
				FoundBy: "rec",
			},
			{
				Name: "CRCs are stripped by half", File: "start.go",
				Old:     "rdrxStripCRC|",
				New:     "",
				FoundBy: "rec",
			},
			{
				Name: "a queue is enabled before transmit is", File: "start.go",
				Old:     "\td.change(dmatxctl, 0, txEnable)\n\td.change(txdctl, 0, queueEnable)\n",
				New:     "\td.change(txdctl, 0, queueEnable)\n\td.change(dmatxctl, 0, txEnable)\n",
				FoundBy: "rec",
			},
			{
				Name: "what is sent does not ask for its status", File: "ixgbe.go",
				Old:     "|commandCRC|commandState",
				New:     "|commandCRC",
				FoundBy: "rec",
			},
			{
				Name: "the multicast table is left as it is", File: "start.go",
				Old:     "\td.fill(mta, 128, 0)\n",
				New:     "",
				FoundBy: "rec",
			},
			{
				Name: "a table is cleared by half", File: "start.go",
				Old:     "d.fill(mpsar, 256, 0)",
				New:     "d.fill(mpsar, 128, 0)",
				FoundBy: "rec",
			},
			{
				Name: "there is a threshold for the device and none for the host", File: "start.go",
				Old:     "32|4<<8)",
				New:     "32)",
				FoundBy: "rec",
			},
			{
				Name: "a tail that wraps is not moved", File: "ixgbe.go",
				Old:     "if q.announced != q.offered {",
				New:     "if q.announced != q.offered && q.offered&(q.size-1) != 0 {",
				FoundBy: "rc",
			},
			{
				Name: "interrupts are disabled before the reset only", File: "start.go",
				Old:     "\td.noInterrupts()\n\tif !d.await(eec",
				New:     "\tif !d.await(eec",
				FoundBy: "rec",
			},
			{
				Name: "descriptors are written back by eights", File: "start.go",
				Old:     "32|4<<8)",
				New:     "32|4<<8|8<<16)",
				FoundBy: "rec",
			},
			{
				Name: "receive buffers are in bytes", File: "start.go",
				Old:     "bus.MaxFrame/1024|srrDrop",
				New:     "bus.MaxFrame|srrDrop",
				FoundBy: "rec",
			},
			{
				Name: "a frame is changed after it was sent", File: "ixgbe.go",
				Old:     "\td.announce(&d.transmit)\n",
				New:     "\td.announce(&d.transmit)\n\tif d.transmit.offered != d.transmit.taken {\n\t\td.pool.Buffers[d.transmit.holder[(d.transmit.offered-1)&(d.transmit.size-1)]][bus.Headroom+30]++\n\t}\n",
				FoundBy: "rec",
			},
		},
	})
}
