package virtio

import (
	"testing"

	"vigor/driver/check"
	"vigor/driver/check/mutants"
)

// TestMutants plants faults in the driver.
func TestMutants(t *testing.T) {
	mutants.Run(t, mutants.Suite{
		Package: "vigor/driver/virtio",
		Shared:  []string{"ring/ring.go"},
		Options: []check.Options{
			{Size: 4, Variant: 0x7f0}, {Size: 8, Lazy: true, Variant: 3}, {Size: 256, Lazy: true},
		},
		Frames: 2000,
		Table:  "../../docs/full-stack.md",
		Mutants: []mutants.Mutant{
			{
				Name: "a descriptor is published before it is written", File: "queue.go",
				Old:     "	q.memory.Descriptors[i] = descriptor\n",
				New:     "	q.memory.Available.Shared.Store(ring.NoInterrupt | uint32(q.offered+1)<<16)\n	q.memory.Descriptors[i] = descriptor\n",
				FoundBy: "rec",
			},
			{
				Name: "the used element is read before idx", File: "queue.go",
				Old:     "	if uint16(q.memory.Used.Shared.Load()>>16) == q.seen {\n		return 0, 0, nothing\n	}\n	element := q.memory.Used.Elements[uint32(q.seen)&(q.size-1)]\n",
				New:     "	element := q.memory.Used.Elements[uint32(q.seen)&(q.size-1)]\n	if uint16(q.memory.Used.Shared.Load()>>16) == q.seen {\n		return 0, 0, nothing\n	}\n",
				FoundBy: "rec",
			},
			{
				Name: "buffers are taken back whether the device has finished or not", File: "queue.go",
				Old:     "uint16(q.memory.Used.Shared.Load()>>16) == q.seen",
				New:     "q.seen == q.published",
				FoundBy: "rec",
			},
			{
				Name: "the header is not cleared", File: "virtio.go",
				Old:     "header[i] = 0\n",
				New:     "header[i] &= 0xff\n",
				FoundBy: "rec",
			},
			{
				Name: "DRIVER_OK is set before the queues are ready", File: "virtio.go",
				Old:     "	d.receive.prepare(",
				New:     "	d.registers.Store32(status, acknowledge|driver|featuresOK|driverOK)\n	d.receive.prepare(",
				FoundBy: "rec",
			},
			{
				Name: "a register that does not exist is written", File: "virtio.go",
				Old:     "= 0x050",
				New:     "= 0x054",
				FoundBy: "rec",
			},
			{
				Name: "the header is not counted in what is sent", File: "virtio.go",
				Old:     "Length: headerSize + length,",
				New:     "Length: length,",
				FoundBy: "rec",
			},
			{
				Name: "the header is counted in what is received", File: "virtio.go",
				Old:     "return buffer, length - headerSize,",
				New:     "return buffer, length,",
				FoundBy: "rec",
			},
			{
				Name: "slots wrap at the size that memory has, not the queue", File: "queue.go",
				Old:     "Slots[uint32(q.offered)&(q.size-1)]",
				New:     "Slots[uint32(q.offered)%ring.Size]",
				FoundBy: "rec",
			},
			{
				Name: "slots do not wrap", File: "queue.go",
				Old:     "Elements[uint32(q.seen)&(q.size-1)]",
				New:     "Elements[q.seen]",
				FoundBy: "rec",
			},
			{
				Name: "several bits of the status are set at once", File: "virtio.go",
				Old:     "	d.registers.Store32(status, acknowledge)\n",
				New:     "",
				FoundBy: "rec",
			},
			{
				Name: "receive buffers are not for writing", File: "virtio.go",
				Old:     ", Flags: ring.Write",
				New:     "",
				FoundBy: "rec",
			},
			{
				Name: "a queue is notified before it is published", File: "virtio.go",
				Old:     "	if d.transmit.publish() {\n		d.registers.Store32(queueNotify, transmitQueue)\n",
				New:     "	if d.transmit.published != d.transmit.offered {\n		d.registers.Store32(queueNotify, transmitQueue)\n		d.transmit.publish()\n",
				FoundBy: "re",
			},
			{
				Name: "a queue is not notified", File: "virtio.go",
				Old:     "d.registers.Store32(queueNotify, receiveQueue)",
				New:     "_ = receiveQueue",
				FoundBy: "re",
			},
			{
				Name: "the end of the reset is not awaited", File: "virtio.go",
				Old:     "if d.registers.Load32(status) == 0 {",
				New:     "if true {",
				FoundBy: "rec",
			},
			{
				Name: "all features are accepted", File: "virtio.go",
				Old:     "	d.registers.Store32(driverFeatures, 0)\n",
				New:     "	d.registers.Store32(deviceFeaturesSel, 0)\n	d.registers.Store32(driverFeatures, d.registers.Load32(deviceFeatures))\n",
				FoundBy: "rec",
			},
			{
				Name: "it is not looked whether features are agreed to", File: "virtio.go",
				Old:     "d.registers.Load32(status)&featuresOK == 0",
				New:     "false",
				FoundBy: "rec",
			},
			{
				Name: "a descriptor is freed twice", File: "queue.go",
				Old:     "	q.free++\n",
				New:     "	q.free++\n	if q.seen == 2 && q.free < q.size {\n		q.unused[q.free] = element.ID\n		q.free++\n	}\n",
				FoundBy: "rec",
			},
			{
				Name: "the high half of an address is lost", File: "virtio.go",
				Old:     "uint32(address>>32)",
				New:     "0",
				FoundBy: "rec",
			},
			{
				Name: "idx has only eight bits", File: "queue.go",
				Old:     "== q.seen {",
				New:     "&0xff == q.seen {",
				FoundBy: "rc",
			},
			{
				Name: "a field of 16 bits is stored with 32", File: "pci.go",
				Old:     "p.common.Store16(commonQueueEnable, uint16(value))",
				New:     "p.common.Store32(commonQueueEnable, value)",
				FoundBy: "rec",
			},
			{
				Name: "the function may not access memory", File: "pci.go",
				Old:     "	f.Enable()\n",
				New:     "	f.Enable()\n	f.Disable()\n",
				FoundBy: "rec",
			},
			{
				Name: "queues are notified at one place", File: "pci.go",
				Old:     "p.notify.Store16(p.doorbell[value],",
				New:     "p.notify.Store16(p.doorbell[0],",
				FoundBy: "rec",
			},
			{
				Name: "the buffer is written while the device has it", File: "virtio.go",
				Old:     "	if d.transmit.publish() {\n",
				New:     "	if d.transmit.publish() {\n		d.pool.Buffers[d.transmit.holder[d.transmit.unused[d.transmit.free]]][0]++\n",
				FoundBy: "rec",
			},
		},
	})
}
