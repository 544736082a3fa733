//go:build linux && dpdk && cgo

package dpdk

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"vigor/dataplane"
	"vigor/dataplane/conformance"
	"vigor/dataplane/pcapfile"
	"vigor/nf"
)

// TestRingsConform checks devices that pass buffers on as they are.
func TestRingsConform(t *testing.T) {
	for _, problem := range conformance.Check(func([]dataplane.Frame) (conformance.BackEnd, error) {
		f, err := connect(conformance.Devices, 512)
		if err != nil {
			return conformance.BackEnd{}, err
		}
		sent := func() ([]dataplane.Frame, error) {
			frames, err := f.take()
			return frames, errors.Join(err, f.shut())
		}
		return conformance.BackEnd{IO: f.near, Put: f.put, Sent: sent, Jam: f.jam}, nil
	}, DefaultMaxFrame) {
		t.Error(problem)
	}
}

// TestCaptureDevicesConform checks devices that copy, so that a flooded buffer is shared.
func TestCaptureDevicesConform(t *testing.T) {
	for _, problem := range conformance.Check(func(frames []dataplane.Frame) (conformance.BackEnd, error) {
		return onCaptures(t.TempDir(), frames)
	}, DefaultMaxFrame) {
		t.Error(problem)
	}
}

// onCaptures opens three devices of DPDK's that read and write captures. All frames are there from the
// start.
func onCaptures(dir string, frames []dataplane.Frame) (conformance.BackEnd, error) {
	var devices, files []string
	for d := range nf.Device(conformance.Devices) {
		name := filepath.Join(dir, string(rune('0'+d)))
		if err := writeCapture(name+".in", frames, d); err != nil {
			return conformance.BackEnd{}, err
		}
		devices = append(devices, "net_pcap"+string(rune('0'+d))+",rx_pcap="+name+".in,tx_pcap="+name+".out")
		files = append(files, name+".out")
	}
	devs, err := Open(config(devices...))
	sent := func() ([]dataplane.Frame, error) {
		if len(process.retired) > 0 {
			return nil, errors.New("buffers are lost")
		}
		return readCaptures(files)
	}
	return conformance.BackEnd{IO: devs, Put: func([]dataplane.Frame) error { return nil }, Sent: sent}, err
}

// writeCapture writes the frames of one device.
func writeCapture(name string, frames []dataplane.Frame, d nf.Device) error {
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file)
	for _, f := range frames {
		if f.Device == d && err == nil {
			err = w.Write(f.Time, f.Bytes)
		}
	}
	return errors.Join(err, os.WriteFile(name, file.Bytes(), 0o600))
}

// readCaptures reads the captures of devices in their order.
func readCaptures(files []string) ([]dataplane.Frame, error) {
	var sent []dataplane.Frame
	for d, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		r, err := pcapfile.NewReader(name, bytes.NewReader(content))
		for err == nil {
			var p pcapfile.Packet
			if p, err = r.Next(nil); err == nil {
				sent = append(sent, dataplane.Frame{Bytes: p.Data, Device: nf.Device(d)})
			}
		}
		if !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return sent, nil
}
