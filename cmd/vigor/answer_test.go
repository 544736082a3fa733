package main

import (
	"encoding/binary"
	"slices"
	"testing"
)

// udp is a datagram without payload and checksum.
func udp(src, dst uint32, srcPort, dstPort uint16) []byte {
	frame := make([]byte, 42)
	frame[12], frame[14], frame[17], frame[22], frame[23], frame[39] = 8, 0x45, 28, 64, 17, 8
	binary.BigEndian.PutUint32(frame[26:], src)
	binary.BigEndian.PutUint32(frame[30:], dst)
	binary.BigEndian.PutUint16(frame[34:], srcPort)
	binary.BigEndian.PutUint16(frame[36:], dstPort)
	return frame
}

// TestAnswersGoToWhoAsked: what is recorded as an answer goes to the address and port that its sender has heard.
func TestAnswersGoToWhoAsked(t *testing.T) {
	a := asked{}
	a.note(1, udp(1, 9, 5000, 53))
	a.note(1, udp(1, 9, 7777, 53))
	a.note(1, []byte{1, 2, 3})
	for _, test := range []struct {
		name   string
		device int
		frame  []byte
		port   uint16
	}{
		{"who has asked", 1, udp(9, 1, 53, 5000), 5000},
		{"who has asked last", 1, udp(9, 1, 53, 1024), 7777},
		{"another peer", 1, udp(8, 1, 53, 1024), 1024},
		{"another port of the peer", 1, udp(9, 1, 54, 1024), 1024},
		{"another device", 0, udp(9, 1, 53, 1024), 1024},
	} {
		before := slices.Clone(test.frame)
		got := a.answer(test.device, test.frame)
		if _, to, _ := ends(test.device, got); to.port != test.port {
			t.Errorf("%s: sent to port %d, want %d", test.name, to.port, test.port)
		}
		if !slices.Equal(before, test.frame) {
			t.Errorf("%s: the recorded frame has changed", test.name)
		}
	}
	if short := []byte{1, 2, 3}; len(a.answer(1, short)) != 3 {
		t.Error("what is no datagram has changed")
	}
}
