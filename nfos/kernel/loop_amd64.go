package kernel

import (
	"vigor/nf"
	"vigor/nfos/boot"
)

// burst is the number of frames that one device delivers before the next has its turn.
const burst = 32

// Ready ends all allocation: what follows is packets.
func (m *Machine) Ready() {
	boot.SetHeap(nil)
	for i := range m.ports {
		m.ports[i].device.Flush()
	}
	boot.Print("vigor: ready\n")
}

// Receive makes p the next packet, if one has arrived at the device whose turn it is; else the turn
// passes on. Act must follow.
func (m *Machine) Receive(p *nf.Packet) bool {
	if uint(m.at) >= uint(len(m.ports)) {
		m.at = 0
	}
	q := &m.ports[m.at]
	if m.left > 0 {
		m.left--
		buffer, length, ok := q.device.Received()
		if ok {
			q.waiting--
			m.buffer, m.length = buffer, length
			p.Renew(m.pool.Frame(buffer, length), nf.Device(m.at), m.clock.read())
			return true
		}
	}
	m.turn(q)
	return false
}

// turn ends the turn of a device and begins the next one's.
func (m *Machine) turn(q *port) {
	m.refill(q)
	for i := range m.ports { // what was sent in this turn may be waiting at any device
		p := &m.ports[i]
		m.reclaim(p)
		p.device.Flush()
		if problem := p.device.Problem(); problem != "" && !p.stopped {
			p.stopped = true
			report(i, problem)
		}
	}
	m.at++
	m.left = burst
}

// refill gives a device buffers to receive frames in.
func (m *Machine) refill(q *port) {
	for q.waiting < posted && len(m.free) > 0 {
		last := len(m.free) - 1
		if !q.device.Post(m.free[last]) {
			return
		}
		m.free = m.free[:last]
		q.waiting++
	}
}

// reclaim takes back the buffers that a device has sent.
func (m *Machine) reclaim(q *port) {
	for {
		buffer, ok := q.device.Sent()
		if !ok {
			return
		}
		if m.uses[buffer]--; m.uses[buffer] == 0 {
			m.release(buffer)
		}
	}
}

// release makes a buffer one of nobody's. There is room for all.
func (m *Machine) release(buffer uint32) {
	n := len(m.free)
	m.free = m.free[:n+1]
	m.free[n] = buffer
}

// Act does what the network function decided about the packet of Receive. A device that takes no more
// frames loses this one.
func (m *Machine) Act(a nf.Action) {
	switch a.Kind {
	case nf.Forwarded:
		m.send(a.Device)
	case nf.ForwardedAll, nf.Flooded:
		for i := range m.ports {
			if i != m.at && (a.Kind == nf.Flooded || a.Devices.Has(nf.Device(i))) {
				m.send(nf.Device(i))
			}
		}
	}
	if m.uses[m.buffer] == 0 {
		m.release(m.buffer)
	}
}

// send gives the packet to one device.
func (m *Machine) send(d nf.Device) {
	if int(d) < len(m.ports) && m.ports[d].device.Send(m.buffer, m.length) {
		m.uses[m.buffer]++
		if !m.began {
			m.began = true
			boot.Print("vigor: first frame sent\n")
		}
	}
}
